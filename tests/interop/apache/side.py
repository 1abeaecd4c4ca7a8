"""What the script needs of a cluster, whichever it is: to ask its brokers, and to do to them what
a machine's failures do. Both clusters have brokers 1 to 3 and controllers 101 to 103."""

from .wire import Closed, Connection

BROKERS = (1, 2, 3)
CONTROLLERS = (101, 102, 103)
RACKS = {1: "a", 2: "b", 3: "c"}


class Side:
    """A subclass gives `name`, `start`, `stop`, `address` and what `_do` does to a node."""

    name = ""

    def __init__(self, schemas):
        self.schemas = schemas
        self.serving = set()  # Brokers that are neither stopped nor paused.
        self.started = None  # time.monotonic() when all served for the first time.
        self.connections = {}
        self.topic_names = {}  # By topic id: the ids are drawn, the names are given.

    def address(self, node):
        raise NotImplementedError

    def _do(self, fault, node):
        raise NotImplementedError

    # --- faults ---

    def kill(self, node):
        self._out_of_service("kill", node)

    def shutdown(self, node):
        """A controlled shutdown; back when the process has ended."""
        self._out_of_service("shutdown", node)

    def pause(self, node):
        self._out_of_service("pause", node)

    def resume(self, node):
        self._do("resume", node)
        self._in_service(node)

    def restart(self, node):
        self._do("restart", node)
        self._in_service(node)

    def _out_of_service(self, fault, node):
        self.serving.discard(node)
        self._forget(node)
        self._do(fault, node)

    def _in_service(self, node):
        if node in BROKERS:
            self.serving.add(node)

    # --- requests ---

    def witness(self):
        return min(self.serving)

    def ask(self, node, api, version, body, answered=True):
        # A connection may be older than the node's last restart: then once more.
        for attempt in range(2):
            fresh = node not in self.connections
            if fresh:
                self.connections[node] = Connection(self.schemas, self.address(node))
            try:
                return self.connections[node].ask(api, version, body, answered)
            except Closed:
                self._forget(node)
                if fresh or attempt:
                    raise
        raise AssertionError("not reached")

    def _forget(self, node):
        connection = self.connections.pop(node, None)
        if connection:
            connection.close()
