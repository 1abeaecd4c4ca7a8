// Brokers, controllers and the links between processes, as a Snapshot shows them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/observe/known.h"

namespace ottla::observe {

enum class ProcessStatus : std::uint8_t {
  starting,  // Runs; not registered or still fenced and catching up.
  online,
  fenced,  // Its session at the controller expired.
  paused,
  stopping,  // Controlled shutdown.
  down,      // Killed or stopped.
  unknown,
};

// How much a broker does beside the others that run: 0.5 is their average, 1 is twice that or more.
// Nothing where it is not known.
struct Load {
  std::optional<double> network;   // Of bytes in and out a second.
  std::optional<double> requests;  // Of requests a second.
  std::optional<double> disk;      // Of the bytes in its logs.
  bool operator==(const Load&) const = default;
};

struct BrokerState {
  BrokerId id;
  std::string rack;  // Empty when the broker has none.
  std::string host;
  std::uint16_t port = 0;
  ProcessStatus status = ProcessStatus::unknown;
  Instant status_since;
  std::string story;  // One line on what happened to it lately: "Killed 01:30.000, back 01:38.000".
  BrokerEpoch epoch = no_broker_epoch;
  std::optional<double> session_left;  // Share of broker.session.timeout.ms, 0 to 1.
  std::int32_t leaders = 0;
  std::int32_t preferred_leaders = 0;
  std::int32_t replicas = 0;
  std::int32_t in_sync = 0;
  Load load;
  double bytes_in_per_s = 0;
  double bytes_out_per_s = 0;
  double requests_per_s = 0;
  std::int64_t log_bytes = 0;
  std::int32_t connections = 0;
  std::int32_t waiting_requests = 0;
  bool operator==(const BrokerState&) const = default;
};

struct ControllerState {
  BrokerId id;
  std::string rack;
  ProcessStatus status = ProcessStatus::unknown;
  Instant status_since;
  bool active = false;
  std::int32_t epoch = 0;
  Known<Offset> log_end_offset;
  Known<std::int64_t> lag;  // Records behind the active controller.
  bool operator==(const ControllerState&) const = default;
};

// DescribeQuorum's answer.
struct QuorumReplica {
  BrokerId id;
  bool voter = false;
  Known<Offset> log_end_offset;
  std::int64_t lag = 0;
  std::optional<Instant> last_fetch;
  std::optional<Instant> last_caught_up;
  bool operator==(const QuorumReplica&) const = default;
};
struct QuorumState {
  std::optional<BrokerId> leader;
  std::int32_t epoch = 0;
  Offset high_watermark = no_offset;
  std::vector<QuorumReplica> replicas;
  bool operator==(const QuorumState&) const = default;
};

// One direction between two processes, named as the processes are ("1", "101", "checkout").
struct LinkState {
  std::string from;
  std::string to;
  Duration latency;
  double loss = 0;  // Share of messages retransmitted.
  bool cut = false;
  std::optional<Instant> faulty_since;
  std::optional<Instant> heals_at;
  double bytes_per_s = 0;
  bool operator==(const LinkState&) const = default;
};

}  // namespace ottla::observe
