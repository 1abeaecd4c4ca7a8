"""Reads message schemas and says, with file and field, what is wrong with one.

The notation is that of Kafka's own message definitions, less what only Java needs, plus "id": the strong type
that a number has in C++.
"""
import json
import pathlib
from dataclasses import dataclass, field
from typing import Optional

PRIMITIVES = {"bool", "int8", "int16", "uint16", "int32", "uint32", "int64", "float64", "uuid", "string", "bytes",
              "records"}
ARRAY_ELEMENTS = {"int8", "int16", "int32", "int64", "uuid", "string", "bytes"}
IDS = {"BrokerId": "int32", "PartitionIndex": "int32", "Offset": "int64", "LeaderEpoch": "int32",
       "PartitionEpoch": "int32", "BrokerEpoch": "int64", "ProducerId": "int64", "ProducerEpoch": "int16",
       "GenerationId": "int32", "ErrorCode": "int16"}
TYPES = {"request", "response", "data", "metadata", "coordinator-key", "coordinator-value"}
MESSAGE_KEYS = {"apiKey", "type", "listeners", "name", "validVersions", "flexibleVersions", "commonStructs", "fields"}
STRUCT_KEYS = {"name", "versions", "fields"}
FIELD_KEYS = {"name", "type", "versions", "nullableVersions", "taggedVersions", "tag", "default", "id", "ignorable",
              "fields"}


class SchemaError(Exception):
    """What is wrong, with the file and the field it was found in."""


@dataclass(frozen=True)
class Versions:
    """A range of versions, both ends included; empty when low > high."""
    low: int
    high: int

    @staticmethod
    def parse(text: str, highest: int) -> "Versions":
        if text == "none":
            return NONE
        if text.endswith("+"):
            return Versions(int(text[:-1]), highest)
        low, _, high = text.partition("-")
        return Versions(int(low), int(high or low))

    def __bool__(self) -> bool:
        return self.low <= self.high

    def __contains__(self, version: int) -> bool:
        return self.low <= version <= self.high

    def within(self, other: "Versions") -> bool:
        return not self or (other.low <= self.low and self.high <= other.high)

    def common(self, other: "Versions") -> "Versions":
        return Versions(max(self.low, other.low), min(self.high, other.high))


NONE = Versions(0, -1)


@dataclass
class Field:
    name: str
    base: str  # The type, or that of the elements.
    is_array: bool
    versions: Versions
    nullable: Versions
    tagged: Versions
    tag: Optional[int]
    default: Optional[str]
    id: Optional[str]
    ignorable: bool
    struct: Optional["Struct"] = None

    @property
    def is_nullable(self) -> bool:
        return bool(self.nullable)


@dataclass
class Struct:
    name: str
    versions: Versions
    fields: list = field(default_factory=list)


@dataclass
class Message:
    name: str
    type: str
    api_key: Optional[int]
    listeners: list
    versions: Versions
    flexible: Versions
    source: str  # The schema's path below schemas/.
    root: Struct = None
    structs: list = field(default_factory=list)  # Those it nests, each behind those that it needs.

    def is_flexible(self, version: int) -> bool:
        return version in self.flexible


class _Reader:
    def __init__(self, path: pathlib.Path, source: str):
        self.source = source
        self.common = {}
        try:
            self.json = json.loads(path.read_text())
        except json.JSONDecodeError as error:
            raise SchemaError(f"{source}:{error.lineno}:{error.colno}: {error.msg}") from error

    def fail(self, where: str, what: str):
        raise SchemaError(f"{self.source}: {where}: {what}")

    def check_keys(self, where: str, node: dict, known: set, needed: set):
        for key in node.keys() - known:
            self.fail(where, f'unknown key "{key}"')
        for key in needed - node.keys():
            self.fail(where, f'"{key}" is missing')

    def versions(self, where: str, node: dict, key: str, outer: Versions) -> Versions:
        if key not in node:
            return NONE
        try:
            parsed = Versions.parse(node[key], outer.high)
        except ValueError:
            self.fail(where, f'"{key}": "{node[key]}" is no range of versions')
        if not parsed.within(outer):
            self.fail(where, f'"{key}": {node[key]} lies outside of {outer.low}-{outer.high}')
        return parsed

    def message(self) -> Message:
        node = self.json
        self.check_keys("message", node, MESSAGE_KEYS, {"type", "name", "validVersions", "flexibleVersions", "fields"})
        name = node["name"]
        if node["type"] not in TYPES:
            self.fail(name, f'"type" is none of {", ".join(sorted(TYPES))}')
        if node["type"] != "data" and "apiKey" not in node:
            self.fail(name, '"apiKey" is missing')
        valid = Versions.parse(node["validVersions"], 0)
        if not valid:
            self.fail(name, "no valid version")
        flexible = Versions.parse(node["flexibleVersions"], valid.high).common(valid)
        self.result = Message(name, node["type"], node.get("apiKey"), node.get("listeners", []), valid, flexible,
                              self.source)
        for common in node.get("commonStructs", []):
            self.check_keys(name, common, STRUCT_KEYS, STRUCT_KEYS)
            self.common[common["name"]] = common
        self.result.root = Struct(name, valid)
        self.result.root.fields = self.fields(name, node["fields"], valid, [])
        return self.result

    def struct(self, where: str, node: dict, versions: Versions, path: list) -> Struct:
        name = node["name"]
        if name in path:
            self.fail(where, f"{name} contains itself")
        for known in self.result.structs:
            if known.name == name:
                if name not in self.common:
                    self.fail(where, f"struct {name} is there twice: make it a common struct")
                return known
        if not name[:1].isupper():
            self.fail(where, f'"{name}" is no type')
        struct = Struct(name, versions)
        struct.fields = self.fields(f"{where}.{name}", node["fields"], versions, path + [name])
        self.result.structs.append(struct)
        return struct

    def fields(self, where: str, nodes: list, outer: Versions, path: list) -> list:
        fields = [self.field(where, node, outer, path) for node in nodes]
        names = [f.name for f in fields]
        tags = [f.tag for f in fields if f.tag is not None]
        if len(set(names)) != len(names):
            self.fail(where, "two fields have one name")
        if sorted(tags) != list(range(len(tags))):
            self.fail(where, f"tags must count from 0 without a gap: {sorted(tags)}")
        return fields

    def field(self, where: str, node: dict, outer: Versions, path: list) -> Field:
        where = f'{where}.{node.get("name", "?")}'
        self.check_keys(where, node, FIELD_KEYS, {"name", "type", "versions"})
        base = node["type"].removeprefix("[]")
        is_array = base != node["type"]
        versions = self.versions(where, node, "versions", outer)
        if not versions:
            self.fail(where, "in no version")
        nullable = self.versions(where, node, "nullableVersions", versions)
        tagged = self.versions(where, node, "taggedVersions", versions)
        if bool(tagged) != ("tag" in node):
            self.fail(where, '"tag" and "taggedVersions" go together')
        if tagged and (tagged.high != versions.high or not tagged.within(self.result.flexible)):
            self.fail(where, "tagged versions must be flexible and last to the end")
        default = node.get("default")
        if default == "null" and versions.low not in nullable and not tagged:
            self.fail(where, "null is the default, but not allowed in its first version")
        field_id = node.get("id")
        if field_id is not None and IDS.get(field_id) != base:
            self.fail(where, f'"{field_id}" is no id of type {base}')
        result = Field(node["name"], base, is_array, versions, nullable, tagged, node.get("tag"), default, field_id,
                       bool(node.get("ignorable", False)))
        self.resolve_type(where, node, result, path)
        return result

    def resolve_type(self, where: str, node: dict, result: Field, path: list):
        if result.base in PRIMITIVES:
            if "fields" in node:
                self.fail(where, f"{result.base} has no fields")
            if result.is_array and result.base not in ARRAY_ELEMENTS:
                self.fail(where, f"arrays of {result.base} are not supported")
            if result.is_nullable and not result.is_array and result.base not in {"string", "bytes", "records"}:
                self.fail(where, f"{result.base} cannot be null")
        elif "fields" in node:
            inner = {"name": result.base, "fields": node["fields"]}
            result.struct = self.struct(where, inner, result.versions, path)
        elif result.base in self.common:
            common = self.common[result.base]
            versions = Versions.parse(common["versions"], self.result.versions.high)
            result.struct = self.struct(where, common, versions, path)
        else:
            self.fail(where, f'unknown type "{result.base}"')


def read_message(path: pathlib.Path, schemas: pathlib.Path) -> Message:
    reader = _Reader(path, path.relative_to(schemas).as_posix())
    message = reader.message()
    if path.stem != message.name:
        raise SchemaError(f"{reader.source}: holds {message.name}, which belongs into {message.name}.json")
    return message


def read_all(schemas: pathlib.Path) -> list:
    messages = [read_message(path, schemas) for path in sorted(schemas.glob("*/*.json"))]
    seen = {}
    for message in messages:
        other = seen.setdefault(message.name, message)
        if other is not message:
            raise SchemaError(f"{message.source}: {message.name} is in {other.source} already")
    return messages
