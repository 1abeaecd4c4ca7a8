// The word a person probably meant, for messages about words that are not known.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ottla::gateway {

// The one of `words` that is nearest to `word` by edits (insert, delete, replace or swap a letter);
// empty when none is near.
[[nodiscard]] std::string_view nearest_word(std::string_view word,
                                            std::span<const std::string_view> words);

// "a, b, c"
[[nodiscard]] std::string joined(std::span<const std::string_view> words);

// "unknown command \"kil\"; did you mean \"kill\"? Commands: kill, ..." for kind "command" and
// plural "Commands".
[[nodiscard]] std::string unknown_word(std::string_view kind, std::string_view plural,
                                       std::string_view word,
                                       std::span<const std::string_view> words);

}  // namespace ottla::gateway
