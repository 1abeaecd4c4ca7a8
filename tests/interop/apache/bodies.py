"""The requests of the script, as short as they are said."""


def topics(*several, validate=False):
    return {"Topics": list(several), "timeoutMs": 30_000, "validateOnly": validate}


def topic(name, *replicas, partitions=-1, factor=-1, **configs):
    """A topic with the replicas of each partition, or so many partitions and replicas."""
    return {
        "Name": name,
        "NumPartitions": -1 if replicas else partitions,
        "ReplicationFactor": -1 if replicas else factor,
        "Assignments": [
            {"PartitionIndex": at, "BrokerIds": brokers} for at, brokers in enumerate(replicas)
        ],
        "Configs": [{"Name": key.replace("_", "."), "Value": v} for key, v in configs.items()],
    }


def by_topic(rows):
    """(topic, its rows) of (topic, row), in the order in which the topics come first."""
    found = {}
    for name, row in rows:
        found.setdefault(name, []).append(row)
    return found.items()


def reassignment(moves, **more):
    """`moves`: {(topic, partition): replicas, or None to cancel}."""
    rows = by_topic(
        (name, {"PartitionIndex": index, "Replicas": replicas})
        for (name, index), replicas in moves.items()
    )
    asked = [{"Name": name, "Partitions": partitions} for name, partitions in rows]
    return {"Topics": asked, "TimeoutMs": 30_000, **more}


def election(kind, *partitions):
    """kind 0 is preferred, 1 unclean; no partitions at all are all there are."""
    asked = [{"Topic": name, "Partitions": indexes} for name, indexes in by_topic(partitions)]
    return {"ElectionType": kind, "TopicPartitions": asked or None, "TimeoutMs": 30_000}


TOPIC, BROKER, LOGGER, CLIENT_METRICS, GROUP = 2, 4, 8, 16, 32
SET, DELETE, APPEND, SUBTRACT = 0, 1, 2, 3


def resource(kind, name, *changes):
    """`changes` are (operation, config, value)."""
    return {
        "ResourceType": kind,
        "ResourceName": name,
        "Configs": [
            {"Name": config, "ConfigOperation": operation, "Value": value}
            for operation, config, value in changes
        ],
    }


def changes(*resources, validate=False):
    return {"Resources": list(resources), "ValidateOnly": validate}


def described(*resources, synonyms=False, documentation=False):
    """DescribeConfigs of (kind, name, names of configs or None for all)."""
    return {
        "Resources": [
            {"ResourceType": kind, "ResourceName": name, "ConfigurationKeys": keys}
            for kind, name, keys in resources
        ],
        "IncludeSynonyms": synonyms,
        "IncludeDocumentation": documentation,
    }


def produce(name, index, records, acks=-1):
    return {
        "TransactionalId": None,
        "Acks": acks,
        "TimeoutMs": 5_000,
        "TopicData": [
            {"Name": name, "PartitionData": [{"Index": index, "Records": records}]}
        ],
    }


def fetch(name, index, offset, epoch=-1, bytes_max=1 << 20):
    return {
        "ReplicaId": -1,
        "MaxWaitMs": 100,
        "MinBytes": 1,
        "MaxBytes": bytes_max,
        "Topics": [
            {
                "Topic": name,
                "Partitions": [
                    {
                        "Partition": index,
                        "CurrentLeaderEpoch": epoch,
                        "FetchOffset": offset,
                        "PartitionMaxBytes": bytes_max,
                    }
                ],
            }
        ],
    }


def list_offsets(name, index, timestamp, epoch=-1):
    return {
        "ReplicaId": -1,
        "Topics": [
            {
                "Name": name,
                "Partitions": [
                    {
                        "PartitionIndex": index,
                        "CurrentLeaderEpoch": epoch,
                        "Timestamp": timestamp,
                    }
                ],
            }
        ],
    }
