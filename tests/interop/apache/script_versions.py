"""The same requests in every version that both sides serve: what an old client is answered."""

from .bodies import (
    BROKER,
    SET,
    TOPIC,
    changes,
    described,
    election,
    list_offsets,
    produce,
    reassignment,
    resource,
    topic,
    topics,
)
from .play import step
from .script_groups import coordinator

ABSENT = "not-there"
ONE_TOPIC = "single"


# {API: {label: body}}; fields that a version does not have are left out of it. Nothing is changed.
ASKED = {
    "ApiVersions": {"": {"ClientSoftwareName": "compared", "ClientSoftwareVersion": "1"}},
    "Metadata": {
        "one": {"Topics": [{"Name": ONE_TOPIC}], "AllowAutoTopicCreation": False},
        "invalid": {"Topics": [{"Name": "a/b"}], "AllowAutoTopicCreation": False},
        "no name": {"Topics": [{"Name": ""}], "AllowAutoTopicCreation": False},
        "operations": {
            "Topics": [{"Name": ONE_TOPIC}],
            "AllowAutoTopicCreation": False,
            "IncludeClusterAuthorizedOperations": True,
            "IncludeTopicAuthorizedOperations": True,
        },
    },
    "ListOffsets": {
        label: list_offsets(name, index, timestamp)
        for label, name, index, timestamp in (
            ("latest", ONE_TOPIC, 0, -1),
            ("earliest", ONE_TOPIC, 0, -2),
            ("of the greatest timestamp", ONE_TOPIC, 0, -3),
            ("earliest local", ONE_TOPIC, 0, -4),
            ("last tiered", ONE_TOPIC, 0, -5),
            ("earliest to be tiered", ONE_TOPIC, 0, -6),
            ("of a negative timestamp", ONE_TOPIC, 0, -7),
            ("from the beginning of time", ONE_TOPIC, 0, 0),
            ("absent", ABSENT, 0, -1),
            ("partition that is not", ONE_TOPIC, 99, -1),
        )
    },
    "OffsetForLeaderEpoch": {
        label: {
            "ReplicaId": -1,
            "Topics": [
                {
                    "Topic": name,
                    "Partitions": [
                        {"Partition": 0, "CurrentLeaderEpoch": current, "LeaderEpoch": wanted}
                    ],
                }
            ],
        }
        for label, name, current, wanted in (
            ("first", ONE_TOPIC, -1, 0),
            ("later", ONE_TOPIC, -1, 1000),
            ("newer leader", ONE_TOPIC, 1000, 0),
            ("absent", ABSENT, -1, 0),
        )
    },
    "FindCoordinator": {
        "group": {"Key": "versions", "KeyType": 0, "CoordinatorKeys": ["versions"]},
        "unknown type": {"Key": "versions", "KeyType": 7, "CoordinatorKeys": ["versions"]},
    },
    "DescribeGroups": {"absent": {"Groups": [ABSENT]}},
    "DeleteGroups": {"absent": {"GroupsNames": [ABSENT]}},
    "Heartbeat": {"absent": {"GroupId": ABSENT, "GenerationId": 1, "MemberId": "m"}},
    "LeaveGroup": {
        "absent": {"GroupId": ABSENT, "MemberId": "m", "Members": [{"MemberId": "m"}]}
    },
    "SyncGroup": {"absent": {"GroupId": ABSENT, "GenerationId": 1, "MemberId": "m"}},
    "JoinGroup": {
        "no name": {"GroupId": "", "SessionTimeoutMs": 10_000, "RebalanceTimeoutMs": 10_000},
        "short session": {"GroupId": ABSENT, "SessionTimeoutMs": 1, "RebalanceTimeoutMs": 10_000},
    },
    "OffsetDelete": {"absent": {"GroupId": ABSENT, "Topics": []}},
    "CreateTopics": {
        "fine": topics(topic("versions", partitions=3, factor=2), validate=True),
        "by itself": topics(topic("versions"), validate=True),
        "there": topics(topic(ONE_TOPIC, partitions=1, factor=1), validate=True),
        "invalid": topics(topic("a/b", partitions=1, factor=1), validate=True),
        "too many replicas": topics(topic("versions", partitions=1, factor=9), validate=True),
        "no partitions": topics(topic("versions", partitions=0, factor=1), validate=True),
        "bad config": topics(
            topic("versions", partitions=1, factor=1, retention_ms="soon"), validate=True
        ),
    },
    "DeleteTopics": {
        "absent": {"TopicNames": [ABSENT], "Topics": [{"Name": ABSENT}], "TimeoutMs": 1000}
    },
    "CreatePartitions": {
        label: {
            "Topics": [{"Name": name, "Count": count, "Assignments": None}],
            "TimeoutMs": 1000,
            "ValidateOnly": True,
        }
        for label, name, count in (
            ("fine", ONE_TOPIC, 50),
            ("fewer", ONE_TOPIC, 0),
            ("absent", ABSENT, 5),
        )
    },
    "DeleteRecords": {
        "absent": {
            "Topics": [{"Name": ABSENT, "Partitions": [{"PartitionIndex": 0, "Offset": 0}]}],
            "TimeoutMs": 1000,
        }
    },
    "DescribeConfigs": {
        "topic": described((TOPIC, ONE_TOPIC, ["cleanup.policy"]), synonyms=True),
        "broker": described((BROKER, "1", ["log.retention.ms"]), synonyms=True),
        "absent": described((TOPIC, ABSENT, None)),
    },
    "IncrementalAlterConfigs": {
        "fine": changes(resource(TOPIC, ONE_TOPIC, (SET, "retention.ms", "5")), validate=True),
        "absent": changes(resource(TOPIC, ABSENT, (SET, "retention.ms", "5")), validate=True),
    },
    "AlterConfigs": {
        label: {
            "Resources": [
                {
                    "ResourceType": TOPIC,
                    "ResourceName": name,
                    "Configs": [{"Name": "retention.ms", "Value": value}],
                }
            ],
            "ValidateOnly": True,
        }
        for label, name, value in (
            ("fine", ONE_TOPIC, "5"),
            ("absent", ABSENT, "5"),
            ("soon", ONE_TOPIC, "soon"),
        )
    },
    "ElectLeaders": {
        "absent": election(0, (ABSENT, 0)),
        "not needed": election(0, (ONE_TOPIC, 0)),
        "unknown kind": election(7, (ONE_TOPIC, 0)),
    },
    "AlterPartitionReassignments": {"absent": reassignment({(ABSENT, 0): [1]})},
    "ListPartitionReassignments": {
        "absent": {"TimeoutMs": 1000, "Topics": [{"Name": ABSENT, "PartitionIndexes": [0]}]}
    },
    "DescribeLogDirs": {"absent": {"Topics": [{"Topic": ABSENT, "Partitions": [0]}]}},
    "DescribeCluster": {
        "brokers": {"IncludeClusterAuthorizedOperations": True},
        "controllers": {"EndpointType": 2},
    },
    "DescribeTopicPartitions": {
        "absent": {"Topics": [{"Name": ABSENT}], "ResponsePartitionLimit": 10}
    },
    "DescribeClientQuotas": {"nobody": {"Components": [{"EntityType": "user", "Match": "x"}]}},
    "AlterClientQuotas": {"nothing": {"Entries": [], "ValidateOnly": True}},
    "UnregisterBroker": {"unknown": {"BrokerId": 99}},
    "UpdateFeatures": {
        "unknown": {
            "FeatureUpdates": [
                {
                    "Feature": "nonsense",
                    "MaxVersionLevel": 1,
                    "AllowDowngrade": False,
                    "UpgradeType": 1,
                }
            ],
            "ValidateOnly": True,
        }
    },
    "ListConfigResources": {"brokers": {"ResourceTypes": [BROKER]}},
    "Produce": {"absent": produce(ABSENT, 0, b"")},
}
# From the version on that can say that a topic is not to be created.
METADATA_OF_ABSENT = {"Topics": [{"Name": ABSENT}], "AllowAutoTopicCreation": False}
MAY_FORBID_CREATION = 4
# In the order of Kafka's hash tables.
UNORDERED = ("Partitions", "Brokers", "ConfigResources", "Results", "Synonyms")
# What other APIs and features there are is told in a step of its own; who coordinates is drawn, and
# where and how large a disk is.
NOT_TOLD = (
    "ApiKeys",
    "SupportedFeatures",
    "FinalizedFeatures",
    "FinalizedFeaturesEpoch",
    "NodeId",
    "LogDir",
    "TotalBytes",
    "UsableBytes",
)
HAVE_WHAT_IS_NOT_TOLD = ("ApiVersions", "DescribeLogDirs", "FindCoordinator")


COORDINATED = (
    "DescribeGroups",
    "DeleteGroups",
    "Heartbeat",
    "LeaveGroup",
    "SyncGroup",
    "JoinGroup",
    "OffsetDelete",
)


def coordinator_of(play, group):
    """The broker that coordinates it, once it does."""
    at = coordinator(play, group)
    unknown_member = 25
    beat = {"GroupId": group, "GenerationId": 1, "MemberId": "m"}
    play.until_answered(
        "the coordinator has loaded",
        lambda: play.quietly("Heartbeat", beat, to=at),
        lambda answer: answer["ErrorCode"] == unknown_member,
    )
    return at


def without(value, names):
    if isinstance(value, list):
        return [without(one, names) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: without(one, names) for name, one in value.items() if name not in names}


def versions_of(play, api):
    """From the oldest that Kafka's schema has to the newest that both sides serve."""
    valid = play.side.schemas.schema(api + "Request")["validVersions"]
    return range(int(valid.split("-")[0]), play.versions[api] + 1)


@step
def every_version_is_answered(play):
    coordinating = coordinator_of(play, ABSENT)
    for api, bodies in ASKED.items():
        to = coordinating if api in COORDINATED else 1
        for version in versions_of(play, api):
            for label, body in bodies.items():
                answer = play.quietly(api, body, to=to, version=version)
                if api in HAVE_WHAT_IS_NOT_TOLD:
                    answer = without(answer, NOT_TOLD)
                play.compare(f"{api} v{version} {label}", answer, UNORDERED)
    for version in range(MAY_FORBID_CREATION, play.versions["Metadata"] + 1):
        label = f"Metadata v{version} absent"
        play.ask(label, "Metadata", METADATA_OF_ABSENT, 1, version, unordered=UNORDERED)
