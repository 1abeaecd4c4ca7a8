// Times as the control API writes them.
#pragma once

#include <string>

#include "engine/base/time.h"

namespace ottla::gateway {

// ISO 8601 in UTC, to the millisecond: "2026-01-01T00:00:30.004Z".
[[nodiscard]] std::string iso_8601(Instant at);

}  // namespace ottla::gateway
