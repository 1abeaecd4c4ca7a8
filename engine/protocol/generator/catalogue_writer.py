"""Writes what spans all messages: the table of APIs, the table of codecs, and the variant of metadata records."""
import naming
from schema import SchemaError


def write_all_messages(messages: list) -> str:
    lines = ["// Generated from engine/protocol/schemas: every message.", "#pragma once", ""]
    lines += [f'#include "{naming.header(message.name)}"' for message in messages]
    return "\n".join(lines + [""])


def write_metadata_record(messages: list) -> str:
    records = sorted((message for message in messages if message.type == "metadata"),
                     key=lambda message: message.api_key)
    lines = ["// Generated from engine/protocol/schemas/metadata: any record of the metadata log.", "#pragma once", "",
             "#include <variant>", ""]
    lines += [f'#include "{naming.header(name)}"' for name in sorted(record.name for record in records)]
    lines += ["", "namespace ottla::protocol {", "", "// In the order of their keys.",
              "using MetadataRecord = std::variant<"]
    lines += [f"    {record.name}," for record in records]
    lines[-1] = lines[-1][:-1] + ">;"
    return "\n".join(lines + ["", "}  // namespace ottla::protocol", ""])


def write_catalogue(messages: list) -> str:
    lines = ["// Generated from engine/protocol/schemas.", '#include "engine/protocol/message_catalogue.h"', "",
             '#include "engine/protocol/messages/all_messages.h"', "", "namespace ottla::protocol {", "namespace {", ""]
    lines += _apis(messages) + [""] + _codecs(messages)
    lines += ["", "}  // namespace", "", "std::span<const ApiEntry> all_apis() { return apis; }",
              "std::span<const MessageEntry> all_messages() { return entries; }", "",
              "}  // namespace ottla::protocol", ""]
    return "\n".join(lines)


def _apis(messages: list) -> list:
    requests = sorted((message for message in messages if message.type == "request"),
                      key=lambda message: message.api_key)
    responses = {message.api_key: message for message in messages if message.type == "response"}
    lines = ["constexpr ApiEntry apis[] = {"]
    for request in requests:
        response = responses.pop(request.api_key, None)
        if response is None or response.versions != request.versions:
            raise_mismatch(request)
        flexible = request.flexible.low if request.flexible else request.versions.high + 1
        listeners = [str(name in request.listeners).lower() for name in ("broker", "controller")]
        stem = request.name.removesuffix("Request")
        lines.append(f'    {{{naming.api_enumerator(request)}, "{stem}", ApiVersion{{{request.versions.low}}}, '
                     f'ApiVersion{{{request.versions.high}}}, ApiVersion{{{flexible}}}, {", ".join(listeners)}}},')
    for response in responses.values():
        raise_mismatch(response)
    return lines + ["};"]


def raise_mismatch(message):
    raise SchemaError(f"{message.source}: request and response must both be there, for the same versions")


def _codecs(messages: list) -> list:
    kinds = {"request": "MessageKind::request", "response": "MessageKind::response", "data": "MessageKind::data",
             "metadata": "MessageKind::metadata_record", "coordinator-key": "MessageKind::coordinator_key",
             "coordinator-value": "MessageKind::coordinator_value"}
    lines = ["template <class Message>",
             "std::optional<DecodeError> transcode(ByteReader& reader, ApiVersion version, ByteWriter& writer) {",
             "  Result<Message, DecodeError> message = Message::decode(reader, version);",
             "  if (!message) return message.error();",
             "  message->encode(writer, version);", "  return std::nullopt;", "}", "",
             "constexpr MessageEntry entries[] = {"]
    for message in messages:
        key = message.api_key if message.api_key is not None else -1
        lines.append(f'    {{"{message.name}", {kinds[message.type]}, {key}, ApiVersion{{{message.versions.low}}}, '
                     f"ApiVersion{{{message.versions.high}}}, transcode<{message.name}>}},")
    return lines + ["};"]
