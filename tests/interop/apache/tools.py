"""Apache Kafka's own command line tools, each in a Java of its own."""

import json
import subprocess

from apache import jars

# Where Kafka keeps each tool; those of the first package go by their class alone.
TOOLS = "org.apache.kafka.tools."
CONFIGS = "kafka.admin.ConfigCommand"
GROUPS = TOOLS + "consumer.group.ConsumerGroupCommand"
CONSUMER = TOOLS + "consumer.ConsoleConsumer"
REASSIGN = TOOLS + "reassign.ReassignPartitionsCommand"
DUMP = "kafka.tools.DumpLogSegments"


def told_in_json(told):
    """The line of JSON among what a tool printed."""
    return json.loads(next(line for line in told.splitlines() if line[:1] == "{"))


def run(tool, *arguments, code=0, stdin=None):
    """What a tool printed, stdout before stderr; it must end with `code`."""
    name = tool if "." in tool else TOOLS + tool
    done = subprocess.run(
        jars.java(name, *arguments),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    printed = done.stdout + done.stderr
    assert done.returncode == code, f"{tool} {arguments} ended with {done.returncode}: {printed}"
    return printed
