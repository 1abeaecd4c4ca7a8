"""Requests that decode and yet are odd: of no time, too much, too long, twice the same, numbers that
mean nothing, and bytes that were changed on the way."""

import random
import struct

from .bodies import (
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
from .messages import Codec, Source
from .observation import learn_ids, normalised
from .play import in_order, step
from .records import batch
from .script_records import FETCH_BY_NAME, HOUR_MS, PRODUCE_BY_NAME
from .script_versions import ASKED, COORDINATED, NOT_TOLD, UNORDERED, versions_of, without
from .wire import exchange

ODD = "odd"
SOME_TIME = 490_000 * HOUR_MS  # In 2025.
LONGEST = 32767
LONG_LENGTHS = (32_000, 32_700, 32_760, LONGEST)
TOO_MANY = 10_001
IN_NO_ORDER = (*UNORDERED, "Topics", "Responses")


def one_batch(*values):
    """The same on both sides, whenever it is sent."""
    return batch(list(values), timestamp=SOME_TIME)


def grown(*rows):
    return {
        "Topics": [{"Name": name, "Count": count, "Assignments": None} for name, count in rows],
        "TimeoutMs": 30_000,
        "ValidateOnly": True,
    }


@step
def a_topic_is_created_for_odd_requests(play):
    play.ask("created", "CreateTopics", topics(topic(ODD, [1])))
    play.until("led", lambda seen: ODD in seen["topics"])
    play.ask("first", "Produce", produce(ODD, 0, one_batch(b"first")), 1, PRODUCE_BY_NAME)


@step
def requests_without_time_time_out(play):
    def ask(label, api, body, **more):
        play.ask(label, api, {**body, **more}, 1, unordered=IN_NO_ORDER)

    for time in (0, -1, -(2**31)):
        both = topics(topic("timed", [1]), topic("a/b", [1]), validate=True)
        ask(f"created in {time}", "CreateTopics", both, timeoutMs=time)
        ask(f"deleted in {time}", "DeleteTopics", {"Topics": [{"Name": "absent"}]}, TimeoutMs=time)
        ask(f"grown in {time}", "CreatePartitions", grown((ODD, 9)), TimeoutMs=time)
        ask(f"elected in {time}", "ElectLeaders", election(0, (ODD, 0)), TimeoutMs=time)
        ask(f"all elected in {time}", "ElectLeaders", election(0), TimeoutMs=time)
        move = reassignment({("absent", 0): [1]})
        ask(f"moved in {time}", "AlterPartitionReassignments", move, TimeoutMs=time)
        ask(f"listed in {time}", "ListPartitionReassignments", {"Topics": None}, TimeoutMs=time)


@step
def too_much_is_refused(play):
    def create(label, *wanted):
        body = topics(*wanted, validate=True)
        play.ask(label, "CreateTopics", body, 2, unordered=IN_NO_ORDER)

    create("10001", topic("big", partitions=TOO_MANY, factor=1))
    create("10000", topic("big", partitions=10_000, factor=1))
    create("9999 and a config", topic("big", partitions=9999, factor=1, retention_ms="5"))
    create("two", topic("big", partitions=9999, factor=1), topic("big2", partitions=2, factor=1))
    create("one more than fits", topic("big", partitions=9998, factor=1), topic("big2", [1]))
    create("and a bad name", topic("a/b", [1]), topic("big", partitions=TOO_MANY, factor=1))
    create("and too many replicas", topic("big", partitions=TOO_MANY, factor=9))
    create("assigned", topic("big", *[[1]] * TOO_MANY))
    play.ask("grown by 10000", "CreatePartitions", grown((ODD, TOO_MANY)), 3)
    play.ask("grown by 10001", "CreatePartitions", grown((ODD, TOO_MANY + 1)), 3)
    many = [(SET, f"own.{at}", "1") for at in range(TOO_MANY)]
    for name in ("1", ""):
        body = changes(resource(BROKER, name, *many), validate=True)
        play.ask(f"configs of broker {name!r}", "IncrementalAlterConfigs", body, 1)


@step
def what_is_too_long_to_be_quoted(play):
    def ask(label, api, body, version=None):
        answer = normalised(play.quietly(api, body, 1, version), play.side)
        play.note(f"{label} of {length}", shortened(answer))

    for length in LONG_LENGTHS:
        ask("name", "CreateTopics", topics(topic("x" * length, [1])))
        ask("bad name", "CreateTopics", topics(topic("/" * length, [1])))
        ask("bad name, old", "CreateTopics", topics(topic("/" * length, [1])), 2)
        gone = {"Topics": [{"Name": "x" * length}], "TimeoutMs": 1000}
        ask("absent", "DeleteTopics", gone)
        for label, kind, name, config, value in (
            ("value", TOPIC, ODD, "retention.ms", "5" * length),
            ("config", TOPIC, ODD, "c" * length, "5"),
            ("resource", TOPIC, "c" * length, "retention.ms", "5"),
        ):
            body = changes(resource(kind, name, (SET, config, value)), validate=True)
            ask(label, "IncrementalAlterConfigs", body)
        ask("described", "DescribeConfigs", described((TOPIC, "/" * length, None)))
        unknown = {"Topics": [{"Name": "y" * length}], "AllowAutoTopicCreation": False}
        ask("metadata", "Metadata", unknown)
        ask("elected", "ElectLeaders", election(0, ("t" * length, 0)))
        ask("moved", "AlterPartitionReassignments", reassignment({("t" * length, 0): [1]}))
        update = {"Feature": "f" * length, "MaxVersionLevel": 1, "UpgradeType": 1}
        body = {"FeatureUpdates": [update], "ValidateOnly": True, "timeoutMs": 1000}
        ask("feature", "UpdateFeatures", body)


def shortened(value):
    if isinstance(value, str) and len(value) > 300:
        return (len(value), value[:100], value[-60:])
    if isinstance(value, dict):
        return {name: shortened(one) for name, one in value.items()}
    return [shortened(one) for one in value] if isinstance(value, list) else value


@step
def odd_numbers_are_answered(play):
    def ask(label, api, body, version, to=1):
        play.ask(label, api, body, to, version, unordered=IN_NO_ORDER)

    for level in (2, -1, 127):
        for version in (4, 7, 11, 12):
            body = {**fetch(ODD, 0, 0), "IsolationLevel": level}
            ask(f"fetch of level {level}, v{version}", "Fetch", body, version)
        for name in (ODD, "absent"):
            for index, timestamp, to in ((0, -1, 1), (7, -1, 1), (0, -9, 1), (0, -1, 2)):
                body = {**list_offsets(name, index, timestamp), "IsolationLevel": level}
                label = f"offset of {name}-{index} {timestamp}, level {level}, from {to}"
                ask(label, "ListOffsets", body, 6, to)
    for replica in (-2, -100, 0, 2, 5):
        for to in (1, 2):
            body = {**fetch(ODD, 0, 0), "ReplicaId": replica}
            ask(f"fetch of replica {replica} from {to}", "Fetch", body, FETCH_BY_NAME, to)
            body = {**list_offsets(ODD, 0, -1), "ReplicaId": replica}
            ask(f"offset of replica {replica} from {to}", "ListOffsets", body, 7, to)
    for epoch in (-2, -(2**31)):
        for timestamp in (-1, 0):
            body = list_offsets(ODD, 0, timestamp, epoch)
            ask(f"offset of epoch {epoch} {timestamp}", "ListOffsets", body, 7)
        ask(f"fetch of epoch {epoch}", "Fetch", fetch(ODD, 0, 0, epoch), FETCH_BY_NAME)
    for current, wanted in ((-2, 0), (-2, 5), (-1, -1), (-1, -2), (-1, -5), (-1, 1)):
        row = {"Partition": 0, "CurrentLeaderEpoch": current, "LeaderEpoch": wanted}
        body = {"ReplicaId": -1, "Topics": [{"Topic": ODD, "Partitions": [row]}]}
        ask(f"end of {wanted} in {current}", "OffsetForLeaderEpoch", body, 4)
    for whole, part, least in ((0, 9, 1), (-5, 9, 1), (9, 0, 1), (9, -1, 1), (9, 9, 0), (9, 9, -7)):
        body = {**fetch(ODD, 0, 0), "MaxBytes": whole, "MinBytes": least}
        body["Topics"][0]["Partitions"][0]["PartitionMaxBytes"] = part
        ask(f"fetch of {whole} {part} {least} bytes", "Fetch", body, FETCH_BY_NAME)
    for id, epoch in ((-1, 0), (0, -1), (5, -1), (-1, 5)):
        body = {"TransactionalId": None, "TransactionTimeoutMs": 1000}
        body |= {"ProducerId": id, "ProducerEpoch": epoch}
        ask(f"producer {id} {epoch}", "InitProducerId", body, 4)
    body = {**produce(ODD, 0, one_batch(b"x")), "Acks": 7}
    body["TopicData"] += produce("absent", 0, one_batch(b"x"))["TopicData"]
    ask("acks of 7", "Produce", body, PRODUCE_BY_NAME)
    ask("acks of 7 elsewhere", "Produce", body, PRODUCE_BY_NAME, 2)


@step
def what_is_named_twice_is_done_once(play):
    def push(label, body):
        play.ask(label, "Produce", body, 1, PRODUCE_BY_NAME, unordered=IN_NO_ORDER)

    body = produce(ODD, 0, one_batch(b"one"))
    body["TopicData"] += produce(ODD, 0, one_batch(b"two"))["TopicData"]
    push("topic", body)
    body = produce(ODD, 0, one_batch(b"one"))
    body["TopicData"][0]["PartitionData"] += [{"Index": 0, "Records": one_batch(b"two")}]
    push("partition", body)
    body["TopicData"] += [{"Name": "pairs", "PartitionData": []}]
    push("and a topic of nothing", body)
    push("nothing", {**body, "TopicData": []})
    body = fetch(ODD, 0, 99)
    body["Topics"] += fetch(ODD, 0, 0)["Topics"]
    play.ask("fetched", "Fetch", body, 1, FETCH_BY_NAME)
    absent = bytes(range(16))
    for name, id in ((ODD, absent), ("absent", bytes(16)), ("a/b", bytes(16)), (None, absent)):
        body = {"Topics": [{"Name": name, "TopicId": id}], "AllowAutoTopicCreation": False}
        body["IncludeTopicAuthorizedOperations"] = True
        play.ask(f"by name {name} and id {id[:2]}", "Metadata", body, 1, unordered=("Brokers",))


# --- changed on the way ---

CHANGES_OF_EACH = 12
# What is drawn would show: coordinators, new partitions' places, all that a broker has.
NOT_CHANGED = (
    *COORDINATED,
    "CreatePartitions",
    "DescribeLogDirs",
    "ElectLeaders",
    "FindCoordinator",
    "Metadata",
)
NOT_CHANGED_OF = {"DescribeConfigs": ("broker",), "CreateTopics": ("fine", "by itself")}
# In words of one's own; of what goes on.
VARYING = (*NOT_TOLD, "Documentation", "HighWatermark")
# What a controller of Kafka's would not survive, or take long over.
PARTITIONS_MAX = 15_000


def changed(draw, raw):
    raw = bytearray(raw)
    how, at = draw.randrange(8), draw.randrange(len(raw))
    if how == 0:
        del raw[at:]
    elif how == 1:
        raw += bytes(draw.randrange(256) for _ in range(draw.randrange(1, 5)))
    elif how == 2:
        raw[at] ^= 1 << draw.randrange(8)
    elif how == 3:
        raw[at:at] = bytes([draw.randrange(256)])
    elif how == 4:
        del raw[at]
    else:
        raw[at] = (0, 0x7F, 0xFF)[how - 5]
    return bytes(raw)


def asks_for_too_much(schemas, api, version, raw):
    if api != "CreateTopics":
        return False
    try:
        asked = Codec(schemas.schema(api + "Request"), version).decode(Source(raw))["Topics"] or []
    except (ValueError, UnicodeDecodeError):
        return False
    return any(one["NumPartitions"] > PARTITIONS_MAX for one in asked)


def told(play, api, version, answer):
    """What came back, as far as it is the same for both sides."""
    if not isinstance(answer, bytes):
        return answer
    head = 4 if api == "ApiVersions" or not play.side.schemas.is_flexible(api + "Request", version) else 5
    values = play.side.schemas.decode(api + "Response", version, answer[head:])
    learn_ids(values, play.side)
    return in_order(without(normalised(values, play.side), VARYING), (*IN_NO_ORDER, "Configs"))


@step
def requests_that_changed_on_the_way(play):
    """By fixed seeds; each is sent on a connection of its own."""
    schemas = play.side.schemas
    bodies = {api: asked for api, asked in ASKED.items() if api not in NOT_CHANGED}
    bodies["Produce"] = {"": produce(ODD, 0, one_batch(b"a", b"b"))}
    bodies["Fetch"] = {"": fetch(ODD, 0, 0)}
    for api, labelled in bodies.items():
        served = list(versions_of(play, api))
        for version in sorted({served[0], served[len(served) // 2], served[-1]}):
            if api == "Fetch" and version > FETCH_BY_NAME or api == "Produce" and version > 12:
                continue
            head = struct.pack(">hhih", schemas.api_key(api), version, 7, -1)
            head += b"\0" if schemas.is_flexible(api + "Request", version) else b""
            for label, body in labelled.items():
                if label in NOT_CHANGED_OF.get(api, ()):
                    continue
                whole = encoded(schemas, api, version, body)
                for at in range(CHANGES_OF_EACH if whole else 0):
                    draw = random.Random(f"{api} {version} {label} {at}")
                    raw = changed(draw, whole)
                    if asks_for_too_much(schemas, api, version, raw):
                        continue
                    answer = exchange(play.side.address(1), head + raw)
                    name = f"{api} v{version} {label} {at} {raw[:80].hex()}"
                    play.note(name, told(play, api, version, answer))


def encoded(schemas, api, version, body):
    names = {field["name"] for field in schemas.schema(api + "Request")["fields"]}
    known = {name: value for name, value in body.items() if name in names}
    return schemas.encode(api + "Request", version, known)
