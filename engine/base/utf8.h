// UTF-8 that cannot be trusted, as Java reads it: what is malformed becomes U+FFFD (as new
// String(bytes, UTF_8) has it), so that a text which came over the wire is always a text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ottla {

inline constexpr std::uint32_t replacement_character = 0xFFFD;

struct CodePoint {
  std::uint32_t value;
  std::size_t length;  // In bytes. Of malformed ones, those that one U+FFFD stands for.
  bool well_formed = true;
};

// The first character of a text that is not empty.
[[nodiscard]] CodePoint first_code_point(std::string_view text);

// Replaces each malformed part of the text by U+FFFD.
void repair_utf8(std::string& text);

}  // namespace ottla
