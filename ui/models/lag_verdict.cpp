#include "ui/models/lag_verdict.h"

#include <algorithm>

namespace ottla::ui {
namespace {

bool caught_up(const LagSample& sample) {
  return sample.lag == 0 || (sample.lag_time && *sample.lag_time <= caught_up_within);
}

bool rewound(std::span<const LagSample> window) {
  std::optional<Offset> last;
  for (const LagSample& sample : window) {
    if (last && sample.committed && *sample.committed < *last) return true;
    if (sample.committed) last = sample.committed;
  }
  return false;
}

}  // namespace

const char* name(LagVerdict verdict) {
  switch (verdict) {
    case LagVerdict::unknown: return "–";
    case LagVerdict::ok: return "OK";
    case LagVerdict::warn: return "WARN";
    case LagVerdict::rewind: return "REWIND";
    case LagVerdict::stall: return "STALL";
    case LagVerdict::stop: return "STOP";
  }
  return "–";
}

LagVerdict judge(std::span<const LagSample> window) {
  if (window.empty()) return LagVerdict::unknown;
  if (rewound(window)) return LagVerdict::rewind;
  if (std::any_of(window.begin(), window.end(), caught_up)) return LagVerdict::ok;
  const LagSample& first = window.front();
  const LagSample& last = window.back();
  if (last.at - first.at < lag_window_min) return LagVerdict::unknown;
  if (first.committed != last.committed) return LagVerdict::warn;
  return last.owned ? LagVerdict::stall : LagVerdict::stop;
}

}  // namespace ottla::ui
