"""Kafka's messages as Kafka's own schemas describe them: read out of kafka-clients.jar, encoded
from and decoded to plain dicts with the schemas' field names. So nothing that is compared passes
through what Ottla believes of the protocol.

    schemas = Schemas(jar)
    body = schemas.encode("MetadataRequest", 12, {"Topics": None})
    answer = schemas.decode("MetadataResponse", 12, data)
"""

import json
import re
import struct
import zipfile

NUMBERS = {
    "int8": ">b",
    "int16": ">h",
    "uint16": ">H",
    "int32": ">i",
    "uint32": ">I",
    "int64": ">q",
    "float64": ">d",
    "bool": ">?",
}
BLOBS = ("bytes", "records")
NO_UUID = bytes(16)


def holds(versions, version):
    """Whether a range as the schemas write it ("3+", "0-2", "7", "none") has the version."""
    if versions == "none":
        return False
    low, _, high = versions.partition("-")
    if low.endswith("+"):
        return version >= int(low[:-1])
    return int(low) <= version <= int(high or low)


def unsigned_varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


class Source:
    """Takes values from bytes in turn."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def raw(self, count):
        if self.at + count > len(self.data):
            raise ValueError(f"{count} bytes wanted at {self.at} of {len(self.data)}")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, layout):
        return struct.unpack(layout, self.raw(struct.calcsize(layout)))[0]

    def unsigned_varint(self):
        value = shift = 0
        while True:
            byte = self.raw(1)[0]
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value


class Schemas:
    def __init__(self, jar):
        self.jar = zipfile.ZipFile(jar)
        self.read = {}

    def schema(self, name):
        if name not in self.read:
            text = self.jar.read(f"common/message/{name}.json").decode()
            self.read[name] = json.loads(re.sub(r"(?m)^\s*//.*$", "", text))
        return self.read[name]

    def api_names(self):
        """{api key: name without "Request"}"""
        requests = [
            re.fullmatch(r"common/message/(\w+)Request\.json", path) for path in self.jar.namelist()
        ]
        return {self.api_key(found[1]): found[1] for found in requests if found}

    def api_key(self, api):
        return self.schema(api + "Request")["apiKey"]

    def is_flexible(self, name, version):
        return holds(self.schema(name)["flexibleVersions"], version)

    def encode(self, name, version, values):
        return Codec(self.schema(name), version).encode(values)

    def decode(self, name, version, data):
        source = Source(data)
        values = Codec(self.schema(name), version).decode(source)
        if source.at != len(data):
            raise ValueError(f"{name} v{version}: {len(data) - source.at} bytes are left over")
        return values


class Codec:
    """One message in one version."""

    def __init__(self, schema, version):
        self.schema, self.version = schema, version
        self.flexible = holds(schema["flexibleVersions"], version)
        self.structs = {one["name"]: one["fields"] for one in schema.get("commonStructs", [])}

    def encode(self, values):
        return self._struct_bytes(self.schema["fields"], values, self.schema["name"])

    def decode(self, source):
        return self._struct_values(self.schema["fields"], source)

    def _present(self, fields):
        """(the fields in place, {tag: field}) of this version."""
        there = [one for one in fields if holds(one["versions"], self.version)]
        tagged = {
            one["tag"]: one
            for one in there
            if "tag" in one and holds(one["taggedVersions"], self.version)
        }
        return [one for one in there if one not in tagged.values()], tagged

    def _nullable(self, field):
        return holds(field.get("nullableVersions", "none"), self.version)

    def _fields_of(self, field, kind):
        return field.get("fields") or self.structs[kind]

    # --- writing ---

    def _struct_bytes(self, fields, values, where):
        unknown = set(values) - {field["name"] for field in fields}
        if unknown:
            raise KeyError(f"{where} has no {unknown}")
        in_place, tagged = self._present(fields)
        out = b"".join(
            self._bytes(field, values.get(field["name"], self._default(field)))
            for field in in_place
        )
        if not self.flexible:
            return out
        given = sorted(tag for tag, field in tagged.items() if field["name"] in values)
        out += unsigned_varint(len(given))
        for tag in given:
            raw = self._bytes(tagged[tag], values[tagged[tag]["name"]])
            out += unsigned_varint(tag) + unsigned_varint(len(raw)) + raw
        return out

    def _default(self, field):
        """What a field has that is not given, as the schema says."""
        kind, default = field["type"], field.get("default")
        if default == "null":
            return None
        if kind.startswith("[]"):
            return []
        if kind in BLOBS:
            return b""
        if kind == "string":
            return default or ""
        if kind == "bool":
            return default in ("true", True)
        if kind == "uuid":
            return NO_UUID
        if kind in NUMBERS:
            return int(str(default or 0), 0)
        return {}

    def _bytes(self, field, value):
        kind = field["type"]
        if kind.startswith("[]"):
            if value is None:
                return self._length(None, ">i")
            items = [self._one(field, kind[2:], item) for item in value]
            return self._length(len(items), ">i") + b"".join(items)
        return self._one(field, kind, value)

    def _one(self, field, kind, value):
        if kind in NUMBERS:
            return struct.pack(NUMBERS[kind], value)
        if kind == "uuid":
            return value
        if kind == "string":
            raw = None if value is None else value.encode()
            return self._length(raw if raw is None else len(raw), ">h") + (raw or b"")
        if kind in BLOBS:
            return self._length(value if value is None else len(value), ">i") + (value or b"")
        if self._nullable(field) and not field["type"].startswith("[]"):
            if value is None:
                return b"\xff"
            return b"\x01" + self._struct_bytes(self._fields_of(field, kind), value, kind)
        return self._struct_bytes(self._fields_of(field, kind), value, kind)

    def _length(self, length, layout):
        if self.flexible:
            return unsigned_varint(0 if length is None else length + 1)
        return struct.pack(layout, -1 if length is None else length)

    # --- reading ---

    def _struct_values(self, fields, source):
        in_place, tagged = self._present(fields)
        values = {field["name"]: self._value(field, source) for field in in_place}
        if not self.flexible:
            return values
        for _ in range(source.unsigned_varint()):
            tag, length = source.unsigned_varint(), source.unsigned_varint()
            raw = Source(source.raw(length))
            values[tagged[tag]["name"] if tag in tagged else f"tag {tag}"] = (
                self._value(tagged[tag], raw) if tag in tagged else raw.data
            )
        return values

    def _value(self, field, source):
        kind = field["type"]
        if kind.startswith("[]"):
            count = self._read_length(source, ">i")
            if count is None:
                return None
            return [self._read_one(field, kind[2:], source) for _ in range(count)]
        return self._read_one(field, kind, source)

    def _read_one(self, field, kind, source):
        if kind in NUMBERS:
            return source.number(NUMBERS[kind])
        if kind == "uuid":
            return source.raw(16)
        if kind == "string" or kind in BLOBS:
            length = self._read_length(source, ">h" if kind == "string" else ">i")
            if length is None:
                return None
            raw = source.raw(length)
            return raw.decode() if kind == "string" else raw
        if self._nullable(field) and not field["type"].startswith("[]"):
            if source.number(">b") < 0:
                return None
        return self._struct_values(self._fields_of(field, kind), source)

    def _read_length(self, source, layout):
        length = source.unsigned_varint() - 1 if self.flexible else source.number(layout)
        return None if length < 0 else length
