"""Ottla with as many nodes. They live in one process, so faults go through its control API."""

from ottla_cluster import Cluster, wait_until

from .side import BROKERS, CONTROLLERS, Side


class OttlaSide(Side):
    name = "Ottla"

    def __init__(self, schemas, folder):
        super().__init__(schemas)
        self.cluster = Cluster(
            len(BROKERS), controllers=len(CONTROLLERS), controllers_listen=True, data_dir=folder
        )

    def address(self, node):
        if node in BROKERS:
            listed, at = self.cluster.bootstrap, BROKERS.index(node)
        else:
            listed, at = self.cluster.bootstrap_controllers, CONTROLLERS.index(node)
        host, port = listed.split(",")[at].rsplit(":", 1)
        return host, int(port)

    def start(self):
        self.cluster.start()
        self.serving.update(BROKERS)

    def stop(self):
        self.cluster.stop()

    def _do(self, fault, node):
        self.cluster.command(fault, node=node)
        if fault == "shutdown":
            wait_until(lambda: self._status(node) == "down", f"broker {node} has ended")

    def _status(self, node):
        state = self.cluster.state()
        nodes = state["brokers"] + state["controllers"]
        return next(one["status"] for one in nodes if int(one["id"]) == node)
