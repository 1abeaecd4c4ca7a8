// The requests that wait until some moment, by that moment. They wait for about as long as each
// other, so a new one goes to the end or close to it: a deque keeps them in order, and its memory.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>

#include "engine/base/time.h"
#include "engine/broker/server/request_context.h"

namespace ottla::broker {

class DeadlineQueue {
 public:
  void add(Instant at, RequestToken request) {
    entries_.insert(std::ranges::upper_bound(entries_, at, {}, &Entry::at), {at, request});
  }
  // One that was added with this deadline.
  void remove(Instant at, RequestToken request) {
    const auto first = std::ranges::lower_bound(entries_, at, {}, &Entry::at);
    entries_.erase(std::find_if(
        first, entries_.end(), [request](const Entry& entry) { return entry.request == request; }));
  }

  [[nodiscard]] std::optional<Instant> next() const {
    return entries_.empty() ? std::nullopt : std::optional(entries_.front().at);
  }
  // The first that is due; it stays until it is removed.
  [[nodiscard]] std::optional<RequestToken> due(Instant now) const {
    const bool any = !entries_.empty() && entries_.front().at <= now;
    return any ? std::optional(entries_.front().request) : std::nullopt;
  }

 private:
  struct Entry {
    Instant at;
    RequestToken request;
  };
  std::deque<Entry> entries_;  // By `at`; those of one moment as they were added.
};

}  // namespace ottla::broker
