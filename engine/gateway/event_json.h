// An Event as the control API shows it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "engine/observe/event.h"

namespace ottla::gateway {

// `start` is the virtual time that `since_start_ms` counts from. What an event has not is null.
[[nodiscard]] nlohmann::json to_json(const observe::Event& event, Instant start);

}  // namespace ottla::gateway
