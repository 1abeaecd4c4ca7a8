"""Topics: created, grown, described, and all that is refused about them."""

from .bodies import topic, topics
from .play import step

NO_ID = bytes(16)


def software(name):
    return {"ClientSoftwareName": name, "ClientSoftwareVersion": "1"}


@step
def the_apis_and_features_are_announced(play):
    seen = play.quietly("ApiVersions", software("compared"), version=4)
    ranges = {one["ApiKey"]: (one["MinVersion"], one["MaxVersion"]) for one in seen["ApiKeys"]}
    play.note("apis", ranges)
    play.note("zk migration", seen.get("ZkMigrationReady"))
    for kind in ("SupportedFeatures", "FinalizedFeatures"):
        play.note(
            kind,
            {
                one["Name"]: {key: v for key, v in one.items() if key != "Name"}
                for one in seen.get(kind, [])
            },
        )
    play.ask("a bad name", "ApiVersions", software("!"), version=3)
    cluster = play.quietly("DescribeCluster", {})
    play.note("cluster", {"error": cluster["ErrorCode"], "type": cluster.get("EndpointType")})
    play.ask("of a type that is none", "DescribeCluster", {"EndpointType": 7})
    play.ask("of controllers", "DescribeCluster", {"EndpointType": 2})


@step
def topics_are_created(play):
    """Each through another broker: none of them is the controller."""
    wanted = (
        topic("orders", [1, 2, 3], [2, 3, 1], [3, 1, 2], **{"min.insync.replicas": "2"}),
        topic("pairs", [1, 2], [2, 3], **{"min.insync.replicas": "2"}),
        topic("single", [2]),
        topic("moved", [1, 2], [2, 3], [3, 1]),
        topic("clean", [2, 1], **{"unclean.leader.election.enable": "false"}),
        topic("unclean", [2, 1], **{"unclean.leader.election.enable": "true"}),
        topic("eligible", [1, 2, 3], **{"min.insync.replicas": "2"}),
        topic("stamped", [3, 1], **{"message.timestamp.type": "LogAppendTime"}),
        topic("small", [1, 3], **{"max.message.bytes": "500"}),
        topic("placed-1", partitions=6, factor=3),
        topic("placed-default"),
        topic("doomed", [3, 2, 1], [1, 2, 3]),
    )
    for at, one in enumerate(wanted):
        play.ask(one["Name"], "CreateTopics", topics(one), to=at % 3 + 1)
    play.until("all topics led", lambda seen: len(seen["topics"]) == len(wanted))


@step
def bad_topics_are_refused(play):
    def create(label, *wanted, validate=False):
        body = topics(*wanted, validate=validate)
        play.ask(label, "CreateTopics", body, to=2, unordered=("Topics",))

    create("exists", topic("orders", [1]))
    create("twice in a request", topic("double", [1]), topic("double", [2]), topic("other", [9]))
    create("only validated", topic("validated", [1, 2]), validate=True)
    create("exists, validated", topic("orders", [1]), validate=True)
    for name in ("", ".", "..", "a/b", "a b", "x" * 250, "__consumer_offsets", "orders.x"):
        create(f"name {name[:20]!r}", topic(name, [1]), validate=True)
    create("no partitions", topic("none", partitions=0, factor=1))
    create("minus two partitions", topic("none", partitions=-2, factor=1))
    create("no replicas", topic("none", partitions=1, factor=0))
    create("minus two replicas", topic("none", partitions=1, factor=-2))
    create("too many replicas", topic("none", partitions=1, factor=4))
    create("unknown broker", topic("none", [1, 9]))
    create("unknown broker second", topic("none", [1, 2], [1, 9]))
    create("negative broker", topic("none", [-1]))
    create("broker twice", topic("none", [1, 1]))
    create("no brokers", topic("none", []))
    create("not all the same count", topic("none", [1, 2], [1]))
    both = topic("none", [1, 2])
    create("assignments and counts", {**both, "NumPartitions": 1})
    create("assignments and factor", {**both, "ReplicationFactor": 2})
    gap = topic("none", [1], [2])
    gap["Assignments"][1]["PartitionIndex"] = 5
    create("partitions with a gap", gap)
    late = topic("none", [1], [2])
    late["Assignments"][0]["PartitionIndex"] = 2
    create("partitions not from zero", late)
    same = topic("none", [1], [2])
    same["Assignments"][1]["PartitionIndex"] = 0
    create("partition twice", same)
    create("unknown config", topic("none", [1], **{"nonsense": "1"}))
    create("config that is no number", topic("none", [1], **{"retention.ms": "soon"}))
    create("config out of range", topic("none", [1], **{"segment.bytes": "1"}))
    create("config of a wrong choice", topic("none", [1], **{"cleanup.policy": "burn"}))
    create("config null", topic("none", [1], **{"retention.ms": None}))
    create("min isr of zero", topic("none", [1], **{"min.insync.replicas": "0"}))
    create("codec level", topic("none", [1], **{"compression.gzip.level": "99"}))
    create(
        "two configs at odds",
        topic("none", [1], **{"min.compaction.lag.ms": "9", "max.compaction.lag.ms": "5"}),
    )
    throttled = {"leader.replication.throttled.replicas": "x"}
    create("throttled replicas", topic("none", [1], **throttled))
    create("collides", topic("placed_1", [1]))
    create("nothing at all")


@step
def partitions_are_added(play):
    def grow(label, *rows, validate=False):
        body = {
            "Topics": [
                {
                    "Name": name,
                    "Count": count,
                    "Assignments": replicas
                    if replicas is None
                    else [{"BrokerIds": brokers} for brokers in replicas],
                }
                for name, count, replicas in rows
            ],
            "TimeoutMs": 30_000,
            "ValidateOnly": validate,
        }
        play.ask(label, "CreatePartitions", body, to=3)

    grow("with an assignment", ("single", 3, [[3], [1]]))
    grow("by itself", ("placed-1", 8, None))
    grow("only validated", ("single", 9, None), validate=True)
    grow("as many as there are", ("single", 3, None))
    grow("fewer", ("single", 1, None))
    grow("none", ("single", 0, None))
    grow("negative", ("single", -1, None))
    grow("absent topic", ("absent", 3, None))
    grow("empty name", ("", 3, None))
    grow("twice in a request", ("single", 4, None), ("single", 5, None), ("absent", 1, None))
    grow("too few assignments", ("single", 5, [[3]]))
    grow("too many assignments", ("single", 4, [[3], [2]]))
    grow("another factor", ("single", 4, [[3, 2]]))
    grow("unknown broker", ("single", 4, [[9]]))
    grow("broker twice", ("orders", 4, [[1, 1, 2]]))
    grow("no brokers", ("single", 4, [[]]))
    grow("several, mixed", ("single", 2, None), ("absent", 9, None))
    play.until("grown", lambda seen: len(seen["topics"]["single"]["partitions"]) == 3)


@step
def topics_are_described(play):
    def metadata(label, *rows, version=None, **more):
        body = {"Topics": [{"Name": name, "TopicId": id} for name, id in rows], **more}
        play.note(label, without_places(play.quietly("Metadata", body, version=version)))

    id = next(id for id, name in play.side.topic_names.items() if name == "orders")
    metadata("by name", ("orders", NO_ID))
    metadata("by id", (None, id))
    metadata("absent", ("absent", NO_ID), AllowAutoTopicCreation=False)
    metadata("invalid", ("a/b", NO_ID), AllowAutoTopicCreation=True)
    metadata("empty", ("", NO_ID), AllowAutoTopicCreation=True)
    metadata("unknown id", (None, b"0123456789abcdef"))
    metadata("twice", ("orders", NO_ID), ("orders", NO_ID))
    metadata("neither", (None, NO_ID))
    metadata("old", ("orders", NO_ID), version=4)

    def describe(label, *names, limit=2000, cursor=None):
        body = {
            "Topics": [{"Name": name} for name in names],
            "ResponsePartitionLimit": limit,
            "Cursor": cursor,
        }
        play.note(label, without_places(play.quietly("DescribeTopicPartitions", body)))

    describe("two partitions", "orders", "pairs", limit=2)
    describe("from a cursor", "orders", "pairs", cursor=cursor("orders", 1))
    describe("cursor behind", "orders", cursor=cursor("zebra", 0))
    describe("cursor negative", "orders", cursor=cursor("orders", -1))
    describe("absent partitions", "absent", "orders", "a/b")
    describe("limit of zero", "orders", "pairs", limit=0)


def cursor(topic_name, index):
    return {"TopicName": topic_name, "PartitionIndex": index}


def without_places(answer):
    """An answer of metadata without the lists' orders that mean nothing, and what is drawn."""
    kept = {}
    for topic in answer.get("Topics", []):
        kept[f"{topic['Name']} {topic['ErrorCode']} {len(kept)}"] = {
            "known by id": topic.get("TopicId", NO_ID) != NO_ID,
            "internal": topic["IsInternal"],
            "operations": topic.get("TopicAuthorizedOperations"),
            "partitions": [
                {key: sorted(v) if key == "IsrNodes" else v for key, v in one.items()}
                for one in sorted(topic["Partitions"], key=lambda one: one["PartitionIndex"])
            ],
        }
    return {"topics": kept, "next": answer.get("NextCursor"), "closed": answer.get("connection")}


@step
def topics_are_deleted(play):
    def delete(label, *names):
        rows = [{"Name": name, "TopicId": NO_ID} for name in names]
        body = {"Topics": rows, "TimeoutMs": 30_000}
        play.ask(label, "DeleteTopics", body, to=1, unordered=("Responses",))

    delete("absent", "absent")
    delete("empty", "")
    delete("twice in a request", "absent", "absent", "gone")
    rows = [{"Name": None, "TopicId": b"0123456789abcdef"}]
    play.ask("unknown id", "DeleteTopics", {"Topics": rows, "TimeoutMs": 30_000})
    rows = [{"Name": None, "TopicId": NO_ID}]
    play.ask("neither", "DeleteTopics", {"Topics": rows, "TimeoutMs": 30_000})
    rows = [{"Name": "doomed", "TopicId": b"0123456789abcdef"}]
    play.ask("both", "DeleteTopics", {"Topics": rows, "TimeoutMs": 30_000})
    delete("one that is there", "doomed")
    play.until("gone", lambda seen: "doomed" not in seen["topics"])
    play.ask("created again", "CreateTopics", topics(topic("doomed", [2, 3])))
    play.until("there again", lambda seen: "doomed" in seen["topics"])
