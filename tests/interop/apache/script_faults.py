"""What a machine's failures do: kills, pauses and shutdowns of brokers, and the active
controller's end."""

import time

from .bodies import (
    SET,
    TOPIC,
    changes,
    election,
    produce,
    reassignment,
    resource,
    topic,
    topics,
)
from .observation import normalised
from .play import step
from .records import batch
from .script_records import ALL, LEADER, PRODUCE_BY_NAME, send
from .script_replicas import PREFERRED, UNCLEAN, elect_preferred, partition

NOT_LEADER = 6
BALANCED_EVERY_SECONDS = 300  # leader.imbalance.check.interval.seconds
FAULTS_SECONDS_MAX = 240  # What follows takes 190 where nothing else runs.


def send_led(play, label, name, records, **how):
    """To the leader, which may have to apply first that it is, or may be another by then."""
    index = how.get("index", 0)
    body = produce(name, index, records, how.get("acks", ALL))

    def ask():
        leads = play.leader(name, index)
        return leads in play.side.serving and play.quietly("Produce", body, leads, PRODUCE_BY_NAME)

    answer = play.until_answered(
        f"{name} is led",
        ask,
        lambda answer: answer and produced(answer)["ErrorCode"] != NOT_LEADER,
    )
    play.note(label, normalised(produced(answer), play.side))


def produced(answer):
    return answer["Responses"][0]["PartitionResponses"][0]


def fenced(seen, broker):
    return seen["brokers"].get(broker, {}).get("fenced", True)


def whole(seen):
    """All brokers serve, and each partition's replicas are in sync."""
    return len(seen["metadata"]["brokers"]) == 3 and all(
        one["isr"] == sorted(one["replicas"])
        for described in seen["topics"].values()
        for one in described["partitions"].values()
        if "leader" in one
    )


@step
def leaders_have_been_balanced(play):
    """Controllers look for leaders to give back every 300 s from when they became active, which is
    not at the same moment on both sides: not while brokers are down, then."""
    age = time.monotonic() - play.side.started
    if age + FAULTS_SECONDS_MAX > BALANCED_EVERY_SECONDS:
        time.sleep(max(0.0, BALANCED_EVERY_SECONDS + 10 - age))


@step
def a_killed_broker_loses_its_leaders(play):
    play.side.kill(1)
    play.until("fenced", lambda seen: fenced(seen, 1) and 1 not in seen["metadata"]["brokers"])
    send_led(play, "two in sync suffice", "orders", batch([b"without 1"]))
    send_led(play, "too few in sync", "pairs", batch([b"without 1"]))
    send_led(play, "too few, acks 1", "pairs", batch([b"leader alone"]), acks=LEADER)
    send_led(play, "one in sync", "clean", batch([b"without 1"]))
    play.ask("election of one that is down", "ElectLeaders", election(PREFERRED, ("orders", 0)))
    play.ask("created on the fenced", "CreateTopics", topics(topic("on-fenced", [1, 2])))
    play.ask("created wide", "CreateTopics", topics(topic("placed-wide", partitions=1, factor=3)))
    play.ask("created only on the fenced", "CreateTopics", topics(topic("only-fenced", [1])))


@step
def a_reassignment_waits_for_a_broker_that_is_down(play):
    def move(label, moves):
        play.ask(label, "AlterPartitionReassignments", reassignment(moves))

    move("to the fenced", {("single", 0): [1], ("single", 1): [2]})
    play.ask("they move", "ListPartitionReassignments", {"Topics": None})
    play.until("moving", lambda seen: len(seen["reassignments"]) == 1)
    move("cancelled", {("single", 0): None, ("single", 1): None})
    play.until("rest", lambda seen: not seen["reassignments"])
    play.ask("none move", "ListPartitionReassignments", {"Topics": None})


@step
def a_second_kill_leaves_eligible_leaders(play):
    """Below min.insync.replicas, who leaves the in-sync replicas stays eligible."""
    play.side.kill(2)
    play.until("fenced", lambda seen: fenced(seen, 2) and seen["metadata"]["brokers"] == [3])
    send_led(play, "too few in sync", "orders", batch([b"without 1 and 2"]))
    send_led(play, "acks 1", "orders", batch([b"alone"]), acks=LEADER)
    send(play, "no leader", "clean", batch([b"nobody"]), to=3)
    play.ask("unclean off", "ElectLeaders", election(PREFERRED, ("clean", 0)))


@step
def killed_brokers_come_back(play):
    play.side.restart(1)
    play.until("one is back", lambda seen: not fenced(seen, 1))
    play.side.restart(2)
    play.until("both are back", whole)
    elect_preferred(play, "preferred")
    send_led(play, "all in sync", "orders", batch([b"again"]))
    send_led(play, "both in sync", "pairs", batch([b"again"]))


@step
def a_paused_broker_is_fenced_and_returns(play):
    play.side.pause(2)
    play.until("fenced", lambda seen: fenced(seen, 2) and 2 not in seen["metadata"]["brokers"])
    send_led(play, "without it", "orders", batch([b"2 is paused"]), index=1)
    play.side.resume(2)
    play.until("back", whole)
    elect_preferred(play, "preferred")


@step
def a_broker_is_shut_down_in_order(play):
    play.side.shutdown(3)
    play.until("gone", lambda seen: fenced(seen, 3) and 3 not in seen["metadata"]["brokers"])
    send_led(play, "without it", "orders", batch([b"3 is down"]), index=2)
    play.ask("unregistered", "UnregisterBroker", {"BrokerId": 3})
    play.until("forgotten", lambda seen: 3 not in seen["brokers"])
    play.side.restart(3)
    play.until("back", whole)
    elect_preferred(play, "preferred")


@step
def the_last_in_sync_replica_dies(play):
    """clean and unclean have replicas 2, 1; the second to die takes what only it had."""
    play.side.kill(1)
    play.until("1 is fenced", lambda seen: fenced(seen, 1) and 1 not in seen["metadata"]["brokers"])
    for name in ("clean", "unclean"):
        send_led(play, f"{name}, one is left", name, batch([b"only on 2"]))
    play.side.kill(2)
    play.until("2 is fenced", lambda seen: seen["metadata"]["brokers"] == [3])
    play.side.restart(1)
    play.until("1 is back", lambda seen: 1 in seen["metadata"]["brokers"] and not fenced(seen, 1))
    play.until("uncleanly", lambda seen: partition(seen, "unclean")["leader"] == 1)
    send_led(play, "unclean goes on", "unclean", batch([b"from 1"]))
    send(play, "clean does not", "clean", batch([b"from 1"]), to=1)


@step
def an_unclean_election_is_asked_for(play):
    play.ask("unclean", "ElectLeaders", election(UNCLEAN, ("clean", 0), ("orders", 0)))
    play.until("elected", lambda seen: partition(seen, "clean")["leader"] == 1)
    send_led(play, "after it", "clean", batch([b"after the election"]))
    play.side.restart(2)
    play.until("back", whole)
    elect_preferred(play, "preferred")


@step
def another_controller_takes_over(play):
    asked = {"Topics": [{"TopicName": "__cluster_metadata", "Partitions": [{}]}]}

    def leader():
        seen = play.quietly("DescribeQuorum", asked)
        return seen["Topics"][0]["Partitions"][0]["LeaderId"] if seen.get("Topics") else -1

    active = leader()
    play.side.kill(active)
    play.until_answered("another", leader, lambda now: now not in (active, -1))
    play.ask("created by it", "CreateTopics", topics(topic("after", [1, 2, 3])))
    alone = changes(resource(TOPIC, "after", (SET, "min.insync.replicas", "3")))
    play.ask("configured by it", "IncrementalAlterConfigs", alone)
    play.until("there", lambda seen: partition(seen, "after").get("isr") == [1, 2, 3])
    send_led(play, "written", "after", batch([b"after"]))
    play.side.restart(active)
    play.until("three voters", whole)
