#include "engine/broker/quota/replication_throttle.h"

#include <fmt/format.h>

#include "engine/metadata/broker_config.h"
#include "engine/metadata/config_definition.h"

namespace ottla::broker {
namespace {

using metadata::ConfigResourceType;

std::string config_name(ReplicationThrottle::Side side, std::string_view what) {
  const bool leader = side == ReplicationThrottle::Side::leader;
  return fmt::format("{}.replication.throttled.{}", leader ? "leader" : "follower", what);
}

std::optional<std::int64_t> integer(std::string_view text) {
  return metadata::parse_integer(metadata::ConfigType::int64, text);
}

}  // namespace

ReplicationThrottle::ReplicationThrottle(Side side, BrokerId self, SampleWindow window)
    : rate_config_(config_name(side, "rate")),
      replicas_config_(config_name(side, "replicas")),
      self_(self),
      rate_(window, WindowedRate::Divisor::covered_time) {}

void ReplicationThrottle::update(const metadata::Image& image) {
  limit_.reset();
  if (const auto set = metadata::dynamic_broker_config(image, self_, rate_config_)) {
    if (const auto rate = integer(*set)) limit_ = static_cast<double>(*rate);
  }
  replicas_.clear();
  for (const auto& [resource, configs] : image.all_configs()) {
    if (resource.type != ConfigResourceType::topic) continue;
    const auto set = configs.find(replicas_config_);
    if (set != configs.end() && !set->second.empty()) replicas_[resource.name] = parse(set->second);
  }
}

// "*", "none", or pairs of a partition and a broker: "0:1,1:2".
ReplicationThrottle::Partitions ReplicationThrottle::parse(std::string_view replicas) const {
  const auto items = metadata::list_items(replicas);
  if (items.size() == 1 && items.front() == "*") return std::nullopt;
  std::set<PartitionIndex> partitions;
  for (const std::string& item : items) {
    const auto colon = item.find(':');
    if (colon == std::string::npos) continue;
    const auto partition = integer(item.substr(0, colon));
    const auto broker = integer(item.substr(colon + 1));
    if (partition && broker == self_.value())
      partitions.insert(PartitionIndex{static_cast<std::int32_t>(*partition)});
  }
  return partitions;
}

bool ReplicationThrottle::is_throttled(std::string_view topic, PartitionIndex partition) const {
  const auto found = replicas_.find(topic);
  if (found == replicas_.end()) return false;
  return !found->second || found->second->count(partition) > 0;
}

bool ReplicationThrottle::is_exceeded(Instant now) {
  return limit_ && rate_.per_second(now) > *limit_;
}

}  // namespace ottla::broker
