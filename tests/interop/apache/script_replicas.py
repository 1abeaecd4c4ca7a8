"""Replicas and leaders where nothing fails: reassignments and elections."""

from .bodies import election, reassignment
from .observation import INTERNAL, PLACED, normalised
from .play import in_order, step

PREFERRED, UNCLEAN = 0, 1


def partition(seen, topic, index=0):
    return seen["topics"].get(topic, {}).get("partitions", {}).get(index, {})


@step
def partitions_are_reassigned(play):
    def move(label, moves, to=2, **more):
        play.ask(label, "AlterPartitionReassignments", reassignment(moves, **more), to)

    move("one that stays", {("moved", 0): [1, 2]})
    move("to another and back in order", {("moved", 0): [3, 1]})
    play.until("moved", lambda seen: partition(seen, "moved").get("replicas") == [3, 1])
    move("wider", {("moved", 1): [2, 3, 1]})
    play.until("wider", lambda seen: partition(seen, "moved", 1).get("isr") == [1, 2, 3])
    move("narrower", {("moved", 1): [3]})
    play.until("narrower", lambda seen: partition(seen, "moved", 1).get("replicas") == [3])
    move("wider where it may not be", {("moved", 1): [3, 1]}, AllowReplicationFactorChange=False)
    move("unknown broker", {("moved", 2): [9, 1]})
    move("negative broker", {("moved", 2): [-1, 1]})
    move("broker twice", {("moved", 2): [1, 1]})
    move("no brokers", {("moved", 2): []})
    move("cancel of what does not move", {("moved", 2): None})
    move("absent partition", {("moved", 9): [1, 2]})
    move("absent topic", {("absent", 0): [1, 2], ("moved", 9): None})
    move("empty name", {("", 0): [1]})
    twice = reassignment({("moved", 2): [3, 1]})
    twice["Topics"] *= 2
    play.ask("topic twice", "AlterPartitionReassignments", twice)
    move("nothing", {})

    def moving(label, topics):
        body = {"Topics": topics}
        play.ask(label, "ListPartitionReassignments", body)

    moving("none move", None)
    moving("none of these", [{"Name": "moved", "PartitionIndexes": [0, 9]}])
    moving("none of the absent", [{"Name": "absent", "PartitionIndexes": [0]}])


def elected(answer):
    """What an answer says of the topics whose replicas are where the script put them, in an order
    of its own."""
    rows = [row for row in answer["ReplicaElectionResults"] if not drawn(row["Topic"])]
    rows = in_order({**answer, "ReplicaElectionResults": rows}, ("PartitionResult",))
    return in_order(rows, ("ReplicaElectionResults",))


def drawn(topic):
    return topic.startswith((INTERNAL, PLACED))


def elect_preferred(play, label):
    """All partitions whose preferred leader does not lead; again, until none is left."""
    answer = play.quietly("ElectLeaders", election(PREFERRED))
    play.note(label, elected(normalised(answer, play.side)))


@step
def leaders_are_elected(play):
    def elect(label, kind, *partitions, to=3, version=None):
        body = election(kind, *partitions)
        answer = normalised(play.quietly("ElectLeaders", body, to, version), play.side)
        play.note(label, elected(answer))

    elect("preferred after the move", PREFERRED, ("moved", 0))
    play.until("leads", lambda seen: partition(seen, "moved")["leader"] == 3)
    elect("again", PREFERRED, ("moved", 0))
    elect("unclean where there is a leader", UNCLEAN, ("moved", 0))
    elect("absent", PREFERRED, ("absent", 0), ("moved", 9))
    elect("negative", PREFERRED, ("moved", -1))
    elect("twice", PREFERRED, ("moved", 0), ("moved", 0), ("orders", 0))
    elect("a kind that is none", 7, ("moved", 0))
    elect("all", PREFERRED)
    elect("all unclean", UNCLEAN)


@step
def brokers_and_features_are_told_apart(play):
    play.ask("serving broker", "UnregisterBroker", {"BrokerId": 9})
    play.ask("negative broker", "UnregisterBroker", {"BrokerId": -1})

    def upgrade(label, feature, level, kind=1, validate=False):
        one = {"Feature": feature, "MaxVersionLevel": level, "UpgradeType": kind}
        body = {"FeatureUpdates": [one], "ValidateOnly": validate, "timeoutMs": 30_000}
        play.ask(label, "UpdateFeatures", body)

    upgrade("no such feature", "nonsense", 1)
    upgrade("beyond", "metadata.version", 999)
    upgrade("down without leave", "metadata.version", 7)
    upgrade("negative", "metadata.version", -1)
    upgrade("kind", "eligible.leader.replicas.version", 1, kind=9)
    upgrade("as it is", "eligible.leader.replicas.version", 1)
    upgrade("only validated", "eligible.leader.replicas.version", 0, kind=2, validate=True)
    body = {"Topics": [{"TopicName": "orders", "Partitions": [{}]}]}
    play.ask("quorum of another topic", "DescribeQuorum", body)
    play.ask("quorum of nothing", "DescribeQuorum", {"Topics": []})
