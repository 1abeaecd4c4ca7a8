// A Snapshot as the control API shows it: what is not known is null, ids are numbers, times are ISO
// 8601 in UTC, and the trace hash is a hexadecimal string. docs/control-api.md names every field.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "engine/observe/snapshot.h"

namespace ottla::gateway {

enum class WithHistory : bool { no, yes };

// The history is the bulk of a long run, so it is added only when it is wanted.
[[nodiscard]] nlohmann::json to_json(const observe::Snapshot& snapshot,
                                     WithHistory history = WithHistory::yes);

}  // namespace ottla::gateway
