#include "engine/gateway/snapshot_json.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/gateway/time_text.h"

namespace ottla::gateway {
namespace {

using nlohmann::json;
using namespace observe;

// As SetSpeed has it: from here on the clock goes as fast as it can.
constexpr double speed_unlimited = 1000;

std::string_view name(ProcessStatus status) {
  switch (status) {
    case ProcessStatus::starting: return "starting";
    case ProcessStatus::online: return "online";
    case ProcessStatus::fenced: return "fenced";
    case ProcessStatus::paused: return "paused";
    case ProcessStatus::stopping: return "stopping";
    case ProcessStatus::down: return "down";
    case ProcessStatus::unknown: return {};
  }
  return {};
}

std::string_view name(ReplicaRole role) {
  switch (role) {
    case ReplicaRole::leader: return "leader";
    case ReplicaRole::in_sync: return "in_sync";
    case ReplicaRole::out_of_sync: return "out_of_sync";
    case ReplicaRole::offline: return "offline";
  }
  return {};
}

std::string_view name(MemberStatus status) {
  switch (status) {
    case MemberStatus::joining: return "joining";
    case MemberStatus::syncing: return "syncing";
    case MemberStatus::consuming: return "consuming";
    case MemberStatus::in_poll: return "in_poll";
    case MemberStatus::paused: return "paused";
    case MemberStatus::expired: return "expired";
    case MemberStatus::unknown: return {};
  }
  return {};
}

std::string_view name(ApiFamily family) {
  switch (family) {
    case ApiFamily::produce: return "produce";
    case ApiFamily::fetch: return "fetch";
    case ApiFamily::replicate: return "replicate";
    case ApiFamily::group: return "group";
    case ApiFamily::transaction: return "transaction";
    case ApiFamily::admin: return "admin";
  }
  return {};
}

json text(std::string_view value) {
  return value.empty() ? json() : json(value);
}
json number(double value) {
  return std::isfinite(value) ? json(value) : json();
}
template <class T>
json number(const std::optional<T>& value) {
  return value ? number(*value) : json();
}
template <class T>
json id(T value) {
  return value.value() < 0 ? json() : json(value.value());
}
template <class T>
json id(const std::optional<T>& value) {
  return value ? id(*value) : json();
}
json time(Instant at) {
  return iso_8601(at);
}
json time(const std::optional<Instant>& at) {
  return at ? time(*at) : json();
}
json millis(Duration span) {
  return static_cast<double>(span.count_micros()) / 1000.0;
}
json millis(const std::optional<Duration>& span) {
  return span ? millis(*span) : json();
}

json plain(std::int64_t value) {
  return value;
}
json plain(Offset value) {
  return id(value);
}

// A value from before the Snapshot comes with its own time beside it.
template <class T>
void put(json& object, const char* key, const Known<T>& known, Instant now) {
  object[key] = known.value ? plain(*known.value) : json();
  if (known.value && known.as_of < now) object[std::string(key) + "_as_of"] = time(known.as_of);
}

template <class Items, class ToJson>
json array_of(const Items& items, ToJson to_json_of) {
  json array = json::array();
  for (const auto& item : items) array.push_back(to_json_of(item));
  return array;
}

json ids_of(const std::vector<BrokerId>& ids) {
  return array_of(ids, [](BrokerId each) { return id(each); });
}

json run_json(const RunState& run) {
  return {
      {"kind", run.kind},
      {"title", run.title},
      {"start", time(run.start)},
      {"now", time(run.now)},
      {"since_start_ms", (run.now - run.start).count_millis()},
      {"running", run.running},
      {"speed", run.speed >= speed_unlimited ? json("max") : number(run.speed)},
      {"measured_speed", number(run.measured_speed)},
      {"seed", run.seed},
      {"events", run.events},
      {"events_per_s", number(run.events_per_s)},
      {"trace_hash", fmt::format("{:016x}", run.trace_hash)},
      {"invariants_broken", run.invariants_broken},
      {"last_violation", text(run.last_violation)},
  };
}

json capabilities_json(const Capabilities& can) {
  return {
      {"can_pause", can.can_pause},
      {"can_step", can.can_step},
      {"can_set_speed", can.can_set_speed},
      {"can_inject_faults", can.can_inject_faults},
      {"can_change_workload", can.can_change_workload},
      {"can_create_topics", can.can_create_topics},
  };
}

json health_json(const Health& health) {
  return {
      {"under_replicated", health.under_replicated},
      {"under_min_isr", health.under_min_isr},
      {"offline", health.offline},
      {"partitions", health.partitions},
  };
}

json quorum_json(const QuorumState& quorum, Instant now) {
  return {
      {"leader", id(quorum.leader)},
      {"epoch", quorum.epoch},
      {"high_watermark", id(quorum.high_watermark)},
      {"replicas", array_of(quorum.replicas,
                            [now](const QuorumReplica& replica) {
                              json object = {
                                  {"id", id(replica.id)},
                                  {"voter", replica.voter},
                                  {"lag", replica.lag},
                                  {"last_fetch", time(replica.last_fetch)},
                                  {"last_caught_up", time(replica.last_caught_up)},
                              };
                              put(object, "log_end_offset", replica.log_end_offset, now);
                              return object;
                            })},
  };
}

json controller_json(const ControllerState& controller, Instant now) {
  json object = {
      {"id", id(controller.id)},
      {"rack", text(controller.rack)},
      {"status", text(name(controller.status))},
      {"status_since", time(controller.status_since)},
      {"active", controller.active},
      {"epoch", controller.epoch},
  };
  put(object, "log_end_offset", controller.log_end_offset, now);
  put(object, "lag", controller.lag, now);
  return object;
}

json broker_json(const BrokerState& broker) {
  return {
      {"id", id(broker.id)},
      {"rack", text(broker.rack)},
      {"host", broker.host},
      {"port", broker.port},
      {"status", text(name(broker.status))},
      {"status_since", time(broker.status_since)},
      {"story", text(broker.story)},
      {"epoch", id(broker.epoch)},
      {"session_left", number(broker.session_left)},
      {"leaders", broker.leaders},
      {"preferred_leaders", broker.preferred_leaders},
      {"replicas", broker.replicas},
      {"in_sync", broker.in_sync},
      {"load",
       {{"network", number(broker.load.network)},
        {"requests", number(broker.load.requests)},
        {"disk", number(broker.load.disk)}}},
      {"bytes_in_per_s", number(broker.bytes_in_per_s)},
      {"bytes_out_per_s", number(broker.bytes_out_per_s)},
      {"requests_per_s", number(broker.requests_per_s)},
      {"log_bytes", broker.log_bytes},
      {"connections", broker.connections},
      {"waiting_requests", broker.waiting_requests},
  };
}

json replica_json(const ReplicaState& replica, Instant now) {
  json object = {
      {"broker", id(replica.broker)},
      {"role", name(replica.role)},
      {"adding", replica.adding},
      {"removing", replica.removing},
      {"last_caught_up", time(replica.last_caught_up)},
  };
  put(object, "log_start_offset", replica.log_start_offset, now);
  put(object, "log_end_offset", replica.log_end_offset, now);
  put(object, "high_watermark", replica.high_watermark, now);
  return object;
}

json partition_json(const PartitionState& partition, Instant now) {
  json object = {
      {"index", id(partition.index)},
      {"leader", id(partition.leader)},
      {"leader_epoch", id(partition.leader_epoch)},
      {"partition_epoch", id(partition.partition_epoch)},
      {"leader_since", time(partition.leader_since)},
      {"replicas", array_of(partition.replicas,
                            [now](const ReplicaState& each) { return replica_json(each, now); })},
      {"isr", ids_of(partition.isr)},
      {"elr", ids_of(partition.elr)},
      {"size_bytes", partition.size_bytes},
      {"records_in_per_s", number(partition.records_in_per_s)},
      {"bytes_in_per_s", number(partition.bytes_in_per_s)},
      {"share", number(partition.share)},
      {"offline", partition.offline()},
      {"under_replicated", partition.under_replicated()},
      {"under_replicated_since", time(partition.under_replicated_since)},
      {"under_min_isr", partition.under_min_isr},
  };
  put(object, "log_start_offset", partition.log_start_offset, now);
  put(object, "log_end_offset", partition.log_end_offset, now);
  put(object, "high_watermark", partition.high_watermark, now);
  put(object, "last_stable_offset", partition.last_stable_offset, now);
  return object;
}

json topic_json(const TopicState& topic, Instant now) {
  return {
      {"name", topic.name},
      {"id", topic.id.to_string()},
      {"internal", topic.internal},
      {"replication_factor", topic.replication_factor},
      {"min_insync_replicas", topic.min_insync_replicas},
      {"records_in_per_s", number(topic.records_in_per_s)},
      {"bytes_in_per_s", number(topic.bytes_in_per_s)},
      {"bytes_out_per_s", number(topic.bytes_out_per_s)},
      {"partitions",
       array_of(topic.partitions,
                [now](const PartitionState& each) { return partition_json(each, now); })},
  };
}

json producer_json(const ProducerState& producer) {
  return {
      {"name", producer.name},
      {"topic", producer.topic},
      {"status", text(name(producer.status))},
      {"acks", producer.acks},
      {"idempotent", producer.idempotent},
      {"record_bytes", producer.record_bytes},
      {"target_records_per_s", number(producer.target_records_per_s)},
      {"records_per_s", number(producer.records_per_s)},
      {"bytes_per_s", number(producer.bytes_per_s)},
      {"hot_key_share", number(producer.hot_key_share)},
      {"acknowledged", producer.acknowledged},
      {"failed", producer.failed},
      {"retries", producer.retries},
      {"requests_in_flight", producer.requests_in_flight},
      {"buffered_records", producer.buffered_records},
      {"latency_p50_ms", millis(producer.latency_p50)},
      {"latency_p99_ms", millis(producer.latency_p99)},
      {"last_error", text(producer.last_error)},
  };
}

json member_json(const MemberState& member) {
  return {
      {"member_id", member.member_id},
      {"client_id", text(member.client_id)},
      {"host", text(member.host)},
      {"instance_id", text(member.instance_id)},
      {"status", text(name(member.status))},
      {"session_left", number(member.session_left)},
      {"assignment", array_of(member.assignment,
                              [](const std::pair<std::string, PartitionIndex>& each) {
                                return json{{"topic", each.first}, {"partition", id(each.second)}};
                              })},
      {"records_per_s", number(member.records_per_s)},
      {"leader", member.leader},
  };
}

json group_partition_json(const GroupPartitionState& partition, Instant now) {
  json object = {
      {"topic", partition.topic},
      {"partition", id(partition.partition)},
      {"lag", partition.lag},
      {"lag_ms", millis(partition.lag_time)},
      {"member_id", text(partition.member_id)},
  };
  put(object, "committed", partition.committed, now);
  put(object, "end", partition.end, now);
  return object;
}

json group_json(const GroupState& group, Instant now) {
  return {
      {"name", group.name},
      {"state", group.state},
      {"state_since", time(group.state_since)},
      {"type", text(group.type)},
      {"assignor", text(group.assignor)},
      {"coordinator", id(group.coordinator)},
      {"generation", id(group.generation)},
      {"members", array_of(group.members, member_json)},
      {"partitions", array_of(group.partitions,
                              [now](const GroupPartitionState& each) {
                                return group_partition_json(each, now);
                              })},
      {"lag", group.lag},
      {"lag_ms", millis(group.lag_time)},
      {"rebalances", group.rebalances},
      {"why", text(group.why)},
      {"deadline", time(group.deadline)},
  };
}

json real_client_json(const RealClientState& client) {
  return {
      {"address", client.address},         {"client_id", text(client.client_id)},
      {"software", text(client.software)}, {"node", id(client.node)},
      {"requests", client.requests},
  };
}

json link_json(const LinkState& link) {
  return {
      {"from", link.from},
      {"to", link.to},
      {"latency_ms", millis(link.latency)},
      {"loss", number(link.loss)},
      {"cut", link.cut},
      {"faulty_since", time(link.faulty_since)},
      {"heals_at", time(link.heals_at)},
      {"bytes_per_s", number(link.bytes_per_s)},
  };
}

json flow_json(const Flow& flow) {
  return {
      {"from", flow.from},
      {"to", flow.to},
      {"family", name(flow.family)},
      {"messages_per_s", number(flow.messages_per_s)},
      {"bytes_per_s", number(flow.bytes_per_s)},
  };
}

json message_json(const MessageInFlight& message) {
  return {
      {"id", message.id},
      {"from", message.from},
      {"to", message.to},
      {"family", name(message.family)},
      {"response", message.response},
      {"sent", time(message.sent)},
      {"arrives", message.stalled ? json() : time(message.arrives)},
      {"bytes", message.bytes},
      {"stalled", message.stalled},
  };
}

json wait_json(const WaitState& wait) {
  return {
      {"node", wait.node},
      {"kind", wait.kind},
      {"from", text(wait.from)},
      {"cause", text(wait.cause)},
      {"topic", text(wait.topic)},
      {"partition", wait.partition < 0 ? json() : json(wait.partition)},
      {"since", time(wait.since)},
      {"deadline", time(wait.deadline)},
  };
}

json series_json(const Series& series, Instant start) {
  return {
      {"key", series.key},
      {"label", series.label},
      {"unit", series.unit},
      {"points",
       array_of(series.points,
                [start](const Point& point) {
                  return json::array({(point.at - start).count_millis(), number(point.value)});
                })},
  };
}

}  // namespace

json to_json(const Snapshot& snapshot, WithHistory history) {
  const Instant now = snapshot.run.now;
  json object = {
      {"run", run_json(snapshot.run)},
      {"capabilities", capabilities_json(snapshot.capabilities)},
      {"cluster_id", text(snapshot.cluster_id)},
      {"bootstrap", text(snapshot.bootstrap)},
      {"quorum", quorum_json(snapshot.quorum, now)},
      {"health", health_json(snapshot.health)},
      {"controllers",
       array_of(snapshot.controllers,
                [now](const ControllerState& each) { return controller_json(each, now); })},
      {"brokers", array_of(snapshot.brokers, broker_json)},
      {"topics",
       array_of(snapshot.topics,
                [now](const Shared<TopicState>& each) { return topic_json(*each, now); })},
      {"producers", array_of(snapshot.producers, producer_json)},
      {"groups",
       array_of(snapshot.groups,
                [now](const Shared<GroupState>& each) { return group_json(*each, now); })},
      {"real_clients", array_of(snapshot.real_clients, real_client_json)},
      {"links", array_of(snapshot.links, link_json)},
      {"flows", array_of(snapshot.flows, flow_json)},
      {"in_flight", array_of(snapshot.in_flight, message_json)},
      {"waits", array_of(snapshot.waits, wait_json)},
  };
  if (history == WithHistory::yes && snapshot.history != nullptr) {
    const Instant start = snapshot.run.start;
    object["history"] = array_of(snapshot.history->series,
                                 [start](const Series& each) { return series_json(each, start); });
  }
  return object;
}

}  // namespace ottla::gateway
