"""Generates the C++ of all messages from their schemas.

  generate.py --schemas DIR --out DIR [--tests] [--list]

Writes only the files whose content changes, so that a build compiles again only what it must. --list prints
the names of the files instead, relative to --out. --tests writes the values that tests fill messages with.
"""
import argparse
import pathlib
import sys

import catalogue_writer
import codec_writer
import header_writer
import naming
import schema
import test_values_writer

GROUPS = 14  # Translation units of codecs, and of test values.


def grouped(messages: list) -> list:
    """Splits the messages into groups of about the same number of fields."""
    groups = [[] for _ in range(GROUPS)]
    weights = [0] * GROUPS
    by_weight = sorted(messages, key=lambda message: (-_weight(message), message.name))
    for message in by_weight:
        lightest = weights.index(min(weights))
        groups[lightest].append(message)
        weights[lightest] += _weight(message)
    return [sorted(group, key=lambda message: message.name) for group in groups]


def _weight(message) -> int:
    return 4 + sum(4 + len(struct.fields) for struct in [message.root] + message.structs)


def product_files(messages: list) -> dict:
    folder = "engine/protocol/messages"
    files = {naming.header(message.name): header_writer.write_header(message) for message in messages}
    files[f"{folder}/metadata_record.h"] = catalogue_writer.write_metadata_record(messages)
    files[f"{folder}/all_messages.h"] = catalogue_writer.write_all_messages(messages)
    files[f"{folder}/catalogue.cpp"] = catalogue_writer.write_catalogue(messages)
    for index, group in enumerate(grouped(messages)):
        files[f"{folder}/codecs_{index:02}.cpp"] = codec_writer.write_codecs(group)
    return files


def product_names(stems: list) -> list:
    folder = "engine/protocol/messages"
    names = [naming.header(stem) for stem in stems]
    names += [f"{folder}/{name}" for name in ("metadata_record.h", "all_messages.h", "catalogue.cpp")]
    return names + [f"{folder}/codecs_{index:02}.cpp" for index in range(GROUPS)]


def test_files(messages: list) -> dict:
    folder = "tests/engine/protocol/values"
    files = {f"{folder}/message_cases.cpp": test_values_writer.write_cases(GROUPS)}
    for index, group in enumerate(grouped(messages)):
        files[f"{folder}/values_{index:02}.cpp"] = test_values_writer.write_values(group, index)
    return files


def test_names() -> list:
    folder = "tests/engine/protocol/values"
    return [f"{folder}/message_cases.cpp"] + [f"{folder}/values_{index:02}.cpp" for index in range(GROUPS)]


def write_changed(path: pathlib.Path, content: str):
    if path.exists() and path.read_text() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--schemas", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--tests", action="store_true")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if options.list:
        stems = [path.stem for path in sorted(options.schemas.glob("*/*.json"))]
        print("\n".join(test_names() if options.tests else product_names(stems)))
        return 0
    try:
        messages = schema.read_all(options.schemas)
        files = test_files(messages) if options.tests else product_files(messages)
    except schema.SchemaError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for name, content in files.items():
        write_changed(options.out / name, content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
