"""A quorum whose log says who votes (KIP-853), by Apache Kafka's own tools: the voters are
described, added and removed, and a quorum of static voters is upgraded. Opt-in: it runs only where
OTTLA_APACHE=1 is set, because Maven fetches the tools' jars."""

import pathlib
import re
import sys
import tempfile
import unittest

from apache import jars
from apache.tools import DUMP, run
from ottla_cluster import Cluster, wait_until

SKIPPED = 77


def quorum(cluster, *arguments, **how):
    return run("MetadataQuorumCommand", "--bootstrap-server", cluster.bootstrap, *arguments, **how)


def rows(cluster):
    """{id: (directory, role)} as `describe --replication` shows them."""
    described = quorum(cluster, "describe", "--replication")
    row = re.compile(r"(?m)^(\d+)\s+(\S+)\s.*\s(Leader|Follower|Observer)\s*$")
    return {int(i): (directory, role) for i, directory, role in row.findall(described)}


def voters(cluster):
    return {node for node, (_, role) in rows(cluster).items() if role != "Observer"}


def configuration(folder, data, node):
    """A controller's server.properties, as far as the tool reads it."""
    path = pathlib.Path(folder) / f"controller-{node}.properties"
    path.write_text(
        "process.roles=controller\n"
        f"node.id={node}\n"
        f"log.dirs={data / ('node-' + str(node))}\n"
        "controller.listener.names=CONTROLLER\n"
        f"listeners=CONTROLLER://controller-{node}:9093\n"
    )
    return path


class Voters(unittest.TestCase):
    """Each test has a cluster of its own."""

    def test_controllers_are_added_and_removed(self):
        """MetadataQuorumCommand: describe, add-controller, remove-controller, also of the leader"""
        with tempfile.TemporaryDirectory(prefix="ottla-voters-") as folder:
            data = pathlib.Path(folder) / "data"
            with Cluster(controllers=4, kraft_version=1, voters=3, data_dir=data) as cluster:
                wait_until(lambda: len(rows(cluster)) == 7, "four controllers and three brokers")
                self.assertEqual(voters(cluster), {101, 102, 103})
                status = quorum(cluster, "describe", "--status")
                self.assertRegex(status, r'CurrentVoters: .*"CONTROLLER://controller-101:9093"')

                formatted = "__cluster_metadata-0/00000000000000000000-0000000000.checkpoint"
                snapshot = data / "node-101" / formatted
                dumped = run(DUMP, "--cluster-metadata-decoder", "--files", snapshot)
                self.assertRegex(dumped, r'KRaftVersion .*"kRaftVersion":1')
                named = re.findall(r'"voterId":(\d+)', dumped)
                self.assertEqual(named, ["101", "102", "103"])
                self.assertFalse((data / "node-104" / formatted).exists())

                added = configuration(folder, data, 104)
                said = quorum(cluster, "--command-config", added, "add-controller")
                self.assertIn("Added controller 104 with directory id", said)
                self.assertEqual(voters(cluster), {101, 102, 103, 104})
                again = quorum(cluster, "--command-config", added, "add-controller", code=1)
                self.assertIn("is already part of the set of voters", again)

                leader = cluster.state()["quorum"]["leader"]
                self.remove(cluster, leader)
                self.assertEqual(voters(cluster), {101, 102, 103, 104} - {leader})
                self.assertNotEqual(cluster.state()["quorum"]["leader"], leader)
                self.assertEqual(cluster.state()["run"]["invariants_broken"], 0)
            # What the log said of the voters counts, whatever the options say now.
            with Cluster(controllers=4, kraft_version=1, data_dir=data) as cluster:
                wait_until(lambda: len(rows(cluster)) == 7, "all nodes again")
                self.assertEqual(voters(cluster), {101, 102, 103, 104} - {leader})

    def remove(self, cluster, node):
        directory = rows(cluster)[node][0]
        said = quorum(
            cluster,
            "remove-controller",
            *("--controller-id", node, "--controller-directory-id", directory),
        )
        self.assertRegex(said, rf"Removed\s+KRaft controller {node} with directory id")
        wait_until(lambda: node not in voters(cluster), f"{node} is no voter")

    def test_a_quorum_of_static_voters_is_upgraded(self):
        """FeatureCommand: kraft.version from 0 to 1, after which a voter can be removed"""
        with Cluster(controllers=3) as cluster:
            address = ("--bootstrap-server", cluster.bootstrap)
            described = run("FeatureCommand", *address, "describe")
            self.assertRegex(described, r"Feature: kraft.version\t.*FinalizedVersionLevel: 0")
            upgrade = ("upgrade", "--feature", "kraft.version=1")
            wait_until(lambda: len(rows(cluster)) == 6, "three controllers and three brokers")

            def upgraded():
                # The leader hears from time to time what the voters support.
                try:
                    return run("FeatureCommand", *address, *upgrade)
                except AssertionError as refused:
                    self.assertIn("because not all of the voters support it", str(refused))
                    return None

            said = wait_until(upgraded, "kraft.version is upgraded")
            self.assertIn("kraft.version was upgraded to 1.", said)
            described = run("FeatureCommand", *address, "describe")
            self.assertRegex(described, r"Feature: kraft.version\t.*FinalizedVersionLevel: 1")
            self.remove(cluster, next(n for n, (_, r) in rows(cluster).items() if r == "Follower"))
            self.assertEqual(len(voters(cluster)), 2)


if __name__ == "__main__":
    reason = jars.reason_to_skip()
    if reason:
        print(f"Skipped: {reason}.")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
