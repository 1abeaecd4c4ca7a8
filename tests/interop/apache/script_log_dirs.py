"""Log directories: described, and replicas moved between them, with what is refused."""

from .play import step


def described(*wanted):
    """Of (topic, partitions), or of all there are."""
    return {"Topics": [{"Topic": name, "Partitions": list(parts)} for name, parts in wanted] or None}


def moves(path, *wanted):
    return {
        "Dirs": [
            {
                "Path": path,
                "Topics": [{"Name": name, "Partitions": list(parts)} for name, parts in wanted],
            }
        ]
    }


def told(answer):
    """Without paths and sizes of disks, and with topics in order."""
    return {
        **{name: value for name, value in answer.items() if name not in ("Results", "ThrottleTimeMs")},
        "Results": [
            {
                "ErrorCode": one["ErrorCode"],
                "Topics": sorted(
                    (
                        topic["Name"],
                        sorted(
                            (
                                part["PartitionIndex"],
                                part["PartitionSize"],
                                part["OffsetLag"],
                                part["IsFutureKey"],
                            )
                            for part in topic["Partitions"]
                        ),
                    )
                    for topic in one["Topics"]
                    if not topic["Name"].startswith(("__", "placed"))
                ),
            }
            for one in answer["Results"]
        ],
    }


@step
def log_directories_are_described(play):
    def describe(label, *wanted, to=1):
        play.note(label, told(play.quietly("DescribeLogDirs", described(*wanted), to=to)))

    for broker in (1, 2, 3):
        describe(f"all of {broker}", to=broker)
    describe("one", ("single", [0]))
    describe("a partition that is not", ("single", [99]))
    describe("a negative partition", ("single", [-1]))
    describe("no partitions", ("single", []))
    describe("an absent topic", ("absent", [0]))
    describe("an invalid name", ("a/b", [0]))
    describe("an empty name", ("", [0]))
    describe("twice", ("single", [0, 0]))
    describe("a topic twice", ("single", [0]), ("single", [0]))
    describe("some", ("single", [0]), ("absent", [0]), ("pairs", [0, 99]))


@step
def moves_to_no_directory_are_refused(play):
    def move(label, path, *wanted, to=1):
        body = moves(path, *wanted)
        play.ask(label, "AlterReplicaLogDirs", body, to=to, unordered=("Results", "Partitions"))

    move("no such directory", "/no/such/directory", ("single", [0]))
    move("relative", "there", ("single", [0]))
    move("empty path", "", ("single", [0]))
    move("absent topic", "/no/such/directory", ("absent", [0]))
    move("partition that is not", "/no/such/directory", ("single", [99]))
    move("negative partition", "/no/such/directory", ("single", [-1]))
    move("invalid topic", "/no/such/directory", ("a/b", [0]))
    move("empty topic", "/no/such/directory", ("", [0]))
    move("nothing", "/no/such/directory")
    move("no partitions", "/no/such/directory", ("single", []))
    move("several", "/no/such/directory", ("single", [0]), ("absent", [0, 1]), ("pairs", [0]))
    twice = moves("/no/such/directory", ("single", [0]))
    twice["Dirs"] *= 2
    play.ask("directory twice", "AlterReplicaLogDirs", twice, to=1, unordered=("Results",))
    play.ask("none", "AlterReplicaLogDirs", {"Dirs": []}, to=1)
