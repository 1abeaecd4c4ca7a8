#include "engine/coordinator/java_string.h"

#include "engine/base/assert.h"

namespace ottla::coordinator {

namespace {

constexpr std::uint32_t replacement = 0xFFFD;

struct Decoded {
  std::uint32_t code_point;
  std::size_t length;
};

Decoded decode_one(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {replacement, 1};
  std::uint32_t point = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {replacement, 1};
    point = (point << 6) | (byte(i) & 0x3FU);
  }
  return {point, length};
}

template <class Visit>
void for_each_utf16_unit(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const Decoded one = decode_one(text);
    text.remove_prefix(one.length);
    if (one.code_point < 0x10000) {
      visit(one.code_point);
    } else {
      const std::uint32_t rest = one.code_point - 0x10000;
      visit(0xD800U + (rest >> 10));
      visit(0xDC00U + (rest & 0x3FFU));
    }
  }
}

}  // namespace

std::int32_t java_hash(std::string_view utf8) {
  std::uint32_t hash = 0;
  for_each_utf16_unit(utf8, [&](std::uint32_t unit) { hash = hash * 31 + unit; });
  return static_cast<std::int32_t>(hash);
}

std::size_t java_length(std::string_view utf8) {
  std::size_t length = 0;
  for_each_utf16_unit(utf8, [&](std::uint32_t) { ++length; });
  return length;
}

PartitionIndex partition_for(std::string_view key, std::int32_t partition_count) {
  OTTLA_ASSERT(partition_count > 0);
  // Utils.abs maps the one number without a positive counterpart to 0.
  const std::int32_t hash = java_hash(key);
  const std::int32_t positive = hash == INT32_MIN ? 0 : hash < 0 ? -hash : hash;
  return PartitionIndex(positive % partition_count);
}

}  // namespace ottla::coordinator
