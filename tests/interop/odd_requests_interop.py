"""Requests that decode and yet are odd: answered as Apache Kafka answers them, and nothing is done.
What is expected here was seen of Apache Kafka 4.1.0."""

import json
import pathlib
import random
import socket
import struct
import unittest

from apache.bodies import (
    BROKER,
    SET,
    TOPIC,
    changes,
    described,
    election,
    fetch,
    list_offsets,
    produce,
    reassignment,
    resource,
    topic,
    topics,
)
from apache.messages import Schemas
from apache.records import batch, batches_in
from apache.wire import Closed, Connection, exchange
from ottla_cluster import Cluster, wait_until

SCHEMAS = pathlib.Path(__file__).parents[2] / "engine" / "protocol" / "schemas" / "rpc"
NONE, UNKNOWN_SERVER_ERROR, UNKNOWN_TOPIC, NOT_LEADER, TIMED_OUT = 0, -1, 3, 6, 7
INVALID_TOPIC, BAD_ACKS, INVALID_REQUEST = 17, 21, 42
POLICY_VIOLATION, FENCED_EPOCH, UNKNOWN_ID = 44, 74, 100
BY_NAME = 12  # Produce and Fetch name topics up to this version.
ALL_TOPIC_OPERATIONS = 3576
LONGEST = 32767
ODD, ODDER = "odd", "odder"
cluster = None


class OwnSchemas(Schemas):
    """Those that Ottla is generated from."""

    def __init__(self):
        self.read = {}

    def schema(self, name):
        if name not in self.read:
            self.read[name] = json.loads((SCHEMAS / f"{name}.json").read_text())
        return self.read[name]

    def encode(self, name, version, values):
        # Kafka begins a few names with a small letter.
        return super().encode(name, version, {key[0].upper() + key[1:]: v for key, v in values.items()})


def ask(api, body, version, broker=1):
    host, port = cluster.bootstrap.split(",")[broker - 1].rsplit(":", 1)
    connection = Connection(OwnSchemas(), (host, int(port)))
    try:
        return connection.ask(api, version, body)
    finally:
        connection.close()


def setUpModule():
    global cluster
    cluster = Cluster().start()
    for one in (topic(ODD, [1]), topic(ODDER, [1, 2])):
        made = ask("CreateTopics", topics(one), 7)["Topics"][0]
        assert made["ErrorCode"] == NONE, made
    wait_until(lambda: push(ODD, b"first")["ErrorCode"] == NONE, "the first record is in")


def tearDownModule():
    cluster.stop()


def push(name, value, **more):
    body = {**produce(name, 0, batch([value])), **more}
    return ask("Produce", body, BY_NAME)["Responses"][0]["PartitionResponses"][0]


def replicas_of_topics():
    """{topic: the replicas of each partition}, of those that are not Kafka's own"""
    return {
        one["Name"]: [part["ReplicaNodes"] for part in one["Partitions"]]
        for one in ask("Metadata", {"Topics": None}, 12)["Topics"]
        if not one["IsInternal"]
    }


def read(**how):
    """The answer for the partition, and the whole."""
    body = fetch(ODD, 0, how.pop("offset", 0), how.pop("epoch", -1))
    body["MaxWaitMs"] = 0
    body["Topics"][0]["Partitions"][0].update(how.pop("partition", {}))
    body.update(how)
    answer = ask("Fetch", body, BY_NAME)
    return answer["Responses"][0]["Partitions"][0], answer


class TooMuch(unittest.TestCase):
    """One request may not make the controller work without end."""

    def create(self, *wanted):
        answer = ask("CreateTopics", topics(*wanted), 7)
        return [(one["ErrorCode"], one["ErrorMessage"]) for one in answer["Topics"]]

    def test_too_many_partitions(self):
        """are refused for every topic of the request, and none is created"""
        refused = (POLICY_VIOLATION, "Excessively large number of partitions per request.")
        for count in (10_001, 2**31 - 1):
            large, small = topic("large", partitions=count, factor=1), topic("small", [1])
            self.assertEqual(self.create(large, small, topic("a/b", [1])), [refused] * 3)
        large = topic("large", partitions=10_000, factor=1)
        words = "Unable to perform excessively large batch operation."
        self.assertEqual(self.create(large), [(POLICY_VIOLATION, words)])
        self.assertEqual(set(replicas_of_topics()), {ODD, ODDER})

    def test_too_many_added_partitions(self):
        rows = [(ODD, 2**31 - 1), (ODDER, 20_000)]
        body = {
            "Topics": [{"Name": name, "Count": n, "Assignments": None} for name, n in rows],
            "TimeoutMs": 30_000,
        }
        codes = [one["ErrorCode"] for one in ask("CreatePartitions", body, 3)["Results"]]
        self.assertEqual(codes, [UNKNOWN_SERVER_ERROR] * 2)

    def test_too_many_configs(self):
        many = [(SET, f"own.{i}", "1") for i in range(10_001)]
        answer = ask("IncrementalAlterConfigs", changes(resource(BROKER, "1", *many)), 1)
        self.assertEqual(answer["Responses"][0]["ErrorCode"], POLICY_VIOLATION)


class TooLong(unittest.TestCase):
    """Words that quote what is as long as a text may be are too long to be sent."""

    def test_of_the_controller(self):
        long = "/" * LONGEST
        answers = (
            ask("CreateTopics", topics(topic(long, [1])), 7)["Topics"][0],
            ask(
                "IncrementalAlterConfigs",
                changes(resource(TOPIC, ODD, (SET, "retention.ms", long))),
                1,
            )["Responses"][0],
            ask("ElectLeaders", election(0, (long, 0)), 2)["ReplicaElectionResults"][0][
                "PartitionResult"
            ][0],
            ask("AlterPartitionReassignments", reassignment({(long, 0): [1]}), 0)["Responses"][0][
                "Partitions"
            ][0],
        )
        for answer in answers:
            self.assertEqual((answer["ErrorCode"], answer["ErrorMessage"]), (-1, None))

    def test_of_a_broker(self):
        answer = ask("DescribeConfigs", described((TOPIC, "/" * LONGEST, None)), 4)["Results"][0]
        words = "The server experienced an unexpected error when processing the request."
        self.assertEqual((answer["ErrorCode"], answer["ErrorMessage"]), (-1, words))

    def test_where_there_is_no_answer_left(self):
        """the connection is closed, and others go on"""
        group = "g" * LONGEST
        found = {"KeyType": 0, "CoordinatorKeys": [group]}
        coordinator = wait_until(lambda: self.coordinator(found), "there is a coordinator")
        wait_until(lambda: self.is_closed(group, coordinator), "the coordinator has loaded")
        self.assertEqual(read()[0]["ErrorCode"], NONE)

    @staticmethod
    def coordinator(found):
        one = ask("FindCoordinator", found, 4)["Coordinators"][0]
        return one["NodeId"] if one["ErrorCode"] == NONE else None

    @staticmethod
    def is_closed(group, broker):
        try:
            ask("DescribeGroups", {"Groups": [group]}, 6, broker)
            return False
        except Closed:
            return True


class NotUtf8(unittest.TestCase):
    def test_a_name_comes_back_repaired(self):
        body = struct.pack(">i", 1) + struct.pack(">h", 5) + b"a\xffb\xe2\x82" + b"\x00"
        head = struct.pack(">hhih", 3, 4, 7, 2) + b"\xc3\x28"
        host, port = cluster.bootstrap.split(",")[0].rsplit(":", 1)
        data = exchange((host, int(port)), head + body, seconds=20)
        answer = OwnSchemas().decode("MetadataResponse", 4, data[4:])["Topics"][0]
        self.assertEqual((answer["Name"], answer["ErrorCode"]), ("a\ufffdb\ufffd", INVALID_TOPIC))
        self.assertTrue(cluster.state()["brokers"])


class NoTime(unittest.TestCase):
    def test_the_controller_does_nothing(self):
        for timeout in (0, -1, -(2**31)):
            create = {**topics(topic("late", [1])), "timeoutMs": timeout}
            answer = ask("CreateTopics", create, 7)["Topics"][0]
            self.assertEqual((answer["ErrorCode"], answer["ErrorMessage"]), (TIMED_OUT, None))
            delete = {"Topics": [{"Name": ODD}], "TimeoutMs": timeout}
            answer = ask("DeleteTopics", delete, 6)["Responses"][0]
            self.assertEqual(answer["ErrorCode"], TIMED_OUT)
            grow = {"Topics": [{"Name": ODD, "Count": 9, "Assignments": None}], "TimeoutMs": timeout}
            answer = ask("CreatePartitions", grow, 3)["Results"][0]
            self.assertEqual(answer["ErrorCode"], TIMED_OUT)
            elect = {**election(0, (ODD, 0)), "TimeoutMs": timeout}
            self.assertEqual(ask("ElectLeaders", elect, 2)["ErrorCode"], TIMED_OUT)
            move = {**reassignment({(ODD, 0): [2]}), "TimeoutMs": timeout}
            answer = ask("AlterPartitionReassignments", move, 0)
            self.assertEqual(answer["ErrorCode"], TIMED_OUT)
        self.assertEqual(replicas_of_topics(), {ODD: [[1]], ODDER: [[1, 2]]})


class OddNumbers(unittest.TestCase):
    def test_epochs_that_are_negative(self):
        """are fenced, but for a fetch, where they are none"""
        answer = ask("ListOffsets", list_offsets(ODD, 0, -1, -2), 7)
        self.assertEqual(answer["Topics"][0]["Partitions"][0]["ErrorCode"], FENCED_EPOCH)
        for current, wanted, expected in (
            (-2, 0, (FENCED_EPOCH, -1, -1)),
            (-1, -1, (NONE, -1, -1)),
            (-1, -5, (NONE, -5, 0)),
        ):
            row = {"Partition": 0, "CurrentLeaderEpoch": current, "LeaderEpoch": wanted}
            body = {"ReplicaId": -1, "Topics": [{"Topic": ODD, "Partitions": [row]}]}
            one = ask("OffsetForLeaderEpoch", body, 4)["Topics"][0]["Partitions"][0]
            self.assertEqual((one["ErrorCode"], one["LeaderEpoch"], one["EndOffset"]), expected)
        self.assertEqual(read(epoch=-2)[0]["ErrorCode"], NONE)
        self.assertEqual(read(partition={"LastFetchedEpoch": -2})[0]["ErrorCode"], NONE)

    def test_isolation_levels_that_are_none(self):
        for level in (2, -1):
            part, whole = read(IsolationLevel=level)
            self.assertEqual((part["ErrorCode"], whole["ErrorCode"]), (-1, -1))
            self.assertEqual(part["AbortedTransactions"], [])
            for name in (ODD, "absent"):
                body = {**list_offsets(name, 0, -1), "IsolationLevel": level}
                one = ask("ListOffsets", body, 7)["Topics"][0]["Partitions"][0]
                self.assertEqual((one["ErrorCode"], one["Offset"]), (UNKNOWN_SERVER_ERROR, -1))

    def test_replicas_without_an_id(self):
        """are consumers"""
        for replica in (-2, -100):
            self.assertEqual(read(ReplicaId=replica)[0]["ErrorCode"], NONE)
        self.assertEqual(read(ReplicaId=2)[0]["ErrorCode"], NOT_LEADER)

    def test_sizes_that_are_negative(self):
        for how in ({"MaxBytes": -5}, {"partition": {"PartitionMaxBytes": -1}}):
            part, whole = read(**how)
            told = (part["ErrorCode"], part["HighWatermark"], whole["ErrorCode"])
            self.assertEqual(told, (UNKNOWN_SERVER_ERROR, -1, NONE))

    def test_producers_with_half_a_name(self):
        for id, epoch in ((-1, 0), (5, -1)):
            body = {"TransactionalId": None, "TransactionTimeoutMs": 1000}
            body |= {"ProducerId": id, "ProducerEpoch": epoch}
            answer = ask("InitProducerId", body, 4)
            told = (answer["ErrorCode"], answer["ProducerId"], answer["ProducerEpoch"])
            self.assertEqual(told, (INVALID_REQUEST, -1, -1))

    def test_acks_that_are_none(self):
        """come after what is unknown, and before who leads"""
        body = {**produce(ODD, 0, batch([b"x"])), "Acks": 7}
        body["TopicData"] += produce("absent", 0, batch([b"x"]))["TopicData"]
        body["TopicData"] += produce(ODDER, 0, b"")["TopicData"]
        answer = ask("Produce", body, BY_NAME)
        codes = {one["Name"]: one["PartitionResponses"][0] for one in answer["Responses"]}
        self.assertEqual(codes[ODD]["ErrorCode"], BAD_ACKS)
        self.assertEqual(codes["absent"]["ErrorCode"], UNKNOWN_TOPIC)
        elsewhere = ask("Produce", {**produce(ODD, 0, batch([b"x"])), "Acks": 7}, BY_NAME, 2)
        one = elsewhere["Responses"][0]["PartitionResponses"][0]
        self.assertEqual(one["ErrorCode"], BAD_ACKS)


class Twice(unittest.TestCase):
    def test_a_partition_that_is_produced_to_twice(self):
        """gets the last batch alone; a topic without partitions is not answered"""
        end = push(ODDER, b"before")["BaseOffset"] + 1
        body = produce(ODDER, 0, batch([b"one"]))
        body["TopicData"][0]["PartitionData"] += [{"Index": 0, "Records": batch([b"two"])}]
        body["TopicData"] += produce(ODDER, 0, batch([b"three"]))["TopicData"]
        body["TopicData"] += [{"Name": ODD, "PartitionData": []}]
        answer = ask("Produce", body, BY_NAME)["Responses"]
        self.assertEqual([one["Name"] for one in answer], [ODDER])
        parts = answer[0]["PartitionResponses"]
        self.assertEqual([(one["ErrorCode"], one["BaseOffset"]) for one in parts], [(NONE, end)])
        kept = ask("Fetch", fetch(ODDER, 0, end), BY_NAME)["Responses"][0]["Partitions"][0]
        found = batches_in(kept["Records"])
        self.assertEqual([(one["base"], one["last"]) for one in found], [(end, end)])
        self.assertIn(b"three", found[0]["records"])

    def test_a_partition_that_is_fetched_twice(self):
        """is read once, as it was asked for last"""
        body = fetch(ODD, 0, 99)
        body["Topics"] += fetch(ODD, 0, 0)["Topics"]
        answer = ask("Fetch", body, BY_NAME)["Responses"]
        self.assertEqual([len(one["Partitions"]) for one in answer], [1])
        self.assertEqual(answer[0]["Partitions"][0]["ErrorCode"], NONE)

    def test_a_topic_with_a_name_and_an_id(self):
        """is looked up by the id"""
        absent = bytes(range(16))
        body = {"Topics": [{"Name": ODD, "TopicId": absent}], "AllowAutoTopicCreation": False}
        one = ask("Metadata", body, 13)["Topics"][0]
        self.assertEqual((one["ErrorCode"], one["Name"]), (UNKNOWN_ID, None))

    def test_what_may_be_done_to_a_topic_that_is_not_there(self):
        for name, error in (("absent", UNKNOWN_TOPIC), ("a/b", INVALID_TOPIC)):
            body = {"Topics": [{"Name": name}], "AllowAutoTopicCreation": False}
            body["IncludeTopicAuthorizedOperations"] = True
            one = ask("Metadata", body, 13)["Topics"][0]
            told = (one["ErrorCode"], one["TopicAuthorizedOperations"])
            self.assertEqual(told, (error, ALL_TOPIC_OPERATIONS))


class Damaged(unittest.TestCase):
    """Requests with a few bytes changed, by a fixed seed: each is answered or its connection closed,
    and the cluster goes on."""

    COUNT = 40

    def bodies(self):
        yield "CreateTopics", 7, topics(topic("damaged", [1], **{"retention.ms": "5"}), validate=True)
        yield "CreateTopics", 5, topics(topic("damaged", partitions=2, factor=1), validate=True)
        yield "DeleteTopics", 6, {"Topics": [{"Name": "absent"}], "TimeoutMs": 1000}
        yield "IncrementalAlterConfigs", 1, changes(
            resource(TOPIC, ODD, (SET, "retention.ms", "5")), validate=True
        )
        yield "DescribeConfigs", 4, described((TOPIC, ODD, ["retention.ms"]), synonyms=True)
        yield "ElectLeaders", 2, election(0, (ODD, 0))
        yield "AlterPartitionReassignments", 0, reassignment({("absent", 0): [1]})
        yield "Metadata", 13, {"Topics": [{"Name": ODD}], "AllowAutoTopicCreation": False}
        yield "ListOffsets", 10, list_offsets(ODD, 0, -1)
        yield "Fetch", 11, fetch(ODD, 0, 0)
        yield "Produce", 9, produce(ODD, 0, batch([b"a", b"b"]))
        yield "OffsetFetch", 9, {
            "Groups": [{"GroupId": "g", "Topics": [{"Name": ODD, "PartitionIndexes": [0]}]}]
        }

    @staticmethod
    def damage(draw, raw):
        raw = bytearray(raw)
        for _ in range(draw.randrange(1, 4)):
            at = draw.randrange(len(raw) + 1)
            how = draw.randrange(4)
            if how == 0:
                raw[at:at] = bytes([draw.randrange(256)])
            elif how == 1:
                del raw[at : at + draw.randrange(1, 4)]
            elif at < len(raw):
                raw[at] = draw.choice((0, 0x7F, 0x80, 0xFF, raw[at] ^ 1 << draw.randrange(8)))
        return bytes(raw)

    def test_is_survived(self):
        schemas = OwnSchemas()
        draw = random.Random(2026)
        host, port = cluster.bootstrap.split(",")[0].rsplit(":", 1)
        sent = 0
        for api, version, body in self.bodies():
            whole = schemas.encode(api + "Request", version, body)
            flexible = schemas.is_flexible(api + "Request", version)
            head = struct.pack(">hhih", schemas.api_key(api), version, 7, -1)
            head += b"\0" if flexible else b""
            clients = []
            for _ in range(self.COUNT):
                frame = head + self.damage(draw, whole)
                client = socket.create_connection((host, int(port)), timeout=20)
                client.sendall(struct.pack(">i", len(frame)) + frame)
                clients.append(client)
                sent += 1
            for client in clients:
                client.close()
            self.assertEqual(read(offset=0)[0]["ErrorCode"], NONE, f"after damaged {api}")
        self.assertEqual(sent, len(list(self.bodies())) * self.COUNT)
        self.assertTrue(cluster.state()["brokers"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
