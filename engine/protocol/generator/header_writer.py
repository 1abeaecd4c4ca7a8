"""Writes the header of one message: a struct with every field of every version."""
import naming
from cpp_types import Types, encoded_size_min


def write_header(message) -> str:
    types = Types(message)
    lines = [f"// Generated from engine/protocol/schemas/{message.source}.", "#pragma once", "",
             '#include "engine/protocol/message_types.h"', "", "namespace ottla::protocol {", ""]
    outside = _has_optional_struct(message)
    if outside:
        scope = f"{naming.snake_case(message.name)}_parts"
        lines += [f"namespace {scope} {{"] + _structs(message, types, "") + ["", f"}}  // namespace {scope}", ""]
    lines.append(f"struct {message.name} {{")
    lines += _constants(message, types)
    if outside:
        lines += [""] + [f"  using {struct.name} = {scope}::{struct.name};" for struct in message.structs]
    else:
        lines += _structs(message, types, "  ")
    lines += [""] + _members(message, message.root, types, "  ") + [""]
    reader, version = types.outer("ByteReader"), types.outer("ApiVersion")
    result = f"{types.outer('Result')}<{message.name}, {types.outer('DecodeError')}>"
    lines.append(f"  [[nodiscard]] static {result} decode({reader}& reader, {version} version);")
    lines += _functions(message.name, types, "  ") + ["};", "", "}  // namespace ottla::protocol", ""]
    return "\n".join(lines)


def _has_optional_struct(message) -> bool:
    """An optional of a struct asks whether the struct can be constructed, which is not yet known while the class
    around it is incomplete: the structs of such a message stand before it."""
    fields = [field for struct in [message.root] + message.structs for field in struct.fields]
    return any(field.struct and field.is_nullable and not field.is_array for field in fields)


def _structs(message, types, indent: str) -> list:
    lines = []
    for struct in message.structs:
        size = encoded_size_min(message, struct)
        lines += ["", f"{indent}struct {struct.name} {{",
                  f"{indent}  static constexpr std::size_t encoded_size_min = {size};"]
        lines += _members(message, struct, types, indent + "  ")
        lines += _functions(struct.name, types, indent + "  ") + [indent + "};"]
    return lines


def _constants(message, types) -> list:
    version = types.outer("ApiVersion")
    if message.type in {"request", "response"}:
        lines = [f"  static constexpr {types.outer('ApiKey')} api_key = "
                 f"{types.outer('ApiKey')}{naming.api_enumerator(message).removeprefix('ApiKey')};"]
    elif message.api_key is not None:
        lines = [f"  static constexpr std::int16_t api_key = {message.api_key};"]
    else:
        lines = []
    flexible = f"version.value() >= {message.flexible.low}" if message.flexible else "false"
    if message.flexible == message.versions:
        flexible = "true"
    parameter = f"{version} version" if "version." in flexible else f"{version}"
    return lines + [
        f'  static constexpr std::string_view message_name = "{message.name}";',
        f"  static constexpr {version} min_version{{{message.versions.low}}};",
        f"  static constexpr {version} max_version{{{message.versions.high}}};",
        f"  [[nodiscard]] static constexpr bool is_flexible({parameter}) {{ return {flexible}; }}"]


def _members(message, struct, types, indent: str) -> list:
    lines = [f"{indent}{types.of(field)} {naming.member(field.name)}{{{types.initializer(field)}}};"
             for field in struct.fields]
    if struct.versions.common(message.flexible):
        lines.append(f"{indent}std::vector<UnknownTaggedField> unknown_tagged_fields{{}};")
    return lines


def _functions(name: str, types, indent: str) -> list:
    version = types.outer("ApiVersion")
    return [f"{indent}void encode({types.outer('ByteWriter')}& writer, {version} version) const;",
            f"{indent}void decode_from({types.outer('ByteReader')}& reader, {version} version);",
            f"{indent}bool operator==(const {name}&) const = default;"]
