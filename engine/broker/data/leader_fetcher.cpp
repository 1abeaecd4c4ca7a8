#include "engine/broker/data/leader_fetcher.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/planted.h"
#include "engine/protocol/messages/list_offsets_request.h"

namespace ottla::broker {
namespace {

using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;

constexpr ApiVersion fetch_version{17};
constexpr ApiVersion list_offsets_version{9};
constexpr std::int64_t latest_timestamp = -1;
constexpr std::int64_t earliest_timestamp = -2;

wire::ChannelOptions channel_options(const BrokerConfig& config, BrokerId leader) {
  wire::ChannelOptions options;
  options.client_id = fmt::format("broker-{}-fetcher-{}", config.node_id.value(), leader.value());
  options.negotiate = false;
  options.in_flight_max = 1;
  options.request_timeout = config.millis("replica.socket.timeout.ms");
  return options;
}

// Where the leader's log begins inside a batch and this one ends there, that batch cannot follow on
// what is here; but all of that the leader has deleted, so the log begins anew with the batch.
// Kafka's follower gives up on the partition until it is restarted.
bool append(Replicas& replicas, Replica& replica, const FetchResponse::PartitionData& data) {
  if (replicas.append_fetched(replica, *data.records)) return true;
  const Offset leader_start = data.log_start_offset;
  if (replica.log_start() == leader_start || replica.log_end() != leader_start) return false;
  replicas.advance_log_start(replica, leader_start);
  return replicas.append_fetched(replica, *data.records).has_value();
}

}  // namespace

LeaderFetcher::LeaderFetcher(Env& env, const BrokerConfig& config, Replicas& replicas,
                             ReplicationThrottle& throttle, BrokerId leader, Endpoint at)
    : env_(env),
      self_(config.node_id),
      limits_(limits_of(config)),
      replicas_(replicas),
      throttle_(throttle),
      leader_(leader),
      channel_(std::move(at), env.network, env.random, channel_options(config, leader)) {}

LeaderFetcher::Limits LeaderFetcher::limits_of(const BrokerConfig& config) {
  return {.partition_bytes = config.int32("replica.fetch.max.bytes"),
          .response_bytes = config.int32("replica.fetch.response.max.bytes"),
          .bytes_min = config.int32("replica.fetch.min.bytes"),
          .wait_ms = config.int32("replica.fetch.wait.max.ms"),
          .back_off = config.millis("replica.fetch.backoff.ms")};
}

void LeaderFetcher::add(const PartitionKey& key) {
  following_[key] = Following{};
  find_next_retry();
}

void LeaderFetcher::remove(const PartitionKey& key) {
  if (following_.erase(key) > 0) find_next_retry();
}

bool LeaderFetcher::on_connected(ConnectionId connection) {
  if (channel_.connection() != connection) return false;
  channel_.on_connected(env_.clock.now());
  return true;
}

bool LeaderFetcher::on_message(ConnectionId connection, const ByteChain& frame) {
  if (channel_.connection() != connection) return false;
  channel_.on_message(frame, env_.clock.now());
  return true;
}

bool LeaderFetcher::on_connection_closed(ConnectionId connection) {
  if (channel_.connection() != connection) return false;
  channel_.on_connection_closed(env_.clock.now());
  return true;
}

std::optional<Instant> LeaderFetcher::next_deadline() const {
  std::optional<Instant> earliest = channel_.next_deadline();
  for (const std::optional<Instant>& at : {next_retry_, look_again_at_}) {
    if (at && (!earliest || *at < *earliest)) earliest = at;
  }
  return earliest;
}

void LeaderFetcher::on_time() {
  const Instant now = env_.clock.now();
  channel_.expire(now);
  if (look_again_at_ && *look_again_at_ <= now) look_again_at_.reset();
  if (!next_retry_ || *next_retry_ > now) return;
  for (auto& [key, following] : following_) {
    if (following.not_before && *following.not_before <= now) following.not_before.reset();
  }
  find_next_retry();
}

bool LeaderFetcher::take_and_ask() {
  channel_.take_completions(ended_);
  for (const wire::Completion& completion : ended_) {
    under_way_ = false;
    const auto asked = static_cast<Asked>(completion.token.value());
    if (asked == Asked::fetch) {
      take_fetch(completion);
    } else {
      take_offset(completion, asked);
    }
  }
  if (!under_way_) send_fetch();
  const bool any = !ended_.empty();
  ended_.clear();
  return any;
}

// As Kafka's AbstractFetcherThread: who lags waits for the rate, and is looked at again after
// replica.fetch.backoff.ms.
bool LeaderFetcher::is_throttled(const Following& following, const Replica& replica) {
  if (following.in_sync.value_or(false) ||
      !throttle_.is_throttled(replica.topic(), replica.key().index) ||
      !throttle_.is_exceeded(env_.clock.now()))
    return false;
  if (!look_again_at_) look_again_at_ = env_.clock.now() + limits_.back_off;
  return true;
}

void LeaderFetcher::collect_wanted() {
  wanted_.clear();
  for (const auto& [key, following] : following_) {
    const Replica* replica = replicas_.find(key);
    if (replica == nullptr || replica->follower() == nullptr) continue;
    if (following.not_before || following.fenced || is_throttled(following, *replica)) continue;
    auto& [wanted, partition] = wanted_.emplace_back();
    wanted = {key.topic, key.index};
    partition.partition = key.index;
    partition.current_leader_epoch = replica->follower()->epoch;
    partition.fetch_offset = replica->log_end();
    partition.last_fetched_epoch = replica->last_epoch();
    partition.log_start_offset = replica->log_start();
    partition.partition_max_bytes = limits_.partition_bytes;
  }
}

void LeaderFetcher::send_fetch() {
  collect_wanted();
  if (wanted_.empty()) return;
  FetchRequest request;
  request.replica_state.replica_id = self_;
  request.replica_state.replica_epoch = broker_epoch_;
  request.max_wait_ms = limits_.wait_ms;
  request.min_bytes = limits_.bytes_min;
  request.max_bytes = limits_.response_bytes;
  session_.fill(request, wanted_);
  under_way_ =
      channel_.send(request, fetch_version,
                    wire::RequestToken{static_cast<std::uint64_t>(Asked::fetch)}, env_.clock.now());
}

void LeaderFetcher::take_fetch(const wire::Completion& completion) {
  const auto response = wire::decode_response<FetchResponse>(completion);
  if (!response) {
    session_.start_over();
    return back_off_all();
  }
  if (!session_.take(*response)) return;
  for (const auto& topic : response->responses) {
    for (const auto& partition : topic.partitions) {
      take_partition(PartitionKey{topic.topic_id, partition.partition_index}, partition);
    }
  }
}

void LeaderFetcher::take_partition(const PartitionKey& key,
                                   const FetchResponse::PartitionData& data) {
  Replica* replica = replicas_.find(key);
  const bool ours = following_.count(key) > 0 && replica != nullptr &&
                    replica->follower() != nullptr && replica->follower()->leader == leader_;
  if (!ours || !is_as_asked(*replica)) return;
  if (data.error_code != ErrorCode::none) return take_error(key, data.error_code);
  if (data.diverging_epoch.end_offset != no_offset) {
    return truncate_to_divergence(
        *replica, {LeaderEpoch{data.diverging_epoch.epoch}, data.diverging_epoch.end_offset});
  }
  if (data.records && !data.records->empty()) {
    if (!append(replicas_, *replica, data)) return back_off(key);
    if (throttle_.is_throttled(replica->topic(), key.index))
      throttle_.record(data.records->size(), env_.clock.now());
  }
  std::optional<bool>& in_sync = following_.at(key).in_sync;
  const bool fetched_records = data.records && !data.records->empty();
  if (fetched_records || !in_sync) in_sync = replica->log_end().value() >= data.high_watermark;
  replicas_.move_high_watermark(*replica, Offset{data.high_watermark});
  replicas_.advance_log_start(*replica, data.log_start_offset);
}

// An answer may come after an election, or a truncation, that it knows nothing of.
bool LeaderFetcher::is_as_asked(const Replica& replica) const {
  const auto* asked = session_.asked(replica.key().topic, replica.key().index);
  return asked != nullptr && asked->fetch_offset == replica.log_end() &&
         asked->current_leader_epoch == replica.follower()->epoch;
}

void LeaderFetcher::take_error(const PartitionKey& key, ErrorCode error) {
  switch (error) {
    case ErrorCode::offset_out_of_range:
      if (!resetting_) {
        resetting_ = key;
        return ask_offset(key, Asked::log_end);
      }
      return back_off(key);
    case ErrorCode::fenced_leader_epoch:
      following_.at(key).fenced = true;  // Newer metadata is on its way.
      return;
    default: return back_off(key);
  }
}

void LeaderFetcher::truncate_to_divergence(Replica& replica, const replication::EpochEnd& leader) {
  if (planted(Plant::skip_truncation)) return;
  const auto point =
      replication::truncation_point(leader, replica.epoch_end(leader.epoch), replica.log_end());
  replicas_.truncate(replica, point.offset);
}

// As AbstractFetcherThread.fetchOffsetAndTruncate: a leader that ends before this log, as after an
// unclean election, has this log cut; one that starts after it has it begun anew.
void LeaderFetcher::ask_offset(const PartitionKey& key, Asked which) {
  const Replica* replica = replicas_.find(key);
  protocol::ListOffsetsRequest request;
  request.replica_id = self_;
  auto& topic = request.topics.emplace_back();
  topic.name = replica->topic();
  topic.partitions.push_back(
      {.partition_index = key.index,
       .current_leader_epoch = replica->leader_epoch(),
       .timestamp = which == Asked::log_end ? latest_timestamp : earliest_timestamp});
  under_way_ =
      channel_.send(request, list_offsets_version,
                    wire::RequestToken{static_cast<std::uint64_t>(which)}, env_.clock.now());
  if (!under_way_) resetting_.reset();
}

void LeaderFetcher::take_offset(const wire::Completion& completion, Asked which) {
  if (!resetting_) return;
  const PartitionKey key = *resetting_;
  resetting_.reset();
  Replica* replica = replicas_.find(key);
  if (following_.count(key) == 0 || replica == nullptr || replica->follower() == nullptr) return;
  const auto response = wire::decode_response<protocol::ListOffsetsResponse>(completion);
  const bool usable = response && response->topics.size() == 1 &&
                      response->topics[0].partitions.size() == 1 &&
                      response->topics[0].partitions[0].error_code == ErrorCode::none;
  if (!usable) return back_off(key);
  const Offset offset = response->topics[0].partitions[0].offset;
  if (which == Asked::log_end) {
    if (offset < replica->log_end()) return replicas_.truncate(*replica, offset);
    resetting_ = key;
    return ask_offset(key, Asked::log_start);
  }
  if (offset > replica->log_end()) return replicas_.truncate_fully(*replica, offset);
  back_off(key);
}

void LeaderFetcher::back_off(const PartitionKey& key) {
  following_.at(key).not_before = env_.clock.now() + limits_.back_off;
  find_next_retry();
}

void LeaderFetcher::back_off_all() {
  for (auto& [key, following] : following_) {
    following.not_before = env_.clock.now() + limits_.back_off;
  }
  find_next_retry();
}

// Deadlines are asked for after every event, and partitions seldom back off.
void LeaderFetcher::find_next_retry() {
  next_retry_.reset();
  for (const auto& [key, following] : following_) {
    if (!following.not_before) continue;
    next_retry_ =
        next_retry_ ? std::min(*next_retry_, *following.not_before) : following.not_before;
  }
}

}  // namespace ottla::broker
