// A time of a run, for a person: minutes, seconds and milliseconds since it began.
#pragma once

#include <string>

#include "engine/base/time.h"

namespace ottla {

// "01:07.250"
[[nodiscard]] std::string clock_text(Duration since_start);

}  // namespace ottla
