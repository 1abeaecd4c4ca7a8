// How much replication of throttled replicas may go on in a second, on one side of it: Kafka's
// ReplicationQuotaManager, as kafka-reassign-partitions sets it up. What goes over is let through;
// after it replicas that are out of sync wait until the rate is back, and those in sync never do.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/broker/quota/windowed_rate.h"
#include "engine/metadata/image.h"

namespace ottla::broker {

class ReplicationThrottle {
 public:
  enum class Side : std::uint8_t { leader, follower };

  ReplicationThrottle(Side side, BrokerId self, SampleWindow window);

  // Reads the rate (leader.replication.throttled.rate, of this broker or of all) and the replicas
  // (leader.replication.throttled.replicas of each topic), or the follower's.
  void update(const metadata::Image& image);

  [[nodiscard]] bool any() const { return !replicas_.empty(); }
  // Whether this broker's replica of the partition is one of the throttled.
  [[nodiscard]] bool is_throttled(std::string_view topic, PartitionIndex partition) const;
  [[nodiscard]] bool is_exceeded(Instant now);
  // Counts what a throttled replica has moved.
  void record(std::size_t bytes, Instant now) { rate_.record(static_cast<double>(bytes), now); }

 private:
  using Partitions = std::optional<std::set<PartitionIndex>>;  // Nothing: all of the topic.

  [[nodiscard]] Partitions parse(std::string_view replicas) const;

  // Constant after construction.
  const std::string rate_config_;
  const std::string replicas_config_;
  const BrokerId self_;

  WindowedRate rate_;
  std::optional<double> limit_;  // Bytes a second.
  std::map<std::string, Partitions, std::less<>> replicas_;
};

}  // namespace ottla::broker
