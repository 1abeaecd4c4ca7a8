// Waits that end when a partition's high watermark passes an offset: produce with acks=all, and
// coordinator replies parked on the records they rest on.
//
// Waits are data: they are counted, listed in the Snapshot with their cause, and each ends exactly
// once, satisfied by the watermark, expired by its deadline, or failed when the partition is lost.
#pragma once

#include <map>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/strong_id.h"

namespace ottla::broker {

using WaitId = StrongId<struct WaitIdTag, std::uint64_t>;

class OffsetWaits {
 public:
  // Ends when the high watermark reaches `offset`, the offset after the last record waited for.
  void add(Offset offset, WaitId wait) { waits_.emplace(offset, wait); }

  // Waits satisfied by `high_watermark`, in the order of their offsets; they are gone from here.
  [[nodiscard]] std::vector<WaitId> complete_up_to(Offset high_watermark);

  // All waits, for a partition that this broker no longer leads.
  [[nodiscard]] std::vector<WaitId> fail_all();

  [[nodiscard]] std::size_t size() const { return waits_.size(); }

 private:
  std::multimap<Offset, WaitId> waits_;  // By the offset that satisfies them.
};

}  // namespace ottla::broker
