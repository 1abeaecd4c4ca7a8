// The lists of configs as IncrementalAlterConfigs edits them (KIP-339,
// ConfigurationControlManager).
#pragma once

#include <string>
#include <string_view>

#include "engine/metadata/config_definition.h"

namespace ottla::metadata {

enum class ListEdit : std::uint8_t { append, subtract };

// What becomes of a list, "a,b", by items that are written alike: appended where they are not in it
// yet, or taken away. Blanks stay as they are written, and an empty item is one: whether the list
// is right is for the config's definition to say.
[[nodiscard]] std::string edited_list(std::string_view present, std::string_view items,
                                      ListEdit edit);

}  // namespace ottla::metadata
