#include "engine/broker/data/produce_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "engine/base/planted.h"
#include "engine/broker/data/last_of_each.h"
#include "engine/metadata/topic_name.h"

namespace ottla::broker {
namespace {

using protocol::ErrorCode;
using protocol::ProduceRequest;
using protocol::ProduceResponse;

constexpr std::int16_t acks_all = -1;
constexpr ApiVersion first_with_zstd{7};  // KIP-110
constexpr ApiVersion first_with_topic_ids{13};

bool valid_acks(std::int16_t acks) {
  return acks >= -1 && acks <= 1;
}

ProduceResponse::PartitionProduceResponse refused(std::int32_t index, ErrorCode error) {
  ProduceResponse::PartitionProduceResponse response;
  response.index = index;
  response.error_code = error;
  response.base_offset = no_offset;
  return response;
}

// Kafka tells where the log starts unless the failure has a reason that it counts as known.
bool tells_log_start(ErrorCode error) {
  return error != ErrorCode::corrupt_message && error != ErrorCode::message_too_large &&
         error != ErrorCode::record_list_too_large && error != ErrorCode::kafka_storage_error;
}

// What a partition's data must be before its log is asked: exactly one batch, in a codec that the
// version knows.
Result<protocol::RecordBatch, ErrorCode> only_batch(
    const ProduceRequest::PartitionProduceData& partition, ApiVersion version) {
  if (!partition.records || partition.records->empty()) return failure(ErrorCode::invalid_record);
  const auto batches = protocol::split_batches(*partition.records);
  if (!batches) return failure(protocol::error_code_of(batches.error()));
  if (batches->size() != 1) return failure(ErrorCode::invalid_record);
  if (version < first_with_zstd &&
      batches->front().header().compression() == protocol::Compression::zstd) {
    return failure(ErrorCode::unsupported_compression_type);
  }
  return batches->front();
}

bool any_failed(const ProduceResponse& response) {
  return std::any_of(response.responses.begin(), response.responses.end(), [](const auto& topic) {
    return std::any_of(topic.partition_responses.begin(), topic.partition_responses.end(),
                       [](const auto& p) { return p.error_code != ErrorCode::none; });
  });
}

}  // namespace

std::vector<ProduceService::Asked> ProduceService::asked_by(const ProduceRequest& request) {
  std::vector<Asked> all;
  for (const auto& topic : request.topic_data) {
    for (const auto& partition : topic.partition_data)
      all.push_back({.topic = &topic, .partition = &partition});
  }
  keep_last_of_each(all, [](const Asked& asked) {
    return std::tie(asked.topic->topic_id, asked.topic->name, asked.partition->index);
  });
  return all;
}

Result<const metadata::Topic*, ErrorCode> ProduceService::topic_of(const Asked& asked,
                                                                   ApiVersion version) const {
  const bool by_id = version >= first_with_topic_ids;
  const metadata::Topic* topic = by_id ? image_.topic(asked.topic->topic_id)
                                       : image_.topic(std::string_view(asked.topic->name));
  if (topic == nullptr) {
    return failure(by_id ? ErrorCode::unknown_topic_id : ErrorCode::unknown_topic_or_partition);
  }
  if (topic->partitions.count(PartitionIndex{asked.partition->index}) == 0)
    return failure(ErrorCode::unknown_topic_or_partition);
  return topic;
}

Result<Replica*, ErrorCode> ProduceService::leader_of(const metadata::Topic& topic,
                                                      PartitionIndex index) {
  if (metadata::is_internal_topic(topic.name)) {
    return failure(ErrorCode::invalid_topic_exception);  // Only coordinators write there.
  }
  const PartitionKey key{topic.id, index};
  Replica* replica = replicas_.find(key);
  if (replica == nullptr) return failure(replicas_.why_absent(key));
  if (replica->leader() == nullptr) return failure(ErrorCode::not_leader_or_follower);
  return replica;
}

void ProduceService::append(Held& held, const Request<ProduceRequest>& request,
                            const Asked& asked) {
  auto& answers = held.response.responses.back().partition_responses;
  const ApiVersion version = request.context.head.version;
  const std::int32_t index = asked.partition->index;
  const auto refuse = [&](ErrorCode error) { answers.push_back(refused(index, error)); };
  const auto topic = topic_of(asked, version);
  if (!topic) return refuse(topic.error());
  const auto batch = only_batch(*asked.partition, version);
  if (!batch) return refuse(batch.error());
  if (!valid_acks(held.acks)) return refuse(ErrorCode::invalid_required_acks);
  const auto leader = leader_of(**topic, PartitionIndex{index});
  if (!leader) return refuse(leader.error());
  Replica* replica = *leader;
  // Kafka refuses the whole request; but a client's batches are all of a transaction, or none is.
  if (batch->header().is_transactional() && !request.body.transactional_id)
    return refuse(ErrorCode::transactional_id_authorization_failed);
  const auto appended = replicas_.append_produced(*replica, *batch, held.acks);
  if (!appended) {
    const Replicas::Refusal& why = appended.error();
    PartitionResponse& answer = answers.emplace_back(refused(index, why.error));
    if (tells_log_start(why.error)) answer.log_start_offset = replica->log_start();
    // Kafka has words only for single records.
    if (!why.records.empty()) answer.error_message = why.message;
    for (const protocol::RefusedRecord& record : why.records) {
      answer.record_errors.push_back(
          {.batch_index = record.batch_index,
           .batch_index_error_message = std::string(message(record.error))});
    }
    return;
  }
  PartitionResponse& answer = answers.emplace_back();
  answer.index = index;
  answer.base_offset = planted(Plant::wrong_base_offset) ? appended->first.next() : appended->first;
  answer.log_append_time_ms = appended->append_time_ms;
  answer.log_start_offset = replica->log_start();
  // A duplicate's first records may have been deleted since, and their epoch with them.
  held.parts.push_back(Part{.key = replica->key(),
                            .epoch = replica->epoch_of(appended->last),
                            .first = appended->first,
                            .last = appended->last,
                            .topic_place = held.response.responses.size() - 1,
                            .partition_place = answers.size() - 1});
}

ProduceService::PartitionResponse& ProduceService::place_of(Held& held, const Part& part) {
  return held.response.responses[part.topic_place].partition_responses[part.partition_place];
}

void ProduceService::handle(const Request<ProduceRequest>& request) {
  const RequestToken token = request.context.token;
  Held held;
  held.acks = request.body.acks;
  const ProduceRequest::TopicProduceData* topic = nullptr;
  for (const Asked& asked : asked_by(request.body)) {
    if (asked.topic != topic) {
      topic = asked.topic;
      auto& topic_response = held.response.responses.emplace_back();
      topic_response.name = topic->name;
      topic_response.topic_id = topic->topic_id;
    }
    append(held, request, asked);
  }
  if (held.acks == 0) {
    // The client cannot be told; closing its connection makes it look up its metadata, as Kafka
    // does.
    (void)charge(token);
    server_.exempt(token);
    if (any_failed(held.response)) return server_.refuse(token, "a Produce with acks=0 failed");
    return server_.finish_silently(token);
  }
  if (held.acks == acks_all) wait_for_replicas(held, token);
  if (held.open.empty()) return answer(token, std::move(held));
  held.deadline = env_.clock.now() + Duration::millis(request.body.timeout_ms);
  deadlines_.add(held.deadline, token);
  held_.emplace(token, std::move(held));
}

void ProduceService::wait_for_replicas(Held& held, RequestToken token) {
  for (std::size_t i = 0; i < held.parts.size(); ++i) {
    const Part& part = held.parts[i];
    Replica* replica = replicas_.find(part.key);
    if (replica->high_watermark() > part.last || planted(Plant::acknowledge_early)) {
      place_of(held, part).error_code = replica->leader()->acknowledges_acks_all();
      continue;
    }
    const WaitId wait = next_wait_;
    next_wait_ = next_wait_.next();
    held.open.emplace(wait, i);
    replica->offset_waits.add(part.last.next(), wait);
    waits_.emplace(wait, token);
  }
}

void ProduceService::on_high_watermark(Replica& replica) {
  const ErrorCode error = replica.leader() != nullptr ? replica.leader()->acknowledges_acks_all()
                                                      : ErrorCode::not_leader_or_follower;
  for (const WaitId wait : replica.offset_waits.complete_up_to(replica.high_watermark()))
    end_wait(wait, error);
}

void ProduceService::on_leadership_lost(Replica& replica, ErrorCode why) {
  const ErrorCode error = planted(Plant::acknowledge_when_deposed) ? ErrorCode::none : why;
  for (const WaitId wait : replica.offset_waits.fail_all()) end_wait(wait, error);
}

void ProduceService::end_wait(WaitId wait, ErrorCode error) {
  const auto at = waits_.find(wait);
  if (at == waits_.end()) return;  // Its request has timed out.
  const RequestToken token = at->second;
  waits_.erase(at);
  const auto at_held = held_.find(token);
  Held& held = at_held->second;
  const auto open = held.open.find(wait);
  if (error != ErrorCode::none) {
    // It was appended, so it keeps its offset.
    place_of(held, held.parts[open->second]).error_code = error;
  }
  held.open.erase(open);
  if (!held.open.empty()) return;
  deadlines_.remove(held.deadline, token);
  Held done = std::move(held);
  held_.erase(at_held);
  answer(token, std::move(done));
}

std::optional<Instant> ProduceService::next_deadline() const {
  return deadlines_.next();
}

void ProduceService::on_time() {
  const Instant now = env_.clock.now();
  while (const auto token = deadlines_.due(now)) {
    const std::map<WaitId, std::size_t> open = held_.at(*token).open;
    for (const auto& [wait, part] : open) end_wait(wait, ErrorCode::request_timed_out);
  }
}

void ProduceService::answer(RequestToken token, Held held) {
  for (const Part& part : held.parts) {
    if (place_of(held, part).error_code != ErrorCode::none) continue;
    const Replica* replica = replicas_.find(part.key);
    if (replica == nullptr) continue;
    env_.probe.tell(probe::Acknowledged{
        .of = {replica->topic(), part.key.index},
        .epoch = part.epoch,
        .led_in = replica->leader() != nullptr ? replica->leader_epoch() : part.epoch,
        .first = part.first,
        .last = part.last,
        .acks = held.acks});
  }
  name_leaders(held.response);
  const Duration wait = std::max(charge(token), server_.charge_time(token));
  held.response.throttle_time_ms = static_cast<std::int32_t>(wait.count_millis());
  server_.reply(token, held.response);
}

Duration ProduceService::charge(RequestToken token) {
  const RequestContext* request = server_.find(token);
  if (request == nullptr || !quota_.in_use()) return {};
  const Duration wait = quota_.charge(quota_subject(*request), request->bytes, env_.clock.now());
  server_.mute(token, wait);
  return wait;
}

// Tells a client that came to the wrong broker where to go (KIP-951).
void ProduceService::name_leaders(ProduceResponse& response) {
  std::set<BrokerId> named;
  for (auto& topic : response.responses) {
    for (auto& partition : topic.partition_responses) {
      if (partition.error_code != ErrorCode::not_leader_or_follower) continue;
      const PartitionIndex index{partition.index};
      const metadata::Partition* known = topic.topic_id.is_zero()
                                             ? image_.partition(std::string_view(topic.name), index)
                                             : image_.partition(topic.topic_id, index);
      if (known == nullptr) continue;
      // Without a leader, that is what there is to know.
      partition.current_leader = {.leader_id = known->leader, .leader_epoch = known->leader_epoch};
      named.insert(known->leader);
    }
  }
  for (const BrokerId id : named) {
    const metadata::Broker* broker = image_.broker(id);
    if (broker == nullptr || broker->endpoints.empty()) continue;
    const auto& at = broker->endpoints.front();
    response.node_endpoints.push_back(
        {.node_id = id, .host = at.host, .port = at.port, .rack = broker->rack});
  }
}

std::optional<std::string> ProduceService::cause(RequestToken request) const {
  const auto at = held_.find(request);
  if (at == held_.end() || at->second.open.empty()) return std::nullopt;
  const Held& held = at->second;
  const Replica* replica = replicas_.find(held.parts[held.open.begin()->second].key);
  if (replica == nullptr || replica->leader() == nullptr) return "acks=all";
  std::string behind;
  for (const auto& [id, follower] : replica->leader()->followers()) {
    const auto& isr = replica->leader()->maximal_isr();
    const bool counts = std::binary_search(isr.begin(), isr.end(), id);
    if (!counts || follower.log_end_offset >= replica->log_end()) continue;
    behind += fmt::format("{}{}", behind.empty() ? "" : " and ", id.value());
  }
  return fmt::format("acks=all, {}-{} needs {} to reach {}", replica->topic(),
                     replica->key().index.value(), behind, replica->log_end().value());
}

}  // namespace ottla::broker
