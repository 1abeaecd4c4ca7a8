"""The same script of requests and faults against three brokers of Apache Kafka and of Ottla: what
they answer and what becomes of them must agree, but for the differences that are explained. Opt-in:
it runs only where OTTLA_APACHE=1 is set. OTTLA_APACHE_KEEP=1 keeps Kafka's folder and logs.
OTTLA_APACHE_STEPS names modules of the script ("topics,faults") to play only those."""

import os
import pathlib
import shutil
import sys
import tempfile
import time
import unittest

from apache import jars
from apache.comparison import Comparison
from apache.kafka_side import KafkaSide
from apache.messages import Schemas
from apache.ottla_side import OttlaSide
from apache.script import steps
from apache.wire import served_versions

SKIPPED = 77


def common_versions(kafka, ottla):
    """{api: newest version that both serve}"""
    theirs, ours = served_versions(kafka), served_versions(ottla)
    return {api: min(theirs[api][1], ours[api][1]) for api in theirs if api in ours}


class SameScript(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ottla-beside-kafka-"))
        if os.environ.get("OTTLA_APACHE_KEEP") != "1":
            self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        schemas = Schemas(jars.folder() / f"kafka-clients-{jars.KAFKA_VERSION}.jar")
        self.kafka = KafkaSide(schemas, self.folder)
        self.ottla = OttlaSide(schemas, self.folder / "ottla")

    def test_both_say_the_same(self):
        """every answer, and the state after every step"""
        self.addCleanup(self.kafka.stop)
        for side in (self.kafka, self.ottla):
            side.start()
            side.started = time.monotonic()
        self.addCleanup(self.ottla.stop)
        comparison = Comparison(self.kafka, self.ottla, common_versions(self.kafka, self.ottla))
        unexplained = comparison.play(steps(os.environ.get("OTTLA_APACHE_STEPS")))
        self.assertEqual(len(unexplained), 0, f"differences, told above, of {comparison.compared}")
        if "OTTLA_APACHE_STEPS" not in os.environ:
            self.assertEqual(comparison.unused(), [], "explained, but there is no such difference")


if __name__ == "__main__":
    reason = jars.reason_to_skip()
    if reason:
        print(f"Skipped: {reason}.")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
