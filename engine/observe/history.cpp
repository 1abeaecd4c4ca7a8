#include "engine/observe/history.h"

#include <algorithm>

namespace ottla::observe {

const Series* History::find(std::string_view key) const {
  const auto at = std::lower_bound(series.begin(), series.end(), key,
                                   [](const Series& s, std::string_view k) { return s.key < k; });
  return at != series.end() && at->key == key ? &*at : nullptr;
}

}  // namespace ottla::observe
