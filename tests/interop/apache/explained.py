"""The differences that are known, each with its reason, which docs/fidelity.md repeats. One that
explains nothing any more fails the test, so that the list stays true."""

import collections


class Explained(collections.namedtuple("Explained", "where reason holds sometimes")):
    """`where` is a pattern of step/path; `holds` says of both values whether it is this
    difference; `sometimes` marks what depends on timing."""


def explained(where, reason, holds=lambda kafka, ottla: True, sometimes=False):
    return Explained(where, reason, holds, sometimes)


EXPLAINED = []
