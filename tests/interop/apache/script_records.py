"""Records: produced in every way, read back, and all that is refused about them."""

import time

from .bodies import fetch, list_offsets, produce
from .play import step
from .records import batch

ALL, LEADER, NONE = -1, 1, 0
# Produce and Fetch name topics up to these versions, then their ids.
PRODUCE_BY_NAME, FETCH_BY_NAME = 12, 12
HOUR_MS = 3_600_000


def send(play, label, topic, records, index=0, acks=ALL, to=None):
    to = play.leader(topic, index) if to is None else to
    body = produce(topic, index, records, acks)
    return play.ask(label, "Produce", body, to, PRODUCE_BY_NAME, answered=acks != NONE)


@step
def records_are_produced(play):
    send(play, "all", "orders", batch([b"a", b"b", b"c"]))
    send(play, "leader", "orders", batch([b"d"]), acks=LEADER)
    send(play, "none", "orders", batch([b"e", b""]), acks=NONE)
    send(play, "second partition", "orders", batch([b"f"] * 10), index=1)
    send(play, "pairs", "pairs", batch([b"g"]))
    send(play, "one replica", "single", batch([b"h"]))
    send(play, "stamped by the log", "stamped", batch([b"i"]))
    for topic in ("moved", "clean", "unclean", "eligible"):
        send(play, topic, topic, batch([b"j", b"k"]))
    play.until(
        "what was not acknowledged is there too",
        lambda seen: seen["offsets"]["orders-0"]["latest"]["Offset"] == 6,
    )


@step
def an_idempotent_producer_is_told_of_its_mistakes(play):
    def start(**more):
        body = {"TransactionalId": None, "TransactionTimeoutMs": 1000, **more}
        return play.quietly("InitProducerId", body)

    # The broker has to fetch its first block of ids.
    given = play.until_answered("an id", start, lambda answer: answer["ErrorCode"] == 0)
    play.note("given", given["ProducerEpoch"])
    id = given["ProducerId"]

    def push(label, values, sequence, epoch=0, producer=id):
        records = batch(values, (producer, epoch), sequence)
        send(play, label, "orders", records, index=2)

    push("first", [b"p0", b"p1"], 0)
    push("second", [b"p2"], 2)
    push("second again", [b"p2"], 2)
    push("first again", [b"p0", b"p1"], 0)
    push("a gap", [b"p9"], 9)
    push("third", [b"p3"], 3)
    push("old epoch's gap", [b"q0"], 5, epoch=1)
    push("next epoch", [b"q0"], 0, epoch=1)
    push("epoch before", [b"p4"], 4, epoch=0)
    push("unknown producer not at its start", [b"r"], 7, producer=id + 500_000)
    push("an overlap", [b"q0", b"q1"], 0, epoch=1)
    for sequence in range(1, 7):
        push(f"many {sequence}", [b"s"], sequence, epoch=1)
    push("forgotten repeat", [b"s"], 1, epoch=1)
    bumped = start(ProducerId=id, ProducerEpoch=1)
    play.note("bumped", {"error": bumped["ErrorCode"], "epoch": bumped["ProducerEpoch"]})


@step
def bad_records_are_refused(play):
    leader = play.leader("orders")
    other = leader % 3 + 1
    good = batch([b"x"])

    def push(label, records, topic="orders", index=0, acks=ALL, to=leader):
        send(play, label, topic, records, index, acks, to)

    push("not the leader", good, to=other)
    push("not the leader, acks 0", good, to=other, acks=NONE)
    push("absent topic", good, topic="absent")
    push("absent partition", good, index=9)
    push("negative partition", good, index=-1)
    push("invalid topic", good, topic="a/b")
    push("internal topic", good, topic="__consumer_offsets")
    push("acks 2", good, acks=2)
    push("no records", b"")
    push("wrong crc", batch([b"x"], crc=1))
    push("old format", batch([b"x"], magic=1))
    push("unknown format", batch([b"x"], magic=9))
    push("count beyond", batch([b"x"], count=2))
    push("count below", batch([b"x", b"y"], count=1))
    push("last delta", batch([b"x"], last_delta=5))
    push("two batches", good + good)
    push("cut off", good[:-1])
    push("head only", good[:30])
    push("unknown codec", batch([b"x"], attributes=7))
    push("codec that it is not", batch([b"x"], attributes=1))
    push("control batch", batch([b"x"], attributes=0x20))
    push("transactional", batch([b"x"], attributes=0x10))
    push("sequence without producer", batch([b"x"], (-1, -1), 5))
    push("producer without sequence", batch([b"x"], (7, 0), -1))
    future = int(time.time() * 1000) + 2 * HOUR_MS
    push("from the future", batch([b"x"], timestamp=future))
    push("no timestamp", batch([b"x"], timestamp=-1))
    small = play.leader("small")
    push("too large", batch([b"x" * 600]), topic="small", to=small)
    push("just small enough", batch([b"x" * 300]), topic="small", to=small)


@step
def records_are_read(play):
    leader = play.leader("orders")
    other = leader % 3 + 1

    def read(label, topic="orders", index=0, offset=0, to=leader, **how):
        play.ask(label, "Fetch", fetch(topic, index, offset, **how), to, FETCH_BY_NAME)

    read("all")
    read("from the middle", offset=2)
    read("at the end", offset=6)
    read("beyond the end", offset=99)
    read("negative offset", offset=-5)
    read("few bytes", bytes_max=1)
    read("not the leader", to=other)
    read("absent topic", topic="absent")
    read("absent partition", index=9)
    read("fenced epoch", epoch=-7)
    read("future epoch", epoch=99)

    def find(label, timestamp, topic="orders", index=0, to=leader, epoch=-1, version=None):
        body = list_offsets(topic, index, timestamp, epoch)
        play.ask(label, "ListOffsets", body, to, version)

    for label, timestamp in (
        ("earliest", -2),
        ("latest", -1),
        ("greatest timestamp", -3),
        ("earliest local", -4),
        ("latest tiered", -5),
        ("unknown", -9),
        ("ever", 0),
        ("never", int(time.time() * 1000) + HOUR_MS),
    ):
        find(label, timestamp)
    find("elsewhere", -1, to=other)
    find("of an absent topic", -1, topic="absent")
    find("of an absent partition", -1, index=9)
    find("of a future epoch", -1, epoch=99)
    find("greatest timestamp, old", -3, version=6)

    def epoch(label, wanted, current=-1, topic="orders", to=leader):
        row = {"Partition": 0, "CurrentLeaderEpoch": current, "LeaderEpoch": wanted}
        body = {"ReplicaId": -1, "Topics": [{"Topic": topic, "Partitions": [row]}]}
        play.ask(f"end of epoch: {label}", "OffsetForLeaderEpoch", body, to)

    epoch("current", 0)
    epoch("future", 9)
    epoch("undefined", -1)
    epoch("current is future", 0, current=9)
    epoch("elsewhere", 0, to=other)
    epoch("absent", 0, topic="absent")


@step
def records_are_deleted(play):
    if "DeleteRecords" not in play.versions:
        return
    leader = play.leader("orders", 1)

    def delete(label, *offsets, topic="orders", to=leader):
        rows = [{"PartitionIndex": index, "Offset": offset} for index, offset in offsets]
        body = {"Topics": [{"Name": topic, "Partitions": rows}], "TimeoutMs": 10_000}
        play.ask(label, "DeleteRecords", body, to)

    delete("some", (1, 4))
    delete("again, before", (1, 2))
    delete("beyond", (1, 99))
    delete("negative", (1, -2))
    delete("not the leader", (1, 5), to=leader % 3 + 1)
    delete("absent", (0, 0), topic="absent")
    delete("absent partition", (9, 0))
    delete("internal", (0, 0), topic="__consumer_offsets")
    delete("all", (1, -1))
    play.until(
        "deleted", lambda seen: seen["offsets"]["orders-1"]["earliest"].get("Offset") == 10
    )
