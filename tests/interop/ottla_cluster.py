"""An `ottla serve` of a test's own: started on ports that are free, asked over its control API, and
stopped in an orderly way, which is checked. The program is named by the environment variable OTTLA.

    with Cluster(brokers=3) as cluster:
        cluster.bootstrap            # "127.0.0.1:21000,127.0.0.1:21001,127.0.0.1:21002"
        cluster.command("kill", node=2)
"""

import json
import os
import queue
import random
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60
# Below the ports that the system hands out by itself.
FIRST_PORT, LAST_PORT = 20000, 31900


def program():
    path = os.environ.get("OTTLA", "build/dev/bin/ottla")
    if not os.access(path, os.X_OK):
        sys.exit(f"OTTLA names {path}, which is no program; build it first")
    return path


def free_ports(count):
    """The first of `count` ports in a row on which nothing listens."""
    for _ in range(200):
        first = random.randrange(FIRST_PORT, LAST_PORT - count)
        held = []
        try:
            for port in range(first, first + count):
                held.append(socket.create_server(("127.0.0.1", port)))
            return first
        except OSError:
            continue
        finally:
            for listener in held:
                listener.close()
    raise RuntimeError(f"no {count} free ports in a row from {FIRST_PORT} to {LAST_PORT}")


def wait_until(condition, what, seconds=60):
    """What `condition` gives once it is true; polled, because it is another process's state."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds} s still not: {what}")
        time.sleep(0.05)


def run_to_end(*options, seconds=30, **how):
    """Runs `ottla serve` where it should refuse: its exit code and what it said on stderr."""
    command = [program(), "serve", *map(str, options)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=seconds, check=False, **how
    )
    return done.returncode, done.stderr


class Cluster:
    """One process with all brokers. `options` are those of `ottla serve`: data_dir="x", ...; True is a flag's.
    `controllers_listen` has the controllers reached from outside, too: bootstrap_controllers."""

    def __init__(
        self,
        brokers=3,
        seed=1,
        workload=False,
        file_bytes_max=None,
        controllers_listen=False,
        **options,
    ):
        self.brokers = brokers
        self.listening_controllers = options.get("controllers", 1) if controllers_listen else 0
        self.file_bytes_max = file_bytes_max  # A disk that is full, to every file by itself.
        self.options = ["--brokers", str(brokers), "--seed", str(seed)]
        if not workload:
            self.options.append("--no-workload")
        for name, value in options.items():
            self.options.append("--" + name.replace("_", "-"))
            if value is not True:
                self.options.append(str(value))
        self.process = None
        self.bootstrap = ""
        self.bootstrap_controllers = ""
        self.control_port = 0
        self.errors = []

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.stop()
        elif self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
            print("What ottla said:\n" + "".join(self.errors[-40:]), file=sys.stderr)

    def start(self):
        # Another test may take a port between the look and the start: then ottla says so, and
        # others are tried.
        for attempt in range(5):
            first = free_ports(self.brokers + 1 + self.listening_controllers)
            self.control_port = first + self.brokers
            controller_port = self.control_port + 1
            command = [
                program(),
                "serve",
                "--port",
                str(first),
                "--control",
                str(self.control_port),
                *self.options,
            ]
            if self.listening_controllers:
                command += ["--controller-port", str(controller_port)]
            self.errors = []
            self.process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                preexec_fn=self._limit_files,
            )
            lines = queue.Queue()
            threading.Thread(
                target=self._read_output, args=(self.process.stdout, lines), daemon=True
            ).start()
            errors = threading.Thread(
                target=self._read_errors, args=(self.process.stderr,), daemon=True
            )
            errors.start()
            line = self._bootstrap_line(lines, "bootstrap.servers=")
            if line:
                self.bootstrap = line
                if self.listening_controllers:
                    self.bootstrap_controllers = self._bootstrap_line(
                        lines, "bootstrap.controllers="
                    )
                return self
            self.process.wait()
            errors.join()
            if "in use" not in "".join(self.errors) or attempt == 4:
                raise AssertionError(
                    f"ottla ended with {self.process.returncode}: {''.join(self.errors)}"
                )
        raise AssertionError("no free ports")

    def _limit_files(self):
        if self.file_bytes_max:
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.file_bytes_max, self.file_bytes_max))

    @staticmethod
    def _read_output(stream, lines):
        for line in stream:
            lines.put(line)
        lines.put(None)

    def _read_errors(self, stream):
        for line in stream:
            self.errors.append(line)

    def _bootstrap_line(self, lines, name):
        end = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                line = lines.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                self.process.kill()
                raise AssertionError(f"no bootstrap line within {START_SECONDS_MAX} s") from None
            if line is None:
                return None
            if line.startswith(name):
                return line.strip().split("=", 1)[1]

    def stop(self):
        """Ends it as a service manager would, and checks that it ends well."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"did not end within {STOP_SECONDS_MAX} s of SIGTERM") from None
        if code != 0:
            raise AssertionError(f"ended with {code} after SIGTERM: {''.join(self.errors[-40:])}")

    def kill(self):
        """SIGKILL: what it had written reached the page cache and stays."""
        self.process.kill()
        self.process.wait()

    # --- the control API ---

    def _ask(self, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.control_port}{path}", data=body)
        if body is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.code} {error.read().decode()}") from None

    def state(self):
        return self._ask("/v1/cluster")

    def events(self, after=0):
        return self._ask(f"/v1/events?after={after}&limit=10000")["events"]

    def last_event(self):
        return max((event["number"] for event in self.events()), default=0)

    def command(self, name, **fields):
        return self._ask("/v1/commands", json.dumps({"command": name, **fields}).encode())

    def wait_for_event(self, after, **fields):
        """The first event after number `after` that has these values."""

        def found():
            for event in self.events(after):
                if all(event.get(key) == value for key, value in fields.items()):
                    return event
            return None

        return wait_until(found, f"an event with {fields}")

    # --- ends of it ---

    def first_address(self):
        host, port = self.bootstrap.split(",")[0].rsplit(":", 1)
        return host, int(port)
