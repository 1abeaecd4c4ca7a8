"""One side's part in the script: what a step asks, with the answers kept for the comparison."""

import time

from .observation import Observer, learn_ids, normalised
from .wire import Closed

STEP_SECONDS_MAX = 90
POLL_SECONDS = 0.25

STEPS = []


def step(function):
    """Makes a function of a Play a step of the script, in the order in which they are written."""
    STEPS.append(function)
    return function


class Play:
    def __init__(self, side, versions):
        self.side = side
        self.versions = versions
        self.observer = Observer(side, versions)
        self.said = {}  # Of this step: label -> answer.
        self.kept = {}  # From step to step: what the script wants to remember.

    def ask(self, label, api, body, to=None, version=None, answered=True, unordered=()):
        """Asks a node (the first broker that serves, if none is named); the answer is compared. The
        lists called `unordered` come in the order of Kafka's hash tables, and are sorted."""
        answer = self.quietly(api, body, to, version, answered)
        self.compare(label, answer, unordered)
        return answer

    def compare(self, label, answer, unordered=()):
        self.note(label, in_order(normalised(answer, self.side), unordered))

    def quietly(self, api, body, to=None, version=None, answered=True):
        node = self.side.witness() if to is None else to
        if version is None:
            version = self.versions[api]
        try:
            answer = self.side.ask(node, api, version, body, answered)
        except Closed:
            return {"connection": "closed"}
        learn_ids(answer, self.side)
        return answer

    def note(self, label, value):
        assert label not in self.said, f"two answers are called {label}"
        self.said[label] = value

    def leader(self, topic, partition=0):
        """The broker that leads, by the first broker's metadata; -1 for none."""
        seen = self.quietly("Metadata", {"Topics": [{"Name": topic}]})
        for one in seen["Topics"][0]["Partitions"]:
            if one["PartitionIndex"] == partition:
                return one["LeaderId"]
        return -1

    def until(self, what, condition, seconds=STEP_SECONDS_MAX):
        """Waits until what is seen of the whole cluster is so."""
        end = time.monotonic() + seconds
        seen = None
        while time.monotonic() < end:
            seen = self.observer.look()
            if seen is not None and condition(seen):
                return seen
            time.sleep(POLL_SECONDS)
        lagging = seen and {
            f"{topic}-{index}": one
            for topic, described in seen["topics"].items()
            for index, one in described["partitions"].items()
            if "leader" in one and one["isr"] != sorted(one["replicas"])
        }
        brokers = seen and seen["brokers"]
        raise AssertionError(f"after {seconds} s still not: {what}; {brokers}; {lagging}")

    def until_answered(self, what, ask, condition, seconds=STEP_SECONDS_MAX):
        """Asks again until the answer is so; for what no observation shows."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            answer = ask()
            if condition(answer):
                return answer
            time.sleep(POLL_SECONDS)
        raise AssertionError(f"after {seconds} s still not: {what}: {answer}")


def in_order(value, unordered):
    if isinstance(value, list):
        return [in_order(one, unordered) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: sorted(in_order(one, unordered), key=str)
        if name in unordered and one
        else in_order(one, unordered)
        for name, one in value.items()
    }
