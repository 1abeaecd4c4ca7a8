// The part of SnapshotBuilder that looks at groups, real clients, links, messages under way and
// waits, and that samples the history.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/coordinator/consumer_protocol.h"
#include "engine/world/cluster.h"
#include "engine/world/snapshot_builder.h"

namespace ottla::world {
namespace {

using observe::Snapshot;

constexpr std::size_t in_flight_max = 300;
constexpr std::size_t stalled_max = 100;
constexpr std::size_t waits_max = 200;

observe::ApiFamily family_of(std::int16_t api_key, bool between_brokers) {
  switch (static_cast<protocol::ApiKey>(api_key)) {
    case protocol::ApiKey::produce: return observe::ApiFamily::produce;
    case protocol::ApiKey::fetch:
    case protocol::ApiKey::list_offsets:
      return between_brokers ? observe::ApiFamily::replicate : observe::ApiFamily::fetch;
    case protocol::ApiKey::join_group:
    case protocol::ApiKey::sync_group:
    case protocol::ApiKey::heartbeat:
    case protocol::ApiKey::leave_group:
    case protocol::ApiKey::offset_commit:
    case protocol::ApiKey::offset_fetch:
    case protocol::ApiKey::find_coordinator: return observe::ApiFamily::group;
    default: return observe::ApiFamily::admin;
  }
}

observe::MemberStatus status_of(const std::string& state) {
  if (state == "joining") return observe::MemberStatus::joining;
  if (state == "syncing") return observe::MemberStatus::syncing;
  if (state == "in_poll") return observe::MemberStatus::in_poll;
  return observe::MemberStatus::consuming;
}

void add_assignment(observe::MemberState& member, const Bytes& assignment) {
  const auto decoded = coordinator::decode_assignment(assignment);
  if (!decoded) return;
  for (const auto& topic : decoded->assigned_partitions) {
    for (const PartitionIndex partition : topic.partitions)
      member.assignment.emplace_back(topic.topic, partition);
  }
}

// The share of its session that a member has left. One that waits to join or sync is given another
// time, and is safe.
std::optional<double> session_left(const coordinator::MemberView& member, Instant now) {
  if (!member.session_deadline) return std::nullopt;
  if (member.waiting != coordinator::MemberView::Waiting::no) return 1;
  const double whole = member.session_timeout.count_seconds();
  const double left = (*member.session_deadline - now).count_seconds();
  return whole <= 0 ? 0 : std::clamp(left / whole, 0.0, 1.0);
}

}  // namespace

void SnapshotBuilder::add_groups(Snapshot& snapshot, const metadata::Image& image) {
  const Instant now = cluster_.world().now();
  for (const ProcessId process : cluster_.brokers()) {
    const auto* node = cluster_.broker(process);
    if (node == nullptr) continue;
    for (const coordinator::GroupView& group : node->groups().groups()) {
      // A deposed coordinator that does not know it yet is not asked twice.
      if (snapshot.group(group.id) != nullptr) continue;
      auto state = std::make_shared<observe::GroupState>();
      state->name = group.id;
      state->state = std::string(coordinator::name(group.state));
      state->type = "classic";
      state->assignor = group.protocol;
      state->coordinator = cluster_.world().spec_of(process).broker;
      state->generation = group.generation;
      state->state_since = group.state_since.value_or(now);
      GenerationId& known = group_generation_.try_emplace(group.id, group.generation).first->second;
      if (known != group.generation) {
        ++group_rebalances_[group.id];
        known = group.generation;
      }
      state->rebalances = group_rebalances_[group.id];
      for (const coordinator::MemberView& view : group.members) add_member(*state, group, view);
      add_group_partitions(*state, group, image);
      snapshot.groups.push_back(std::move(state));
    }
  }
  std::sort(snapshot.groups.begin(), snapshot.groups.end(),
            [](const auto& a, const auto& b) { return a->name < b->name; });
}

void SnapshotBuilder::add_member(observe::GroupState& group, const coordinator::GroupView& view,
                                 const coordinator::MemberView& member) {
  const Instant now = cluster_.world().now();
  observe::MemberState& state = group.members.emplace_back();
  state.member_id = member.id;
  state.client_id = member.client_id;
  state.host = member.client_host;
  state.instance_id = member.instance_id.value_or("");
  state.leader = member.id == view.leader;
  state.status =
      member.waiting == coordinator::MemberView::Waiting::join   ? observe::MemberStatus::joining
      : member.waiting == coordinator::MemberView::Waiting::sync ? observe::MemberStatus::syncing
                                                                 : observe::MemberStatus::consuming;
  if (!member.waiting_cause.empty()) group.why = member.waiting_cause;
  if (member.waiting_deadline) group.deadline = member.waiting_deadline;
  state.session_left = session_left(member, now);
  add_assignment(state, member.assignment);
  const Workload::Member* simulated = cluster_.workload().member(member.client_id);
  if (simulated == nullptr) return;
  const auto& status = cluster_.world().status_of(simulated->process);
  if (status.paused) state.status = observe::MemberStatus::paused;
  if (status.state == ProcessState::stopped) state.status = observe::MemberStatus::expired;
  if (const auto* node = cluster_.workload().running(*simulated)) {
    const client::ConsumerStatistics statistics = node->statistics();
    state.records_per_s = statistics.records_per_s;
    if (!status.paused && state.status == observe::MemberStatus::consuming) {
      state.status = status_of(statistics.state);
    }
  }
}

// Lag is counted for what was committed and for what is assigned, to the high watermark.
void SnapshotBuilder::add_group_partitions(observe::GroupState& group,
                                           const coordinator::GroupView& view,
                                           const metadata::Image& image) {
  const Instant now = cluster_.world().now();
  std::map<Partition, observe::GroupPartitionState> rows;
  for (const coordinator::CommittedOffsetView& offset : view.offsets) {
    rows[{offset.topic, offset.partition}].committed =
        observe::Known<Offset>::at(offset.offset, offset.committed_at);
  }
  for (const observe::MemberState& member : group.members) {
    for (const auto& [topic, partition] : member.assignment)
      rows[{topic, partition}].member_id = member.member_id;
  }
  for (auto& [name, row] : rows) {
    row.topic = name.first;
    row.partition = name.second;
    const metadata::Topic* topic = image.topic(std::string_view(name.first));
    const metadata::Partition* partition =
        image.partition(std::string_view(name.first), name.second);
    if (topic == nullptr || partition == nullptr) continue;
    Offset log_start{0};
    if (const broker::Replica* leader = replica(partition->leader, {topic->id, name.second})) {
      row.end = observe::Known<Offset>::at(leader->high_watermark(), now);
      log_start = leader->log_start();
    } else if (const observe::PartitionState* before = seen_before(*topic, name.second)) {
      row.end = before->high_watermark;
      log_start = before->log_start_offset.value_or(log_start);
    }
    if (!row.end.has_value()) continue;
    const std::int64_t read =
        std::max(row.committed.value_or(Offset{0}).value(), log_start.value());
    row.lag = std::max<std::int64_t>(row.end.value->value() - read, 0);
    row.lag_time = row.lag == 0 ? Duration() : age_of({topic->id, name.second}, Offset(read));
    group.lag += row.lag;
    if (row.lag_time && (!group.lag_time || *row.lag_time > *group.lag_time))
      group.lag_time = row.lag_time;
  }
  for (auto& [name, row] : rows) group.partitions.push_back(std::move(row));
}

// How long ago the record at an offset was written, from the ends that the log had.
std::optional<Duration> SnapshotBuilder::age_of(const broker::PartitionKey& partition,
                                                Offset offset) const {
  const auto ends = ends_.find(partition);
  if (ends == ends_.end()) return std::nullopt;
  const auto written = std::upper_bound(ends->second.begin(), ends->second.end(), offset,
                                        [](Offset of, const auto& end) { return of < end.second; });
  if (written == ends->second.end()) return std::nullopt;
  return cluster_.world().now() - written->first;
}

void SnapshotBuilder::remember_end(const broker::PartitionKey& partition, Offset end) {
  constexpr std::size_t ends_max = 256;
  auto& ends = ends_[partition];
  if (!ends.empty() && ends.back().second == end) return;
  // After an unclean election a log may end earlier than it did.
  while (!ends.empty() && ends.back().second > end) ends.pop_back();
  ends.emplace_back(cluster_.world().now(), end);
  if (ends.size() <= ends_max) return;
  // Every second one goes, but never the newest: what is old is told less finely.
  static_assert(ends_max % 2 == 0);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < ends.size(); i += 2) ends[kept++] = ends[i];
  ends.resize(kept);
}

void SnapshotBuilder::add_real_clients(Snapshot& snapshot) {
  for (const auto& [connection, client] : cluster_.real_clients()) {
    observe::RealClientState state;
    state.address = client.address;
    state.node = cluster_.world().spec_of(client.node).broker;
    const auto take = [&, peer = SimNetwork::other_end(connection)](const auto& server) {
      const auto at = server.connections().find(peer);
      if (at == server.connections().end()) return;
      state.client_id = at->second.client_id;
      state.software = at->second.software;
      state.requests = static_cast<std::int64_t>(at->second.requests);
    };
    if (const auto* broker = cluster_.broker(client.node)) take(broker->server());
    if (const auto* controller = cluster_.controller(client.node)) take(controller->server());
    snapshot.real_clients.push_back(std::move(state));
  }
}

void SnapshotBuilder::add_links(Snapshot& snapshot) {
  for (const auto& [ends, link] : cluster_.world().network().links()) {
    if (ends.first == outside || ends.second == outside) continue;
    const bool servers = cluster_.world().spec_of(ends.first).broker != no_broker &&
                         cluster_.world().spec_of(ends.second).broker != no_broker;
    if (!servers && !link.is_cut()) continue;
    observe::LinkState state;
    state.from = process_name(ends.first);
    state.to = process_name(ends.second);
    state.latency = link.spec().latency;
    state.loss = link.spec().loss;
    state.cut = link.is_cut();
    if (state.cut)
      state.faulty_since = cut_since_.try_emplace(ends, cluster_.world().now()).first->second;
    if (!state.cut) cut_since_.erase(ends);
    state.bytes_per_s = rates_.of(fmt::format("link.{}.{}", state.from, state.to));
    snapshot.links.push_back(std::move(state));
  }
}

void SnapshotBuilder::add_traffic(Snapshot& snapshot) {
  const Instant now = cluster_.world().now();
  const auto is_server = [&](ProcessId process) {
    return process != outside && cluster_.world().spec_of(process).broker != no_broker;
  };
  const SimNetwork& network = cluster_.world().network();
  const auto add = [&](const MessageOnWire& message, std::uint64_t id, bool stalled) {
    observe::MessageInFlight shown;
    shown.id = id;
    shown.stalled = stalled;
    shown.from = process_name(message.from);
    shown.to = process_name(message.to);
    shown.family = family_of(message.api_key, is_server(message.from) && is_server(message.to));
    shown.response = message.response;
    shown.sent = message.sent_at;
    shown.arrives = message.arrives_at;
    shown.bytes = static_cast<std::uint32_t>(message.bytes);
    snapshot.in_flight.push_back(std::move(shown));
  };
  for (const MessageOnWire& message : network.recent_messages().in_flight(now, in_flight_max)) {
    // One message a connection and moment, which is what tells two apart.
    add(message,
        (message.connection.value() << 20) ^
            static_cast<std::uint64_t>(message.sent_at.micros_since_epoch()),
        false);
  }
  std::map<ConnectionId, std::uint64_t> places;  // A stalled stream only grows.
  for (const MessageOnWire& message : network.stalled_messages(stalled_max)) {
    add(message, ~((message.connection.value() << 20) + places[message.connection]++), true);
  }
  for (const auto& [key, flow] : flows_) {
    if (flow.messages_per_s > 0.5) snapshot.flows.push_back(flow);
  }
}

void SnapshotBuilder::add_waits(Snapshot& snapshot) {
  for (const ProcessId process : cluster_.brokers()) {
    const auto* node = cluster_.broker(process);
    if (node == nullptr) continue;
    for (const auto& [token, request] : node->server().in_progress()) {
      if (snapshot.waits.size() >= waits_max) return;
      const auto cause = node->why_waiting(token);
      if (!cause) continue;
      observe::WaitState& wait = snapshot.waits.emplace_back();
      wait.node = process_name(process);
      wait.kind = std::string(protocol::name(request.head.key));
      wait.from = request.head.client_id.value_or(request.peer_host);
      wait.cause = *cause;
      wait.since = request.received;
    }
  }
}

// The rates that Snapshots show, and one point for each series.
void SnapshotBuilder::sample(HistoryRecorder& history) {
  const Instant now = cluster_.world().now();
  const auto point = [&](std::string_view key, std::string_view label, std::string_view unit,
                         double value) { history.add(key, label, unit, now, value); };
  sample_partitions(point);
  sample_brokers(point);
  sample_links();
  double latency_p50 = 0;
  double latency_p99 = 0;
  for (const auto& [name, producer] : cluster_.workload().producers()) {
    const auto* node = cluster_.workload().running(producer);
    if (node == nullptr) continue;
    const client::ProducerStatistics statistics = node->statistics();
    latency_p50 =
        std::max(latency_p50, statistics.latency_p50.value_or(Duration()).count_seconds() * 1000);
    latency_p99 =
        std::max(latency_p99, statistics.latency_p99.value_or(Duration()).count_seconds() * 1000);
  }
  point("produce_p50", "p50", "ms", latency_p50);
  point("produce_p99", "p99", "ms", latency_p99);
  double consumed_per_s = 0;
  for (const auto& [name, group] : cluster_.workload().groups()) {
    for (const Workload::Member& member : group.members) {
      if (const auto* node = cluster_.workload().running(member))
        consumed_per_s += node->statistics().records_per_s;
    }
  }
  point("records_out", "out", "records/s", consumed_per_s);
  sample_events(point);
  sample_groups(point);
  rates_.end_sample();
}

// Each point says how many there were in the second before it, so that a burst shows as its size.
void SnapshotBuilder::sample_events(const AddPoint& point) {
  const auto add = [&](const char* key, const char* label, const char* unit,
                       observe::EventKind kind) {
    const std::uint64_t count = cluster_.events().count_of(observe::name(kind));
    point(key, label, unit, rates_.add(key, static_cast<double>(count)));
  };
  add("elections", "elections", "elections/s", observe::EventKind::leader_elected);
  add("isr_shrinks", "shrinks", "changes/s", observe::EventKind::isr_shrank);
  add("isr_expands", "expands", "changes/s", observe::EventKind::isr_expanded);
  add("rebalances", "rebalances", "rebalances/s", observe::EventKind::group_rebalance);
}

void SnapshotBuilder::sample_groups(const AddPoint& point) {
  const metadata::Image* image = cluster_.newest_image();
  if (image == nullptr) return;
  Snapshot groups;
  add_groups(groups, *image);
  for (const auto& group : groups.groups) {
    point("lag." + group->name, group->name, "records", static_cast<double>(group->lag));
    if (group->lag_time)
      point("lag_seconds." + group->name, group->name, "s", group->lag_time->count_seconds());
  }
}

void SnapshotBuilder::sample_partitions(const AddPoint& point) {
  const metadata::Image* image = cluster_.newest_image();
  if (image == nullptr) return;
  const auto is_gone = [&](const auto& of) { return image->topic(of.first.topic) == nullptr; };
  std::erase_if(ends_, is_gone);
  std::erase_if(since_, is_gone);
  double records = 0;
  double under_replicated = 0;
  double under_min_isr = 0;
  double offline = 0;
  std::map<BrokerId, int> leaders;
  for (const ProcessId process : cluster_.brokers())
    leaders[cluster_.world().spec_of(process).broker] = 0;
  for (const auto& [name, id] : image->topic_ids()) {
    for (const auto& [index, partition] : image->topic(id)->partitions) {
      under_replicated += look_at({id, index}, partition).under_replicated ? 1 : 0;
      offline += partition.leader == no_broker ? 1 : 0;
      if (partition.leader != no_broker) ++leaders[partition.leader];
      const broker::Replica* leader = replica(partition.leader, {id, index});
      if (leader == nullptr) continue;
      if (leader->leader() != nullptr &&
          leader->leader()->admits_acks_all() != protocol::ErrorCode::none) {
        under_min_isr += 1;
      }
      remember_end({id, index}, leader->log_end());
      const std::string key = fmt::format("{}-{}", name, index.value());
      const std::int64_t epoch = partition.leader_epoch.value();
      records +=
          rates_.add("records." + key, static_cast<double>(leader->log_end().value()), epoch);
      (void)rates_.add("bytes." + key, static_cast<double>(leader->bytes_appended), epoch);
      (void)rates_.add(fmt::format("consumed.{}.{}", name, key),
                       static_cast<double>(leader->bytes_to_consumers), epoch);
    }
  }
  point("records_in", "in", "records/s", records);
  point("under_replicated", "under-replicated", "partitions", under_replicated);
  point("under_min_isr", "under min ISR", "partitions", under_min_isr);
  point("offline", "offline", "partitions", offline);
  for (const auto& [broker, count] : leaders) {
    point(fmt::format("leaders.{}", broker.value()), fmt::format("{}", broker.value()),
          "partitions", count);
  }
  point("metadata_end_offset", "end offset", "records",
        static_cast<double>(image->applied_offset().value()));
}

void SnapshotBuilder::sample_brokers(const AddPoint& point) {
  double bytes_in = 0;
  double bytes_out = 0;
  for (const ProcessId process : cluster_.brokers()) {
    const auto* node = cluster_.broker(process);
    if (node == nullptr) continue;
    const std::string key = process_name(process);
    double in = 0;
    double out = 0;
    double requests = 0;
    for (const auto& [api, statistics] : node->server().statistics()) {
      in += static_cast<double>(statistics.bytes_in);
      out += static_cast<double>(statistics.bytes_out);
      requests += static_cast<double>(statistics.requests);
    }
    const auto produced = node->server().statistics().find(protocol::ApiKey::produce);
    const double produced_bytes = produced == node->server().statistics().end()
                                      ? 0
                                      : static_cast<double>(produced->second.bytes_in);
    (void)rates_.add("broker.in." + key, in);
    (void)rates_.add("broker.out." + key, out);
    (void)rates_.add("broker.requests." + key, requests);
    bytes_in += rates_.add("broker.produced." + key, produced_bytes);
    bytes_out += rates_.add("broker.consumed." + key,
                            static_cast<double>(node->fetch().bytes_to_consumers()));
  }
  point("bytes_in", "in", "bytes/s", bytes_in);
  point("bytes_out", "out", "bytes/s", bytes_out);
}

void SnapshotBuilder::sample_links() {
  const World& world = cluster_.world();
  for (const auto& [ends, link] : world.network().links()) {
    if (ends.first == outside || ends.second == outside) continue;
    const std::string from = process_name(ends.first);
    const std::string to = process_name(ends.second);
    (void)rates_.add(fmt::format("link.{}.{}", from, to),
                     static_cast<double>(link.statistics().total.bytes));
    const bool servers = world.spec_of(ends.first).broker != no_broker &&
                         world.spec_of(ends.second).broker != no_broker;
    std::map<observe::ApiFamily, TrafficCount> families;
    for (std::size_t api = 0; api < LinkStatistics::api_keys; ++api) {
      const TrafficCount& count = link.statistics().by_api[api];
      if (count.messages == 0) continue;
      TrafficCount& sum = families[family_of(static_cast<std::int16_t>(api), servers)];
      sum.messages += count.messages;
      sum.bytes += count.bytes;
    }
    for (const auto& [family, count] : families) {
      const std::string key = fmt::format("flow.{}.{}.{}", from, to, static_cast<int>(family));
      observe::Flow& flow = flows_[key];
      flow.from = from;
      flow.to = to;
      flow.family = family;
      flow.messages_per_s = rates_.add(key + ".n", static_cast<double>(count.messages));
      flow.bytes_per_s = rates_.add(key + ".b", static_cast<double>(count.bytes));
    }
  }
}

}  // namespace ottla::world
