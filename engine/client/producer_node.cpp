#include "engine/client/producer_node.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/client/latest.h"
#include "engine/protocol/messages/init_producer_id_request.h"
#include "engine/protocol/messages/init_producer_id_response.h"
#include "engine/protocol/records/murmur2.h"

namespace ottla::client {

using protocol::ErrorCode;

namespace {

constexpr std::uint64_t last_fixed_token = 15;
constexpr ApiVersion init_producer_id_version{4};
constexpr wire::Backoff retry_backoff{Duration::millis(100), Duration::millis(1000)};

wire::ChannelOptions channel_options(const ProducerConfig& config) {
  wire::ChannelOptions options;
  options.client_id = config.client_id;
  options.request_timeout = config.request_timeout;
  options.in_flight_max = static_cast<std::size_t>(std::max(config.max_in_flight, 1));
  options.negotiate = true;
  return options;
}

// Records are made in steps of this, so that a high rate does not cost an event for each.
Duration tick_of(const ProducerConfig& config) {
  return std::clamp(config.linger, Duration::millis(1), Duration::millis(10));
}

}  // namespace

ProducerNode::ProducerNode(Env env, ProducerConfig config)
    : env_(env),
      config_(std::move(config)),
      channels_(env.network, env.random, channel_options(config_)),
      metadata_(config_.bootstrap, {config_.topic}, metadata_token, env.random),
      source_(env.random.next(), {.producer = config_.client_id,
                                  .records_per_s = config_.records_per_s,
                                  .record_bytes = config_.record_bytes,
                                  .keys = config_.keys,
                                  .hot_key_share = config_.hot_key_share}),
      identity_(config_.idempotent && config_.acks == -1),
      accumulator_({.batch_bytes = config_.batch_bytes,
                    .buffer_memory = config_.buffer_memory,
                    .linger = config_.linger,
                    .delivery_timeout = config_.delivery_timeout,
                    .max_in_flight = config_.max_in_flight,
                    .keeps_numbers = config_.tells_history},
                   identity_),
      alarm_(env.timers),
      last_token_(last_fixed_token) {}

void ProducerNode::on_start() {
  const Instant now = env_.clock.now();
  if (source_.active()) source_.start(now);
  last_tick_ = now;
  service();
}

void ProducerNode::on_shutdown() {
  closing_ = true;
  accumulator_.begin_flush();
  service();
}

void ProducerNode::on_accepted(ConnectionId connection, const Endpoint&, std::string_view) {
  env_.network.close(connection);  // A client does not listen.
}

void ProducerNode::on_connected(ConnectionId connection) {
  channels_.on_connected(connection, env_.clock.now());
  service();
}

void ProducerNode::on_connection_closed(ConnectionId connection) {
  channels_.on_connection_closed(connection, env_.clock.now());
  metadata_.request_update();
  service();
}

void ProducerNode::on_message(ConnectionId connection, ByteChain frame) {
  channels_.on_message(connection, frame, env_.clock.now());
  service();
}

void ProducerNode::on_timer(TimerId timer) {
  if (!alarm_.fired(timer)) return;
  channels_.expire(env_.clock.now());
  service();
}

void ProducerNode::on_disk(DiskOperationId /*operation*/, DiskResult<void> /*result*/) {}

void ProducerNode::set_rate(double records_per_s) {
  const Instant now = env_.clock.now();
  source_.set_rate(std::max(records_per_s, 0.0), now);
  if (!stopped_) arm(now);
}

void ProducerNode::set_hot_key_share(double share) {
  source_.set_hot_key_share(std::clamp(share, 0.0, 1.0));
}

void ProducerNode::service() {
  if (stopped_) return;
  const Instant now = env_.clock.now();
  take_completions(now);
  generate(now);
  metadata_.poll(channels_, now);
  expire_batches(now);
  poll_identity(now);
  send_ready(now);
  take_completions(now);  // Of requests with acks=0, which are done when they are handed over.
  if (closing_ && accumulator_.buffered_records() == 0 && in_flight_.empty()) return stop();
  arm(now);
}

void ProducerNode::stop() {
  stopped_ = true;
  alarm_.clear();
  const Instant now = env_.clock.now();
  for (const auto& [broker, endpoint] : metadata_.brokers()) channels_.drop(endpoint, now);
  for (const Endpoint& endpoint : config_.bootstrap) channels_.drop(endpoint, now);
}

void ProducerNode::generate(Instant now) {
  if (closing_ || !source_.active()) return;
  if (now < last_tick_ + tick_of(config_) && now < source_.next_due()) return;
  last_tick_ = now;
  const TopicMetadata* topic = metadata_.topic(config_.topic);
  if (topic == nullptr || topic->partitions.empty()) {
    // send() waits for metadata, and the application with it.
    const ErrorCode error = metadata_.topic_error(config_.topic);
    if (error != ErrorCode::none) last_error_ = protocol::name(error);
    return source_.skip_to(now);
  }
  accumulator_.set_partition_count(static_cast<std::int32_t>(topic->partitions.size()));
  const std::int32_t partition_count = accumulator_.partition_count();
  while (source_.advance(now)) {
    const protocol::NullableView key = source_.key();
    const PartitionIndex partition =
        key.is_null() ? accumulator_.sticky_partition(source_.value().span().size(), source_.draw())
                      : protocol::partition_for_key(key.span(), partition_count);
    if (!accumulator_.append(partition, {key, source_.value(), source_.number()}, now)) {
      // send() waits for memory: the records of that time are never made.
      return source_.skip_to(now);
    }
  }
}

void ProducerNode::poll_identity(Instant now) {
  if (!identity_.enabled()) return;
  bool rewrite = false;
  for (std::int32_t i = 0; i < accumulator_.partition_count(); ++i) {
    PartitionQueue& queue = accumulator_.queue(PartitionIndex(i));
    if (queue.unresolved && !queue.has_sequences_out()) {
      // All that was out is done. Where the given-up batch left a gap, sequences start again.
      queue.unresolved = false;
      if (!queue.is_next_sequence(queue.next_sequence)) queue.rewrite_wanted = true;
    }
    rewrite = rewrite || queue.rewrite_wanted;
  }
  if (rewrite && identity_.ready()) {
    identity_.bump_epoch();
    for (std::int32_t i = 0; identity_.ready() && i < accumulator_.partition_count(); ++i) {
      PartitionQueue& queue = accumulator_.queue(PartitionIndex(i));
      if (!std::exchange(queue.rewrite_wanted, false)) continue;
      queue.start_sequences_at_beginning(identity_.current());
    }
  }
  if (!identity_.wanted(now)) return;
  wire::Channel* channel = metadata_.least_loaded(channels_, now);
  if (channel == nullptr) return;
  protocol::InitProducerIdRequest request;
  request.transactional_id = std::nullopt;
  request.transaction_timeout_ms = std::numeric_limits<std::int32_t>::max();
  if (send_latest(*channel, request, init_producer_id_version, identity_token, now)) {
    identity_.asked();
  }
}

void ProducerNode::take_identity(const wire::Completion& completion, Instant now) {
  const auto response = wire::decode_response<protocol::InitProducerIdResponse>(completion);
  if (response && response->error_code == ErrorCode::none) {
    identity_.granted({response->producer_id, response->producer_epoch});
    return;
  }
  if (response) last_error_ = protocol::name(response->error_code);
  identity_.refused(now + retry_backoff.after(0, env_.random));
}

void ProducerNode::arm(Instant now) {
  constexpr Instant never = Instant::from_micros(std::numeric_limits<std::int64_t>::max());
  Instant next = never;
  const auto consider = [&next, now](std::optional<Instant> at) {
    if (at && *at > now) next = std::min(next, *at);
  };
  if (source_.active() && !closing_) {
    next = std::max({source_.next_due(), last_tick_ + tick_of(config_), now + Duration::micros(1)});
  }
  // What is due already waits for an event: a connection, a response, or metadata.
  consider(metadata_.next_due());
  if (identity_.waiting()) consider(identity_.not_before());
  consider(accumulator_.next_expiry());
  for (auto at = accumulator_.next_waiting(PartitionIndex{0}); at;
       at = accumulator_.next_waiting(at->next())) {
    consider(accumulator_.ready_at(accumulator_.queue(*at)));
  }
  if (const auto deadline = channels_.next_deadline()) next = std::min(next, *deadline);
  if (next == never) {
    alarm_.clear();
  } else {
    alarm_.set(next, now);
  }
}

ProducerStatistics ProducerNode::statistics() const {
  const Instant now = env_.clock.now();
  const RateMeter::Rates rates = rate_.rates(now);
  ProducerStatistics statistics;
  statistics.generated = accumulator_.generated();
  statistics.acknowledged = acknowledged_;
  statistics.failed = failed_;
  statistics.retries = retries_;
  statistics.records_per_s = rates.records_per_s;
  statistics.bytes_per_s = rates.bytes_per_s;
  statistics.latency_p50 = latency_.quantile(now, 0.50);
  statistics.latency_p99 = latency_.quantile(now, 0.99);
  statistics.buffered_records = accumulator_.buffered_records();
  statistics.requests_in_flight = static_cast<std::int32_t>(in_flight_.size());
  statistics.last_error = last_error_;
  return statistics;
}

}  // namespace ottla::client
