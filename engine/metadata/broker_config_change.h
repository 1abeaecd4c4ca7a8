// What a broker accepts as a change to its own configs, or to those of all, while it runs: Kafka's
// DynamicBrokerConfig. Errors are INVALID_REQUEST with Kafka's messages.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "engine/metadata/controller_result.h"
#include "engine/metadata/topic_config.h"

namespace ottla::metadata {

// What becomes of a resource's configs; without a value it is removed.
using ConfigChanges = std::map<std::string, std::optional<std::string>, std::less<>>;

// Each by itself: a broker takes names it does not know, for plug-ins; those it knows must be
// dynamic and right.
[[nodiscard]] ApiError refuse_broker_values(const ConfigChanges& changes);

// Together with what is set already: some may be set for a single broker only, and a pool of
// threads grows to twice or shrinks to half of what it has at most. `layers` are the broker's own;
// with `of_all` the change is to its `default_broker`, else to its `broker`.
[[nodiscard]] ApiError refuse_broker_reconfiguration(const ConfigChanges& changes,
                                                     const ConfigLayers& layers, bool of_all);

}  // namespace ottla::metadata
