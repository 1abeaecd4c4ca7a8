#include "engine/gateway/control_event_log.h"

#include <algorithm>
#include <utility>

namespace ottla::gateway {

void ControlEventLog::add(observe::EventBatch batch) {
  for (observe::Event& event : batch.events) {
    events_.push_back(std::move(event));
    if (events_.size() > kept_) events_.pop_front();
  }
}

ControlEventLog::Page ControlEventLog::after(std::uint64_t after, std::size_t limit) const {
  Page page;
  page.next_after = after;
  const auto first = std::upper_bound(
      events_.begin(), events_.end(), after,
      [](std::uint64_t number, const observe::Event& event) { return number < event.number; });
  if (first == events_.end()) return page;
  page.dropped = first->number - after - 1;
  const auto left = static_cast<std::size_t>(events_.end() - first);
  const auto count = static_cast<std::ptrdiff_t>(std::min(limit, left));
  page.events.assign(first, first + count);
  if (!page.events.empty()) page.next_after = page.events.back().number;
  return page;
}

}  // namespace ottla::gateway
