"""Writes what fills every message with pseudo-random values that are not the defaults, for tests."""
import naming


def write_cases(groups: int) -> str:
    lines = ["// Generated from engine/protocol/schemas.", '#include "tests/engine/protocol/values/message_case.h"', "",
             "#include <algorithm>", "", "namespace ottla::protocol {", ""]
    lines += [f"void add_message_cases_{index:02}(std::vector<MessageCase>& cases);" for index in range(groups)]
    lines += ["", "std::vector<MessageCase> all_message_cases() {", "  std::vector<MessageCase> cases;"]
    lines += [f"  add_message_cases_{index:02}(cases);" for index in range(groups)]
    lines += ["  std::sort(cases.begin(), cases.end(),",
              "            [](const MessageCase& a, const MessageCase& b) { return a.name < b.name; });",
              "  return cases;", "}", "", "}  // namespace ottla::protocol", ""]
    return "\n".join(lines)


def write_values(messages: list, index: int) -> str:
    lines = ["// Generated from engine/protocol/schemas."]
    lines += [f'#include "{naming.header(message.name)}"' for message in messages]
    lines += ['#include "tests/engine/protocol/values/message_case.h"',
              '#include "tests/engine/protocol/values/value_source.h"', "",
              "namespace ottla::protocol {", ""]
    for message in messages:
        for struct in message.structs:
            lines += _fill(message, struct, f"{message.name}::{struct.name}")
        lines += _fill(message, message.root, message.name)
    lines += [f"void add_message_cases_{index:02}(std::vector<MessageCase>& cases);",
              f"void add_message_cases_{index:02}(std::vector<MessageCase>& cases) {{"]
    lines += [f"  cases.push_back(make_message_case<{message.name}>());" for message in messages]
    return "\n".join(lines + ["}", "", "}  // namespace ottla::protocol", ""])


def _fill(message, struct, qualified: str) -> list:
    lines = ["template <>", f"void fill([[maybe_unused]] ValueSource& source, {qualified}& value, "
             "[[maybe_unused]] int v) {"]
    for field in struct.fields:
        name = f"value.{naming.member(field.name)}"
        call = f"source.fill({name}, v);"
        if field.is_nullable:
            low, high = field.nullable.low, field.nullable.high
            call = f"source.fill({name}, v, v >= {low} && v <= {high});"
        condition = _condition(field.versions, struct.versions)
        lines.append(f"  if ({condition}) {call}" if condition else f"  {call}")
    if struct.versions.common(message.flexible):
        tag = len([field for field in struct.fields if field.tagged])
        lines.append(f"  if (v >= {message.flexible.low}) source.fill_unknown(value.unknown_tagged_fields, {tag});")
    return lines + ["}", ""]


def _condition(versions, outer) -> str:
    parts = []
    if versions.low > outer.low:
        parts.append(f"v >= {versions.low}")
    if versions.high < outer.high:
        parts.append(f"v <= {versions.high}")
    return " && ".join(parts)
