"""The files of one are the files of the other: a data directory that Apache Kafka has written is
opened by Ottla, read and written on, and Kafka's own decoder reads what is there then. Opt-in: it
runs only where OTTLA_APACHE=1 is set."""

import subprocess
import sys
import tempfile
import unittest

try:
    from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
    from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic
except ImportError:
    sys.exit("python3-confluent-kafka is missing; installer/test.sh installs it")

from apache import jars
from apache.kafka_side import KafkaSide
from apache.side import BROKERS, CONTROLLERS
from ottla_cluster import Cluster, wait_until
from samples import CODECS, compressible

SKIPPED = 77
PARTITIONS = 2
GROUP = "readers"


def create(bootstrap, topic, **config):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    wanted = NewTopic(topic, PARTITIONS, len(BROKERS), config=config)
    admin.create_topics([wanted])[topic].result(30)


def produce(bootstrap, topic, values, codec):
    """Value n goes to partition n % 2; {(partition, offset): value} of what was acknowledged."""
    acknowledged = {}
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": True,
            "compression.type": codec,
        }
    )

    def delivered(error, message):
        assert error is None, error
        acknowledged[message.partition(), message.offset()] = message.value()

    for number, value in enumerate(values):
        key = b"%d" % (number % 20)
        producer.produce(topic, value, key, number % PARTITIONS, on_delivery=delivered)
        producer.poll(0)
    assert producer.flush(60) == 0
    return acknowledged


def consumer_of(bootstrap):
    return Consumer(
        {"bootstrap.servers": bootstrap, "group.id": GROUP, "enable.auto.commit": False}
    )


def read_all(bootstrap, topic):
    """{(partition, offset): value} of all that a topic holds."""
    consumer = consumer_of(bootstrap)
    records = {}
    partitions = [TopicPartition(topic, index, 0) for index in range(PARTITIONS)]
    ends = {one.partition: consumer.get_watermark_offsets(one, 30)[1] for one in partitions}
    consumer.assign(partitions)

    def is_read():
        for message in consumer.consume(1000, 0.5):
            assert message.error() is None, message.error()
            records[message.partition(), message.offset()] = message.value()
        return all((index, end - 1) in records for index, end in ends.items())

    wait_until(is_read, f"{topic} up to {ends}")
    consumer.close()
    return records


def commit(bootstrap, position):
    """Whether the group's coordinator was there yet, and took it."""
    consumer = consumer_of(bootstrap)
    try:
        return consumer.commit(offsets=[position], asynchronous=False)
    except KafkaException:
        return None
    finally:
        consumer.close()


def committed(bootstrap, topic):
    consumer = consumer_of(bootstrap)
    offsets = consumer.committed([TopicPartition(topic, at) for at in range(PARTITIONS)], 30)
    consumer.close()
    return [one.offset for one in offsets]


def configs_of(bootstrap, topic):
    """What was set for the topic itself."""
    asked = ConfigResource(ConfigResource.Type.TOPIC, topic)
    admin = AdminClient({"bootstrap.servers": bootstrap})
    described = admin.describe_configs([asked])[asked].result(30)
    topic_source = 1
    return {name: one.value for name, one in described.items() if one.source == topic_source}


class WrittenByKafka(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="ottla-of-kafka-", ignore_cleanup_errors=True)
        self.addCleanup(folder.cleanup)
        # Of the features that Kafka has by now, Ottla knows fewer, and may not run with the others.
        self.kafka = KafkaSide(None, folder.name, ["group.version=0", "transaction.version=0"])
        self.addCleanup(self.kafka.stop)
        self.config = {"retention.ms": "86400000", "min.insync.replicas": "2"}

    def write(self):
        """Topics, records in every codec and a group's offsets, by Kafka, which is shut down."""
        self.kafka.start()
        bootstrap = "{}:{}".format(*self.kafka.address(1))
        written = {}
        for codec in CODECS:
            create(bootstrap, f"kept-{codec}", **self.config)
            written[codec] = produce(bootstrap, f"kept-{codec}", compressible(300), codec)
        wait_until(lambda: commit(bootstrap, TopicPartition("kept-none", 0, 7)), "committed")
        self.kafka.shut_down()
        return written

    def test_ottla_goes_on_where_kafka_stopped(self):
        """every record, the offsets and the configs are there; more is written, and all decodes"""
        written = self.write()
        data = self.kafka.folder / "data"
        with Cluster(len(BROKERS), controllers=len(CONTROLLERS), data_dir=data) as cluster:
            for codec in CODECS:
                topic = f"kept-{codec}"
                self.assertEqual(read_all(cluster.bootstrap, topic), written[codec], codec)
                self.assertEqual(configs_of(cluster.bootstrap, topic), self.config)
                more = produce(cluster.bootstrap, topic, compressible(50), codec)
                self.assertEqual(set(more) & set(written[codec]), set(), "an offset given twice")
                self.assertEqual(read_all(cluster.bootstrap, topic), {**written[codec], **more})
            self.assertEqual(committed(cluster.bootstrap, "kept-none"), [7, -1001])
            wait_until(
                lambda: cluster.state()["health"]["under_replicated"] == 0, "all are in sync"
            )
            self.assertEqual(cluster.state()["run"]["invariants_broken"], 0)
        self.assert_decodes(data)

    def assert_decodes(self, data):
        """Kafka's decoder finds each batch of a partition valid, and its indexes sound."""
        for broker in BROKERS:
            folder = data / f"node-{broker}" / "kept-zstd-0"
            logs = sorted(folder.glob("*.log")) + sorted(folder.glob("*.index"))
            logs += sorted(folder.glob("*.timeindex"))
            dump = subprocess.run(
                jars.java(
                    *("kafka.tools.DumpLogSegments", "--deep-iteration", "--index-sanity-check"),
                    *("--files", ",".join(map(str, logs))),
                ),
                capture_output=True,
                text=True,
                timeout=120,
                check=True,
            ).stdout
            self.assertIn("isvalid: true", dump)
            self.assertNotIn("isvalid: false", dump)
            self.assertNotIn("Found timestamp mismatch", dump)
            self.assertIn("passed sanity check", dump)
            self.assertIn("lastOffset: 174 ", dump)


if __name__ == "__main__":
    reason = jars.reason_to_skip()
    if reason:
        print(f"Skipped: {reason}.")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
