// Messages under way: samples for the moving dots, sums for the flows.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/time.h"

namespace ottla::observe {

enum class ApiFamily : std::uint8_t { produce, fetch, replicate, group, transaction, admin };

// One message on a link. At most some hundreds are in a Snapshot.
struct MessageInFlight {
  std::uint64_t id = 0;  // Stable while it is under way.
  std::string from;      // Process names, as in LinkState.
  std::string to;
  ApiFamily family = ApiFamily::admin;
  bool response = false;
  Instant sent;
  Instant arrives;
  std::uint32_t bytes = 0;
  bool stalled = false;  // On a cut link.
};

struct Flow {
  std::string from;
  std::string to;
  ApiFamily family = ApiFamily::admin;
  double messages_per_s = 0;
  double bytes_per_s = 0;
};

// A request that waits inside a broker, and why.
struct WaitState {
  std::string node;   // The process that holds it.
  std::string kind;   // "Produce", "Fetch", "JoinGroup", ...
  std::string from;   // Who asked.
  std::string cause;  // "acks=all, needs 1 to reach 51 146"
  std::string topic;  // Empty when it is not about a partition.
  std::int32_t partition = -1;
  Instant since;
  Instant deadline;
};

}  // namespace ottla::observe
