"""--data-dir: records and committed offsets outlive a restart and a SIGKILL, and a folder that is
not this cluster's, or cannot be written, is refused."""

import os
import pathlib
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

try:
    from confluent_kafka import Consumer, Producer, TopicPartition
    from confluent_kafka.admin import AdminClient, NewTopic
except ImportError:
    sys.exit("python3-confluent-kafka is missing; installer/test.sh installs it")

from ottla_cluster import Cluster, free_ports, program, run_to_end, wait_until
from samples import CODECS, compressible


def create(cluster, topic, partitions=2, replicas=3):
    admin = AdminClient({"bootstrap.servers": cluster.bootstrap})
    for future in admin.create_topics([NewTopic(topic, partitions, replicas)]).values():
        future.result(30)


def produce(cluster, topic, values, codec="none"):
    """Sends value n to partition n % 2; {(partition, offset): value} of what was acknowledged."""
    acknowledged = {}
    producer = Producer(
        {"bootstrap.servers": cluster.bootstrap, "acks": "all", "compression.type": codec}
    )

    def delivered(error, message):
        assert error is None, error
        acknowledged[message.partition(), message.offset()] = message.value()

    for number, value in enumerate(values):
        producer.produce(topic, value, partition=number % 2, on_delivery=delivered)
        producer.poll(0)
    assert producer.flush(60) == 0
    return acknowledged


def consumer_of(cluster, group):
    return Consumer(
        {
            "bootstrap.servers": cluster.bootstrap,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )


def read(consumer, count, seconds=60):
    records, end = {}, time.monotonic() + seconds
    while len(records) < count:
        for message in consumer.consume(1000, 0.2):
            assert message.error() is None, message.error()
            records[message.partition(), message.offset()] = message.value()
        assert time.monotonic() < end, f"{len(records)} of {count} records in {seconds} s"
    return records


def read_all(cluster, topic, count):
    consumer = consumer_of(cluster, "reads-all")
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(2)])
    records = read(consumer, count)
    for partition in range(2):
        _, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), 30)
        assert high == sum(
            1 for at, _ in records if at == partition
        ), f"{topic}-{partition} ends at {high}"
    consumer.close()
    return records


class DataDirectory(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="ottla-data-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name) / "data"

    def test_records_and_committed_offsets_outlive_a_restart(self):
        """stop and start twice: every record of every codec, and the group's offsets, are there"""
        acknowledged = {}
        with Cluster(data_dir=self.folder) as cluster:
            for codec in CODECS:
                create(cluster, f"kept-{codec}")
                acknowledged[codec] = produce(cluster, f"kept-{codec}", compressible(200), codec)
            group = consumer_of(cluster, "kept-group")
            group.subscribe(["kept-none"])
            first = read(group, 1)
            group.commit(asynchronous=False)
            positions = {p.partition: p.offset for p in group.position(group.assignment())}
            group.close()
            self.assertTrue(first)
        for seed in (2, 3):
            with Cluster(data_dir=self.folder, seed=seed) as cluster:
                for codec in CODECS:
                    self.assertEqual(read_all(cluster, f"kept-{codec}", 200), acknowledged[codec])
                group = consumer_of(cluster, "kept-group")
                committed = group.committed(
                    [TopicPartition("kept-none", at) for at in positions], 30
                )
                self.assertEqual(
                    {p.partition: p.offset for p in committed if p.offset >= 0},
                    {at: offset for at, offset in positions.items() if offset >= 0},
                )
                group.close()

    def test_a_combined_cluster_goes_on_where_it_was(self):
        """nodes that are broker and controller: one folder each, through a kill of the active
        controller, which leads partitions too, and a restart of all"""
        values = compressible(100)
        options = {"controllers": 3, "combined": True, "data_dir": self.folder}
        with Cluster(**options) as cluster:
            create(cluster, "kept")
            acknowledged = produce(cluster, "kept", values)
            folders = sorted(path.name for path in self.folder.glob("node-*"))
            self.assertEqual(folders, ["node-1", "node-2", "node-3"])
            active = cluster.state()["quorum"]["leader"]
            cluster.command("kill", node=active)
            wait_until(
                lambda: cluster.state()["quorum"]["leader"] not in (None, active),
                "another is the active controller",
            )
            for at, value in produce(cluster, "kept", values).items():
                acknowledged[at] = value
            cluster.command("restart", node=active)
        with Cluster(seed=2, **options) as cluster:
            self.assertEqual(read_all(cluster, "kept", 200), acknowledged)

    def test_acknowledged_records_outlive_a_sigkill(self):
        """SIGKILL, three times: what was acknowledged had reached the page cache"""
        acknowledged = {}
        for round_number in range(3):
            cluster = Cluster(data_dir=self.folder, seed=round_number + 1).start()
            try:
                if round_number == 0:
                    create(cluster, "survives")
                else:
                    self.assertEqual(read_all(cluster, "survives", len(acknowledged)), acknowledged)
                values = [b"%d " % round_number + value for value in compressible(500)]
                acknowledged.update(produce(cluster, "survives", values, "zstd"))
            finally:
                cluster.kill()
        with Cluster(data_dir=self.folder) as cluster:
            self.assertEqual(read_all(cluster, "survives", len(acknowledged)), acknowledged)

    def test_the_files_are_named_as_kafka_names_them(self):
        """each broker has meta.properties and its partitions' segments"""
        with Cluster(data_dir=self.folder) as cluster:
            create(cluster, "named")
            produce(cluster, "named", compressible(10))
        names = {path.name for path in self.folder.rglob("*")}
        for name in (
            "meta.properties",
            "named-0",
            "named-1",
            "00000000000000000000.log",
            "leader-epoch-checkpoint",
            "partition.metadata",
            "replication-offset-checkpoint",
            ".kafka_cleanshutdown",
            "__cluster_metadata-0",
        ):
            self.assertIn(name, names)

    def refusal(self, *options, **how):
        code, said = run_to_end("--port", free_ports(3), "--no-workload", *options, **how)
        self.assertEqual(code, 1, said)
        self.assertTrue(said.strip().splitlines()[-1].startswith("ottla: "), said)
        return said

    def content(self):
        return {
            path: path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file()
        }

    def test_the_folder_of_another_cluster_is_refused_and_left_alone(self):
        """another cluster's id on the command line, and one broker's folder of another cluster"""
        with Cluster(data_dir=self.folder):
            pass
        before = self.content()
        said = self.refusal("--data-dir", self.folder, "--cluster-id", "AAAAAAAAAAAAAAAAAAAAAA")
        self.assertIn("AAAAAAAAAAAAAAAAAAAAAA", said)
        self.assertEqual(self.content(), before)
        properties = sorted(self.folder.rglob("meta.properties"))[0]
        text = properties.read_text()
        self.assertRegex(text, r"(?m)^cluster\.id=")
        properties.write_text(
            re.sub(r"(?m)^cluster\.id=.*$", "cluster.id=BBBBBBBBBBBBBBBBBBBBBB", text)
        )
        before = self.content()
        self.assertIn("cluster", self.refusal("--data-dir", self.folder))
        self.assertEqual(self.content(), before)

    def test_fewer_brokers_than_the_folder_holds_are_a_broker_down(self):
        """3, then 2, then 3 again: a warning, and nothing that was acknowledged is lost"""
        with Cluster(data_dir=self.folder) as cluster:
            create(cluster, "on-three")
            on_three = produce(cluster, "on-three", compressible(200))
        self.assertNotIn("also holds", "".join(cluster.errors))
        with Cluster(data_dir=self.folder, brokers=2) as cluster:
            said = "".join(cluster.errors)
            self.assertIn("also holds the data of broker 3", said)
            self.assertIn("--brokers 3", said)
            create(cluster, "on-two", replicas=2)
            on_two = produce(cluster, "on-two", compressible(100))
        with Cluster(data_dir=self.folder) as cluster:
            self.assertNotIn("also holds", "".join(cluster.errors))
            self.assertEqual(read_all(cluster, "on-three", 200), on_three)
            self.assertEqual(read_all(cluster, "on-two", 100), on_two)
            wait_until(
                lambda: cluster.state()["health"]["under_replicated"] == 0, "all are in sync"
            )

    def test_a_full_disk_stops_its_brokers_and_keeps_what_was_acknowledged(self):
        """a disk that fills up under a producer with acks=all"""
        values = compressible(3000)
        acknowledged, errors = {}, []
        with Cluster(data_dir=self.folder, file_bytes_max=300_000) as cluster:
            create(cluster, "until-full", partitions=1)
            producer = Producer(
                {
                    "bootstrap.servers": cluster.bootstrap,
                    "acks": "all",
                    "message.timeout.ms": 3000,
                }
            )

            def delivered(error, message):
                if error is None:
                    acknowledged[message.offset()] = message.value()
                else:
                    errors.append(error)

            while values and not errors:
                for value in values[:100]:
                    producer.produce("until-full", value, partition=0, on_delivery=delivered)
                del values[:100]
                producer.flush(30)
            self.assertGreater(len(acknowledged), 100)
            self.assertTrue(errors, "a file grew past its limit")
            notes = " ".join(event["text"] for event in cluster.events())
            self.assertIn("no space left on the disk", notes)
        with Cluster(data_dir=self.folder) as cluster:
            consumer = consumer_of(cluster, "after-full")
            consumer.assign([TopicPartition("until-full", 0, 0)])
            found = {}
            while len(found) < len(acknowledged):
                message = consumer.poll(20)
                self.assertIsNotNone(message, f"{len(found)} of {len(acknowledged)} found")
                self.assertIsNone(message.error())
                found[message.offset()] = message.value()
            consumer.close()
            for offset, value in acknowledged.items():
                self.assertEqual(found.get(offset), value, offset)

    def test_several_log_directories_share_the_partitions(self):
        """--log-dirs: each node has several folders; one that came later is not taken silently"""
        with Cluster(data_dir=self.folder, log_dirs="/d1,/d2") as cluster:
            create(cluster, "spread")
            acknowledged = produce(cluster, "spread", compressible(200))
        for node in ("node-1", "node-2", "node-3"):
            at = [
                str(log.relative_to(self.folder / node))
                for log in (self.folder / node).glob("d?/spread-?")
            ]
            self.assertEqual({path[:2] for path in at}, {"d1", "d2"}, at)
            ids = {
                re.search("directory.id=(.*)", file.read_text())[1]
                for file in (self.folder / node).glob("d?/meta.properties")
            }
            self.assertEqual(len(ids), 2)
        with Cluster(data_dir=self.folder, log_dirs="/d1,/d2", seed=2) as cluster:
            self.assertEqual(read_all(cluster, "spread", 200), acknowledged)

    def test_a_folder_in_use_is_refused(self):
        """a second cluster on the same folder"""
        with Cluster(data_dir=self.folder):
            self.assertIn(str(self.folder), self.refusal("--data-dir", self.folder))

    def test_a_folder_that_cannot_be_written_is_refused(self):
        """a read-only folder, and a file in the folder's place"""
        self.folder.write_text("a file")
        self.assertIn(str(self.folder), self.refusal("--data-dir", self.folder))
        self.folder.unlink()
        self.folder.mkdir()
        self.folder.chmod(0o555)
        if os.geteuid() != 0:
            self.assertIn(str(self.folder), self.refusal("--data-dir", self.folder))
            return
        # Nothing is read-only to root, so somebody else tries; the program may lie where only root
        # can read.
        nobody = pwd.getpwnam("nobody")
        self.folder.parent.chmod(0o755)
        copy = self.folder.parent / "ottla"
        shutil.copy(program(), copy)
        copy.chmod(0o755)
        done = subprocess.run(
            [copy, "serve", "--port", str(free_ports(3)), "--data-dir", self.folder],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            cwd="/",
            user=nobody.pw_uid,
            group=nobody.pw_gid,
            extra_groups=[],
        )
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(str(self.folder), done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
