"""Apache Kafka in KRaft mode on loopback: three controllers and three brokers, each a process of
its own, with the settings that Ottla's clusters have. Faults are signals."""

import pathlib
import signal
import socket
import subprocess

from ottla_cluster import free_ports, wait_until

from . import jars
from .side import BROKERS, CONTROLLERS, RACKS, Side

CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qg"
# A broker's cleaner takes 128 MB of it.
BROKER_HEAP_MB, CONTROLLER_HEAP_MB = 448, 192
# A start takes six seconds where nothing else runs.
START_SECONDS_MAX = 240


class KafkaSide(Side):
    name = "Kafka"

    def __init__(self, schemas, folder, features=()):
        """`features` are levels other than the defaults, as "group.version=0"."""
        super().__init__(schemas)
        self.features = [part for one in features for part in ("--feature", one)]
        self.folder = pathlib.Path(folder)
        nodes = BROKERS + CONTROLLERS
        self.ports = dict(zip(nodes, range(free_ports(len(nodes)), 1 << 16)))
        self.processes = {}

    def address(self, node):
        return "127.0.0.1", self.ports[node]

    def start(self):
        formats = [self._format(node) for node in self.ports]
        assert all(process.wait(START_SECONDS_MAX) == 0 for process in formats), "formatting failed"
        for node in CONTROLLERS + BROKERS:
            self._start(node)
        for broker in BROKERS:
            self._wait_for(broker)
            self._in_service(broker)

    def stop(self):
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait()

    def log(self, node):
        return self.folder / f"node-{node}.log"

    def data(self, node):
        """Where a node keeps its logs: beside the others', as in a data directory of Ottla's."""
        return self.folder / "data" / f"node-{node}"

    def shut_down(self):
        """Ends all of it in order, the brokers first: they ask the controllers for leave."""
        for nodes in (BROKERS, CONTROLLERS):
            for node in nodes:
                self.processes[node].send_signal(signal.SIGTERM)
            for node in nodes:
                self.processes[node].wait(60)

    # --- one node ---

    def _settings(self, node):
        voters = ",".join(f"{id}@127.0.0.1:{self.ports[id]}" for id in CONTROLLERS)
        settings = {
            "node.id": node,
            "controller.quorum.voters": voters,
            "controller.listener.names": "CONTROLLER",
            "log.dirs": self.data(node),
            "default.replication.factor": 3,
            "offsets.topic.replication.factor": 3,
            "transaction.state.log.replication.factor": 3,
        }
        if node in CONTROLLERS:
            settings["process.roles"] = "controller"
            settings["listeners"] = f"CONTROLLER://127.0.0.1:{self.ports[node]}"
        else:
            settings["process.roles"] = "broker"
            settings["listeners"] = f"PLAINTEXT://127.0.0.1:{self.ports[node]}"
            settings["broker.rack"] = RACKS[node]
        return settings

    def _format(self, node):
        properties = self.folder / f"node-{node}.properties"
        lines = [f"{name}={value}\n" for name, value in self._settings(node).items()]
        properties.write_text("".join(lines))
        options = ("format", "-t", CLUSTER_ID, "-c", properties, *self.features)
        return self._run(node, jars.java("kafka.tools.StorageTool", *options))

    def _start(self, node):
        heap_mb = CONTROLLER_HEAP_MB if node in CONTROLLERS else BROKER_HEAP_MB
        properties = self.folder / f"node-{node}.properties"
        self.processes[node] = self._run(
            node, jars.java("kafka.Kafka", properties, heap_mb=heap_mb)
        )

    def _run(self, node, command):
        with self.log(node).open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log)

    def _wait_for(self, broker):
        wait_until(lambda: self._listens(broker), f"broker {broker} listens", START_SECONDS_MAX)

    def _listens(self, broker):
        try:
            socket.create_connection(self.address(broker), timeout=1).close()
            return True
        except OSError:
            assert self.processes[broker].poll() is None, f"broker {broker} ended at its start"
            return False

    def _do(self, fault, node):
        process = self.processes[node]
        if fault == "pause":
            process.send_signal(signal.SIGSTOP)
        elif fault == "resume":
            process.send_signal(signal.SIGCONT)
        elif fault == "restart":
            self._start(node)
            if node in BROKERS:
                self._wait_for(node)
        else:
            process.send_signal(signal.SIGKILL if fault == "kill" else signal.SIGTERM)
            process.wait(120)
