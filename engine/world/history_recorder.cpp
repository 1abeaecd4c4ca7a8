#include "engine/world/history_recorder.h"

#include <algorithm>

namespace ottla::world {

void HistoryRecorder::add(std::string_view key, std::string_view label, std::string_view unit,
                          Instant at, double value) {
  auto found = series_.find(key);
  if (found == series_.end()) {
    Kept kept;
    kept.series = {std::string(key), std::string(label), std::string(unit), {}};
    found = series_.emplace(std::string(key), std::move(kept)).first;
  }
  found->second.series.points.push_back({at, value});
  thin_out(found->second, at);
  published_.reset();
}

// What has grown old is averaged, a second at a time.
void HistoryRecorder::thin_out(Kept& kept, Instant now) {
  auto& points = kept.series.points;
  const Instant fine_from = now - fine_for;
  const std::size_t first = kept.coarse;
  if (first >= points.size() || points[first].at + coarse_interval > fine_from) return;
  const Instant until = points[first].at + coarse_interval;
  std::size_t end = first;
  double sum = 0;
  for (; end < points.size() && points[end].at < until; ++end) sum += points[end].value;
  points[first].value = sum / static_cast<double>(end - first);
  points.erase(points.begin() + static_cast<std::ptrdiff_t>(first) + 1,
               points.begin() + static_cast<std::ptrdiff_t>(end));
  ++kept.coarse;
  if (points.front().at < now - kept_for) {
    points.erase(points.begin());
    --kept.coarse;
  }
}

std::shared_ptr<const observe::History> HistoryRecorder::history() {
  if (!published_) {
    auto next = std::make_shared<observe::History>();
    for (const auto& [key, kept] : series_) next->series.push_back(kept.series);
    published_ = std::move(next);
  }
  return published_;
}

}  // namespace ottla::world
