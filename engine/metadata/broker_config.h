// The configurations of a broker: Kafka's names, types, defaults and which of them may change while
// it runs.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/metadata/config_definition.h"
#include "engine/metadata/image.h"

namespace ottla::metadata {

// In the order of their names.
[[nodiscard]] std::span<const ConfigDefinition> broker_configs();
[[nodiscard]] const ConfigDefinition* find_broker_config(std::string_view name);

// The names that mean the same in different units, the one that counts first in front; else the
// name by itself.
[[nodiscard]] std::vector<std::string_view> broker_config_family(std::string_view name);

// What was set of a broker's config while it runs: its own counts before the one for all. Nothing
// where neither is set.
[[nodiscard]] std::optional<std::string> dynamic_broker_config(const Image& image, BrokerId broker,
                                                               std::string_view name);

// A broker's settings as text by name, with the default where one is not set. Unknown names have
// none.
[[nodiscard]] std::string broker_config_value(const ConfigValues& settings, std::string_view name);
// The same as a number or a truth; `name` is one of the table's, of that type. What is not finite,
// which Kafka's validators let pass, counts as the default.
[[nodiscard]] std::int64_t broker_config_integer(const ConfigValues& settings,
                                                 std::string_view name);
[[nodiscard]] double broker_config_real(const ConfigValues& settings, std::string_view name);
[[nodiscard]] bool broker_config_boolean(const ConfigValues& settings, std::string_view name);

}  // namespace ottla::metadata
