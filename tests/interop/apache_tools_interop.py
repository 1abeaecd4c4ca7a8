"""Apache Kafka's own command line tools, on Java: topics, configs, quotas, reassignments,
elections, the quorum, features, offsets, groups and the dump of a data folder. Opt-in: it runs
only where OTTLA_APACHE=1 is set, because Maven fetches the tools' jars."""

import json
import pathlib
import re
import sys
import tempfile
import unittest

from apache import jars
from apache.tools import CONFIGS, CONSUMER, DUMP, GROUPS, REASSIGN, run, told_in_json
from ottla_cluster import Cluster, wait_until

SKIPPED = 77


class Tools(unittest.TestCase):
    """One cluster for all; each test has topics of its own."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="ottla-apache-")
        cls.data = pathlib.Path(cls.folder.name) / "data"
        cls.cluster = Cluster(
            controllers=3, controllers_listen=True, data_dir=cls.data, racks="a"
        ).start()

    @classmethod
    def tearDownClass(cls):
        cls.cluster.stop()
        cls.folder.cleanup()

    def tool(self, name, *arguments, **how):
        return run(name, "--bootstrap-server", self.cluster.bootstrap, *arguments, **how)

    def topics(self, *arguments, **how):
        return self.tool("TopicCommand", *arguments, **how)

    def configs(self, *arguments, **how):
        return self.tool(CONFIGS, *arguments, **how)

    def file(self, name, content):
        path = pathlib.Path(self.folder.name) / name
        path.write_text(json.dumps(content))
        return path

    def create(self, topic, assignment, **config):
        options = [part for key, value in config.items() for part in ("--config", f"{key}={value}")]
        return self.topics(
            "--create", "--topic", topic, "--replica-assignment", assignment, *options
        )

    def partitions(self, topic):
        """[(leader, replicas, in-sync replicas)] of a topic, as TopicCommand describes them."""
        line = re.compile(r"Partition: \d+\tLeader: (\S+)\tReplicas: (\S*)\tIsr: (\S*)")
        described = self.topics("--describe", "--topic", topic)
        return [
            (leader, replicas, set(in_sync.split(",")))
            for leader, replicas, in_sync in line.findall(described)
        ]

    def send(self, topic, lines):
        self.tool(
            "ConsoleProducer",
            *("--topic", topic, "--property", "parse.key=true", "--property", "key.separator=:"),
            stdin="".join(line + "\n" for line in lines),
        )

    # --- topics ---

    def test_a_topic_is_created_described_grown_and_deleted(self):
        """TopicCommand: create with an assignment and configs, describe, alter, list, delete"""
        config = {"min.insync.replicas": 2, "retention.ms": 100000}
        self.assertIn("Created topic tools.", self.create("tools", "1:2,2:3,3:1", **config))
        described = self.topics("--describe", "--topic", "tools")
        self.assertIn("PartitionCount: 3\tReplicationFactor: 2\tConfigs: ", described)
        self.assertIn("retention.ms=100000", described)
        self.assertEqual(
            self.partitions("tools"),
            [("1", "1,2", {"1", "2"}), ("2", "2,3", {"2", "3"}), ("3", "3,1", {"3", "1"})],
        )
        self.topics("--alter", "--topic", "tools", "--partitions", 5)
        self.assertEqual(len(self.partitions("tools")), 5)
        lagging = self.topics("--describe", "--topic", "tools", "--under-replicated-partitions")
        self.assertNotIn("Partition:", lagging)
        self.assertIn("tools", self.topics("--list").splitlines())
        self.topics("--delete", "--topic", "tools")
        self.assertNotIn("tools", self.topics("--list").splitlines())

    def test_what_kafka_refuses_is_refused_in_its_words(self):
        """TopicCommand: a topic that is there, too many replicas, an unknown broker and config"""
        self.create("refused", "1:2")
        for said, *arguments in (
            ("Topic 'refused' already exists.", "--create", "--topic", "refused"),
            (
                "The target replication factor of 4 cannot be reached because only 3 broker(s) are"
                " registered.",
                *("--create", "--topic", "wide", "--replication-factor", 4),
            ),
            (
                "includes broker 9, but no such broker is registered.",
                *("--create", "--topic", "far", "--replica-assignment", "1:9"),
            ),
            (
                "Unknown topic config name: nonsense",
                *("--create", "--topic", "odd", "--config", "nonsense=1"),
            ),
            (
                "Topic already has 1 partition(s).",
                *("--alter", "--topic", "refused", "--partitions", 1),
            ),
        ):
            with self.subTest(said=said):
                self.assertIn(said, self.topics(*arguments, code=1))

    # --- configs and quotas ---

    def test_configs_of_a_topic_are_set_described_and_taken_back(self):
        """ConfigCommand on a topic: add, describe, describe --all, delete, an unknown name"""
        self.create("configured", "1:2")
        of_topic = ("--entity-type", "topics", "--entity-name", "configured")
        self.assertIn(
            "Completed updating config for topic configured.",
            self.configs(
                *("--alter", *of_topic, "--add-config"),
                "retention.ms=5000,cleanup.policy=[compact,delete]",
            ),
        )
        described = self.configs("--describe", *of_topic)
        self.assertIn("Dynamic configs for topic configured are:", described)
        self.assertIn("  cleanup.policy=compact,delete sensitive=false", described)
        self.assertIn("DYNAMIC_TOPIC_CONFIG:retention.ms=5000", described)
        self.assertIn("  segment.bytes=1073741824 ", self.configs("--describe", "--all", *of_topic))
        self.configs("--alter", *of_topic, "--delete-config", "retention.ms")
        self.assertNotIn("retention.ms", self.configs("--describe", *of_topic))
        refused = self.configs("--alter", *of_topic, "--add-config", "bogus=1", code=1)
        self.assertIn("Unknown topic config name: bogus", refused)

    def test_configs_of_brokers_are_set_for_one_and_for_all(self):
        """ConfigCommand on a broker and on the brokers' default, and what cannot be changed"""
        one = ("--entity-type", "brokers", "--entity-name", "1")
        default = ("--entity-type", "brokers", "--entity-default")
        self.configs("--alter", *one, "--add-config", "log.cleaner.threads=2")
        self.configs("--alter", *default, "--add-config", "message.max.bytes=2000000")
        self.assertIn(
            "log.cleaner.threads=2 sensitive=false synonyms={DYNAMIC_BROKER_CONFIG:"
            "log.cleaner.threads=2, DEFAULT_CONFIG:log.cleaner.threads=1}",
            self.configs("--describe", *one),
        )
        self.assertIn(
            "DYNAMIC_DEFAULT_BROKER_CONFIG:message.max.bytes=2000000",
            self.configs("--describe", *default),
        )
        refused = self.configs("--alter", *one, "--add-config", "log.dirs=/x", code=1)
        self.assertIn("Cannot update these configs dynamically: Set(log.dirs)", refused)
        self.configs("--alter", *default, "--delete-config", "message.max.bytes")
        self.assertNotIn("message.max.bytes", self.configs("--describe", *default))

    def test_quotas_of_clients_and_defaults_are_described(self):
        """ConfigCommand: quotas of a client id and of the default user, and one that is no rate"""
        client = ("--entity-type", "clients", "--entity-name", "c1")
        users = ("--entity-type", "users", "--entity-default")
        self.configs("--alter", *client, "--add-config", "request_percentage=50")
        self.configs("--alter", *users, "--add-config", "controller_mutation_rate=3")
        self.assertIn(
            "Quota configs for client-id 'c1' are request_percentage=50.0",
            self.configs("--describe", *client),
        )
        self.assertIn(
            "Quota configs for the default user-principal are controller_mutation_rate=3.0",
            self.configs("--describe", *users),
        )
        refused = self.configs("--alter", *client, "--add-config", "producer_byte_rate=-1", code=1)
        self.assertIn("Quota producer_byte_rate must be greater than 0", refused)

    def test_configs_of_a_group_are_within_the_brokers_limits(self):
        """ConfigCommand on a group: a session timeout, and one that is too short"""
        group = ("--entity-type", "groups", "--entity-name", "g1")
        self.configs("--alter", *group, "--add-config", "consumer.session.timeout.ms=50000")
        described = self.configs("--describe", *group)
        self.assertIn("DYNAMIC_GROUP_CONFIG:consumer.session.timeout.ms=50000", described)
        refused = self.configs(
            "--alter", *group, "--add-config", "consumer.session.timeout.ms=5", code=1
        )
        self.assertIn("group.consumer.min.session.timeout.ms", refused)

    # --- replicas and leaders ---

    def test_a_partition_moves_to_another_broker_and_its_leader_with_it(self):
        """ReassignPartitionsCommand: generate, execute, verify, list; then a preferred election"""
        self.create("moved", "1:2,2:3")
        plan = self.file(
            "move.json",
            {
                "version": 1,
                "partitions": [
                    {"topic": "moved", "partition": 0, "replicas": [3, 1]},
                    {"topic": "moved", "partition": 1, "replicas": [1, 2]},
                ],
            },
        )
        named = self.file("topics.json", {"version": 1, "topics": [{"topic": "moved"}]})
        proposed = self.tool(
            REASSIGN, "--topics-to-move-json-file", named, "--broker-list", "2,3", "--generate"
        )
        self.assertIn("Proposed partition reassignment configuration", proposed)
        self.assertIn(
            "Successfully started partition reassignments for moved-0,moved-1",
            self.tool(REASSIGN, "--reassignment-json-file", plan, "--execute"),
        )
        wait_until(
            lambda: {row[1] for row in self.partitions("moved")} == {"3,1", "1,2"}, "both moved"
        )
        verified = self.tool(REASSIGN, "--reassignment-json-file", plan, "--verify")
        self.assertIn("Reassignment of partition moved-0 is completed.", verified)
        self.assertIn("Reassignment of partition moved-1 is completed.", verified)
        self.assertIn("No partition reassignments found.", self.tool(REASSIGN, "--list"))
        self.tool(
            "LeaderElectionCommand",
            *("--election-type", "preferred", "--topic", "moved", "--partition", 0),
        )
        self.assertEqual(self.partitions("moved")[0], ("3", "3,1", {"3", "1"}))

    def test_a_former_leader_that_wrote_nothing_follows_the_next_one(self):
        """a reassignment raises the old leader's epoch, then another leads: acks=all goes on"""
        self.create("handed", "1:2")
        self.send("handed", ["k:v1"])
        row = {"topic": "handed", "partition": 0, "replicas": [3, 1]}
        plan = self.file("handed.json", {"version": 1, "partitions": [row]})
        self.tool(REASSIGN, "--reassignment-json-file", plan, "--execute")
        wait_until(lambda: self.partitions("handed")[0][1] == "3,1", "moved")
        self.tool(
            "LeaderElectionCommand",
            *("--election-type", "preferred", "--topic", "handed", "--partition", 0),
        )
        self.tool(
            "ConsoleProducer",
            *("--topic", "handed", "--request-required-acks", "all"),
            *("--producer-property", "delivery.timeout.ms=10000"),
            *("--producer-property", "request.timeout.ms=3000"),
            *("--producer-property", "linger.ms=0"),
            stdin="v2\n",
        )
        # The end that is told is the high watermark: the former leader has fetched the record.
        self.assertIn("handed:0:2", self.tool("GetOffsetShell", "--topic", "handed"))

    def test_elections_that_are_not_needed_or_not_possible_say_so(self):
        """LeaderElectionCommand: a leader that is the preferred one, and a topic that is not"""
        self.create("elected", "2:1")
        for election in ("preferred", "unclean"):
            self.assertIn(
                "Valid replica already elected for partitions elected-0",
                self.tool(
                    "LeaderElectionCommand",
                    *("--election-type", election, "--topic", "elected", "--partition", 0),
                ),
            )
        refused = self.tool(
            "LeaderElectionCommand",
            *("--election-type", "preferred", "--topic", "absent", "--partition", 0),
            code=1,
        )
        self.assertIn("UnknownTopicOrPartitionException: No such topic as absent", refused)

    # --- the cluster ---

    def test_the_cluster_names_its_brokers(self):
        """ClusterTool: the id, and the endpoints of the brokers"""
        address = ("--bootstrap-server", self.cluster.bootstrap)
        self.assertRegex(run("ClusterTool", "cluster-id", *address), r"Cluster ID: \S{22}\n")
        listed = run("ClusterTool", "list-endpoints", *address)
        self.assertEqual(len(re.findall(r"(?m)^[123] .* unfenced +broker", listed)), 3, listed)

    def test_the_quorum_names_its_leader_voters_and_observers(self):
        """MetadataQuorumCommand: --status and --replication"""
        leader = self.cluster.state()["quorum"]["leader"]
        status = self.tool("MetadataQuorumCommand", "describe", "--status")
        self.assertRegex(status, rf"LeaderId: +{leader}\n")
        rows = self.tool("MetadataQuorumCommand", "describe", "--replication")
        self.assertRegex(rows, rf"(?m)^{leader}\s.*Leader")
        self.assertEqual(len(re.findall(r"\tFollower", rows)), 2, rows)
        self.assertEqual(len(re.findall(r"\tObserver", rows)), 3, rows)

    def test_features_are_described_and_changed(self):
        """FeatureCommand: describe, a downgrade and an upgrade, and what is not supported"""
        described = self.tool("FeatureCommand", "describe")
        self.assertRegex(described, r"Feature: metadata.version\t.*FinalizedVersionLevel: 4\.")
        elr = "eligible.leader.replicas.version"
        self.assertIn(
            f"{elr} was downgraded to 0.",
            self.tool("FeatureCommand", "downgrade", "--feature", f"{elr}=0"),
        )
        self.assertIn(
            f"{elr} was upgraded to 1.",
            self.tool("FeatureCommand", "upgrade", "--feature", f"{elr}=1"),
        )
        refused = self.tool("FeatureCommand", "upgrade", "--feature", f"{elr}=9", code=1)
        self.assertIn("only supports versions 0-1", refused)

    def test_controllers_are_asked_directly(self):
        """the tools that take --bootstrap-controller: quorum, endpoints, features and configs"""
        address = ("--bootstrap-controller", self.cluster.bootstrap_controllers)
        status = run("MetadataQuorumCommand", *address, "describe", "--status")
        self.assertRegex(status, rf"LeaderId: +{self.cluster.state()['quorum']['leader']}\n")
        listed = run("ClusterTool", "list-endpoints", *address)
        self.assertEqual(len(re.findall(r"(?m)^10[123] .* controller", listed)), 3, listed)
        self.assertRegex(run("FeatureCommand", *address, "describe"), "Feature: metadata.version")
        default = ("--entity-type", "brokers", "--entity-default")
        change = ("--alter", "--add-config", "log.cleaner.io.max.bytes.per.second=1000000")
        said = run(CONFIGS, *address, *change, *default)
        self.assertIn("Completed updating default config for brokers in the cluster.", said)
        said = run(CONFIGS, *address, "--describe", *default)
        self.assertIn("log.cleaner.io.max.bytes.per.second=1000000", said)
        own = ("--entity-type", "brokers", "--entity-name", "102", "--all")
        self.assertIn("process.roles=controller", run(CONFIGS, *address, "--describe", *own))
        refused = run("ClusterTool", "unregister", "--id", "9", *address, code=1)
        self.assertIn("Broker ID 9 is not currently registered", refused)

    # --- records and groups ---

    def test_a_group_reads_commits_and_is_set_back(self):
        """ConsoleProducer, ConsoleConsumer, GetOffsetShell and ConsumerGroupCommand on one topic"""
        self.create("read", "1:2")
        self.send("read", ["k:v1", "k:v2", "k:v3"])
        read = self.tool(
            CONSUMER,
            *("--topic", "read", "--group", "readers", "--from-beginning", "--max-messages", 3),
            *("--timeout-ms", 30000, "--property", "print.key=true"),
        )
        self.assertIn("k\tv1\nk\tv2\nk\tv3\n", read)
        self.assertIn("read:0:3", self.tool("GetOffsetShell", "--topic", "read"))
        self.assertIn("read:0:0", self.tool("GetOffsetShell", "--topic", "read", "--time", "-2"))
        self.assertIn("readers", self.tool(GROUPS, "--list").splitlines())
        of_group = ("--group", "readers")
        described = self.tool(GROUPS, "--describe", *of_group)
        self.assertRegex(described, r"readers +read +0 +3 +3 +0 +- ")
        self.assertRegex(self.tool(GROUPS, "--describe", *of_group, "--state"), r"Empty +0")
        reset = ("--reset-offsets", *of_group, "--topic", "read")
        self.assertRegex(
            self.tool(GROUPS, *reset, "--to-earliest", "--dry-run"), r"readers +read +0 +0 "
        )
        self.tool(GROUPS, *reset, "--to-offset", 1, "--execute")
        self.assertRegex(self.tool(GROUPS, "--describe", *of_group), r"readers +read +0 +1 +3 +2 ")
        self.assertIn("was successful.", self.tool(GROUPS, "--delete", *of_group))
        self.assertNotIn("readers", self.tool(GROUPS, "--list").splitlines())

    def test_records_are_deleted_on_all_replicas(self):
        """DeleteRecordsCommand: up to an offset, up to the end, and what Kafka refuses"""
        self.create("deleted", "1:2:3,2:3:1")
        self.create("kept", "1:2", **{"cleanup.policy": "compact"})
        self.send("deleted", [f"k:v{i}" for i in range(10)])  # One key, one partition.
        ends = self.tool("GetOffsetShell", "--topic", "deleted")
        filled = 0 if "deleted:0:10" in ends else 1

        def delete(*offsets):
            asked = [dict(zip(("topic", "partition", "offset"), one)) for one in offsets]
            path = self.file("offsets.json", {"partitions": asked, "version": 1})
            return self.tool("DeleteRecordsCommand", "--offset-json-file", path)

        said = delete(("deleted", filled, 4), ("deleted", 1 - filled, 0))
        self.assertIn(f"partition: deleted-{filled}\tlow_watermark: 4\n", said)
        self.assertIn(f"partition: deleted-{1 - filled}\tlow_watermark: 0\n", said)
        starts = self.tool("GetOffsetShell", "--topic", "deleted", "--time", "-2")
        self.assertIn(f"deleted:{filled}:4", starts)
        self.assertIn("low_watermark: 10", delete(("deleted", filled, -1)))
        refused = delete(("deleted", filled, 11), ("kept", 0, 0))
        self.assertIn("OffsetOutOfRangeException", refused)
        self.assertIn("PolicyViolationException", refused)

    def test_the_performance_tools_read_what_they_wrote(self):
        """ProducerPerformance and ConsumerPerformance: every record sent, every record read"""
        self.create("measured", "1:2,2:3")
        to = f"bootstrap.servers={self.cluster.bootstrap}"
        sent = run(
            "ProducerPerformance",
            *("--topic", "measured", "--num-records", 5000, "--record-size", 100),
            *("--throughput", -1, "--producer-props", to),
        )
        self.assertRegex(sent, r"(?m)^5000 records sent, ")
        read = self.tool(
            "ConsumerPerformance",
            *("--topic", "measured", "--messages", 5000, "--timeout", 30000, "--group", "meter"),
        )
        self.assertIn(", 5000, ", read)
        self.assertNotIn("WARNING", read)

    def test_log_directories_are_described(self):
        """LogDirsCommand: each broker's directory, with the sizes of a topic's replicas"""
        self.create("sized", "1:2")
        self.send("sized", ["k:v1"])
        told = self.tool("LogDirsCommand", "--describe", "--topic-list", "sized")
        described = told_in_json(told)
        replicas = {
            (broker["broker"], replica["partition"]): replica["size"]
            for broker in described["brokers"]
            for folder in broker["logDirs"]
            for replica in folder["partitions"]
        }
        self.assertEqual(set(replicas), {(1, "sized-0"), (2, "sized-0")})
        self.assertEqual(replicas[1, "sized-0"], replicas[2, "sized-0"])
        self.assertGreater(replicas[1, "sized-0"], 61)  # More than the head of a batch.

    def test_a_replica_moves_to_another_log_directory(self):
        """ReassignPartitionsCommand with log_dirs, in a cluster of brokers with two each"""
        data = pathlib.Path(self.folder.name) / "two-dirs"
        with Cluster(data_dir=data, log_dirs="/d1,/d2") as cluster:

            def tool(name, *arguments, **how):
                return run(name, "--bootstrap-server", cluster.bootstrap, *arguments, **how)

            def directories():
                told = tool("LogDirsCommand", "--describe", "--topic-list", "moved")
                return {
                    (broker["broker"], folder["logDir"])
                    for broker in told_in_json(told)["brokers"]
                    for folder in broker["logDirs"]
                    for replica in folder["partitions"]
                    if not replica["isFuture"]
                }

            tool("TopicCommand", "--create", "--topic", "moved", "--replica-assignment", "1:2")
            ((_, before),) = [at for at in directories() if at[0] == 1]
            after = str(data / "node-1" / ("d1" if before.endswith("d2") else "d2"))
            move = {"topic": "moved", "partition": 0, "replicas": [1, 2]}
            plan = self.file(
                "dirs.json", {"version": 1, "partitions": [{**move, "log_dirs": [after, "any"]}]}
            )
            tool(REASSIGN, "--reassignment-json-file", plan, "--execute")
            wait_until(lambda: (1, after) in directories(), "moved")
            verified = tool(REASSIGN, "--reassignment-json-file", plan, "--verify")
            self.assertIn("Reassignment of replica moved-0-1 completed successfully.", verified)

    # --- the files ---

    def test_the_log_of_a_partition_is_what_kafka_decodes(self):
        """DumpLogSegments --print-data-log: a partition's batches with keys and values"""
        self.create("printed", "1:2")
        self.send("printed", ["k:v1", "k:v2"])
        for broker in (1, 2):
            log = self.data / f"node-{broker}" / "printed-0" / "00000000000000000000.log"
            dump = run(DUMP, "--print-data-log", "--files", log)
            self.assertNotIn("isvalid: false", dump)
            self.assertRegex(dump, r"offset: 0 .*key: k payload: v1\n")
            self.assertRegex(dump, r"offset: 1 .*key: k payload: v2\n")

    def test_the_metadata_log_is_what_kafka_decodes(self):
        """DumpLogSegments --cluster-metadata-decoder: valid batches and Kafka's records"""
        self.create("dumped", "1:2")
        log = self.data / "node-1" / "__cluster_metadata-0" / "00000000000000000000.log"
        told = '"type":"TOPIC_RECORD","version":0,"data":{"name":"dumped"'
        dump = wait_until(
            lambda: (lambda text: text if told in text else None)(
                run(DUMP, "--cluster-metadata-decoder", "--files", log)
            ),
            "the topic in the metadata log",
        )
        self.assertNotIn("isvalid: false", dump)
        for record in ("REGISTER_BROKER", "FEATURE_LEVEL", "PARTITION"):
            self.assertIn(f'"type":"{record}_RECORD"', dump)


class UnderWorkload(unittest.TestCase):
    def test_a_partition_leaves_a_broker_while_it_is_written(self):
        """one broker out and another in, under the simulated producers, until it is complete"""
        with Cluster(brokers=4, controllers=3, workload=True) as cluster:
            bootstrap = ("--bootstrap-server", cluster.bootstrap)
            topic, partition, replicas = wait_until(
                lambda: partition_with_traffic(bootstrap), "a partition with records"
            )
            added = next(id for id in (1, 2, 3, 4) if id not in replicas)
            target = [added, *replicas[1:]]
            with tempfile.TemporaryDirectory() as folder:
                plan = pathlib.Path(folder) / "plan.json"
                row = {"topic": topic, "partition": partition, "replicas": target}
                plan.write_text(json.dumps({"version": 1, "partitions": [row]}))
                run(REASSIGN, *bootstrap, "--reassignment-json-file", plan, "--execute")
                done = f"Reassignment of partition {topic}-{partition} is completed."
                wait_until(
                    lambda: done
                    in run(
                        REASSIGN,
                        *(*bootstrap, "--reassignment-json-file", plan),
                        *("--verify", "--preserve-throttles"),
                    ),
                    done,
                )
            described = run("TopicCommand", *bootstrap, "--describe", "--topic", topic)
            row = re.search(rf"Partition: {partition}\t.*Replicas: (\S+)\tIsr: (\S+)", described)
            self.assertEqual(row.group(1), ",".join(map(str, target)))
            self.assertEqual(set(row.group(2).split(",")), set(map(str, target)))
            self.assertEqual(cluster.state()["run"]["invariants_broken"], 0)


def partition_with_traffic(bootstrap):
    """(topic, partition, replicas) of the first partition that is written; None before there is."""
    ends = run("GetOffsetShell", *bootstrap, "--exclude-internal-topics")
    written = re.search(r"(?m)^(\S+):(\d+):[1-9]\d*$", ends)
    if written is None:
        return None
    topic, partition = written.group(1), int(written.group(2))
    described = run("TopicCommand", *bootstrap, "--describe", "--topic", topic)
    replicas = re.search(rf"Partition: {partition}\t.*Replicas: (\S+)", described).group(1)
    return topic, partition, [int(broker) for broker in replicas.split(",")]


if __name__ == "__main__":
    reason = jars.reason_to_skip()
    if reason:
        print(f"Skipped: {reason}.")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
