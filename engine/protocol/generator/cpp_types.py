"""The C++ type, the default and the least encoded size of a field."""
from naming import OUTER_TYPES

SCALARS = {"bool": "bool", "int8": "std::int8_t", "int16": "std::int16_t", "uint16": "std::uint16_t",
           "int32": "std::int32_t", "uint32": "std::uint32_t", "int64": "std::int64_t", "float64": "double"}
SIZES = {"bool": 1, "int8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4, "int64": 8, "float64": 8, "uuid": 16}
OTHERS = {"uuid": "Uuid", "string": "std::string", "bytes": "Bytes", "records": "ByteChain"}
OUTER_NAMESPACE = {"ApiKey": "::ottla::protocol", "ErrorCode": "::ottla::protocol",
                   "DecodeError": "::ottla::protocol"}


class Types:
    """Types as they are written inside one message, where nested structs may hide our own types."""

    def __init__(self, message):
        self.hidden = {struct.name for struct in message.structs} & OUTER_TYPES

    def outer(self, name: str) -> str:
        return f'{OUTER_NAMESPACE.get(name, "::ottla")}::{name}' if name in self.hidden else name

    def element(self, field) -> str:
        if field.struct:
            return field.struct.name
        if field.id:
            return self.outer(field.id)
        if field.base in SCALARS:
            return SCALARS[field.base]
        return self.outer(OTHERS[field.base]) if field.base != "string" else "std::string"

    def of(self, field) -> str:
        plain = f"std::vector<{self.element(field)}>" if field.is_array else self.element(field)
        return f"std::optional<{plain}>" if field.is_nullable else plain

    def initializer(self, field) -> str:
        """What stands between the braces of the member's initializer."""
        if field.default == "null" or (field.is_nullable and field.base == "records" and not field.is_array):
            return ""
        if field.is_nullable:
            return text_literal(field.default) if field.default else "std::in_place"
        return self.value(field)

    def value(self, field) -> str:
        if field.is_array or field.struct or not field.default:
            return ""
        if field.base == "string":
            return text_literal(field.default)
        if field.id == "ErrorCode":
            return f"static_cast<{self.outer('ErrorCode')}>({field.default})"
        return number_literal(field)

    def is_not_default(self, field, name: str) -> str:
        """An expression that is true when the member has another value than its default."""
        if field.is_nullable:
            if self.initializer(field) == "":
                return f"{name}.has_value()"
            if field.struct and not field.is_array:
                return f"!({name} && *{name} == {field.struct.name}())"
            return f"!({name} && {name}->empty())" if not field.default else f"{name} != {text_literal(field.default)}"
        if field.is_array or field.base in {"bytes", "records"}:
            return f"!{name}.empty()"
        if field.struct:
            return f"!({name} == {field.struct.name}())"
        if field.base == "string":
            return f"{name} != {text_literal(field.default)}" if field.default else f"!{name}.empty()"
        if field.base == "uuid":
            return f"!{name}.is_zero()"
        if field.base == "bool":
            return f"!{name}" if field.default == "true" else name
        value = self.value(field)
        if field.id:
            return f"{name} != {self.outer(field.id)}{{{value}}}"
        return f"{name} != {value or 0}"


def text_literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def number_literal(field) -> str:
    if field.base in {"bool", "float64"}:
        return field.default
    value = int(field.default, 0)
    if field.base == "int32" and value == -2**31:
        return "std::numeric_limits<std::int32_t>::min()"
    if field.base == "int64" and value == 2**63 - 1:
        return "std::numeric_limits<std::int64_t>::max()"
    return str(value)


def encoded_size_min(message, struct) -> int:
    """The least bytes that the struct takes in any version that has it."""
    sizes = []
    for version in range(struct.versions.low, struct.versions.high + 1):
        flexible = message.is_flexible(version)
        size = 1 if flexible else 0
        for field in struct.fields:
            if version in field.versions and version not in field.tagged:
                size += _field_size_min(message, field, version, flexible)
        sizes.append(size)
    return max(1, min(sizes))


def _field_size_min(message, field, version: int, flexible: bool) -> int:
    if field.is_array or field.base in {"bytes", "records"}:
        return 1 if flexible else 4
    if field.base == "string":
        return 1 if flexible else 2
    if field.struct:
        return 1 if version in field.nullable else encoded_size_min(message, field.struct)
    return SIZES[field.base]
