// The sending half of ProducerNode: what Kafka's Sender does.
#include <algorithm>
#include <utility>

#include "engine/base/assert.h"
#include "engine/client/latest.h"
#include "engine/client/producer_node.h"
#include "engine/client/throttle.h"
#include "engine/protocol/messages/produce_request.h"
#include "engine/protocol/messages/produce_response.h"

namespace ottla::client {

using protocol::ErrorCode;
using protocol::ProduceRequest;
using protocol::ProduceResponse;

namespace {

constexpr std::size_t max_request_bytes = 1'048'576;  // max.request.size
constexpr wire::Backoff retry_backoff{Duration::millis(100), Duration::millis(1000)};

// Whether a batch may be tried again after `error` (TransactionManager.canRetry); tells the
// partition where its sequences have to start again under another epoch.
bool may_retry(PartitionQueue& queue, const ProducerBatch& batch, ErrorCode error,
               Offset log_start_offset, const ProducerIdentity& identity) {
  if (!identity.enabled()) return protocol::is_retriable(error);
  if (error == ErrorCode::unknown_producer_id) {
    if (log_start_offset == no_offset || batch.sequence_was_reset) return true;
    if (queue.last_acked_offset < log_start_offset) {
      // Retention removed what the broker knew of this producer: nothing was lost.
      queue.start_sequences_at_beginning(identity.current());
    } else {
      queue.rewrite_wanted = true;
    }
    return true;
  }
  if (error == ErrorCode::out_of_order_sequence_number) {
    // A batch before this one failed and comes again first; or else the broker misses something.
    const bool one_before_is_out =
        !queue.unresolved &&
        (batch.sequence_was_reset || !queue.is_next_sequence(batch.base_sequence));
    if (!one_before_is_out) queue.rewrite_wanted = true;
    return true;
  }
  return protocol::is_retriable(error);
}

}  // namespace

void ProducerNode::send_ready(Instant now) {
  if (accumulator_.partition_count() == 0 || !identity_.ready()) return;
  std::vector<BrokerId> leaders;
  for (auto at = accumulator_.next_waiting(PartitionIndex{0}); at;
       at = accumulator_.next_waiting(at->next())) {
    if (!accumulator_.ready(accumulator_.queue(*at), now)) continue;
    const BrokerId leader = metadata_.leader_of(config_.topic, *at).leader;
    if (leader == no_broker) {
      metadata_.request_update();
    } else {
      leaders.push_back(leader);
    }
  }
  std::ranges::sort(leaders);
  leaders.erase(std::unique(leaders.begin(), leaders.end()), leaders.end());
  for (const BrokerId leader : leaders) {
    const Endpoint* endpoint = metadata_.endpoint_of(leader);
    if (endpoint == nullptr) {
      metadata_.request_update();
      continue;
    }
    wire::Channel& channel = channels_.to(*endpoint);
    while (channel.prepare(now)) {
      const std::size_t sent_before = in_flight_.size();
      send_to(leader, channel, now);
      if (in_flight_.size() == sent_before) break;
    }
  }
  metadata_.poll(channels_, now);
}

// One request with the front batch of each ready partition that the broker leads, beginning with
// the partition that the last full request had no room for.
void ProducerNode::send_to(BrokerId broker, wire::Channel& channel, Instant now) {
  std::vector<ProduceRequest::PartitionProduceData> parts;
  InFlight sent{broker, {}};
  std::size_t request_bytes = 0;
  const auto take_batch_of = [&](PartitionIndex partition) {
    PartitionQueue& queue = accumulator_.queue(partition);
    if (!accumulator_.ready(queue, now)) return true;
    const PartitionLeader leader = metadata_.leader_of(config_.topic, partition);
    if (leader.leader != broker) return true;
    request_bytes += queue.waiting.front()->size_estimate();
    if (!sent.batches.empty() && request_bytes > max_request_bytes) return false;
    ProducerBatch& batch = accumulator_.drain(queue, now);
    batch.attempted_epoch = leader.epoch;
    parts.push_back({partition.value(), batch.stamped()});
    sent.batches.push_back(&batch);
    return true;
  };
  const PartitionIndex start = drain_start_;
  const PartitionIndex count{accumulator_.partition_count()};
  for (const auto& [begin, end] : {std::pair(start, count), std::pair(PartitionIndex{0}, start)}) {
    auto at = accumulator_.next_waiting(begin);
    while (at && *at < end && take_batch_of(*at)) at = accumulator_.next_waiting(at->next());
    if (!at || *at >= end) continue;
    drain_start_ = *at;
    break;
  }
  if (sent.batches.empty()) return;
  ProduceRequest request;
  request.acks = config_.acks;
  request.timeout_ms = static_cast<std::int32_t>(config_.request_timeout.count_millis());
  auto& topic = request.topic_data.emplace_back();
  topic.name = config_.topic;
  topic.partition_data = std::move(parts);
  const wire::RequestToken token(++last_token_);
  const bool queued = send_latest(channel, request, produce_version, token, now,
                                  {.timeout = std::nullopt, .expects_response = config_.acks != 0});
  OTTLA_ASSERT(queued);  // prepare() said that it would be written at once.
  in_flight_.emplace(token, std::move(sent));
}

void ProducerNode::take_completions(Instant now) {
  for (const wire::Completion& completion : channels_.take_completions()) {
    if (completion.token == metadata_token) {
      metadata_.on_completion(completion, now);
    } else if (completion.token == identity_token) {
      take_identity(completion, now);
    } else if (auto request = in_flight_.extract(completion.token); !request.empty()) {
      take_produced(completion, request.mapped(), now);
    }
  }
}

void ProducerNode::take_produced(const wire::Completion& completion, InFlight& request,
                                 Instant now) {
  PartitionResponse outcome;
  outcome.base_offset = no_offset;
  if (config_.acks == 0 && completion.response) {
    for (ProducerBatch* batch : request.batches) {
      if (batch != nullptr) complete_batch(*batch, outcome, now);
    }
    return;
  }
  const auto response = wire::decode_response<ProduceResponse>(completion);
  if (!response) {
    // Nobody knows whether the records were written: sent again, with the same sequence.
    outcome.error_code = ErrorCode::network_exception;
    metadata_.request_update();
    for (ProducerBatch* batch : request.batches) {
      if (batch != nullptr) complete_batch(*batch, outcome, now);
    }
    return;
  }
  heed_throttle(channels_, metadata_.endpoint_of(request.broker), completion, *response,
                ApiVersion{6}, now);
  learn_leaders(*response);
  for (ProducerBatch* batch : request.batches) {
    if (batch == nullptr) continue;
    outcome.error_code = ErrorCode::unknown_server_error;  // Where the broker left it out.
    const PartitionResponse* answer = &outcome;
    for (const auto& topic : response->responses) {
      for (const PartitionResponse& partition : topic.partition_responses) {
        if (partition.index == batch->partition.value()) answer = &partition;
      }
    }
    complete_batch(*batch, *answer, now);
  }
}

void ProducerNode::learn_leaders(const ProduceResponse& response) {
  std::map<BrokerId, Endpoint> endpoints;
  for (const auto& node : response.node_endpoints) {
    endpoints[node.node_id] = Endpoint{node.host, static_cast<std::uint16_t>(node.port)};
  }
  for (const auto& topic : response.responses) {
    for (const PartitionResponse& partition : topic.partition_responses) {
      const PartitionLeader leader{partition.current_leader.leader_id,
                                   partition.current_leader.leader_epoch};
      metadata_.learn_leader(config_.topic, PartitionIndex(partition.index), leader, endpoints);
    }
  }
}

void ProducerNode::complete_batch(ProducerBatch& batch, const PartitionResponse& response,
                                  Instant now) {
  const ErrorCode error = response.error_code;
  if (error == ErrorCode::none || error == ErrorCode::duplicate_sequence_number) {
    last_error_.clear();
    return acknowledge(batch, response.base_offset, now);
  }
  last_error_ = protocol::name(error);
  if (is_stale_metadata(error)) metadata_.request_update();
  PartitionQueue& queue = accumulator_.queue(batch.partition);
  if (now < batch.created + config_.delivery_timeout &&
      may_retry(queue, batch, error, response.log_start_offset, identity_)) {
    return retry(batch, now);
  }
  // Later batches were numbered as if this one had been written.
  if (identity_.enabled()) queue.rewrite_wanted = true;
  fail(batch);
}

void ProducerNode::acknowledge(ProducerBatch& batch, Offset base_offset, Instant now) {
  acknowledged_ += batch.record_count;
  rate_.add(now, batch.record_count, static_cast<std::int64_t>(batch.size_estimate()));
  for (const auto& [made_at, count] : batch.made) latency_.add(now, now - made_at, count);
  PartitionQueue& queue = accumulator_.queue(batch.partition);
  if (batch.has_sequence() && batch.identity == queue.identity) {
    const std::int32_t last = protocol::sequence_after(batch.base_sequence, batch.record_count - 1);
    queue.last_acked_sequence = last;
    if (base_offset > no_offset) {
      queue.last_acked_offset =
          std::max(queue.last_acked_offset, base_offset.plus(batch.record_count - 1));
    }
  }
  if (config_.tells_history) {
    env_.probe.tell(probe::Produced{config_.client_id,
                                    {config_.topic, batch.partition},
                                    base_offset,
                                    config_.acks,
                                    identity_.enabled(),
                                    batch.numbers});
  }
  accumulator_.release(batch);
}

void ProducerNode::retry(ProducerBatch& batch, Instant now) {
  ++retries_;
  batch.not_before = now + retry_backoff.after(batch.attempts, env_.random);
  ++batch.attempts;
  // A leader that is news is asked at once (KIP-951).
  if (metadata_.leader_of(config_.topic, batch.partition).epoch > batch.attempted_epoch) {
    batch.not_before = now;
  }
  accumulator_.reenqueue(batch);
}

void ProducerNode::fail(ProducerBatch& batch) {
  failed_ += batch.record_count;
  accumulator_.release(batch);
}

void ProducerNode::expire_batches(Instant now) {
  const auto next = accumulator_.next_expiry();
  if (!next || *next > now) return;
  for (ProducerBatch* batch : accumulator_.expired(now)) {
    last_error_ = protocol::name(ErrorCode::request_timed_out);
    release_from_requests(*batch);
    // It may have been written, or may still be: nothing new is numbered until that is known.
    if (batch->has_sequence()) accumulator_.queue(batch->partition).unresolved = true;
    fail(*batch);
  }
}

void ProducerNode::release_from_requests(ProducerBatch& batch) {
  for (auto& [token, request] : in_flight_) {
    std::ranges::replace(request.batches, &batch, nullptr);
  }
}

}  // namespace ottla::client
