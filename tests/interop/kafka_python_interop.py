"""kafka-python: another protocol implementation, with other versions of the APIs: every codec, and
a group of two."""

import sys
import threading
import unittest

try:
    from kafka import KafkaConsumer, KafkaProducer, TopicPartition
    from kafka.admin import KafkaAdminClient, NewTopic
except ImportError:
    sys.exit("python3-kafka is missing; installer/test.sh installs it")

import raw_kafka
from ottla_cluster import Cluster, wait_until
from samples import CODECS, HEADERS, KEYS, VALUES, compressible

cluster = None


def setUpModule():
    global cluster
    cluster = Cluster().start()


def tearDownModule():
    cluster.stop()


def bootstrap():
    return cluster.bootstrap.split(",")


def create(topic, partitions=1):
    admin = KafkaAdminClient(bootstrap_servers=bootstrap())
    try:
        admin.create_topics([NewTopic(topic, partitions, 3)])
    finally:
        admin.close()
    raw_kafka.at_leader(cluster.first_address(), topic).socket.close()


class Member(threading.Thread):
    """A member of a group that polls until it is told to stop."""

    def __init__(self, group, topic):
        super().__init__(daemon=True)
        self.consumer = KafkaConsumer(
            topic,
            group_id=group,
            bootstrap_servers=bootstrap(),
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        self.stopping = threading.Event()
        self.values = []
        self.owned = set()

    def run(self):
        while not self.stopping.is_set():
            for records in self.consumer.poll(200).values():
                self.values += [record.value for record in records]
            self.owned = {p.partition for p in self.consumer.assignment()}
        self.consumer.commit()
        self.consumer.close(autocommit=False)

    def stop(self):
        self.stopping.set()
        self.join(60)
        assert not self.is_alive(), "the member did not leave"


class KafkaPython(unittest.TestCase):
    def test_every_codec_comes_back_byte_for_byte(self):
        """each codec: binary, empty and absent keys and values, headers"""
        for codec in CODECS:
            with self.subTest(codec=codec):
                topic = f"python-{codec}"
                create(topic)
                producer = KafkaProducer(
                    bootstrap_servers=bootstrap(),
                    acks="all",
                    linger_ms=50,
                    compression_type=None if codec == "none" else codec,
                )
                records = [(key, value, HEADERS) for key, value in zip(KEYS, VALUES)]
                records.append((b"tombstone", None, []))
                sent = [
                    producer.send(topic, value, key, headers, partition=0)
                    for key, value, headers in records
                ]
                producer.flush(60)
                self.assertEqual(
                    [future.get(30).offset for future in sent], list(range(len(records)))
                )
                producer.close()
                consumer = KafkaConsumer(bootstrap_servers=bootstrap(), consumer_timeout_ms=30_000)
                consumer.assign([TopicPartition(topic, 0)])
                consumer.seek_to_beginning()
                got = []
                for message in consumer:
                    got.append((message.key, message.value, message.headers))
                    if len(got) == len(records):
                        break
                consumer.close()
                self.assertEqual(got, records)
                self.assertIn(codec, raw_kafka.batch_codecs(cluster.first_address(), topic))

    def test_two_members_of_a_group_split_the_partitions_and_commit(self):
        """two members split four partitions, and the next member begins where they ended"""
        create("python-group", 4)
        members = [Member("python-readers", "python-group") for _ in range(2)]
        for member in members:
            member.start()
        wait_until(
            lambda: all(len(member.owned) == 2 for member in members)
            and not members[0].owned & members[1].owned,
            "two members with two partitions each",
            90,
        )
        values = compressible(400)
        producer = KafkaProducer(bootstrap_servers=bootstrap(), acks="all")
        for at, value in enumerate(values):
            producer.send("python-group", value, partition=at % 4)
        producer.flush(60)
        wait_until(
            lambda: sum(len(member.values) for member in members) >= len(values),
            "every record read",
        )
        for member in members:
            member.stop()
        self.assertEqual(sorted(members[0].values + members[1].values), sorted(values))
        more = [b"more %d" % at for at in range(40)]
        for at, value in enumerate(more):
            producer.send("python-group", value, partition=at % 4)
        producer.flush(60)
        producer.close()
        last = Member("python-readers", "python-group")
        last.start()
        wait_until(lambda: len(last.values) >= len(more), "what is new read", 90)
        last.stop()
        self.assertEqual(sorted(last.values), sorted(more))


if __name__ == "__main__":
    unittest.main(verbosity=2)
