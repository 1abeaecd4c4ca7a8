#include "engine/coordinator/java_string.h"

#include "engine/base/assert.h"
#include "engine/base/utf8.h"

namespace ottla::coordinator {

namespace {

template <class Visit>
void for_each_utf16_unit(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const CodePoint one = first_code_point(text);
    text.remove_prefix(one.length);
    if (one.value < 0x10000) {
      visit(one.value);
    } else {
      const std::uint32_t rest = one.value - 0x10000;
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
