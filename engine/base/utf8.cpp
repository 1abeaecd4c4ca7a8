#include "engine/base/utf8.h"

#include <cstring>
#include <utility>

namespace ottla {

namespace {

constexpr std::string_view replacement_bytes = "\xEF\xBF\xBD";

std::uint8_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

bool is_continuation(std::uint8_t byte) {
  return (byte & 0xC0) == 0x80;
}

// Whether the second byte may follow such a first one: neither an overlong form, nor beyond
// U+10FFFF. Surrogates pass here, since Java replaces all three bytes of one at once.
bool may_follow(std::uint8_t lead, std::uint8_t second) {
  if (!is_continuation(second)) return false;
  if (lead == 0xE0) return second >= 0xA0;
  if (lead == 0xF0) return second >= 0x90;
  if (lead == 0xF4) return second < 0x90;
  return true;
}

std::size_t length_by_lead(std::uint8_t lead) {
  if (lead < 0xC2 || lead > 0xF4) return 1;
  return lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
}

bool is_surrogate(std::uint32_t point) {
  return point >= 0xD800 && point <= 0xDFFF;
}

// How much of the text is ASCII, which is nearly all that comes, eight bytes at a time.
std::size_t ascii_prefix(std::string_view text) {
  std::size_t at = 0;
  for (std::uint64_t word = 0; at + sizeof(word) <= text.size(); at += sizeof(word)) {
    std::memcpy(&word, text.data() + at, sizeof(word));
    if ((word & 0x8080808080808080U) != 0) break;
  }
  while (at < text.size() && byte_at(text, at) < 0x80) ++at;
  return at;
}

// The length of the longest beginning that is well-formed.
std::size_t well_formed_prefix(std::string_view text) {
  std::size_t at = ascii_prefix(text);
  while (at < text.size()) {
    const CodePoint next = first_code_point(text.substr(at));
    if (!next.well_formed) break;
    at += next.length;
  }
  return at;
}

}  // namespace

CodePoint first_code_point(std::string_view text) {
  const std::uint8_t lead = byte_at(text, 0);
  if (lead < 0x80) return {.value = lead, .length = 1};
  const std::size_t length = length_by_lead(lead);
  CodePoint malformed{.value = replacement_character, .length = 1, .well_formed = false};
  if (length == 1) return malformed;
  std::uint32_t point = lead & (0x7FU >> length);
  for (std::size_t at = 1; at < length; ++at, ++malformed.length) {
    if (at == text.size()) return malformed;
    const std::uint8_t byte = byte_at(text, at);
    if (at == 1 ? !may_follow(lead, byte) : !is_continuation(byte)) return malformed;
    point = (point << 6) | (byte & 0x3FU);
  }
  if (is_surrogate(point)) return malformed;
  return {.value = point, .length = length};
}

void repair_utf8(std::string& text) {
  std::string_view rest = text;
  std::size_t good = well_formed_prefix(rest);
  if (good == rest.size()) return;
  std::string repaired;
  while (good < rest.size()) {
    repaired.append(rest.substr(0, good)).append(replacement_bytes);
    rest.remove_prefix(good + first_code_point(rest.substr(good)).length);
    good = well_formed_prefix(rest);
  }
  text = std::move(repaired.append(rest));
}

}  // namespace ottla
