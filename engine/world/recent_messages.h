// The latest messages on the wire, for whoever draws them: a bounded ring that forgets the oldest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/time.h"
#include "engine/env/network.h"
#include "engine/world/process_id.h"

namespace ottla::world {

struct MessageOnWire {
  ProcessId from;
  ProcessId to;
  ConnectionId connection;    // As the sender knows it.
  std::int16_t api_key = -1;  // -1 when it could not be told.
  bool response = false;
  Instant sent_at;
  Instant arrives_at;
  std::size_t bytes = 0;
};

class RecentMessages {
 public:
  static constexpr std::size_t capacity = 1024;

  void add(const MessageOnWire& message);
  // Up to `count_max` that are on their way at `now`, newest first.
  [[nodiscard]] std::vector<MessageOnWire> in_flight(Instant now, std::size_t count_max) const;

 private:
  std::vector<MessageOnWire> ring_;
  std::size_t next_ = 0;
};

}  // namespace ottla::world
