"""Every config with values that it may not like: both sides take the same ones, and say the same of
those that they refuse. Nothing is changed, for all of it is only validated."""

import time

from .bodies import (
    APPEND,
    BROKER,
    CLIENT_METRICS,
    DELETE,
    GROUP,
    SET,
    SUBTRACT,
    TOPIC,
    changes,
    described,
    resource,
    topic,
    topics,
)
from .play import step
from .script_configs import told

ODD_VALUES = (
    None,
    "",
    " ",
    "-3",
    "-2",
    "-1",
    "0",
    "1",
    " 7 ",
    "+7",
    "007",
    "13",
    "1024",
    "0.5",
    "1.5",
    "NaN",
    "1e3",
    "0x10",
    "true",
    "TRUE",
    "yes",
    "soon",
    "a,b",
    "a,,b",
    "delete",
    "compact, delete",
    "delete,delete",
    "delete,",
    ",delete",
    ",",
    "lz4",
    "LZ4",
    "*",
    "0:1",
    "0:1,1:2",
    "0:-1",
    "+1:2",
    "none",
    "earliest",
    "LATEST",
    "by_duration:PT1H",
    "by_duration:p1dT-2h3m4.5s",
    "by_duration:P-1D",
    "by_duration:PT",
    "by_duration:",
    "a:b",
    "a b:1",
    "PLAINTEXT:PLAINTEXT",
    "PLAINTEXT:ssl,B:nothing",
    "PLAINTEXT://127.0.0.1",
    "B://127.0.0.1:9",
    "1f",
    "1_000",
    "Infinity",
    "-Infinity",
    "infinity",
    "java.lang.NoSuchClass",
    "org.apache.kafka.common.metrics.JmxReporter",
    "2147483647",
    "2147483648",
    "-2147483649",
    "9223372036854775807",
    "9223372036854775808",
)

# Topic, broker, client metrics and group.
SET_SOURCES = (1, 2, 7, 8)
SETTLE_SECONDS = 1
# For operations on lists, which few configs are.
ITEMS = (None, "", ",", "delete", "delete,", " delete", "compact,nonsense", "0:1", " a , b ")


def names_of_configs(play, kind, name):
    answer = play.quietly("DescribeConfigs", described((kind, name, None)), to=1)
    return sorted(one["Name"] for one in answer["Results"][0]["Configs"])


def tries(play, kind, name, to, configs):
    """Asks for each of the odd values of each config."""
    for config in configs:
        for value in ODD_VALUES:
            body = changes(resource(kind, name, (SET, config, value)), validate=True)
            play.ask(f"{config}={value!r}", "IncrementalAlterConfigs", body, to=to)


@step
def topics_take_and_refuse_the_same_values(play):
    play.ask("create", "CreateTopics", topics(topic("valued", [1, 2, 3])))
    play.until("there", lambda seen: "valued" in seen["topics"])
    tries(play, TOPIC, "valued", 2, names_of_configs(play, TOPIC, "valued"))


@step
def a_broker_takes_and_refuses_the_same_values(play):
    tries(play, BROKER, "1", 1, names_of_configs(play, BROKER, "1"))


@step
def all_brokers_take_and_refuse_the_same_values(play):
    tries(play, BROKER, "", 2, names_of_configs(play, BROKER, "1"))


@step
def lists_take_and_refuse_the_same_items(play):
    for kind, name in ((TOPIC, "valued"), (BROKER, "1"), (GROUP, "valued")):
        for config in names_of_configs(play, kind, name):
            for label, operation in (("+", APPEND), ("-", SUBTRACT), ("delete", DELETE)):
                for value in ITEMS:
                    body = changes(resource(kind, name, (operation, config, value)), validate=True)
                    said = f"{kind} {config} {label} {value!r}"
                    play.ask(said, "IncrementalAlterConfigs", body, to=1)


# Right, but not as one would write it.
ODDLY_WRITTEN = {
    TOPIC: {
        "cleanup.policy": " compact , delete ",
        "compression.type": " lz4 ",
        "follower.replication.throttled.replicas": " 0:1 , 1:2 ",
        "message.timestamp.type": " LogAppendTime ",
        "min.cleanable.dirty.ratio": " .5f ",
        "min.insync.replicas": "+1",
        "preallocate": " FALSE ",
        "retention.bytes": "007000000",
        "retention.ms": " +100000000 ",
        "unclean.leader.election.enable": "TRUE",
    },
    BROKER: {
        "compression.type": " gzip ",
        "log.cleaner.backoff.ms": " +15001 ",
        "log.cleaner.io.buffer.load.factor": "90e-2d",
        "log.preallocate": "False",
        "log.retention.ms": "0100000000",
        "producer.id.expiration.ms": "+86400001",
    },
    GROUP: {
        "consumer.session.timeout.ms": " +45001 ",
        "share.auto.offset.reset": " earliest ",
    },
    CLIENT_METRICS: {"interval.ms": " 0500 ", "metrics": " a , b "},
}


@step
def what_is_oddly_written_is_understood(play):
    for kind, name in ((TOPIC, "valued"), (BROKER, "1"), (GROUP, "valued"), (CLIENT_METRICS, "v")):
        configs = ODDLY_WRITTEN[kind]
        sets = [(SET, config, value) for config, value in configs.items()]
        play.ask(f"set {kind}", "IncrementalAlterConfigs", changes(resource(kind, name, *sets)), 1)

        def shown(kind=kind, name=name, configs=configs):
            body = described((kind, name, list(configs)), synonyms=True)
            return play.quietly("DescribeConfigs", body, to=1)

        def all_set(answer):
            rows = answer["Results"][0]["Configs"]
            return all(
                row["Synonyms"] and row["Synonyms"][0]["Source"] in SET_SOURCES for row in rows
            )

        play.until_answered("set", shown, all_set)
        time.sleep(SETTLE_SECONDS)  # A broker tells of a change before it runs with it.
        play.note(f"described {kind}", told(shown()))
        gone = [(DELETE, config, None) for config in configs]
        play.ask(f"reset {kind}", "IncrementalAlterConfigs", changes(resource(kind, name, *gone)), 1)
    created = topic("oddly", [1, 2, 3], retention_ms=" +5 ", preallocate="TRUE")
    play.ask("created", "CreateTopics", topics(created, validate=True))


@step
def groups_take_and_refuse_the_same_values(play):
    tries(play, GROUP, "valued", 2, names_of_configs(play, GROUP, "valued"))


@step
def subscriptions_take_and_refuse_the_same_values(play):
    tries(play, CLIENT_METRICS, "valued", 2, ("interval.ms", "match", "metrics", "nonsense"))
