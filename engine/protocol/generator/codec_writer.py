"""Writes the encoders and decoders of messages."""
import naming
from cpp_types import SCALARS, Types
from schema import Versions

KINDS = {"string": "string", "bytes": "bytes", "records": "records"}


def write_codecs(messages: list) -> str:
    lines = ["// Generated from engine/protocol/schemas."]
    lines += [f'#include "{naming.header(message.name)}"' for message in messages]
    lines += ['#include "engine/protocol/message_codec.h"', "", "namespace ottla::protocol {", ""]
    for message in messages:
        lines += _message(message)
    return "\n".join(lines + ["}  // namespace ottla::protocol", ""])


def _message(message) -> list:
    types = Types(message)
    key = "static_cast<std::int16_t>(api_key)" if message.api_key is not None else "-1"
    result = f"Result<{message.name}, ::ottla::protocol::DecodeError>"
    lines = []
    for struct in message.structs:
        lines += _StructCodec(message, struct, types, f"{message.name}::{struct.name}").lines()
    lines += _StructCodec(message, message.root, types, message.name).lines()
    return lines + [f"{result} {message.name}::decode(ByteReader& reader, ::ottla::ApiVersion version) {{",
                    f"  return codec::decode_message<{message.name}>(reader, version, {key});", "}", ""]


class _StructCodec:
    def __init__(self, message, struct, types, qualified: str):
        self.message = message
        self.struct = struct
        self.types = types
        self.qualified = qualified
        self.has_tags = bool(struct.versions.common(message.flexible))
        self.tagged = sorted((field for field in struct.fields if field.tagged), key=lambda field: field.tag)

    def lines(self) -> list:
        return self.encoder() + self.decoder()

    # Conditions on the version.

    def condition(self, versions: Versions, outer: Versions) -> str:
        """True in `versions`, where it is known that the version lies in `outer`; empty when always true."""
        parts = []
        if versions.low > outer.low:
            parts.append(f"v >= {versions.low}")
        if versions.high < outer.high:
            parts.append(f"v <= {versions.high}")
        return " && ".join(parts)

    def flexible(self) -> str:
        condition = self.condition(self.message.flexible, self.struct.versions)
        if not self.has_tags:
            return "false"
        return condition or "true"

    def prologue(self) -> list:
        return ["  [[maybe_unused]] const int v = version.value();",
                f"  [[maybe_unused]] const bool flexible = {self.flexible()};"]

    # Encoding.

    def encoder(self) -> list:
        lines = [f"void {self.qualified}::encode([[maybe_unused]] ByteWriter& writer, "
                 "::ottla::ApiVersion version) const {"]
        if self.struct is self.message.root:
            lines.append("  OTTLA_ASSERT(codec::is_within(version, min_version, max_version));")
        lines += self.prologue()
        for field in self.struct.fields:
            lines += self.encode_plain(field)
        return lines + self.encode_tags() + ["}", ""]

    def encode_plain(self, field) -> list:
        plain = field.versions
        if field.tagged:
            plain = Versions(field.versions.low, field.tagged.low - 1)
        present = self.condition(plain, self.struct.versions) if plain else "false"
        lines = []
        if plain:
            body = self.encode_value(field, plain)
            lines += _guarded(present, body)
        lacking = self.condition(field.versions, self.struct.versions)
        # A request that cannot say what it should is a mistake of ours. A response says what its version can: a
        # broker must not fall over a client's old version.
        if lacking and not field.ignorable and self.message.type != "response":
            name = naming.member(field.name)
            unset = _negated(self.types.is_not_default(field, name))
            lines.append(f"  OTTLA_ASSERT(({lacking}) || {unset});")
        return lines

    def encode_value(self, field, versions: Versions, writer: str = "writer") -> list:
        name = naming.member(field.name)
        nullable = field.nullable.common(versions)
        if not field.is_nullable:
            return [self.encode_call(field, name, False, writer)]
        as_nullable = self.encode_call(field, name, True, writer)
        as_required = self.encode_call(field, f"codec::required({name})", False, writer)
        if not nullable:
            return [as_required]
        condition = self.condition(nullable, versions)
        return [f"if ({condition}) {as_nullable}", f"else {as_required}"] if condition else [as_nullable]

    def encode_call(self, field, value: str, nullable: bool, writer: str) -> str:
        infix = "nullable_" if nullable else ""
        if field.is_array:
            return f"codec::write_{infix}array({writer}, {value}, version, flexible);"
        if field.struct:
            if nullable:
                return f"codec::write_nullable_struct({writer}, {value}, version);"
            return f"{value}.encode({writer}, version);"
        if field.base in KINDS:
            return f"codec::write_{infix}{field.base}({writer}, {value}, flexible);"
        if field.id == "ErrorCode":
            value = f"static_cast<std::int16_t>({value})"
        elif field.id:
            value = f"{value}.value()"
        return f"{writer}.write_{field.base}({value});"

    def encode_tags(self) -> list:
        if not self.has_tags:
            return []
        if not self.tagged:
            return _guarded(self.flexible_condition(), ["codec::write_tagged_fields(writer, unknown_tagged_fields);"])
        present, written = [], []
        for field in self.tagged:
            condition = self.condition(field.tagged, self.struct.versions.common(self.message.flexible))
            unset = self.types.is_not_default(field, naming.member(field.name))
            whole = f"{condition} && {unset}" if condition else unset
            known = f"has_tag_{field.tag}"
            present.append((known, f"const bool {known} = {whole};"))
            written += [f"if ({known}) {{", f"  tags.begin({field.tag});"]
            written += ["  " + line for line in self.encode_value(field, field.tagged, "writer")]
            written += ["  tags.end();", "}"]
        count = " + ".join(f"std::size_t{{{known}}}" for known, _ in present)
        body = [declared for _, declared in present]
        body.append(f"codec::TaggedFieldWriter tags(writer, unknown_tagged_fields, {count});")
        body += written + ["tags.finish();"]
        return _guarded(self.flexible_condition(), body)

    def flexible_condition(self) -> str:
        flexible = self.flexible()
        return "" if flexible == "true" else "flexible"

    # Decoding.

    def decoder(self) -> list:
        lines = [f"void {self.qualified}::decode_from([[maybe_unused]] ByteReader& reader, "
                 "::ottla::ApiVersion version) {"]
        lines += self.prologue()
        for field in self.struct.fields:
            plain = field.versions
            if field.tagged:
                plain = Versions(field.versions.low, field.tagged.low - 1)
            if plain:
                lines += _guarded(self.condition(plain, self.struct.versions), self.decode_value(field, plain))
        return lines + self.decode_tags() + ["}", ""]

    def decode_value(self, field, versions: Versions) -> list:
        name = naming.member(field.name)
        nullable = field.nullable.common(versions)
        as_plain = self.decode_call(field, name, False)
        if not nullable:
            return [as_plain]
        as_nullable = self.decode_call(field, name, True)
        condition = self.condition(nullable, versions)
        return [f"if ({condition}) {as_nullable}", f"else {as_plain}"] if condition else [as_nullable]

    def decode_call(self, field, name: str, nullable: bool) -> str:
        infix = "nullable_" if nullable else ""
        if field.is_array:
            return f"codec::read_{infix}array(reader, {name}, version, flexible);"
        if field.struct:
            if nullable:
                return f"codec::read_nullable_struct(reader, {name}, version);"
            target = f"{name}.emplace()" if field.is_nullable else name
            return f"{target}.decode_from(reader, version);"
        if field.base in KINDS:
            return f"{name} = codec::read_{infix}{field.base}(reader, flexible);"
        value = f"reader.read_{field.base}()"
        if field.id == "ErrorCode":
            value = f"static_cast<{_id_type(field)}>({value})"
        elif field.id:
            value = f"{_id_type(field)}({value})"
        return f"{name} = {value};"

    def decode_tags(self) -> list:
        if not self.has_tags:
            return []
        if not self.tagged:
            return _guarded(self.flexible_condition(), ["codec::read_tagged_fields(reader, unknown_tagged_fields);"])
        body = ["for (codec::TaggedFieldReader tags(reader, unknown_tagged_fields); tags.next();) {",
                "  switch (tags.tag()) {"]
        for field in self.tagged:
            condition = self.condition(field.tagged, self.struct.versions.common(self.message.flexible))
            body.append(f"    case {field.tag}:")
            if condition:
                body.append(f"      if (!({condition})) return reader.fail();")
            body += ["      " + line for line in self.decode_value(field, field.tagged)]
            body.append("      break;")
        body += ["    default: tags.keep();", "  }", "}"]
        return _guarded(self.flexible_condition(), body)


def _id_type(field) -> str:
    return f"::ottla::protocol::{field.id}" if field.id == "ErrorCode" else f"::ottla::{field.id}"


def _negated(condition: str) -> str:
    return condition[1:] if condition.startswith("!") and " " not in condition else f"!({condition})"


def _guarded(condition: str, body: list) -> list:
    if not condition:
        return ["  " + line for line in body]
    if len(body) == 1:
        return [f"  if ({condition}) {body[0]}"]
    return [f"  if ({condition}) {{"] + ["    " + line for line in body] + ["  }"]
