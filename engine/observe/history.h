// What the charts and the timeline draw: series over the whole run, kept small.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.h"

namespace ottla::observe {

struct Point {
  Instant at;
  double value = 0;
};

// One measured quantity over time. `key` is stable ("records_in", "lag.billing"), `unit` is
// "records/s", "bytes/s", "records", "s", "ms" or "partitions"; of what happens, such as elections,
// a point says how many there were in the second before it ("elections/s").
struct Series {
  std::string key;
  std::string label;
  std::string unit;
  std::vector<Point> points;  // By time: 100 ms apart for the last minutes, 1 s before that.
};

struct History {
  std::vector<Series> series;  // Sorted by key.

  [[nodiscard]] const Series* find(std::string_view key) const;
};

}  // namespace ottla::observe
