// SIGINT and SIGTERM as something to wait for rather than something that interrupts.
#pragma once

#include <chrono>

namespace ottla::cli {

// Made before any thread is, so that every thread leaves the signals to it.
class StopSignals {
 public:
  StopSignals();
  // From here on a signal ends the program at once again: for who asks twice.
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;

  void wait();
  // Whether one came.
  [[nodiscard]] bool wait_for(std::chrono::milliseconds span);
};

}  // namespace ottla::cli
