"""kcat (librdkafka): produces and consumes with every codec, byte for byte, and as a group."""

import os
import re
import subprocess
import tempfile
import unittest

import raw_kafka
from ottla_cluster import Cluster, wait_until
from samples import CODECS, VALUES, compressible

cluster = None


def setUpModule():
    global cluster
    cluster = Cluster().start()


def tearDownModule():
    cluster.stop()


def kcat(*arguments, stdin=b""):
    done = subprocess.run(
        ["kcat", "-b", cluster.bootstrap, *arguments],
        input=stdin,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"kcat {arguments}: {done.stderr.decode(errors='replace')}"
    return done.stdout


def create(topic, partitions=1):
    with raw_kafka.Connection(*cluster.first_address()) as connection:
        error = connection.create_topic(topic, partitions, 3)
    assert error == raw_kafka.NONE, f"create {topic}: error {error}"
    raw_kafka.at_leader(cluster.first_address(), topic).socket.close()


def consume(topic):
    """[(key, value, headers)] of a topic; kcat says sizes, so that any byte may be in them."""
    out = kcat("-C", "-q", "-e", "-t", topic, "-o", "beginning", "-f", "%K %S %h\n%k%s\n")
    records, at = [], 0
    while at < len(out):
        head = re.compile(rb"(-?\d+) (-?\d+) ([^\n]*)\n").match(out, at)
        assert head, f"what kcat prints at {at}: {out[at:at + 80]!r}"
        at = head.end()
        key_size, value_size = int(head.group(1)), int(head.group(2))
        key = None if key_size < 0 else out[at : at + key_size]
        at += max(key_size, 0)
        value = None if value_size < 0 else out[at : at + value_size]
        at += max(value_size, 0) + 1
        records.append((key, value, head.group(3).decode()))
    return records


class Kcat(unittest.TestCase):
    def test_every_codec_comes_back_byte_for_byte(self):
        """each codec: whole files as values, one key, headers; the codec is the log's own"""
        for codec in CODECS:
            with self.subTest(codec=codec), tempfile.TemporaryDirectory() as folder:
                topic = f"kcat-{codec}"
                create(topic)
                names = []
                for at, value in enumerate(VALUES):
                    if value:  # kcat does not map an empty file.
                        names.append(os.path.join(folder, str(at)))
                        with open(names[-1], "wb") as file:
                            file.write(value)
                kcat(
                    "-P",
                    "-t",
                    topic,
                    "-p",
                    "0",
                    "-z",
                    codec,
                    "-k",
                    "the key",
                    "-H",
                    "trace=1",
                    "-H",
                    "empty=",
                    *names,
                )
                expected = [(b"the key", value, "trace=1,empty=") for value in VALUES if value]
                self.assertEqual(consume(topic), expected)
                self.assertIn(codec, raw_kafka.batch_codecs(cluster.first_address(), topic))

    def test_lines_with_keys_empty_and_absent_values(self):
        """lines with keys; an empty key or value is empty, and with -Z absent"""
        create("kcat-lines")
        kcat("-P", "-t", "kcat-lines", "-p", "0", "-K", ":", stdin=b"a:1\nb:\n:3\n")
        kcat("-P", "-t", "kcat-lines", "-p", "0", "-K", ":", "-Z", stdin=b"c:\n")
        self.assertEqual(
            [record[:2] for record in consume("kcat-lines")],
            [(b"a", b"1"), (b"b", b""), (b"", b"3"), (b"c", None)],
        )

    def test_a_topic_that_is_not_there_is_created(self):
        """producing to an unknown topic creates it"""
        kcat("-P", "-t", "kcat-created", stdin=b"hello\n")
        self.assertEqual([record[1] for record in consume("kcat-created")], [b"hello"])

    def test_a_group_reads_everything_and_goes_on_where_it_was(self):
        """kcat -G reads all partitions, commits, and the next run gets only what is new"""
        create("kcat-group", partitions=3)
        first, second = compressible(300), [b"new %d" % at for at in range(30)]

        def produce(values):
            for partition in range(3):
                kcat(
                    "-P",
                    "-t",
                    "kcat-group",
                    "-p",
                    str(partition),
                    stdin=b"\n".join(values[partition::3]) + b"\n",
                )

        def group_reads(count):
            return kcat(
                "-G",
                "kcat-readers",
                "-q",
                "-c",
                str(count),
                "-X",
                "auto.offset.reset=earliest",
                "kcat-group",
            ).splitlines()

        produce(first)
        self.assertEqual(sorted(group_reads(300)), sorted(first))
        produce(second)
        self.assertEqual(sorted(group_reads(30)), sorted(second))

    def test_the_cluster_is_described(self):
        """kcat -L names the three brokers at the addresses they were started on"""
        text = wait_until(
            lambda: (lambda t: t if "3 brokers" in t else None)(kcat("-L").decode()), "3 brokers"
        )
        for address in cluster.bootstrap.split(","):
            self.assertIn(address, text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
