// What the schemas cover: the APIs with their versions, and every message with a function that
// decodes it by name or key, for those who handle messages without knowing their type. The tables
// are generated.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/base/byte_reader.h"
#include "engine/base/byte_writer.h"
#include "engine/base/ids.h"
#include "engine/protocol/api_key.h"
#include "engine/protocol/decode_error.h"

namespace ottla::protocol {

// An API that has schemas, with the versions that these cover. What a broker advertises is its own
// table: the part of these that it serves.
struct ApiEntry {
  ApiKey key;
  std::string_view name;  // "Fetch"
  ApiVersion min_version;
  ApiVersion max_version;
  ApiVersion flexible_from;  // Above max_version when no version is flexible.
  bool broker_listener;      // Kafka serves it on brokers' listeners,
  bool controller_listener;  // or on controllers', or on both.

  [[nodiscard]] constexpr bool supports(ApiVersion version) const {
    return min_version <= version && version <= max_version;
  }
  [[nodiscard]] constexpr bool is_flexible(ApiVersion version) const {
    return version >= flexible_from;
  }
};

// Every API, in ascending order of keys.
[[nodiscard]] std::span<const ApiEntry> all_apis();
// Null for a key without schemas.
[[nodiscard]] const ApiEntry* find_api(ApiKey key);

enum class MessageKind : std::uint8_t {
  request,
  response,
  data,
  metadata_record,
  coordinator_key,
  coordinator_value,
};

struct MessageEntry {
  std::string_view name;  // "FetchRequest"
  MessageKind kind;
  std::int16_t key;  // Of the API, metadata record or coordinator record; -1 for data.
  ApiVersion min_version;
  ApiVersion max_version;
  // Decodes one message and encodes it again in the same version. Gives the error of the first, if
  // any.
  std::optional<DecodeError> (*transcode)(ByteReader& reader, ApiVersion version,
                                          ByteWriter& writer);
};

// Every message, in the order of their names within a kind.
[[nodiscard]] std::span<const MessageEntry> all_messages();
// Null when there is none.
[[nodiscard]] const MessageEntry* find_message(std::string_view name);
[[nodiscard]] const MessageEntry* find_message(MessageKind kind, std::int16_t key);

}  // namespace ottla::protocol
