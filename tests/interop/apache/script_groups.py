"""Consumer groups of the classic protocol, from joining to the deletion of offsets."""

from .play import step

OFFSETS_BY_NAME = 9
GROUP = "readers"
UNKNOWN_MEMBER = "nobody"


def coordinator(play, group):
    def ask():
        body = {"KeyType": 0, "CoordinatorKeys": [group]}
        return play.quietly("FindCoordinator", body, version=4)

    found = play.until_answered(
        "a coordinator", ask, lambda seen: seen["Coordinators"][0]["ErrorCode"] == 0
    )
    return found["Coordinators"][0]["NodeId"]


def commit(group, *offsets, generation=-1, member="", topic="orders", metadata=None):
    rows = [
        {
            "PartitionIndex": index,
            "CommittedOffset": offset,
            "CommittedLeaderEpoch": -1,
            "CommittedMetadata": metadata,
        }
        for index, offset in offsets
    ]
    return {
        "GroupId": group,
        "GenerationIdOrMemberEpoch": generation,
        "MemberId": member,
        "Topics": [{"Name": topic, "Partitions": rows}],
    }


def committed(group, *indexes, topic="orders"):
    rows = [{"Name": topic, "PartitionIndexes": list(indexes)}] if indexes else None
    return {"Groups": [{"GroupId": group, "Topics": rows}], "RequireStable": False}


@step
def coordinators_are_found(play):
    coordinator(play, GROUP)

    def find(label, kind, *keys, version=None):
        body = {"KeyType": kind, "CoordinatorKeys": list(keys), "Key": keys[0] if keys else ""}
        seen = play.quietly("FindCoordinator", body, version=version)
        rows = seen.get("Coordinators") or [seen]
        play.note(label, [(row.get("Key"), row["ErrorCode"], row["ErrorMessage"]) for row in rows])

    find("groups", 0, GROUP, "others", version=4)
    find("empty", 0, "", version=4)
    find("old", 0, GROUP, version=2)
    find("unknown kind", 9, GROUP, version=4)
    find("share", 2, "a:b:0", version=4)


@step
def a_group_is_joined(play):
    at = coordinator(play, GROUP)

    def join(label, member="", group=GROUP, kind="consumer", session=30_000, protocols=("range",)):
        body = {
            "GroupId": group,
            "SessionTimeoutMs": session,
            "RebalanceTimeoutMs": 30_000,
            "MemberId": member,
            "ProtocolType": kind,
            "Protocols": [{"Name": name, "Metadata": b"meta"} for name in protocols],
        }
        seen = play.quietly("JoinGroup", body, at)
        play.note(
            label,
            {
                "error": seen["ErrorCode"],
                "generation": seen["GenerationId"],
                "kind": seen.get("ProtocolType"),
                "protocol": seen["ProtocolName"],
                "leads": seen["Leader"] == seen["MemberId"] != "",
                "has an id": seen["MemberId"] != "",
                "members": [one["Metadata"] for one in seen["Members"]],
            },
        )
        return seen["MemberId"]

    join("empty group", group="")
    join("short session", session=1)
    join("long session", session=99_999_999)
    join("unknown member", member=UNKNOWN_MEMBER)
    join("no protocols", protocols=())
    join("no kind", kind="")
    member = join("first without id")
    play.kept["member"] = member
    join("with id", member=member)

    def sync(label, generation=1, id=member, group=GROUP, protocol="range"):
        body = {
            "GroupId": group,
            "GenerationId": generation,
            "MemberId": id,
            "ProtocolType": "consumer",
            "ProtocolName": protocol,
            "Assignments": [{"MemberId": member, "Assignment": b"all"}],
        }
        play.ask(label, "SyncGroup", body, at)

    sync("synced in another generation", generation=9)
    sync("synced unknown member", id=UNKNOWN_MEMBER)
    sync("synced another protocol", protocol="other")
    sync("synced")
    sync("synced again")

    def beat(label, generation=1, id=member, group=GROUP):
        body = {"GroupId": group, "GenerationId": generation, "MemberId": id}
        play.ask(label, "Heartbeat", body, coordinator(play, group) if group else at)

    beat("alive")
    beat("alive in another generation", generation=5)
    beat("alive unknown member", id=UNKNOWN_MEMBER)
    beat("alive absent group", group="absent")
    beat("alive empty group", group="")

    def put(label, *offsets, **how):
        group = how.pop("group", GROUP)
        body = commit(group, *offsets, **how)
        play.ask(label, "OffsetCommit", body, coordinator(play, group), OFFSETS_BY_NAME)

    put("committed", (0, 2), (1, 5), generation=1, member=member, metadata="m")
    put("committed in another generation", (0, 3), generation=7, member=member)
    put("committed unknown member", (0, 3), generation=1, member=UNKNOWN_MEMBER)
    put("committed by nobody", (0, 3))
    put("committed absent topic", (0, 3), generation=1, member=member, topic="absent")
    put("committed absent partition", (77, 3), generation=1, member=member)
    put("committed negative", (2, -5), generation=1, member=member)
    put("committed long metadata", (2, 5), generation=1, member=member, metadata="x" * 5000)
    put("committed alone", (0, 4), group="alone")
    put("committed to no generation", (0, 4), generation=3, group="absent")


@step
def groups_are_described(play):
    at = coordinator(play, GROUP)

    def ask(label, api, body, to=at, version=None):
        play.ask(label, api, body, to, version)

    ask("offsets", "OffsetFetch", committed(GROUP, 0, 1, 2), version=OFFSETS_BY_NAME)
    seen = play.quietly("OffsetFetch", committed(GROUP), at, OFFSETS_BY_NAME)
    rows = [
        (topic["Name"], row["PartitionIndex"], row["CommittedOffset"], row["Metadata"])
        for topic in seen["Groups"][0]["Topics"]
        for row in topic["Partitions"]
    ]
    play.note("offsets of all", sorted(rows))
    for label, body in (
        ("offsets absent group", committed("absent", 0)),
        ("offsets of all, absent", committed("absent")),
    ):
        ask(label, "OffsetFetch", body, coordinator(play, "absent"), OFFSETS_BY_NAME)
    for name in (GROUP, "alone", "absent"):
        body = {"Groups": [name], "IncludeAuthorizedOperations": False}
        ask(f"group {name}", "DescribeGroups", body, coordinator(play, name))
        ask(f"group {name}, old", "DescribeGroups", body, coordinator(play, name), version=5)
    listed = []
    for broker in sorted(play.side.serving):
        body = {"StatesFilter": [], "TypesFilter": []}
        listed += play.quietly("ListGroups", body, broker)["Groups"]
    play.note("groups", sorted(map(str, listed)))
    ask("groups of a state", "ListGroups", {"StatesFilter": ["Dead"], "TypesFilter": []})
    ask("groups of no state", "ListGroups", {"StatesFilter": ["nonsense"], "TypesFilter": []})
    ask("groups of no type", "ListGroups", {"StatesFilter": [], "TypesFilter": ["nonsense"]})


@step
def groups_are_left_and_deleted(play):
    at = coordinator(play, GROUP)

    def leave(label, *members, group=GROUP):
        rows = [{"MemberId": one} for one in members]
        body = {"GroupId": group, "Members": rows}
        play.ask(label, "LeaveGroup", body, coordinator(play, group))

    def delete(label, *names):
        body = {"GroupsNames": list(names)}
        seen = play.quietly("DeleteGroups", body, coordinator(play, names[0]))
        play.note(label, sorted((one["GroupId"], one["ErrorCode"]) for one in seen["Results"]))

    def forget(label, group, topic, *indexes):
        rows = [{"Name": topic, "Partitions": [{"PartitionIndex": each} for each in indexes]}]
        body = {"GroupId": group, "Topics": rows}
        unordered = ("Partitions",)
        play.ask(label, "OffsetDelete", body, coordinator(play, group), unordered=unordered)

    delete("not empty", GROUP)
    forget("offsets of a group with members", GROUP, "orders", 0)
    leave("unknown", UNKNOWN_MEMBER)
    leave("absent group", UNKNOWN_MEMBER, group="absent")
    leave("the last", play.kept["member"])
    leave("again", play.kept["member"])
    forget("offsets", GROUP, "orders", 1, 9)
    forget("offsets absent topic", GROUP, "absent", 0)
    forget("offsets absent group", "absent", "orders", 0)
    play.ask("what is left", "OffsetFetch", committed(GROUP, 0, 1), at, OFFSETS_BY_NAME)
    delete("absent", "absent")
    delete("committed to alone", "alone")
    delete("empty", GROUP)
    delete("deleted again", GROUP)
    body = {"Groups": [GROUP], "IncludeAuthorizedOperations": False}
    play.ask("deleted", "DescribeGroups", body, at)
