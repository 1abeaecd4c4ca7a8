"""Configs of topics, brokers and groups: set, taken back, described, and what is refused."""

from .bodies import (
    APPEND,
    BROKER,
    DELETE,
    GROUP,
    LOGGER,
    SET,
    SUBTRACT,
    TOPIC,
    changes,
    described,
    resource,
)
from .play import step


def alter(play, label, *resources, validate=False):
    body = changes(*resources, validate=validate)
    play.ask(label, "IncrementalAlterConfigs", body, to=2, unordered=("Responses",))


@step
def configs_of_topics_are_changed(play):
    def change(label, *said, name="single", validate=False):
        alter(play, label, resource(TOPIC, name, *said), validate=validate)

    change("set", (SET, "retention.ms", "100000"), (SET, "cleanup.policy", "compact"))
    change("append", (APPEND, "cleanup.policy", "delete"))
    change("append again", (APPEND, "cleanup.policy", "delete"))
    change("subtract", (SUBTRACT, "cleanup.policy", "compact"))
    change("delete", (DELETE, "retention.ms", None))
    change("delete what is not set", (DELETE, "segment.ms", None))
    change("validated", (SET, "segment.ms", "5000"), validate=True)
    change("unknown", (SET, "nonsense", "1"))
    change("empty name", (SET, "", "1"))
    change("delete unknown", (DELETE, "nonsense", None))
    change("no number", (SET, "retention.ms", "soon"))
    change("null", (SET, "retention.ms", None))
    change("empty", (SET, "retention.ms", ""))
    change("below", (SET, "retention.ms", "-2"))
    change("segment too small", (SET, "segment.bytes", "13"))
    change("segment beyond int", (SET, "segment.bytes", "3000000000"))
    change("ratio", (SET, "min.cleanable.dirty.ratio", "1.5"))
    change("boolean", (SET, "preallocate", "yes"))
    change("choice", (SET, "compression.type", "rar"))
    change("list", (SET, "cleanup.policy", "delete,burn"))
    change("empty list", (SET, "cleanup.policy", ""))
    change("append to no list", (APPEND, "retention.ms", "5"))
    change("append null", (APPEND, "cleanup.policy", None))
    change("operation", (9, "retention.ms", "5"))
    change("twice", (SET, "retention.ms", "5"), (DELETE, "retention.ms", None))
    change("min isr beyond", (SET, "min.insync.replicas", "7"))
    change("throttled", (SET, "follower.replication.throttled.replicas", "0:1,1:2"))
    change("throttled badly", (SET, "follower.replication.throttled.replicas", "0-1"))
    change("absent", (SET, "retention.ms", "5"), name="absent")
    change("empty topic", (SET, "retention.ms", "5"), name="")
    change("invalid topic", (SET, "retention.ms", "5"), name="a/b")
    change("remote", (SET, "remote.storage.enable", "true"))
    alter(
        play,
        "several",
        resource(TOPIC, "pairs", (SET, "retention.ms", "7000")),
        resource(TOPIC, "absent", (SET, "retention.ms", "7000")),
        resource(TOPIC, "moved", (SET, "nonsense", "1")),
    )
    same = resource(TOPIC, "pairs", (SET, "retention.ms", "8000"))
    alter(play, "resource twice", same, same, resource(TOPIC, "absent", (SET, "retention.ms", "1")))
    play.until("set", lambda seen: seen["configs"]["2:pairs"]["set"].get("retention.ms"))


@step
def configs_of_brokers_and_groups_are_changed(play):
    def change(label, name, *said, kind=BROKER):
        alter(play, label, resource(kind, name, *said))

    change("one", "2", (SET, "log.cleaner.threads", "2"))
    change("all", "", (SET, "message.max.bytes", "2000000"))
    change("another", "3", (SET, "log.cleaner.threads", "2"))
    change("read only", "2", (SET, "log.dirs", "/x"))
    change("read only for all", "", (SET, "node.id", "5"))
    change("one that is for one", "", (SET, "listeners", "PLAINTEXT://:1"))
    change("unknown", "2", (SET, "nonsense", "1"))
    change("no number", "2", (SET, "message.max.bytes", "many"))
    change("out of range", "", (SET, "log.cleaner.threads", "-1"))
    change("twice as many threads", "2", (SET, "num.io.threads", "999"))
    change("fewer by more than half", "2", (SET, "num.io.threads", "1"))
    change("unknown broker", "9", (SET, "message.max.bytes", "5"))
    change("no broker", "x", (SET, "message.max.bytes", "5"))
    change("uncleanness for all", "", (SET, "unclean.leader.election.enable", "maybe"))
    change("min isr for all", "", (SET, "min.insync.replicas", "0"))
    change("min isr for one", "2", (SET, "min.insync.replicas", "2"))
    change("delete min isr for all", "", (DELETE, "min.insync.replicas", None))
    change("logger", "2", (SET, "kafka", "DEBUG"), kind=LOGGER)
    change("group", "g", (SET, "consumer.session.timeout.ms", "50000"), kind=GROUP)
    change("group out of range", "g", (SET, "consumer.session.timeout.ms", "5"), kind=GROUP)
    change("group unknown", "g", (SET, "nonsense", "5"), kind=GROUP)
    change("group no number", "g", (SET, "consumer.heartbeat.interval.ms", "x"), kind=GROUP)
    change("group empty", "", (SET, "consumer.session.timeout.ms", "50000"), kind=GROUP)
    change("unknown kind", "g", (SET, "a", "5"), kind=3)
    change("kind none", "g", (SET, "a", "5"), kind=0)
    play.until("set", lambda seen: seen["configs"]["4:"]["set"].get("message.max.bytes"))
    # What one side may have taken and the other not: the state goes on from the same.
    for name, config in (("", "listeners"), ("2", "num.io.threads"), ("2", "nonsense")):
        forget = changes(resource(BROKER, name, (DELETE, config, None)))
        play.quietly("IncrementalAlterConfigs", forget)
    change("taken back", "", (DELETE, "message.max.bytes", None))
    change("taken back of one", "2", (DELETE, "log.cleaner.threads", None))
    change("taken back of another", "3", (DELETE, "log.cleaner.threads", None))
    play.until("back", lambda seen: not seen["configs"]["4:"]["set"].get("message.max.bytes"))


@step
def configs_are_replaced(play):
    def replace(label, kind, name, *values, validate=False):
        configs = [{"Name": config, "Value": value} for config, value in values]
        one = {"ResourceType": kind, "ResourceName": name, "Configs": configs}
        body = {"Resources": [one], "ValidateOnly": validate}
        play.ask(label, "AlterConfigs", body, to=3)

    replace("all of a topic", TOPIC, "pairs", ("min.insync.replicas", "2"))
    replace("validated", TOPIC, "pairs", ("retention.ms", "5"), validate=True)
    replace("unknown", TOPIC, "pairs", ("nonsense", "5"))
    replace("null", TOPIC, "pairs", ("retention.ms", None))
    replace("absent", TOPIC, "absent", ("retention.ms", "5"))
    replace("twice", TOPIC, "pairs", ("retention.ms", "5"), ("retention.ms", "6"))
    replace("unknown broker", BROKER, "9", ("log.cleaner.threads", "2"))
    play.until("replaced", lambda seen: "retention.ms" not in seen["configs"]["2:pairs"]["set"])


def told(answer):
    """DescribeConfigs by name: the lists come in the order of hash tables."""
    return [
        {
            **{key: value for key, value in one.items() if key != "Configs"},
            "Configs": {entry["Name"]: entry for entry in one["Configs"]},
        }
        for one in answer["Results"]
    ]


@step
def configs_are_described(play):
    def describe(label, *wanted, to=1, **how):
        play.note(label, told(play.quietly("DescribeConfigs", described(*wanted, **how), to=to)))

    describe("a topic", (TOPIC, "orders", None))
    describe("with synonyms", (TOPIC, "orders", ["min.insync.replicas"]), synonyms=True)
    describe("documented", (TOPIC, "orders", ["cleanup.policy"]), documentation=True)
    describe("by name", (TOPIC, "orders", ["retention.ms", "nonsense"]))
    describe("no names", (TOPIC, "orders", []))
    describe("absent", (TOPIC, "absent", None))
    describe("invalid", (TOPIC, "a/b", None))
    describe("empty", (TOPIC, "", None))
    describe("topic, absent and topic", (TOPIC, "orders", []), (TOPIC, "absent", []))
    describe("default of brokers", (BROKER, "", None))
    describe(
        "a broker",
        (BROKER, "2", ["log.cleaner.threads", "message.max.bytes", "log.retention.hours"]),
        to=2,
        synonyms=True,
    )
    describe("another broker", (BROKER, "2", None), to=1)
    describe("unknown broker", (BROKER, "9", None))
    describe("no broker", (BROKER, "x", None))
    describe("a group", (GROUP, "g", None), synonyms=True)
    describe("a group that is not", (GROUP, "h", None))
    describe("empty group", (GROUP, "", None))
    describe("unknown kind", (3, "x", None))
    kinds = {"ResourceTypes": [TOPIC, GROUP]}
    play.ask("resources", "ListConfigResources", kinds, unordered=("ConfigResources",))
    play.ask("resources of an unknown kind", "ListConfigResources", {"ResourceTypes": [99]})
