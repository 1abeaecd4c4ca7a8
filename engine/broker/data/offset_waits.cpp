#include "engine/broker/data/offset_waits.h"

namespace ottla::broker {

std::vector<WaitId> OffsetWaits::complete_up_to(Offset high_watermark) {
  std::vector<WaitId> satisfied;
  const auto end = waits_.upper_bound(high_watermark);
  for (auto at = waits_.begin(); at != end; ++at) satisfied.push_back(at->second);
  waits_.erase(waits_.begin(), end);
  return satisfied;
}

std::vector<WaitId> OffsetWaits::fail_all() {
  std::vector<WaitId> all;
  for (const auto& [offset, wait] : waits_) all.push_back(wait);
  waits_.clear();
  return all;
}

}  // namespace ottla::broker
