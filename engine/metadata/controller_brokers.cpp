// The controller's view of brokers: registration, heartbeats, fencing, controlled shutdown. As
// Kafka's ClusterControlManager, BrokerHeartbeatManager and the broker part of
// ReplicationControlManager.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/metadata/controller.h"

#include "engine/base/planted.h"
#include "engine/metadata/directory_id.h"
#include "engine/metadata/operation_bounds.h"
#include "engine/metadata/registration_parts.h"

namespace ottla::metadata {

using namespace protocol;

namespace {

// BrokerRegistrationFencingChange and BrokerRegistrationInControlledShutdownChange.
constexpr std::int8_t change_unfence = -1;
constexpr std::int8_t change_fence = 1;
constexpr std::int8_t change_shutdown = 1;

BrokerRegistrationChangeRecord change_of(const Broker& broker) {
  BrokerRegistrationChangeRecord record;
  record.broker_id = broker.id;
  record.broker_epoch = broker.epoch;
  return record;
}

RegisterBrokerRecord registration_of(const BrokerRegistrationRequest& request) {
  RegisterBrokerRecord record;
  record.broker_id = request.broker_id;
  record.incarnation_id = request.incarnation_id;
  record.rack = request.rack;
  record.log_dirs = request.log_dirs;
  record.fenced = true;
  take_endpoints_and_features(record, request);
  return record;
}

// Whether a broker that offers `features` can run at the finalized level.
bool supports(const BrokerRegistrationRequest& request, const std::string& name,
              std::int16_t level) {
  return std::any_of(request.features.begin(), request.features.end(), [&](const auto& feature) {
    return feature.name == name && feature.min_supported_version <= level &&
           level <= feature.max_supported_version;
  });
}

}  // namespace

// Kafka's generateLeaderAndIsrUpdates. Each is one broker or none.
struct Controller::BrokerMove {
  BrokerId leaves = no_broker;  // Is in sync nowhere and leads nothing from now on.
  BrokerId joins = no_broker;   // May lead from now on.
  BrokerId lost = no_broker;    // Leaves, and may have lost what it had.
  std::optional<Uuid> directory = std::nullopt;  // Only what lies there.

  [[nodiscard]] bool concerns(const Partition& partition) const {
    const auto& all = partition.directories;
    if (directory) return std::find(all.begin(), all.end(), *directory) != all.end();
    return contains(partition.isr, leaves) || contains(partition.isr, lost) ||
           contains(partition.eligible_leader_replicas, lost) ||
           (joins != no_broker && partition.leader == no_broker);
  }
};

ApiError Controller::refuse_registration(const BrokerRegistrationRequest& request,
                                         Instant now) const {
  if (request.cluster_id != config_.cluster_id) {
    return {ErrorCode::inconsistent_cluster_id, std::nullopt};
  }
  const Broker* existing = image_.broker(request.broker_id);
  if (existing != nullptr && existing->incarnation != request.incarnation_id &&
      sessions_.is_alive(existing->id, existing->epoch, now) && !existing->in_controlled_shutdown) {
    return {ErrorCode::duplicate_broker_registration,
            "Another broker is registered with that broker id."};
  }
  if (request.is_migrating_zk_broker) return {ErrorCode::unsupported_version, std::nullopt};
  if (request.log_dirs.empty()) {
    return {ErrorCode::invalid_registration, "No directories specified in request"};
  }
  if (std::any_of(request.log_dirs.begin(), request.log_dirs.end(),
                  [](const Uuid& id) { return is_reserved_directory(id); })) {
    return {ErrorCode::invalid_registration, "Reserved directory ID in request"};
  }
  const std::set<Uuid> distinct(request.log_dirs.begin(), request.log_dirs.end());
  if (distinct.size() != request.log_dirs.size()) {
    return {ErrorCode::invalid_registration, "Duplicate directory ID in request"};
  }
  for (const auto& [id, broker] : image_.brokers()) {
    if (id == request.broker_id) continue;
    for (const Uuid& directory : request.log_dirs) {
      const bool taken = std::find(broker.log_dirs.begin(), broker.log_dirs.end(), directory) !=
                         broker.log_dirs.end();
      if (taken) {
        return {ErrorCode::invalid_registration,
                fmt::format("Broker {} is already registered with directory {}", id.value(),
                            directory.to_string())};
      }
    }
  }
  for (const auto& [name, level] : image_.features()) {
    if (!supports(request, name, level)) {
      return {ErrorCode::unsupported_version,
              fmt::format(
                  "Unable to register because the broker does not support finalized version {} of "
                  "{}.",
                  level, name)};
    }
  }
  return {};
}

ControllerResult<BrokerRegistrationResponse> Controller::register_broker(
    const BrokerRegistrationRequest& request, const ControllerContext& context) {
  ControllerResult<BrokerRegistrationResponse> result;
  const ApiError refused = refuse_registration(request, context.now);
  result.response.error_code = refused.code;
  if (refused.failed()) return result;

  RegisterBrokerRecord record = registration_of(request);
  const Broker* existing = image_.broker(request.broker_id);
  if (existing != nullptr && existing->incarnation == request.incarnation_id) {
    // The same process asks again, perhaps because the answer was lost: nothing about it has
    // changed.
    record.broker_epoch = existing->epoch;
    record.fenced = existing->fenced;
    record.in_controlled_shutdown = existing->in_controlled_shutdown;
  } else {
    // The incarnation before leads nothing and is in sync nowhere. One that did not stop cleanly,
    // and so knows no epoch of its own, may have lost what it had acknowledged (KIP-966).
    const bool clean = (existing != nullptr && existing->epoch == request.previous_broker_epoch) ||
                       planted(Plant::trust_unclean_shutdown);
    BrokerMove move;
    (has_eligible_leader_replicas(image_) && !clean ? move.lost : move.leaves) = request.broker_id;
    add_partition_changes(move, result.records);
    // The epoch is the offset of the registration itself, so that epochs grow with the log.
    record.broker_epoch =
        BrokerEpoch{context.next_offset.value() + static_cast<std::int64_t>(result.records.size())};
  }
  result.response.broker_epoch = record.broker_epoch;
  sessions_.touch(request.broker_id, record.broker_epoch, context.now);
  result.records.emplace_back(std::move(record));
  return result;
}

enum class BrokerStanding : std::uint8_t { fenced, unfenced, controlled_shutdown, shutdown_now };

struct Controller::HeartbeatStep {
  BrokerStanding current;
  BrokerStanding next;
};

Controller::HeartbeatStep Controller::next_step(const Broker& broker,
                                                const BrokerHeartbeatRequest& request) const {
  using enum BrokerStanding;
  if (broker.fenced) {
    if (request.want_shut_down) return {fenced, shutdown_now};
    const auto registered_at = registration_offsets_.find(broker.id);
    const bool caught_up = registered_at == registration_offsets_.end() ||
                           request.current_metadata_offset >= registered_at->second;
    return {fenced, !request.want_fence && caught_up ? unfenced : fenced};
  }
  if (broker.in_controlled_shutdown) {
    const bool may_go =
        !has_leaderships(broker.id) && sessions_.shutdown_is_known_to_all(broker.id, image_);
    return {controlled_shutdown, may_go ? shutdown_now : controlled_shutdown};
  }
  if (request.want_fence) return {unfenced, request.want_shut_down ? shutdown_now : fenced};
  if (request.want_shut_down) {
    return {unfenced, has_leaderships(broker.id) ? controlled_shutdown : shutdown_now};
  }
  return {unfenced, unfenced};
}

ControllerResult<BrokerHeartbeatResponse> Controller::heartbeat(
    const BrokerHeartbeatRequest& request, const ControllerContext& context) {
  ControllerResult<BrokerHeartbeatResponse> result;
  result.response.error_code = check_broker_epoch(request.broker_id, request.broker_epoch);
  if (result.response.error_code != ErrorCode::none) return result;
  const Broker& broker = *image_.broker(request.broker_id);
  sessions_.touch(broker.id, broker.epoch, context.now);
  sessions_.set_metadata_offset(broker.id, request.current_metadata_offset);

  const HeartbeatStep step = next_step(broker, request);
  if (step.current != step.next) {
    switch (step.next) {
      case BrokerStanding::fenced:
      case BrokerStanding::shutdown_now:
        if (!broker.fenced) add_fencing(broker, result.records);
        break;
      case BrokerStanding::unfenced: add_unfencing(broker, result.records); break;
      case BrokerStanding::controlled_shutdown:
        add_controlled_shutdown(broker, result.records);
        break;
    }
  }
  if (step.next == BrokerStanding::controlled_shutdown) {
    // Where the hand-over ends: every active broker must have read that far before this one may go.
    const auto written = static_cast<std::int64_t>(result.records.size());
    if (written > 0)
      sessions_.set_shutdown_offset(broker.id, context.next_offset.plus(written - 1));
  }
  if (supports_directory_assignment(image_))
    add_offline_directories(broker, request.offline_log_dirs, result.records);
  const auto registered_at = registration_offsets_.find(broker.id);
  result.response.is_caught_up = registered_at == registration_offsets_.end() ||
                                 request.current_metadata_offset >= registered_at->second;
  result.response.is_fenced =
      step.next == BrokerStanding::fenced || step.next == BrokerStanding::shutdown_now;
  result.response.should_shut_down = step.next == BrokerStanding::shutdown_now;
  return result;
}

bool Controller::has_leaderships(BrokerId broker) const {
  for (const auto& [id, topic] : image_.topics()) {
    for (const auto& [index, partition] : topic.partitions) {
      if (partition.leader == broker) return true;
    }
  }
  return false;
}

void Controller::add_partition_changes(const BrokerMove& move, Records& records) const {
  for (const auto& [id, topic] : image_.topics()) {
    for (const auto& [index, partition] : topic.partitions) {
      if (move.concerns(partition)) add_partition_change(move, topic, index, records);
    }
  }
}

void Controller::add_partition_change(const BrokerMove& move, const Topic& topic,
                                      PartitionIndex index, Records& records) const {
  PartitionRules rules = rules_of(topic);
  rules.may_lead = [this, &move](BrokerId broker) {
    return broker != move.leaves && broker != move.lost &&
           (broker == move.joins || image_.is_active(broker));
  };
  const Partition& partition = topic.partitions.at(index);
  PartitionTarget target;
  target.isr = without(without(partition.isr, move.leaves), move.lost);
  target.lost = move.lost;
  auto change = partition_change(topic.id, index, partition, rules, target);
  if (change) records.emplace_back(*std::move(change));
}

void Controller::add_departure(BrokerId broker, const Topic& topic, PartitionIndex index,
                               Records& records) const {
  add_partition_change({.leaves = broker}, topic, index, records);
}

// What lies in a directory that failed is led and in sync elsewhere, or nowhere (KIP-858).
void Controller::add_offline_directories(const Broker& broker, const std::vector<Uuid>& offline,
                                         Records& records) const {
  auto change = change_of(broker);
  for (const Uuid& directory : sorted_directories(broker.log_dirs)) {
    if (std::find(offline.begin(), offline.end(), directory) == offline.end()) {
      change.log_dirs.push_back(directory);
    } else {
      add_partition_changes({.leaves = broker.id, .directory = directory}, records);
    }
  }
  if (change.log_dirs.size() < broker.log_dirs.size()) records.emplace_back(std::move(change));
}

void Controller::add_fencing(const Broker& broker, Records& records) const {
  add_partition_changes({.leaves = broker.id}, records);
  auto change = change_of(broker);
  change.fenced = change_fence;
  records.emplace_back(std::move(change));
}

void Controller::add_unfencing(const Broker& broker, Records& records) const {
  auto change = change_of(broker);
  change.fenced = change_unfence;
  records.emplace_back(std::move(change));
  // Partitions that nobody could lead may have waited for this one.
  add_partition_changes({.joins = broker.id}, records);
}

void Controller::add_controlled_shutdown(const Broker& broker, Records& records) const {
  auto change = change_of(broker);
  change.in_controlled_shutdown = change_shutdown;
  records.emplace_back(std::move(change));
  add_partition_changes({.leaves = broker.id}, records);
}

ControllerResult<UnregisterBrokerResponse> Controller::unregister_broker(
    const UnregisterBrokerRequest& request) {
  ControllerResult<UnregisterBrokerResponse> result;
  const Broker* broker = image_.broker(request.broker_id);
  if (broker == nullptr) {
    result.response.error_code = ErrorCode::broker_id_not_registered;
    result.response.error_message =
        fmt::format("Broker ID {} is not currently registered", request.broker_id.value());
    return result;
  }
  add_partition_changes({.leaves = broker->id}, result.records);
  UnregisterBrokerRecord record;
  record.broker_id = broker->id;
  record.broker_epoch = broker->epoch;
  result.records.emplace_back(std::move(record));
  finish_operation(result);
  return result;
}

std::vector<BrokerId> Controller::expired_brokers(Instant now) const {
  return sessions_.expired(image_, now);
}

Records Controller::fence_expired(Instant now) const {
  // One at a time: the second election must see what the first has changed. The caller asks again.
  Records records;
  const auto silent = expired_brokers(now);
  if (!silent.empty()) add_fencing(*image_.broker(silent.front()), records);
  return records;
}

}  // namespace ottla::metadata
