"""What can be seen of a cluster over the wire once it is at rest, with what differs from run to run
taken out: drawn ids, ports, times."""

import base64
import re

from .side import BROKERS
from .bodies import BROKER, TOPIC, described, fetch, list_offsets
from .records import batches_in
from .wire import Closed

INTERNAL = "__"
# Topics whose replicas the controller places: where is drawn, how many is not.
PLACED = "placed"
# Never the same in two runs.
DRAWN = {
    "ThrottleTimeMs",
    "ClusterId",
    "Port",
    "MemberId",
    "ReplicaDirectoryId",
    "LogAppendTimeMs",
    "LastFetchTimestamp",
    "LastCaughtUpTimestamp",
}
EARLIEST, LATEST = -2, -1
DYNAMIC_SOURCES = (1, 2, 3, 8)  # Topic, broker, default of brokers, group.


def normalised(value, side):
    """A response without what is drawn: ids of topics are their names, ports and times are gone."""
    if isinstance(value, dict):
        return {
            name: normalised_field(name, one, side)
            for name, one in value.items()
            if name not in DRAWN and not (name == "ControllerId" and one in BROKERS)
        }
    if isinstance(value, list):
        return [normalised(one, side) for one in value]
    if isinstance(value, bytes) and len(value) == 16:
        return "no id" if value == bytes(16) else side.topic_names.get(value, value)
    if isinstance(value, str):
        text = re.sub(r"127\.0\.0\.1:\d+", "ADDRESS", value)
        text = re.sub(r"-?\b(1\d{12}|92233702\d{11})\b", "TIME", text)
        text = re.sub(r"controller \d+", "controller ID", text)
        for id, name in side.topic_names.items():
            text = text.replace(kafka_text(id), f"<id of {name}>")
        return text
    return value


def normalised_field(name, value, side):
    if name == "Timestamp" and value > 0:
        return "a time"
    if name == "Records":
        return batches_in(value or b"")
    return normalised(value, side)


def learn_ids(value, side):
    """Remembers whose topic ids these are, wherever a response says it."""
    if isinstance(value, dict):
        if value.get("TopicId", bytes(16)) != bytes(16) and value.get("Name"):
            side.topic_names[value["TopicId"]] = value["Name"]
        for one in value.values():
            learn_ids(one, side)
    elif isinstance(value, list):
        for one in value:
            learn_ids(one, side)


def kafka_text(id):
    """A topic id as Kafka writes it."""
    return base64.urlsafe_b64encode(id).decode().rstrip("=")


class Observer:
    """Reads the whole state of one side. `versions` are those that both sides serve."""

    def __init__(self, side, versions):
        self.side, self.versions = side, versions

    def look(self):
        """The state; None while a broker does not answer or the brokers do not agree."""
        try:
            views = [self._metadata(broker) for broker in sorted(self.side.serving)]
            if any(view != views[0] for view in views):
                return None
            topics = self._topics()
            offsets, records = self._logs(topics)
            return {
                "brokers": self._brokers(),
                "metadata": views[0],
                "topics": topics,
                "offsets": offsets,
                "records": records,
                "configs": self._configs(topics),
                "reassignments": self._reassignments(),
                "quorum": self._quorum(),
            }
        except Closed:
            return None

    def _ask(self, broker, api, body, version=None):
        newest = self.versions[api]
        version = newest if version is None else min(version, newest)
        return self.side.ask(broker, api, version, body)

    def _metadata(self, broker):
        """{topic: {partition: (error, leader, leader epoch, offline replicas)}} as a broker has
        it, and which brokers it names."""
        seen = self._ask(broker, "Metadata", {"Topics": None})
        learn_ids(seen, self.side)
        topics = {
            topic["Name"]: {
                one["PartitionIndex"]: {
                    "error": one["ErrorCode"],
                    "leader": one["LeaderId"],
                    "epoch": one["LeaderEpoch"],
                    "offline": sorted(one["OfflineReplicas"]),
                }
                for one in topic["Partitions"]
            }
            for topic in seen["Topics"]
            if not topic["Name"].startswith((INTERNAL, PLACED))
        }
        return {"brokers": sorted(one["NodeId"] for one in seen["Brokers"]), "topics": topics}

    def _brokers(self):
        body = {"IncludeFencedBrokers": True}
        seen = self._ask(self.side.witness(), "DescribeCluster", body)
        return {
            one["BrokerId"]: {"rack": one["Rack"], "fenced": one.get("IsFenced")}
            for one in seen["Brokers"]
        }

    def _topics(self):
        body = {"Topics": [], "ResponsePartitionLimit": 2000, "Cursor": None}
        seen = self._ask(self.side.witness(), "DescribeTopicPartitions", body)
        return {
            topic["Name"]: {
                "internal": topic["IsInternal"],
                "partitions": {
                    one["PartitionIndex"]: self._partition(topic["Name"], one)
                    for one in topic["Partitions"]
                },
            }
            for topic in seen["Topics"]
            if not topic["Name"].startswith(INTERNAL)
        }

    @staticmethod
    def _partition(topic, one):
        if topic.startswith(PLACED):
            return {"replicas": len(one["ReplicaNodes"]), "isr": len(one["IsrNodes"])}
        return {
            "error": one["ErrorCode"],
            "leader": one["LeaderId"],
            "epoch": one["LeaderEpoch"],
            "replicas": one["ReplicaNodes"],
            "isr": sorted(one["IsrNodes"]),
            "elr": sorted(one["EligibleLeaderReplicas"] or []),
            "last known elr": sorted(one["LastKnownElr"] or []),
            "offline": sorted(one["OfflineReplicas"]),
        }

    def _logs(self, topics):
        """({partition: its first and last offset}, {partition: its batches}) at the leaders."""
        offsets, records = {}, {}
        for topic, one in topics.items():
            if topic.startswith(PLACED):
                continue
            for index, partition in one["partitions"].items():
                leader = partition["leader"]
                if leader not in self.side.serving:
                    continue
                name = f"{topic}-{index}"
                offsets[name] = {
                    "earliest": self._offset(leader, topic, index, EARLIEST),
                    "latest": self._offset(leader, topic, index, LATEST),
                }
                records[name] = self._batches(
                    leader, topic, index, offsets[name]["earliest"].get("Offset", 0)
                )
        return offsets, records

    def _offset(self, leader, topic, index, at):
        seen = self._ask(leader, "ListOffsets", list_offsets(topic, index, at))
        return normalised(seen["Topics"][0]["Partitions"][0], self.side)

    def _batches(self, leader, topic, index, offset):
        found = []
        while True:
            body = fetch(topic, index, offset)
            one = self._ask(leader, "Fetch", body, 12)["Responses"][0]["Partitions"][0]
            if one["ErrorCode"] != 0:
                return f"error {one['ErrorCode']}"
            batches = batches_in(one["Records"] or b"")
            found += [batch for batch in batches if batch not in found]
            if not batches or offset >= one["HighWatermark"]:
                return found
            offset = batches[-1]["last"] + 1

    def _configs(self, topics):
        """What was set of each topic, of the brokers' default and of the broker that is asked."""
        witness = self.side.witness()
        wanted = [(TOPIC, name, None) for name in topics]
        wanted += [(BROKER, str(witness), None), (BROKER, "", None)]
        seen = self._ask(witness, "DescribeConfigs", described(*wanted))
        return {
            f"{one['ResourceType']}:{one['ResourceName']}": {
                "error": (one["ErrorCode"], one["ErrorMessage"] or ""),
                "set": {
                    entry["Name"]: entry["Value"]
                    for entry in one["Configs"]
                    if entry["ConfigSource"] in DYNAMIC_SOURCES
                },
            }
            for one in seen["Results"]
        }

    def _reassignments(self):
        seen = self._ask(self.side.witness(), "ListPartitionReassignments", {"Topics": None})
        return normalised(seen["Topics"], self.side)

    def _quorum(self):
        body = {"Topics": [{"TopicName": "__cluster_metadata", "Partitions": [{}]}]}
        seen = self._ask(self.side.witness(), "DescribeQuorum", body)
        if seen["ErrorCode"] or not seen["Topics"]:
            return {"error": seen["ErrorCode"]}
        one = seen["Topics"][0]["Partitions"][0]
        return {
            "error": one["ErrorCode"],
            "voters": sorted(voter["ReplicaId"] for voter in one["CurrentVoters"]),
            "observers": sorted(each["ReplicaId"] for each in one["Observers"]),
        }
