#include "engine/world/snapshot_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/metadata/topic_config.h"
#include "engine/metadata/topic_name.h"
#include "engine/world/cluster.h"

namespace ottla::world {
namespace {

using observe::ReplicaRole;
using observe::Snapshot;

observe::ProcessStatus status_of(const ProcessStatus& status) {
  if (status.state == ProcessState::stopped) return observe::ProcessStatus::down;
  if (status.paused) return observe::ProcessStatus::paused;
  return status.state == ProcessState::stopping ? observe::ProcessStatus::stopping
                                                : observe::ProcessStatus::online;
}

// What the leader's log was like, with the time when it was.
void take_leaders_log(observe::PartitionState& state, const observe::PartitionState& before) {
  state.log_start_offset = before.log_start_offset;
  state.log_end_offset = before.log_end_offset;
  state.high_watermark = before.high_watermark;
  state.last_stable_offset = before.last_stable_offset;
  state.size_bytes = before.size_bytes;
}

observe::Known<Offset> log_end_of(const Snapshot& snapshot, BrokerId controller) {
  for (const observe::ControllerState& each : snapshot.controllers) {
    if (each.id == controller) return each.log_end_offset;
  }
  return {};
}

observe::ReplicaState log_seen_before(const observe::PartitionState& before, BrokerId broker) {
  observe::ReplicaState log;
  for (const observe::ReplicaState& replica : before.replicas) {
    if (replica.broker != broker) continue;
    log.log_start_offset = replica.log_start_offset;
    log.log_end_offset = replica.log_end_offset;
    log.high_watermark = replica.high_watermark;
  }
  return log;
}

}  // namespace

std::string SnapshotBuilder::process_name(ProcessId process) const {
  return process == outside ? "outside" : cluster_.world().spec_of(process).name;
}

const broker::Replica* SnapshotBuilder::replica(BrokerId id,
                                                const broker::PartitionKey& key) const {
  const auto place = static_cast<std::size_t>(id.value() - 1);
  const auto brokers = cluster_.brokers();
  if (id.value() < 1 || place >= brokers.size()) return nullptr;
  const auto* node = cluster_.broker(brokers[place]);
  return node == nullptr ? nullptr : node->replicas().find(key);
}

std::shared_ptr<const Snapshot> SnapshotBuilder::build(observe::RunState run) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->run = std::move(run);
  snapshot->capabilities = {.can_pause = true,
                            .can_step = true,
                            .can_set_speed = true,
                            .can_inject_faults = true,
                            .can_change_workload = true,
                            .can_create_topics = true};
  snapshot->cluster_id = cluster_.cluster_id();
  for (const Endpoint& at : cluster_.listeners()) {
    if (!snapshot->bootstrap.empty()) snapshot->bootstrap += ',';
    snapshot->bootstrap += fmt::format("{}:{}", at.host, at.port);
  }
  snapshot->history = cluster_.history().history();
  const metadata::Image* image = cluster_.newest_image();
  if (image != nullptr) add_topics(*snapshot, *image);
  add_nodes(*snapshot);
  add_quorum(*snapshot);
  add_clients(*snapshot);
  if (image != nullptr) add_groups(*snapshot, *image);
  add_real_clients(*snapshot);
  add_links(*snapshot);
  add_traffic(*snapshot);
  add_waits(*snapshot);
  previous_ = snapshot;
  return snapshot;
}

const SnapshotBuilder::Since& SnapshotBuilder::look_at(const broker::PartitionKey& key,
                                                       const metadata::Partition& partition) {
  const Instant now = cluster_.world().now();
  Since& since = since_.try_emplace(key, Since{partition.leader_epoch, now, {}}).first->second;
  if (since.epoch != partition.leader_epoch) {
    since.epoch = partition.leader_epoch;
    since.elected = now;
  }
  const bool whole = partition.isr.size() >= partition.replicas.size();
  if (whole) since.under_replicated.reset();
  if (!whole && !since.under_replicated) since.under_replicated = now;
  return since;
}

const observe::PartitionState* SnapshotBuilder::seen_before(const metadata::Topic& topic,
                                                            PartitionIndex index) const {
  const observe::TopicState* before = previous_ ? previous_->topic(topic.name) : nullptr;
  if (before == nullptr || before->id != topic.id) return nullptr;
  const auto at = std::find_if(before->partitions.begin(), before->partitions.end(),
                               [&](const auto& partition) { return partition.index == index; });
  return at == before->partitions.end() ? nullptr : &*at;
}

observe::PartitionState SnapshotBuilder::partition_state(const metadata::Topic& topic,
                                                         PartitionIndex index,
                                                         const metadata::Partition& partition) {
  const Instant now = cluster_.world().now();
  observe::PartitionState state;
  state.index = index;
  if (partition.leader != no_broker) state.leader = partition.leader;
  state.leader_epoch = partition.leader_epoch;
  state.partition_epoch = partition.partition_epoch;
  state.isr = partition.isr;
  state.elr = partition.eligible_leader_replicas;
  const Since& since = look_at({topic.id, index}, partition);
  state.leader_since = since.elected;
  state.under_replicated_since = since.under_replicated;
  const observe::PartitionState* before = seen_before(topic, index);
  if (before != nullptr) take_leaders_log(state, *before);
  for (const BrokerId id : partition.replicas) {
    const broker::Replica* log = replica(id, {topic.id, index});
    observe::ReplicaState& shown = state.replicas.emplace_back();
    if (before != nullptr) shown = log_seen_before(*before, id);
    shown.broker = id;
    const bool in_sync = metadata::contains(partition.isr, id);
    shown.role = log == nullptr           ? ReplicaRole::offline
                 : id == partition.leader ? ReplicaRole::leader
                 : in_sync                ? ReplicaRole::in_sync
                                          : ReplicaRole::out_of_sync;
    if (log == nullptr) continue;
    shown.log_start_offset = observe::Known<Offset>::at(log->log_start(), now);
    shown.log_end_offset = observe::Known<Offset>::at(log->log_end(), now);
    shown.high_watermark = observe::Known<Offset>::at(log->high_watermark(), now);
    if (id != partition.leader) continue;
    state.log_start_offset = shown.log_start_offset;
    state.log_end_offset = shown.log_end_offset;
    state.high_watermark = shown.high_watermark;
    state.last_stable_offset = observe::Known<Offset>::at(log->last_stable_offset(), now);
    state.size_bytes = static_cast<std::int64_t>(log->log().size());
  }
  const std::string key = fmt::format("{}-{}", topic.name, index.value());
  state.records_in_per_s = rates_.of("records." + key);
  state.bytes_in_per_s = rates_.of("bytes." + key);
  return state;
}

void SnapshotBuilder::add_topics(Snapshot& snapshot, const metadata::Image& image) {
  for (const auto& [name, id] : image.topic_ids()) {
    const metadata::Topic& topic = *image.topic(id);
    auto state = std::make_shared<observe::TopicState>();
    state->name = name;
    state->id = id;
    state->internal = metadata::is_internal_topic(name);
    const std::string min_isr = metadata::topic_config_value(image, name, "min.insync.replicas",
                                                             BrokerId{1}, cluster_.spec().settings);
    state->min_insync_replicas = std::max(1, std::atoi(min_isr.c_str()));
    for (const auto& [index, partition] : topic.partitions) {
      observe::PartitionState& shown =
          state->partitions.emplace_back(partition_state(topic, index, partition));
      const auto replicas = static_cast<std::int32_t>(shown.replicas.size());
      shown.under_min_isr = static_cast<std::int32_t>(shown.isr.size()) <
                            std::min(state->min_insync_replicas, replicas);
      state->replication_factor = replicas;
      state->records_in_per_s += shown.records_in_per_s;
      state->bytes_in_per_s += shown.bytes_in_per_s;
      state->bytes_out_per_s +=
          rates_.of(fmt::format("consumed.{}.{}-{}", name, name, index.value()));
      ++snapshot.health.partitions;
      snapshot.health.under_replicated += shown.under_replicated() ? 1 : 0;
      snapshot.health.under_min_isr += shown.under_min_isr ? 1 : 0;
      snapshot.health.offline += shown.offline() ? 1 : 0;
    }
    for (observe::PartitionState& shown : state->partitions) {
      if (state->records_in_per_s > 0)
        shown.share = shown.records_in_per_s / state->records_in_per_s;
    }
    snapshot.topics.push_back(std::move(state));
  }
}

observe::BrokerState SnapshotBuilder::broker_state(ProcessId process,
                                                   const metadata::Image* image) {
  const World& world = cluster_.world();
  const ProcessSpec& spec = world.spec_of(process);
  const ProcessStatus& status = world.status_of(process);
  observe::BrokerState state;
  state.id = spec.broker;
  state.rack = spec.zone;
  state.host = spec.listeners.front().host;
  state.port = spec.listeners.front().port;
  state.status = status_of(status);
  state.status_since = status.since;
  state.story = cluster_.events().story_of(process);
  const metadata::Broker* registered = image == nullptr ? nullptr : image->broker(spec.broker);
  if (registered != nullptr) state.epoch = registered->epoch;
  const auto* node = cluster_.broker(process);
  if (node == nullptr) return state;
  state.bytes_in_per_s = rates_.of("broker.in." + spec.name);
  state.bytes_out_per_s = rates_.of("broker.out." + spec.name);
  state.requests_per_s = rates_.of("broker.requests." + spec.name);
  if (state.status == observe::ProcessStatus::online) {
    const bool fenced = registered == nullptr || registered->fenced;
    const bool fresh = node->lifecycle().epoch() == no_broker_epoch ||
                       node->lifecycle().state() != broker::BrokerLifecycle::State::running;
    if (fenced)
      state.status = fresh ? observe::ProcessStatus::starting : observe::ProcessStatus::fenced;
  }
  if (const auto heard = node->lifecycle().last_heartbeat()) {
    const double timeout = node->config().millis("broker.session.timeout.ms").count_seconds();
    const double waited = (world.now() - *heard).count_seconds();
    state.session_left = std::clamp(1 - waited / timeout, 0.0, 1.0);
  }
  state.connections = static_cast<std::int32_t>(node->server().connections().size());
  state.waiting_requests = static_cast<std::int32_t>(node->server().in_progress().size());
  for (const auto& [partition, replica] : node->replicas().all()) {
    state.log_bytes += static_cast<std::int64_t>(replica->log().size());
  }
  return state;
}

// A simulated broker has no processor to fill, and its links are far wider than a workload: what it
// does is set against what the others do.
void SnapshotBuilder::add_loads(Snapshot& snapshot) const {
  const auto runs = [](const observe::BrokerState& broker) {
    return broker.status != observe::ProcessStatus::down;
  };
  const auto running = std::count_if(snapshot.brokers.begin(), snapshot.brokers.end(), runs);
  if (running == 0) return;
  // `least` is an average below which a cluster is idle, and nobody in it is busy.
  const auto compare = [&](auto measure, double least, std::optional<double> observe::Load::*load) {
    double sum = 0;
    for (const auto& broker : snapshot.brokers) sum += runs(broker) ? measure(broker) : 0;
    const double average = std::max(least, sum / static_cast<double>(running));
    for (auto& broker : snapshot.brokers) {
      if (runs(broker)) broker.load.*load = std::min(1.0, measure(broker) / (2 * average));
    }
  };
  compare([](const auto& broker) { return broker.bytes_in_per_s + broker.bytes_out_per_s; }, 10e3,
          &observe::Load::network);
  compare([](const auto& broker) { return broker.requests_per_s; }, 20, &observe::Load::requests);
  compare([](const auto& broker) { return static_cast<double>(broker.log_bytes); }, 100e3,
          &observe::Load::disk);
}

void SnapshotBuilder::add_nodes(Snapshot& snapshot) {
  const metadata::Image* image = cluster_.newest_image();
  for (const ProcessId process : cluster_.brokers()) {
    snapshot.brokers.push_back(broker_state(process, image));
  }
  add_loads(snapshot);
  for (const auto& topic : snapshot.topics) {
    for (const observe::PartitionState& partition : topic->partitions) {
      for (const observe::ReplicaState& replica : partition.replicas) {
        const auto at =
            std::find_if(snapshot.brokers.begin(), snapshot.brokers.end(),
                         [&](const auto& broker) { return broker.id == replica.broker; });
        if (at == snapshot.brokers.end()) continue;
        ++at->replicas;
        at->leaders += partition.leader == replica.broker ? 1 : 0;
        at->preferred_leaders += partition.replicas.front().broker == replica.broker ? 1 : 0;
        const bool in_sync =
            replica.role == ReplicaRole::leader || replica.role == ReplicaRole::in_sync;
        at->in_sync += in_sync ? 1 : 0;
      }
    }
  }
  const broker::ControllerNode* active = cluster_.active_controller();
  for (const ProcessId process : cluster_.controllers()) {
    const ProcessStatus& status = cluster_.world().status_of(process);
    observe::ControllerState state;
    state.id = cluster_.world().spec_of(process).broker;
    state.rack = cluster_.world().spec_of(process).zone;
    state.status = status_of(status);
    state.status_since = status.since;
    if (previous_) state.log_end_offset = log_end_of(*previous_, state.id);
    if (const auto* node = cluster_.controller(process); node != nullptr && node->has_quorum()) {
      state.active = node->is_active();
      state.epoch = node->raft().epoch().value();
      state.log_end_offset =
          observe::Known<Offset>::at(node->metadata_log_end(), cluster_.world().now());
      if (active != nullptr) {
        const std::int64_t behind =
            active->metadata_log_end().value() - node->metadata_log_end().value();
        state.lag = observe::Known<std::int64_t>::at(std::max<std::int64_t>(behind, 0),
                                                     cluster_.world().now());
      }
    }
    snapshot.controllers.push_back(std::move(state));
  }
}

void SnapshotBuilder::add_quorum(Snapshot& snapshot) {
  const broker::ControllerNode* node = cluster_.active_controller();
  if (node == nullptr) return;
  const Instant now = cluster_.world().now();
  snapshot.quorum.leader = node->config().node_id;
  snapshot.quorum.epoch = node->raft().epoch().value();
  snapshot.quorum.high_watermark = node->raft().high_watermark();
  const auto add = [&](const std::vector<raft::ReplicaStatus>& replicas, bool voter) {
    for (const raft::ReplicaStatus& replica : replicas) {
      observe::QuorumReplica& shown = snapshot.quorum.replicas.emplace_back();
      shown.id = replica.replica.id;
      shown.voter = voter;
      shown.log_end_offset = observe::Known<Offset>::at(replica.log_end_offset, now);
      shown.lag = node->metadata_log_end().value() - replica.log_end_offset.value();
      shown.last_fetch = replica.last_fetch;
      shown.last_caught_up = replica.last_caught_up;
    }
  };
  add(node->raft().voters(now), true);
  add(node->raft().observers(now), false);
}

void SnapshotBuilder::add_clients(Snapshot& snapshot) {
  for (const auto& [name, producer] : cluster_.workload().producers()) {
    observe::ProducerState state;
    state.name = name;
    state.topic = producer.spec.topic;
    state.status = status_of(cluster_.world().status_of(producer.process));
    state.acks = producer.spec.acks;
    state.idempotent = producer.spec.idempotent;
    state.record_bytes = producer.spec.record_bytes;
    state.target_records_per_s = producer.spec.records_per_s;
    state.hot_key_share = producer.spec.hot_key_share;
    if (const auto* node = cluster_.workload().running(producer)) {
      const client::ProducerStatistics statistics = node->statistics();
      state.records_per_s = statistics.records_per_s;
      state.bytes_per_s = statistics.bytes_per_s;
      state.acknowledged = statistics.acknowledged;
      state.failed = statistics.failed;
      state.retries = statistics.retries;
      state.requests_in_flight = statistics.requests_in_flight;
      state.buffered_records = statistics.buffered_records;
      state.latency_p50 = statistics.latency_p50;
      state.latency_p99 = statistics.latency_p99;
      state.last_error = statistics.last_error;
    }
    snapshot.producers.push_back(std::move(state));
  }
}

}  // namespace ottla::world
