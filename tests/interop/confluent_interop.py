"""confluent-kafka (librdkafka in Python): every codec, groups, committed offsets, topic admin,
idempotence."""

import functools
import sys
import time
import unittest

try:
    from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
    from confluent_kafka.admin import AdminClient, NewTopic
except ImportError:
    sys.exit("python3-confluent-kafka is missing; installer/test.sh installs it")

import raw_kafka
from ottla_cluster import Cluster, wait_until
from samples import CODECS, HEADERS, KEYS, VALUES, compressible

cluster = None


def setUpModule():
    global cluster
    cluster = Cluster().start()


def tearDownModule():
    cluster.stop()


@functools.lru_cache(maxsize=None)
def admin():
    """One for all tests: a client that is collected takes its unanswered futures with it."""
    return AdminClient({"bootstrap.servers": cluster.bootstrap})


def create(topic, partitions=1, **config):
    for future in admin().create_topics([NewTopic(topic, partitions, 3, config=config)]).values():
        future.result(30)


def produce(topic, records, **config):
    """Sends (partition, key, value, headers) with acks=all; the offsets, in the order sent."""
    offsets, failures = {}, []
    producer = Producer({"bootstrap.servers": cluster.bootstrap, "acks": "all", **config})

    def delivered(number):
        def note(error, message):
            if error is not None:
                failures.append(str(error))
            else:
                offsets[number] = message.offset()

        return note

    for number, (partition, key, value, headers) in enumerate(records):
        producer.produce(
            topic, value, key, partition, headers=headers, on_delivery=delivered(number)
        )
        producer.poll(0)
    left = producer.flush(60)
    assert left == 0 and not failures, f"{left} not delivered, {failures[:3]}"
    return [offsets[number] for number in range(len(records))]


def consumer_of(group, **config):
    return Consumer(
        {
            "bootstrap.servers": cluster.bootstrap,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            **config,
        }
    )


def take(consumer, count, seconds=60):
    """The next `count` messages."""
    messages, end = [], time.monotonic() + seconds
    while len(messages) < count:
        message = consumer.poll(0.2)
        if message is not None:
            assert message.error() is None, message.error()
            messages.append(message)
        assert time.monotonic() < end, f"{len(messages)} of {count} messages in {seconds} s"
    return messages


def read_partition(topic, partition, count):
    consumer = consumer_of("by-hand")
    consumer.assign([TopicPartition(topic, partition, 0)])
    messages = take(consumer, count)
    consumer.close()
    return messages


class Confluent(unittest.TestCase):
    def test_every_codec_comes_back_byte_for_byte(self):
        """each codec: binary, empty and absent keys and values, headers in order and repeated"""
        for codec in CODECS:
            with self.subTest(codec=codec):
                topic = f"confluent-{codec}"
                create(topic)
                records = [(0, key, value, HEADERS) for key, value in zip(KEYS, VALUES)]
                records.append((0, b"tombstone", None, None))
                offsets = produce(topic, records, **{"compression.type": codec, "linger.ms": 50})
                self.assertEqual(offsets, list(range(len(records))))
                got = [
                    (0, m.key(), m.value(), m.headers())
                    for m in read_partition(topic, 0, len(records))
                ]
                self.assertEqual(got, records)
                self.assertIn(codec, raw_kafka.batch_codecs(cluster.first_address(), topic))

    def test_an_idempotent_producer_writes_each_record_once_and_in_order(self):
        """enable.idempotence: each record once, in order"""
        create("confluent-idempotent")
        values = compressible(5_000)
        produce(
            "confluent-idempotent",
            [(0, None, value, None) for value in values],
            **{"enable.idempotence": True},
        )
        got = read_partition("confluent-idempotent", 0, len(values))
        self.assertEqual([m.value() for m in got], values)
        _, high = consumer_of("watermarks").get_watermark_offsets(
            TopicPartition("confluent-idempotent", 0), 30
        )
        self.assertEqual(high, len(values))

    def test_two_members_of_a_group_split_the_partitions(self):
        """two members have two of four partitions each; when one leaves, the other has four"""
        create("confluent-split", 4)
        members = [consumer_of("split"), consumer_of("split")]
        owned = [set(), set()]
        seen = []

        def note(which):
            def assigned(_, partitions):
                owned[which] = {p.partition for p in partitions}

            def revoked(_, partitions):
                owned[which] -= {p.partition for p in partitions}

            return {"on_assign": assigned, "on_revoke": revoked}

        for which, member in enumerate(members):
            member.subscribe(["confluent-split"], **note(which))

        def poll_all(which_members):
            for which in which_members:
                message = members[which].poll(0.1)
                if message is not None and message.error() is None:
                    seen.append(message.value())

        def split():
            poll_all((0, 1))
            return len(owned[0]) == 2 and len(owned[1]) == 2 and not owned[0] & owned[1]

        wait_until(split, "two members with two partitions each")
        values = compressible(400)
        produce("confluent-split", [(at % 4, None, value, None) for at, value in enumerate(values)])

        def all_seen():
            poll_all((0, 1))
            return len(seen) >= len(values)

        wait_until(all_seen, "every record read")
        self.assertEqual(sorted(seen), sorted(values))
        members[1].close()

        def whole():
            poll_all((0,))
            return owned[0] == {0, 1, 2, 3}

        wait_until(whole, "the one that is left with all four partitions")
        members[0].close()

    def test_a_restarted_consumer_goes_on_at_its_committed_offset(self):
        """offsets committed by one consumer are where the next one of the group begins"""
        create("confluent-commit")
        values = compressible(100)
        produce("confluent-commit", [(0, None, value, None) for value in values])
        first = consumer_of("commits")
        first.subscribe(["confluent-commit"])
        messages = take(first, 40)
        committed = first.commit(message=messages[-1], asynchronous=False)
        self.assertEqual([(p.offset, p.error) for p in committed], [(40, None)])
        first.close()
        second = consumer_of("commits")
        self.assertEqual(
            second.committed([TopicPartition("confluent-commit", 0)], 30)[0].offset, 40
        )
        second.subscribe(["confluent-commit"])
        got = take(second, 60)
        self.assertEqual([m.value() for m in got], values[40:])
        self.assertEqual(got[0].offset(), 40)
        second.close()

    def test_topics_are_created_described_and_deleted(self):
        """create, again (TOPIC_ALREADY_EXISTS), list, delete, again (UNKNOWN_TOPIC_OR_PARTITION)"""
        create("confluent-admin", 6, **{"max.message.bytes": "5000"})
        topics = admin().list_topics(timeout=30).topics
        self.assertEqual(sorted(topics["confluent-admin"].partitions), list(range(6)))
        for partition in topics["confluent-admin"].partitions.values():
            self.assertEqual(sorted(partition.replicas), [1, 2, 3])
        with self.assertRaises(KafkaException) as again:
            create("confluent-admin", 6)
        self.assertEqual(again.exception.args[0].code(), KafkaError.TOPIC_ALREADY_EXISTS)

        def delete():
            for future in admin().delete_topics(["confluent-admin"]).values():
                future.result(30)

        delete()
        wait_until(
            lambda: "confluent-admin" not in admin().list_topics(timeout=30).topics,
            "the topic gone",
        )
        with self.assertRaises(KafkaException) as gone:
            delete()
        self.assertEqual(gone.exception.args[0].code(), KafkaError.UNKNOWN_TOPIC_OR_PART)

    def test_offsets_are_found_by_timestamp(self):
        """a timestamp finds the first record at or after it; one beyond all finds the end"""
        create("confluent-times")
        producer = Producer({"bootstrap.servers": cluster.bootstrap, "acks": "all"})
        now = int(time.time() * 1000) - 10_000
        for at in range(10):
            producer.produce("confluent-times", b"v", partition=0, timestamp=now + at * 1000)
            self.assertEqual(producer.flush(30), 0)
        consumer = consumer_of("times")
        for timestamp, offset in ((now, 0), (now + 3500, 4), (now + 9000, 9)):
            found = consumer.offsets_for_times(
                [TopicPartition("confluent-times", 0, timestamp)], 30
            )
            self.assertEqual(found[0].offset, offset)
        self.assertEqual(
            consumer.get_watermark_offsets(TopicPartition("confluent-times", 0), 30), (0, 10)
        )
        consumer.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
