// How the text of a config is taken apart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ottla::metadata {

// Without the blanks around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

// A list's items, trimmed of blanks: ConfigDef's LIST. The empty text has none, "a," has two.
[[nodiscard]] std::vector<std::string> list_items(std::string_view text);

}  // namespace ottla::metadata
