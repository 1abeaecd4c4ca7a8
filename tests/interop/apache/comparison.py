"""Plays the script on both sides at once, step by step, and says where they part."""

import collections
import concurrent.futures
import fnmatch
import time
import traceback

from .explained import EXPLAINED, MISSING
from .play import Play

AGREE_SECONDS_MAX = 45
AGREE_POLL_SECONDS = 0.5
TOLD_LENGTH_MAX = 1500

Difference = collections.namedtuple("Difference", "step where kafka ottla")


def differences(step, where, kafka, ottla):
    """Where two trees of dicts and lists differ, each by its path."""
    if isinstance(kafka, dict) and isinstance(ottla, dict):
        for name in [*kafka, *(name for name in ottla if name not in kafka)]:
            yield from differences(
                step, f"{where}/{name}", kafka.get(name, MISSING), ottla.get(name, MISSING)
            )
    elif isinstance(kafka, list) and isinstance(ottla, list) and len(kafka) == len(ottla):
        for at, (one, other) in enumerate(zip(kafka, ottla)):
            yield from differences(step, f"{where}/{at}", one, other)
    elif kafka != ottla:
        yield Difference(step, where, kafka, ottla)


def shortened(value):
    text = repr(value)
    return text if len(text) < TOLD_LENGTH_MAX else text[:TOLD_LENGTH_MAX] + " ..."


class Comparison:
    def __init__(self, kafka, ottla, versions):
        self.plays = [Play(kafka, versions), Play(ottla, versions)]
        self.pool = concurrent.futures.ThreadPoolExecutor(2)
        self.unexplained = []
        self.used = set()
        self.compared = 0
        self.told = set()  # Of the state: what differed before is not waited for, nor told again.

    def both(self, do):
        """`do` with each side's play, at the same time."""
        return list(self.pool.map(do, self.plays))

    def play(self, steps):
        """Plays all steps; the differences that nothing explains."""
        for step in steps:
            begun = time.monotonic()
            found = self._step(step)
            for one in found:
                self._judge(one)
            said = len(self.plays[0].said)
            seconds = time.monotonic() - begun
            print(f"{step.__name__}: {said} answers, {seconds:.1f} s", flush=True)
        return self.unexplained

    def unused(self):
        """Explanations of differences that are not there any more."""
        return [one for one in EXPLAINED if one not in self.used and not one.sometimes]

    def _step(self, step):
        for play in self.plays:
            play.said = {}
        failed = self.both(lambda play: self._failure(step, play))
        name = step.__name__
        found = [Difference(name, "step", *failed)] if failed != ["done"] * 2 else []
        found += differences(name, "answers", *(play.said for play in self.plays))
        self.compared += len(self.plays[0].said)
        return found + self._state(name)

    @staticmethod
    def _failure(step, play):
        try:
            step(play)
            return "done"
        except Exception:  # Whatever it is, it is told, and the other side is not stopped by it.
            return traceback.format_exc(limit=-3)

    def _state(self, name):
        """What newly differs between the two states once they are at rest: given up only after a
        while, since they come to rest at different times."""
        end = time.monotonic() + AGREE_SECONDS_MAX
        while True:
            seen = self.both(lambda play: play.observer.look())
            found = None
            if None not in seen:
                found = [
                    one
                    for one in differences(name, "state", *seen)
                    if repr(one[1:]) not in self.told
                ]
                if all(self._explanation(one) for one in found):
                    return found
            if time.monotonic() > end:
                found = found or [Difference(name, "state", *(one is not None for one in seen))]
                self.told.update(repr(one[1:]) for one in found)
                return found
            time.sleep(AGREE_POLL_SECONDS)

    @staticmethod
    def _explanation(difference):
        for one in EXPLAINED:
            if fnmatch.fnmatchcase(f"{difference.step}/{difference.where}", one.where):
                if one.holds(difference.kafka, difference.ottla):
                    return one
        return None

    def _judge(self, difference):
        reason = self._explanation(difference)
        if reason:
            self.used.add(reason)
            return
        self.unexplained.append(difference)
        print(told(difference), flush=True)


def told(difference):
    return (
        f"  {difference.step}: {difference.where}\n"
        f"    Kafka: {shortened(difference.kafka)}\n    Ottla: {shortened(difference.ottla)}"
    )
