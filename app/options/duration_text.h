// Spans of time as people type them: "30s", "500ms", "2m", "1.5h".
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/base/time.h"

namespace ottla::command_line {

// The error is a sentence that shows what is right.
[[nodiscard]] Result<Duration, std::string> parse_duration(std::string_view text);

}  // namespace ottla::command_line
