"""Apache Kafka's jars, fetched by Maven into the folder that OTTLA_APACHE_CACHE names, else into
~/.cache/ottla, and the running of what is in them."""

import os
import pathlib
import shutil
import subprocess
import tempfile

KAFKA_VERSION = "4.1.0"

POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>ottla</groupId><artifactId>apache-tools</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId>
      <version>{KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId>
      <version>{KAFKA_VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""


def reason_to_skip():
    """Why nothing of this can run here; None when it can."""
    if os.environ.get("OTTLA_APACHE") != "1":
        return "OTTLA_APACHE=1 is not set"
    for name in ("java", "mvn"):
        if shutil.which(name) is None:
            return f"{name} is not there"
    return None


def folder():
    """The folder of the jars; filled by Maven once, and whole once it has its name."""
    named = os.environ.get("OTTLA_APACHE_CACHE")
    cache = pathlib.Path(named) if named else pathlib.Path.home() / ".cache" / "ottla"
    jars = cache / f"kafka-tools-{KAFKA_VERSION}"
    if jars.is_dir():
        return jars
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as empty:
        pathlib.Path(empty, "pom.xml").write_text(POM)
        subprocess.run(
            ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=jars"],
            cwd=empty,
            timeout=480,
            check=True,
        )
        pathlib.Path(empty, "jars").rename(jars)
    return jars


def java(name, *arguments, heap_mb=256):
    """The command that runs a class of the jars: quick to start, and small."""
    return [
        *("java", f"-Xmx{heap_mb}m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
        *("-cp", str(folder() / "*"), name),
        *map(str, arguments),
    ]
