"""The controllers, asked directly as who names them in bootstrap.controllers does (KIP-919): what
they serve, and what the active one and the others answer, also to brokers that are none."""

import re

from .bodies import BROKER, LOGGER, SET, TOPIC, changes, described, resource, topic, topics
from .play import step
from .script_topics import software
from .script_versions import ASKED, UNORDERED
from .side import CONTROLLERS

ABSENT_BROKER = 99
METADATA = "__cluster_metadata"
# Of a topic that is still needed: asked only of who cannot do it.
DELETED = "there"
NOTHING = bytes(16)
SOMETHING = bytes(range(16))
METADATA_ID = bytes(15) + b"\1"


def in_metadata(**values):
    return [{"TopicName": METADATA, "Partitions": [{"PartitionIndex": 0, **values}]}]


def in_another_topic(**values):
    return [{"TopicName": "single", "Partitions": [{"PartitionIndex": 0, **values}]}]


CHANGED_PARTITION = [
    {
        "TopicId": SOMETHING,
        "Partitions": [{"PartitionIndex": 0, "NewIsr": [1], "NewIsrWithEpochs": []}],
    }
]

FINE = topic("fine", partitions=1, factor=1)
SOON = resource(TOPIC, "single", (SET, "retention.ms", "5"))
WHOLE = {
    "ResourceType": TOPIC,
    "ResourceName": "single",
    "Configs": [{"Name": "retention.ms", "Value": "5"}],
}


def deletion(*asked):
    """By topics; by name, too, in versions that know nothing else."""
    names = [one["Name"] for one in asked if one["Name"]]
    topics = [{"TopicId": NOTHING, **one} for one in asked]
    return {"TopicNames": names, "Topics": topics, "TimeoutMs": 1000}


def growth(*names):
    asked = [{"Name": name, "Count": 50, "Assignments": None} for name in names]
    return {"Topics": asked, "TimeoutMs": 1000, "ValidateOnly": True}


# {API: {label: body}} of what brokers and controllers ask, none of which is to be believed.
ASKED_BY_NODES = {
    "BrokerHeartbeat": {
        "unknown": {"BrokerId": ABSENT_BROKER, "BrokerEpoch": 1, "CurrentMetadataOffset": 1},
        "of another epoch": {"BrokerId": 1, "BrokerEpoch": 1, "CurrentMetadataOffset": 1},
    },
    "BrokerRegistration": {
        "of another cluster": {
            "BrokerId": ABSENT_BROKER,
            "ClusterId": "another",
            "IncarnationId": SOMETHING,
            "LogDirs": [SOMETHING],
        },
    },
    "AlterPartition": {
        label: {"BrokerId": broker, "BrokerEpoch": epoch, "Topics": topics}
        for label, broker, epoch, topics in (
            ("unknown", ABSENT_BROKER, 1, CHANGED_PARTITION),
            ("of another epoch", 1, 1, CHANGED_PARTITION),
            ("of nothing", 1, 1, []),
        )
    },
    "AllocateProducerIds": {
        label: {"BrokerId": broker, "BrokerEpoch": epoch}
        for label, broker, epoch in (("unknown", ABSENT_BROKER, 1), ("of another epoch", 1, 1))
    },
    "AssignReplicasToDirs": {
        label: {"BrokerId": broker, "BrokerEpoch": epoch, "Directories": []}
        for label, broker, epoch in (("unknown", ABSENT_BROKER, 1), ("of another epoch", 1, 1))
    },
    "Vote": {
        "of another cluster": {"ClusterId": "another", "Topics": in_metadata()},
        "of no partition": {"ClusterId": None, "Topics": []},
        "of another topic": {"ClusterId": None, "Topics": in_another_topic()},
        "of another voter": {"ClusterId": None, "VoterId": 7, "Topics": in_metadata()},
    },
    "BeginQuorumEpoch": {
        "of another cluster": {"ClusterId": "another", "Topics": in_metadata()},
        "of an old epoch": {
            "ClusterId": None,
            "VoterId": -1,
            "Topics": in_metadata(LeaderId=101, LeaderEpoch=0),
        },
    },
    "EndQuorumEpoch": {
        "of another cluster": {"ClusterId": "another", "Topics": in_metadata()},
        "of an old epoch": {"ClusterId": None, "Topics": in_metadata(LeaderId=101, LeaderEpoch=0)},
    },
    "DescribeQuorum": {
        "of another topic": {"Topics": in_another_topic()},
        "of no partition": {"Topics": []},
    },
    "AddRaftVoter": {
        "of another cluster": {
            "ClusterId": "another",
            "VoterId": 104,
            "VoterDirectoryId": SOMETHING,
            "Listeners": [{"Name": "CONTROLLER", "Host": "localhost", "Port": 1}],
            "TimeoutMs": 1000,
        },
        "of static voters": {
            "ClusterId": None,
            "VoterId": 104,
            "VoterDirectoryId": SOMETHING,
            "Listeners": [{"Name": "CONTROLLER", "Host": "localhost", "Port": 1}],
            "TimeoutMs": 1000,
        },
    },
    "RemoveRaftVoter": {
        "of another cluster": {
            "ClusterId": "another",
            "VoterId": 101,
            "VoterDirectoryId": SOMETHING,
        },
        "of static voters": {"ClusterId": None, "VoterId": 101, "VoterDirectoryId": NOTHING},
    },
}
# What a controller has of its own, and what takes none.
ASKED_OF_CONTROLLERS = {
    "Fetch": {
        "of the metadata log": {
            "ReplicaId": -1,
            "Topics": [{"Topic": METADATA, "TopicId": METADATA_ID, "Partitions": [{}]}],
        },
        "of another topic": {
            "ReplicaId": -1,
            "Topics": [{"Topic": "single", "TopicId": SOMETHING, "Partitions": [{}]}],
        },
        "of nothing": {"ReplicaId": -1, "Topics": []},
    },
    "CreateTopics": {
        "nothing at all": {"Topics": [], "timeoutMs": 1000},
        "one twice": topics(FINE, FINE, validate=True),
        "one twice, and another": topics(FINE, FINE, topic("b", partitions=1), validate=True),
        "the metadata log": topics(topic(METADATA, partitions=1, factor=1), validate=True),
    },
    "DeleteTopics": {
        "nothing at all": {"TopicNames": [], "Topics": [], "TimeoutMs": 1000},
        "one twice": deletion({"Name": "a"}, {"Name": "a"}),
        "of nothing": deletion({"Name": None}),
        "by name and id": deletion({"Name": "a", "TopicId": SOMETHING}),
        "by an id": deletion({"Name": None, "TopicId": SOMETHING}),
        DELETED: {"TopicNames": ["single"], "Topics": [{"Name": "single"}], "TimeoutMs": 1000},
    },
    "CreatePartitions": {
        "nothing at all": {"Topics": [], "TimeoutMs": 1000},
        "one twice": growth("single", "single"),
        "one twice, and another": growth("single", "single", "orders"),
    },
    "ElectLeaders": {"nothing at all": {"ElectionType": 0, "TopicPartitions": [], "TimeoutMs": 1000}},
    "AlterPartitionReassignments": {"nothing at all": {"Topics": [], "TimeoutMs": 1000}},
    "ListPartitionReassignments": {
        "all": {"Topics": None, "TimeoutMs": 1000},
        "nothing at all": {"Topics": [], "TimeoutMs": 1000},
    },
    "IncrementalAlterConfigs": {
        "nothing at all": {"Resources": []},
        "one twice": changes(SOON, SOON, validate=True),
        "one twice, and another": changes(
            SOON, SOON, resource(TOPIC, "orders", (SET, "retention.ms", "5")), validate=True
        ),
        "a config twice": changes(
            resource(
                TOPIC, "single", (SET, "retention.ms", "5"), (SET, "retention.ms", "6")
            ),
            validate=True,
        ),
        "of no type": changes(resource(7, "single", (SET, "a", "5")), validate=True),
        "of a logger": changes(resource(LOGGER, "1", (SET, "a", "INFO")), validate=True),
        "of a broker that is none": changes(
            resource(BROKER, "x", (SET, "log.cleaner.threads", "2")), validate=True
        ),
        "of a controller": changes(
            resource(BROKER, "101", (SET, "log.cleaner.threads", "2")), validate=True
        ),
        "of one that cannot change": changes(
            resource(BROKER, "1", (SET, "broker.rack", "z")), validate=True
        ),
    },
    "AlterConfigs": {
        "nothing at all": {"Resources": []},
        "one twice": {"Resources": [WHOLE, WHOLE], "ValidateOnly": True},
        "of no type": {"Resources": [{**WHOLE, "ResourceType": 7}], "ValidateOnly": True},
        "of a logger": {"Resources": [{**WHOLE, "ResourceType": LOGGER}], "ValidateOnly": True},
    },
    "AlterClientQuotas": {"nothing at all": {"Entries": []}},
    "DescribeCluster": {
        "of brokers": {"EndpointType": 1},
        "of controllers": {"EndpointType": 2, "IncludeClusterAuthorizedOperations": True},
        "of neither": {"EndpointType": 7},
    },
    "DescribeConfigs": {
        "a topic": described((TOPIC, "single", ["cleanup.policy"]), synonyms=True),
        "no topic": described((TOPIC, "not-there", None)),
        "itself": described((BROKER, "{node}", ["process.roles", "node.id"]), synonyms=True),
        "all names": described((BROKER, "{node}", None)),
        "a broker": described((BROKER, "1", None)),
        "brokers": described((BROKER, "", None), synonyms=True),
    },
}
CHANGES = {
    api: bodies
    for api, bodies in ASKED_OF_CONTROLLERS.items()
    if api not in ("Fetch", "DescribeCluster", "DescribeConfigs")
}
# By its brokers, because of an exception that they do not expect.
CLOSED_BY_KAFKA = [("AlterConfigs", "one twice")]
ALL_ASKED = (ASKED, ASKED_BY_NODES, ASKED_OF_CONTROLLERS)
# The names of what is drawn, or differs between two machines, or between two moments.
NOT_TOLD = ("LeaderEpoch", "ControllerId", "ClusterId", "Host", "Port")
# Where a machine keeps its logs.
PLACES = ("log.dirs",)


def ranges(play, node):
    """{api: (oldest, newest)} that a controller serves."""
    seen = play.quietly("ApiVersions", software("compared"), to=node, version=4)
    return {one["ApiKey"]: (one["MinVersion"], one["MaxVersion"]) for one in seen["ApiKeys"]}


def active(play):
    """The active controller, once all follow it."""
    return play.until_answered(
        "a controller is active",
        lambda: play.quietly("DescribeCluster", {"EndpointType": 2}, to=101, version=1),
        lambda answer: answer["ControllerId"] in CONTROLLERS,
    )["ControllerId"]


def with_node(body, node):
    if isinstance(body, list):
        return [with_node(one, node) for one in body]
    if isinstance(body, dict):
        return {name: with_node(one, node) for name, one in body.items()}
    return body.replace("{node}", str(node)) if isinstance(body, str) else body


def is_place(value):
    return isinstance(value, dict) and value.get("Name") in PLACES


def anywhere(value):
    """Without what says which controller it is that was asked, or leads."""
    if isinstance(value, list):
        return [anywhere(one) for one in value if not is_place(one)]
    if isinstance(value, dict):
        return {name: anywhere(one) for name, one in value.items() if name not in NOT_TOLD}
    if isinstance(value, str):
        return re.sub(r'id "[\w-]{22}"', "id DRAWN", re.sub(r"\b10[123]\b", "10x", value))
    return "10x" if value in CONTROLLERS else value


@step
def controllers_announce_the_same_apis(play):
    for node in CONTROLLERS:
        play.note(f"apis of {node}", ranges(play, node))
    play.ask("a bad name", "ApiVersions", software("!"), to=101, version=3)


@step
def controllers_answer_who_asks_them(play):
    leader = active(play)
    follower = next(node for node in CONTROLLERS if node != leader)
    schemas = play.side.schemas
    served = {api: schemas.api_key(api) for more in ALL_ASKED for api in more}
    for role, node in (("active", leader), ("another", follower)):
        newest = ranges(play, node)
        for api, bodies in ((api, more[api]) for more in ALL_ASKED for api in more):
            if api == "ApiVersions" or served[api] not in newest:
                continue
            oldest, last = newest[served[api]]
            valid = schemas.schema(api + "Request")["validVersions"]
            for version in range(oldest, min(last, int(valid.split("-")[-1])) + 1):
                for label, body in bodies.items():
                    if label == DELETED and node == leader:
                        continue
                    answer = play.quietly(api, with_node(body, node), to=node, version=version)
                    said = f"{api} v{version} {label}, {role}"
                    play.compare(said, anywhere(answer), (*UNORDERED, "Configs"))


@step
def the_metadata_log_is_fetched(play):
    """As an observer without a name reads it, from its first record on."""
    leader = active(play)
    follower = next(node for node in CONTROLLERS if node != leader)
    body = {"Topics": in_metadata()}
    described = play.quietly("DescribeQuorum", body, to=leader, version=2)
    epoch = described["Topics"][0]["Partitions"][0]["LeaderEpoch"]
    first = {"CurrentLeaderEpoch": epoch, "LastFetchedEpoch": 0, "PartitionMaxBytes": 1 << 20}
    for label, node, changed in (
        ("the first records", leader, {}),
        ("of another leader", follower, {}),
        ("of an older epoch", leader, {"CurrentLeaderEpoch": 0}),
        ("of a later epoch", leader, {"CurrentLeaderEpoch": epoch + 1000}),
        ("past the end", leader, {"FetchOffset": 1 << 40, "LastFetchedEpoch": epoch}),
        ("before the beginning", leader, {"FetchOffset": -1}),
    ):
        asked = {"Partition": 0, **first, **changed}
        fetch = {
            "MaxBytes": 1 << 20,
            "Topics": [{"TopicId": METADATA_ID, "Partitions": [asked]}],
        }
        for version in range(13, play.versions["Fetch"] + 1):
            answer = play.quietly("Fetch", fetch, to=node, version=version)
            for one in answer["Responses"]:
                for partition in one["Partitions"]:
                    partition["HasRecords"] = bool(partition.pop("Records"))
                    partition["HighWatermark"] = partition["HighWatermark"] >= 0
                    partition.get("DivergingEpoch", {}).pop("EndOffset", None)
                    partition.get("DivergingEpoch", {}).pop("Epoch", None)
            play.compare(f"{label} v{version}", anywhere(answer))


@step
def brokers_are_asked_the_same(play):
    for api, bodies in CHANGES.items():
        for label, body in bodies.items():
            if label != DELETED and (api, label) not in CLOSED_BY_KAFKA:
                play.ask(f"{api} {label}", api, with_node(body, 1), to=1, unordered=UNORDERED)
