// The events that the control API can still show: the newest ones, by number.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "engine/observe/event.h"

namespace ottla::gateway {

class ControlEventLog {
 public:
  static constexpr std::size_t kept_max = 100'000;

  explicit ControlEventLog(std::size_t kept = kept_max) : kept_(kept) {}

  void add(observe::EventBatch batch);

  struct Page {
    std::vector<observe::Event> events;
    std::uint64_t next_after = 0;  // What to ask for next.
    std::uint64_t dropped = 0;     // Were after the number asked for, and are no longer here.
  };
  // At most `limit` of the events whose number is above `after`, in order.
  [[nodiscard]] Page after(std::uint64_t after, std::size_t limit) const;

 private:
  const std::size_t kept_;
  std::deque<observe::Event> events_;  // By number.
};

}  // namespace ottla::gateway
