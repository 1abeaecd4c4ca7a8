// One timer for an owner with many deadlines: armed for the earliest, kept while that only moves
// later, so that most events arm and cancel nothing.
#pragma once

#include <algorithm>

#include "engine/base/time.h"
#include "engine/env/timers.h"

namespace ottla::client {

class Alarm {
 public:
  explicit Alarm(Timers& timers) : timers_(timers) {}

  // Makes sure that a timer fires no later than `at`.
  void set(Instant at, Instant now) {
    if (timer_ != TimerId{0} && at_ <= at) return;
    clear();
    at_ = std::max(at, now);
    timer_ = timers_.arm(at_ - now);
  }
  // True when the timer was this one; it is no longer armed then.
  bool fired(TimerId timer) {
    if (timer != timer_) return false;
    timer_ = TimerId{0};
    return true;
  }
  void clear() {
    if (timer_ != TimerId{0}) timers_.cancel(timer_);
    timer_ = TimerId{0};
  }

 private:
  Timers& timers_;
  TimerId timer_{0};
  Instant at_;
};

}  // namespace ottla::client
