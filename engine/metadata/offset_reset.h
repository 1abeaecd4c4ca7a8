// Where a group begins to read when it has no offset, as text: KIP-1106's strategies.
#pragma once

#include <string_view>

namespace ottla::metadata {

// "earliest", "latest", or "by_duration:" and an ISO 8601 duration that is not negative, as
// java.time.Duration parses it (PnDTnHnMn.nS).
[[nodiscard]] bool is_offset_reset(std::string_view text);

}  // namespace ottla::metadata
