#include "engine/base/clock_text.h"

#include <cstdio>

namespace ottla {

std::string clock_text(Duration since_start) {
  const auto ms = static_cast<long long>(since_start.count_millis());
  char text[32];
  std::snprintf(text, sizeof text, "%02lld:%02lld.%03lld", ms / 60'000, ms / 1000 % 60, ms % 1000);
  return text;
}

}  // namespace ottla
