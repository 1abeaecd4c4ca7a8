#include "engine/broker/broker_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/protocol/messages/create_topics_request.h"
#include "engine/protocol/messages/init_producer_id_response.h"
#include "engine/storage/broker_files.h"

namespace ottla::broker {
namespace {

// How long Kafka's broker waits for the controller to approve of its shutdown.
constexpr Duration controlled_shutdown_max = Duration::seconds(300);

GroupServiceConfig group_config(const BrokerConfig& config) {
  GroupServiceConfig groups;
  groups.groups.initial_rebalance_delay = config.millis("group.initial.rebalance.delay.ms");
  groups.groups.session_timeout_min = config.millis("group.min.session.timeout.ms");
  groups.groups.session_timeout_max = config.millis("group.max.session.timeout.ms");
  groups.offsets_topic_partitions = config.int32("offsets.topic.num.partitions");
  return groups;
}

}  // namespace

BrokerNode::BrokerNode(SharedServer& shared, BrokerConfig config)
    : config_(std::move(config)),
      directories_(shared.directories()),
      env_(shared.env()),
      metadata_(shared.quorum()),
      server_(
          env_,
          [this](const RequestContext& context, ByteReader& body) {
            return dispatch(broker_apis(), *this, context, body);
          },
          answer_unknown_api_versions),
      quotas_(config_),
      controller_(env_, fmt::format("broker-{}", config_.node_id.value())),
      lifecycle_({.heartbeat = config_.millis("broker.heartbeat.interval.ms"),
                  .session = config_.millis("broker.session.timeout.ms")}),
      replicas_(env_, config_, metadata_.image(), directories_),
      produce_(env_, metadata_.image(), config_.node_id, replicas_, server_, quotas_.produce),
      fetch_(env_, config_, metadata_.image(), replicas_, server_, quotas_),
      delete_records_(env_, metadata_.image(), replicas_, server_),
      log_dirs_(directories_, metadata_.image(), replicas_),
      group_host_(env_, config_, metadata_.image(), replicas_, server_, controller_),
      groups_(group_config(config_), group_host_, group_host_),
      assignments_(env_.random) {
  const std::uint64_t high = env_.random.next();
  incarnation_ = Uuid::version4(high, env_.random.next());
  shared.add_role(metadata_);
  server_.limit_time_by(quotas_.requests);
}

BrokerNode::~BrokerNode() = default;

void BrokerNode::start() {
  const auto clean = directories_.take_clean_shutdowns();
  if (!clean) return fail(std::string(storage::message(clean.error())));
  epoch_before_start_ = *clean;
  replicas_.load();
  ready_ = true;
}

void BrokerNode::fail(const std::string& why) {
  env_.probe.tell(probe::Noted{probe::Noted::Level::error, why});
  stopped_ = true;
}

void BrokerNode::begin_shutdown() {
  lifecycle_.begin_shutdown(env_.clock.now());
  stop_by_ = env_.clock.now() + controlled_shutdown_max;
}

void BrokerNode::give_up_controlled_shutdown() {
  if (!stop_by_ || env_.clock.now() < *stop_by_) return;
  stop_by_.reset();
  env_.probe.tell(
      probe::Noted{probe::Noted::Level::error,
                   "Timed out waiting for the controller to approve controlled shutdown"});
  lifecycle_.give_up_shutdown_approval();
}

void BrokerNode::hang_up() {
  server_.close_all();
  controller_.set_leader(nullptr);
  for (auto& [id, fetcher] : fetchers_) fetcher->close();
}

void BrokerNode::begin_closing() {
  closing_ = true;
  stop_by_.reset();
  replicas_.begin_close();
}

// A marker promises that every log of its directory is whole and on stable storage, so it is
// written last; and not by a process that came after an unclean stop and never got to check them.
void BrokerNode::settle_closing() {
  (void)settle_directories();
  fail_if_broken();
  if (stopped_ || !replicas_.flusher().idle()) return;
  replicas_.finish_close();
  stopped_ = true;
  for (LogDirectory* directory : directories_.online()) {
    if (!directory->was_closed_cleanly() && !logs_are_open_) continue;
    const auto written =
        storage::write_clean_shutdown(directory->disk(), {.broker_epoch = lifecycle_.epoch()});
    if (written) continue;
    env_.probe.tell(probe::Noted{probe::Noted::Level::warning,
                                 "The clean shutdown marker could not be written"});
  }
}

// One whose metadata log is damaged cannot know what it is to do.
void BrokerNode::fail_if_broken() {
  if (stopped_) return;
  if (replicas_.broken()) return fail(*replicas_.broken());
  if (metadata_.failed()) stopped_ = true;
}

void BrokerNode::on_accepted(ConnectionId connection, std::string_view peer_host) {
  server_.accepted(connection, peer_host);
}

void BrokerNode::on_connected(ConnectionId connection) {
  if (closing_) return;
  bool taken = controller_.on_connected(connection);
  for (auto at = fetchers_.begin(); !taken && at != fetchers_.end(); ++at) {
    taken = at->second->on_connected(connection);
  }
}

void BrokerNode::on_connection_closed(ConnectionId connection) {
  if (closing_) return;
  bool taken = server_.closed(connection) || controller_.on_connection_closed(connection);
  for (auto at = fetchers_.begin(); !taken && at != fetchers_.end(); ++at) {
    taken = at->second->on_connection_closed(connection);
  }
}

void BrokerNode::on_message(ConnectionId connection, const ByteChain& frame) {
  if (closing_) return;
  if (server_.received(connection, frame) || controller_.on_message(connection, frame)) return;
  for (auto& [id, fetcher] : fetchers_) {
    if (fetcher->on_message(connection, frame)) return;
  }
}

void BrokerNode::on_time() {
  if (closing_) return;
  server_.on_time();
  controller_.on_time();
  replicas_.on_time();
  produce_.on_time();
  fetch_.on_time();
  delete_records_.on_time();
  groups_.on_time(env_.clock.now());
  for (auto& [id, fetcher] : fetchers_) fetcher->on_time();
}

void BrokerNode::on_disk(DiskOperationId operation, DiskResult<void> result) {
  replicas_.on_disk(operation, result);
}

// The parts leave work for each other; it is done when none has any left. What they send to each
// other goes through queues, so a handler never meets a half-changed state.
void BrokerNode::settle() {
  bool busy = !closing_;
  give_up_controlled_shutdown();
  if (busy && !stopped_) controller_.set_leader(metadata_.active_controller());
  while (busy && !stopped_) {
    busy = settle_metadata();
    busy |= settle_controller();
    busy |= settle_replication();
    busy |= settle_moved();
    if (serving_) busy |= server_.run_ready();
    drive_lifecycle();
    busy |= settle_directories();
    fail_if_broken();
    if (closing_) busy = false;
  }
  if (closing_ && !stopped_) settle_closing();
}

bool BrokerNode::settle_metadata() {
  if (metadata_.take_controller_changed()) lifecycle_.controller_changed(env_.clock.now());
  // What a broker knew before it was down may be of another time: it acts when it has caught up.
  if (!lifecycle_.has_caught_up()) return false;
  const auto delta = metadata_.take_delta();
  if (delta) apply(*delta);
  if (!std::exchange(serving_, true)) {
    logs_are_open_ = true;
    replicas_.move_strays_aside();
    lifecycle_.ready_to_unfence(env_.clock.now());
    return true;
  }
  return delta.has_value();
}

void BrokerNode::apply(const metadata::ImageDelta& delta) {
  replicas_.apply(delta);
  quotas_.apply(image(), delta);
  take_role_changes();
  // A leader that came back with another address or incarnation is reached anew.
  for (const BrokerId id : delta.changed_brokers) {
    const auto at = fetchers_.find(id);
    const metadata::Broker* broker = metadata_.image().broker(id);
    if (at == fetchers_.end() || broker == nullptr || broker->endpoints.empty()) continue;
    const Endpoint now_at{broker->endpoints.front().host, broker->endpoints.front().port};
    if (at->second->endpoint() == now_at) continue;
    at->second->close();
    fetchers_.erase(at);
    for (const auto& [key, replica] : replicas_.all()) {
      if (replica->follower() != nullptr && replica->follower()->leader == id) follow_leader(key);
    }
  }
}

void BrokerNode::take_role_changes() {
  const Instant now = env_.clock.now();
  for (const Replicas::RoleChange& change : replicas_.take_role_changes()) {
    for (auto& [id, fetcher] : fetchers_) fetcher->remove(change.key);
    proposals_.erase(change.key);
    Replica* replica = replicas_.find(change.key);
    const bool offsets = change.topic == group_metadata_topic;
    if (change.to == Replicas::RoleChange::To::leader) {
      if (offsets) groups_.become_leader(change.key.index, now);
      continue;
    }
    if (offsets) groups_.resign(change.key.index, now);
    if (replica == nullptr) continue;
    produce_.on_leadership_lost(*replica, protocol::ErrorCode::not_leader_or_follower);
    if (change.to == Replicas::RoleChange::To::follower) follow_leader(change.key);
  }
  for (const auto& removed : replicas_.take_removed()) {
    produce_.on_leadership_lost(*removed, replicas_.why_absent(removed->key()));
    fetch_.on_removed(*removed);
    delete_records_.on_moved(removed->key());
  }
  drop_idle_fetchers();
}

void BrokerNode::follow_leader(const PartitionKey& key) {
  const Replica* replica = replicas_.find(key);
  if (replica == nullptr || replica->follower() == nullptr) return;
  const BrokerId leader = replica->follower()->leader;
  const metadata::Broker* broker = metadata_.image().broker(leader);
  if (broker == nullptr || broker->endpoints.empty()) return;
  auto& fetcher = fetchers_[leader];
  if (!fetcher) {
    const metadata::BrokerEndpoint& at = broker->endpoints.front();
    fetcher = std::make_unique<LeaderFetcher>(env_, config_, replicas_, quotas_.follower, leader,
                                              Endpoint{at.host, at.port});
    fetcher->set_broker_epoch(lifecycle_.epoch());
  }
  fetcher->add(key);
}

void BrokerNode::drop_idle_fetchers() {
  for (auto at = fetchers_.begin(); at != fetchers_.end();) {
    if (!at->second->empty()) {
      ++at;
      continue;
    }
    at->second->close();
    at = fetchers_.erase(at);
  }
}

bool BrokerNode::settle_replication() {
  bool busy = false;
  for (auto& [id, fetcher] : fetchers_) busy |= fetcher->settle();
  return busy;
}

bool BrokerNode::settle_moved() {
  if (!replicas_.has_news() && proposals_.empty()) return false;
  replicas_.take_moved(moved_);
  for (Replica* replica : moved_) {
    const bool watermark = std::exchange(replica->high_watermark_moved, false);
    replica->log_end_moved = false;
    if (watermark) {
      produce_.on_high_watermark(*replica);
      if (replica->topic() == group_metadata_topic && replica->leader() != nullptr) {
        groups_.on_high_watermark(replica->key().index, replica->high_watermark(),
                                  env_.clock.now());
      }
    }
    fetch_.on_moved(*replica);
    delete_records_.on_moved(replica->key());
  }
  for (const auto& [key, directory] : replicas_.take_misplaced())
    assignments_.assign(key, directory, env_.clock.now());
  for (auto& [key, proposal] : replicas_.take_proposals()) proposals_[key] = proposal;
  send_proposals();
  return !moved_.empty();
}

std::optional<Instant> BrokerNode::next_deadline() const {
  if (closing_) return std::nullopt;
  std::optional<Instant> earliest = replicas_.next_deadline();
  const auto consider = [&](std::optional<Instant> at) {
    if (at && (!earliest || *at < *earliest)) earliest = at;
  };
  consider(server_.next_deadline());
  consider(controller_.next_deadline());
  if (controller_.has_leader()) consider(lifecycle_.next_deadline());
  if (controller_.has_leader()) consider(assignments_.next_deadline());
  consider(stop_by_);
  if (const auto untold = lifecycle_.untold()) consider(untold->until);
  consider(produce_.next_deadline());
  consider(fetch_.next_deadline());
  consider(delete_records_.next_deadline());
  consider(groups_.next_deadline());
  for (const auto& [id, fetcher] : fetchers_) consider(fetcher->next_deadline());
  if (!proposals_.empty() && proposals_sent_.empty() && controller_.has_leader())
    consider(proposals_not_before_);
  return earliest;
}

GroupRequest BrokerNode::group_request(const RequestContext& context) const {
  return GroupRequest{.token = coordinator::RequestToken{context.token.value()},
                      .version = context.head.version,
                      .client_id = context.head.client_id.value_or(""),
                      .peer_host = context.peer_host,
                      .now = env_.clock.now()};
}

BrokerId BrokerNode::random_live_broker() {
  std::vector<BrokerId> live;
  for (const auto& [id, broker] : image().brokers()) {
    if (!broker.fenced) live.push_back(id);
  }
  return live.empty() ? no_broker : live[env_.random.next() % live.size()];
}

std::optional<std::string> BrokerNode::why_waiting(RequestToken request) const {
  if (auto cause = produce_.cause(request)) return cause;
  if (auto cause = delete_records_.cause(request)) return cause;
  return fetch_.cause(request);
}

}  // namespace ottla::broker
