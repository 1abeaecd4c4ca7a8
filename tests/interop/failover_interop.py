"""The leader of a partition is killed while acks=all producers run: the election is in the events,
and every record that was acknowledged is read back."""

import sys
import threading
import unittest

try:
    from confluent_kafka import Consumer, Producer, TopicPartition
    from confluent_kafka.admin import AdminClient, NewTopic
except ImportError:
    sys.exit("python3-confluent-kafka is missing; installer/test.sh installs it")

from ottla_cluster import Cluster, wait_until

PARTITIONS = 3


class Traffic(threading.Thread):
    """Sends numbered records to all partitions in turn and keeps what was acknowledged."""

    def __init__(self, bootstrap, topic, name, **config):
        super().__init__(daemon=True)
        self.topic = topic
        self.name = name
        self.acknowledged = [dict() for _ in range(PARTITIONS)]  # Offset -> value.
        self.refused = []
        self.stopping = threading.Event()
        self.producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "acks": "all",
                "linger.ms": 5,
                "message.timeout.ms": 120_000,
                **config,
            }
        )

    def count(self):
        return sum(len(partition) for partition in self.acknowledged)

    def delivered(self, error, message):
        if error is not None:
            self.refused.append(str(error))
        else:
            self.acknowledged[message.partition()][message.offset()] = message.value()

    def run(self):
        number = 0
        while not self.stopping.is_set():
            for partition in range(PARTITIONS):
                value = f"{self.name} {number}".encode()
                self.producer.produce(
                    self.topic, value, partition=partition, on_delivery=self.delivered
                )
                number += 1
            self.producer.poll(0.002)

    def stop(self):
        self.stopping.set()
        self.join()
        left = self.producer.flush(120)
        assert left == 0, f"{left} records of {self.name} neither delivered nor refused"


def read_back(bootstrap, topic, partition):
    """{offset: value} of a whole partition."""
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "read-back", "enable.auto.commit": False}
    )
    low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), 30)
    assert low == 0, f"the log of {topic}-{partition} begins at {low}"
    consumer.assign([TopicPartition(topic, partition, 0)])
    records = {}
    wait_until(
        lambda: _take(consumer, records) or len(records) >= high,
        f"{high} records of {topic}-{partition}",
        90,
    )
    consumer.close()
    return records


def _take(consumer, records):
    for message in consumer.consume(1000, 0.5):
        assert message.error() is None, message.error()
        records[message.offset()] = message.value()
    return False


def lost_records(bootstrap, topic, producer):
    """What was acknowledged to the producer and is not there: {(partition, offset): value}."""
    lost = {}
    for partition in range(PARTITIONS):
        records = read_back(bootstrap, topic, partition)
        for offset, value in producer.acknowledged[partition].items():
            if records.get(offset) != value:
                lost[partition, offset] = value
    return lost


class Failover(unittest.TestCase):
    def test_another_controller_takes_over_when_the_active_one_is_killed(self):
        """kill the active controller: another one decides, from the log alone"""
        with Cluster(controllers=3) as cluster:
            topic = "handover"
            admin = AdminClient({"bootstrap.servers": cluster.bootstrap})
            admin.create_topics([NewTopic(topic, PARTITIONS, 3)])[topic].result(30)
            producer = Traffic(cluster.bootstrap, topic, "through the handover")
            producer.start()
            wait_until(lambda: producer.count() > 500, "records acknowledged")

            active = cluster.state()["quorum"]["leader"]
            epoch = cluster.state()["quorum"]["epoch"]
            before = cluster.last_event()
            cluster.command("kill", node=active)
            taken = cluster.wait_for_event(before, kind="controller_activated")
            self.assertNotEqual(taken["node"], str(active))
            self.assertGreater(taken["epoch"], epoch)

            # What only an active controller can do: create a topic, and replace a dead leader.
            admin.create_topics([NewTopic("after", 1, 3)])["after"].result(30)
            leader = admin.list_topics(topic, timeout=30).topics[topic].partitions[0].leader
            before = cluster.last_event()
            cluster.command("kill", node=leader)
            cluster.wait_for_event(before, kind="leader_elected", topic=topic, partition=0)
            at_kill = producer.count()
            wait_until(lambda: producer.count() > at_kill + 500, "records after the election", 90)

            cluster.command("restart", node=active)
            wait_until(
                lambda: all(row["lag"] == 0 for row in cluster.state()["controllers"])
                and all(row["status"] == "online" for row in cluster.state()["controllers"]),
                "the old controller follows the new one",
            )
            producer.stop()
            self.assertEqual(producer.refused, [])
            self.assertEqual(lost_records(cluster.bootstrap, topic, producer), {})
            self.assertEqual(cluster.state()["run"]["invariants_broken"], 0)

    def test_no_acknowledged_record_is_lost_when_its_leader_is_killed(self):
        """kill the leader under load: a new one is elected, and nothing acknowledged is lost"""
        with Cluster() as cluster:
            topic = "failover"
            admin = AdminClient({"bootstrap.servers": cluster.bootstrap})
            new = NewTopic(topic, PARTITIONS, 3, config={"min.insync.replicas": "2"})
            for future in admin.create_topics([new]).values():
                future.result(30)
            traffic = [
                Traffic(cluster.bootstrap, topic, "plain"),
                Traffic(cluster.bootstrap, topic, "idempotent", **{"enable.idempotence": True}),
            ]
            for producer in traffic:
                producer.start()
            wait_until(
                lambda: all(producer.count() > 500 for producer in traffic), "records acknowledged"
            )

            leader = admin.list_topics(topic, timeout=30).topics[topic].partitions[0].leader
            before = cluster.last_event()
            cluster.command("kill", node=leader)
            killed = cluster.wait_for_event(before, kind="process_killed", node=str(leader))
            elected = cluster.wait_for_event(
                before, kind="leader_elected", topic=topic, partition=0
            )
            self.assertGreater(elected["number"], killed["number"])
            self.assertGreater(elected["epoch"], 0)
            new_leader = wait_until(
                lambda: self.other_leader(admin, topic, leader), "another leader in the metadata"
            )
            print(
                f"broker {leader} killed; {elected['text']}; clients are told of {new_leader}",
                file=sys.stderr,
            )

            at_kill = [producer.count() for producer in traffic]
            wait_until(
                lambda: all(
                    producer.count() > count + 500 for producer, count in zip(traffic, at_kill)
                ),
                "records acknowledged after the election",
                90,
            )
            back = cluster.last_event()
            cluster.command("restart", node=leader)
            cluster.wait_for_event(back, kind="isr_expanded", topic=topic, partition=0)
            for producer in traffic:
                producer.stop()
            for producer in traffic:
                self.assertEqual(producer.refused, [])

            for partition in range(PARTITIONS):
                records = read_back(cluster.bootstrap, topic, partition)
                for producer in traffic:
                    lost = {
                        offset: value
                        for offset, value in producer.acknowledged[partition].items()
                        if records.get(offset) != value
                    }
                    self.assertEqual(lost, {}, f"{producer.name}, partition {partition}")
                once = [value for value in records.values() if value.startswith(b"idempotent ")]
                self.assertEqual(
                    len(once), len(set(once)), "a record of the idempotent producer is there twice"
                )
                numbers = [
                    int(records[offset].split()[1])
                    for offset in sorted(records)
                    if records[offset].startswith(b"idempotent ")
                ]
                self.assertEqual(
                    numbers, sorted(numbers), "the idempotent producer's records are out of order"
                )
            total = sum(producer.count() for producer in traffic)
            print(f"{total} acknowledged records, all read back", file=sys.stderr)
            self.assertEqual(cluster.state()["run"]["invariants_broken"], 0)

    @staticmethod
    def other_leader(admin, topic, old):
        leader = admin.list_topics(topic, timeout=30).topics[topic].partitions[0].leader
        return leader if leader not in (-1, old) else None


if __name__ == "__main__":
    unittest.main(verbosity=2)
