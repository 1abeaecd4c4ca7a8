"""kafkajs on Node.js: every codec it can be given, byte for byte, and a group. The clients are
those of node/package-lock.json; without them (no npm registry when the tests were set up) this is
skipped."""

import pathlib
import shutil
import subprocess
import sys

import raw_kafka
from ottla_cluster import Cluster

FOLDER = pathlib.Path(__file__).resolve().parent / "node"


def main():
    node = shutil.which("node") or shutil.which("nodejs")
    if node is None or not (FOLDER / "node_modules" / "kafkajs").is_dir():
        print("Skipped: kafkajs is not there. `npm ci` in tests/interop/node fetches it.")
        return 77
    with Cluster() as cluster:
        done = subprocess.run(
            [node, "kafkajs_interop.js", cluster.bootstrap], cwd=FOLDER, timeout=300, check=False
        )
        if done.returncode != 0:
            print(f"kafkajs_interop.js ended with {done.returncode}", file=sys.stderr)
            return 1
        for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
            found = raw_kafka.batch_codecs(cluster.first_address(), f"kafkajs-{codec}")
            if found != {codec}:
                print(f"the log of kafkajs-{codec} has batches of {found}", file=sys.stderr)
                return 1
            print(f"kafkajs: the log of kafkajs-{codec} is of that codec ... ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
