#include "engine/client/fetcher.h"

#include <algorithm>
#include <utility>

#include "engine/client/latest.h"
#include "engine/client/record_source.h"
#include "engine/client/throttle.h"
#include "engine/protocol/messages/fetch_request.h"
#include "engine/protocol/messages/list_offsets_request.h"
#include "engine/protocol/messages/list_offsets_response.h"
#include "engine/protocol/records/record_cursor.h"

namespace ottla::client {

using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;

namespace {

constexpr std::int32_t fetch_max_bytes = 52'428'800;           // fetch.max.bytes
constexpr std::int32_t max_partition_fetch_bytes = 1'048'576;  // max.partition.fetch.bytes
constexpr std::int64_t earliest_timestamp = -2;
constexpr Duration retry_backoff = Duration::millis(100);  // retry.backoff.ms

}  // namespace

wire::Channel* Fetcher::channel_to(BrokerId broker, Instant now) {
  const Endpoint* endpoint = metadata_.endpoint_of(broker);
  if (endpoint == nullptr) {
    metadata_.request_update();
    return nullptr;
  }
  wire::Channel& channel = channels_.to(*endpoint);
  return channel.prepare(now) ? &channel : nullptr;
}

void Fetcher::poll(Instant now) {
  std::map<BrokerId, Wanted> to_list;
  std::map<BrokerId, Wanted> to_fetch;
  for (auto& [of, partition] : owned_) {
    if (now < partition.not_before || (!partition.position && !partition.reset_wanted)) continue;
    if (!partition.reset_wanted && buffered_runs_.contains(of)) continue;
    const PartitionLeader leader = metadata_.leader_of(of.first, of.second);
    if (leader.leader == no_broker) {
      metadata_.request_update();
    } else if (partition.reset_wanted) {
      if (!listing_.contains(leader.leader)) to_list[leader.leader].push_back(&of);
    } else {
      const BrokerId from = read_replica(partition, leader, now);
      if (!fetching_.contains(from)) to_fetch[from].push_back(&of);
    }
  }
  for (const auto& [broker, partitions] : to_list) {
    if (wire::Channel* channel = channel_to(broker, now)) {
      send_list_offsets(broker, *channel, partitions, now);
    }
  }
  for (const auto& [broker, partitions] : to_fetch) {
    if (wire::Channel* channel = channel_to(broker, now)) {
      send_fetch(broker, *channel, partitions, now);
    }
  }
}

BrokerId Fetcher::read_replica(OwnedPartition& partition, const PartitionLeader& leader,
                               Instant now) {
  if (!partition.preferred) return leader.leader;
  if (now > partition.preferred->until || partition.preferred->by != leader) {
    partition.preferred.reset();
    return leader.leader;
  }
  if (metadata_.endpoint_of(partition.preferred->broker) != nullptr)
    return partition.preferred->broker;
  metadata_.request_update();
  return leader.leader;
}

// To be sent to the same replica again does not prolong its time.
void Fetcher::prefer(const TopicPartition& of, BrokerId replica, Instant now) {
  auto& preferred = owned_.at(of).preferred;
  if (preferred && preferred->broker == replica) return;
  preferred = {replica, now + config_.metadata_max_age, metadata_.leader_of(of.first, of.second)};
}

std::optional<Instant> Fetcher::next_due(Instant now) const {
  std::optional<Instant> next;
  for (const auto& [of, partition] : owned_) {
    if (partition.not_before <= now) continue;
    if (!next || partition.not_before < *next) next = partition.not_before;
  }
  return next;
}

void Fetcher::send_list_offsets(BrokerId broker, wire::Channel& channel, const Wanted& partitions,
                                Instant now) {
  ListOffsetsRequest request;
  request.replica_id = no_broker;
  Asked asked{broker, false, {}, {}};
  for (const TopicPartition* const wanted : partitions) {
    const TopicPartition& of = *wanted;
    if (request.topics.empty() || request.topics.back().name != of.first) {
      request.topics.emplace_back().name = of.first;
    }
    request.topics.back().partitions.push_back(
        {of.second, metadata_.leader_of(of.first, of.second).epoch, earliest_timestamp});
    asked.positions.emplace(of, no_offset);
  }
  const wire::RequestToken token(++last_token_);
  if (!send_latest(channel, request, list_offsets_version, token, now)) return;
  listing_.insert(broker);
  asked_.emplace(token, std::move(asked));
}

void Fetcher::send_fetch(BrokerId broker, wire::Channel& channel, const Wanted& partitions,
                         Instant now) {
  FetchRequest request;
  request.max_wait_ms = static_cast<std::int32_t>(config_.fetch_max_wait.count_millis());
  request.min_bytes = config_.fetch_min_bytes;
  request.max_bytes = fetch_max_bytes;
  request.rack_id = config_.rack;
  Asked asked{broker, true, {}, {}};
  for (const TopicPartition* const wanted : partitions) {
    const TopicPartition& of = *wanted;
    const TopicId id = metadata_.topic(of.first)->id;
    if (request.topics.empty() || request.topics.back().topic_id != id) {
      request.topics.emplace_back().topic_id = id;
      request.topics.back().topic = of.first;
      asked.names.emplace(id, of.first);
    }
    FetchRequest::FetchPartition partition;
    partition.partition = of.second;
    partition.current_leader_epoch = metadata_.leader_of(of.first, of.second).epoch;
    partition.fetch_offset = *owned_.at(of).position;
    partition.partition_max_bytes = max_partition_fetch_bytes;
    request.topics.back().partitions.push_back(partition);
    asked.positions.emplace(of, partition.fetch_offset);
  }
  const wire::RequestToken token(++last_token_);
  if (!send_latest(channel, request, fetch_version, token, now)) return;
  fetching_.insert(broker);
  asked_.emplace(token, std::move(asked));
}

bool Fetcher::on_completion(const wire::Completion& completion, Instant now) {
  const auto request = asked_.extract(completion.token);
  if (request.empty()) return false;
  const Asked& asked = request.mapped();
  (asked.fetch ? fetching_ : listing_).erase(asked.broker);
  if (asked.fetch) {
    take_fetched(completion, asked, now);
  } else {
    take_offsets(completion, asked, now);
  }
  return true;
}

void Fetcher::fail(const Asked& asked, Instant now) {
  metadata_.request_update();
  for (const auto& [of, offset] : asked.positions) {
    const auto owned = owned_.find(of);
    if (owned != owned_.end()) owned->second.not_before = now + retry_backoff;
  }
}

void Fetcher::back_off(OwnedPartition& partition, ErrorCode error, Instant now) {
  last_error_ = protocol::name(error);
  partition.not_before = now + retry_backoff;
  if (is_stale_metadata(error) || error == ErrorCode::unknown_leader_epoch) {
    metadata_.request_update();
  }
}

void Fetcher::take_offsets(const wire::Completion& completion, const Asked& asked, Instant now) {
  const auto response = wire::decode_response<ListOffsetsResponse>(completion);
  if (!response) return fail(asked, now);
  for (const auto& topic : response->topics) {
    for (const auto& partition : topic.partitions) {
      const auto owned = owned_.find({topic.name, partition.partition_index});
      if (owned == owned_.end() || !owned->second.reset_wanted) continue;
      if (partition.error_code != ErrorCode::none) {
        back_off(owned->second, partition.error_code, now);
        continue;
      }
      owned->second.position = partition.offset;
      owned->second.reset_wanted = false;
    }
  }
}

void Fetcher::take_fetched(const wire::Completion& completion, const Asked& asked, Instant now) {
  const auto response = wire::decode_response<FetchResponse>(completion);
  if (!response) {
    for (const auto& [of, position] : asked.positions) {
      if (const auto owned = owned_.find(of); owned != owned_.end())
        owned->second.preferred.reset();
    }
    return fail(asked, now);
  }
  heed_throttle(channels_, metadata_.endpoint_of(asked.broker), completion, *response,
                ApiVersion{8}, now);
  if (response->error_code != ErrorCode::none) {
    last_error_ = protocol::name(response->error_code);
    return fail(asked, now);
  }
  last_error_.clear();
  std::map<BrokerId, Endpoint> endpoints;
  for (const auto& node : response->node_endpoints) {
    endpoints[node.node_id] = Endpoint{node.host, static_cast<std::uint16_t>(node.port)};
  }
  for (const auto& topic : response->responses) {
    const auto name = asked.names.find(topic.topic_id);
    if (name == asked.names.end()) continue;
    for (const auto& partition : topic.partitions) {
      const TopicPartition of{name->second, partition.partition_index};
      metadata_.learn_leader(
          of.first, of.second,
          {partition.current_leader.leader_id, partition.current_leader.leader_epoch}, endpoints);
      const auto position = asked.positions.find(of);
      if (position != asked.positions.end()) take_partition(of, position->second, partition, now);
    }
  }
}

void Fetcher::take_partition(const TopicPartition& of, Offset asked_at,
                             const FetchResponse::PartitionData& partition, Instant now) {
  const auto owned = owned_.find(of);
  // It was given away, or is read from somewhere else by now.
  if (owned == owned_.end() || owned->second.position != asked_at || owned->second.reset_wanted ||
      buffered_runs_.contains(of)) {
    return;
  }
  if (partition.error_code == ErrorCode::offset_out_of_range) {
    last_error_ = protocol::name(partition.error_code);
    // A follower may lack what the leader has.
    if (std::exchange(owned->second.preferred, std::nullopt)) return;
    owned->second.reset_wanted = true;  // auto.offset.reset=earliest
    return;
  }
  if (partition.error_code != ErrorCode::none) {
    return back_off(owned->second, partition.error_code, now);
  }
  if (partition.preferred_read_replica != no_broker)
    prefer(of, partition.preferred_read_replica, now);
  if (!partition.records || partition.records->empty()) return;
  const auto batches = protocol::leading_batches(*partition.records);
  if (!batches) return back_off(owned->second, ErrorCode::corrupt_message, now);
  for (const protocol::RecordBatch& batch : batches->batches) {
    if (!batch.crc_matches()) return back_off(owned->second, ErrorCode::corrupt_message, now);
    buffer(of, asked_at, batch);
  }
}

void Fetcher::buffer(const TopicPartition& of, Offset from, const protocol::RecordBatch& batch) {
  const Offset end = batch.header().next_offset();
  if (end <= from) return;
  const auto push = [&](Offset first, Offset last, Offset next) {
    const bool told = config_.tells_history && first <= last;
    buffered_.push_back({of, first, last, next, told ? std::optional(batch) : std::nullopt});
    ++buffered_runs_[of];
  };
  if (batch.header().is_control() || batch.header().record_count == 0) {
    return push(from, from.plus(-1), end);
  }
  if (batch.header().record_count == batch.header().last_offset_delta + 1) {
    return push(std::max(from, batch.base_offset()), batch.last_offset(), end);
  }
  // Compaction left gaps: each record by itself, and then past those that were removed at the end.
  const auto records = batch.records();
  if (!records) return push(from, from.plus(-1), end);
  for (const protocol::Record& record : *records) {
    if (record.offset >= from) push(record.offset, record.offset, record.offset.next());
  }
  push(end, end.plus(-1), end);
}

Fetcher::Run::Names Fetcher::Run::names(Offset to) const {
  Names names;
  if (!batch) return names;
  const auto inflated = batch->body(protocol::default_inflated_bytes_max);
  if (!inflated) return names;
  names.body = *inflated;
  protocol::RecordCursor cursor(batch->header(), names.body.span());
  while (cursor.next()) {
    const protocol::RecordView& record = cursor.record();
    if (record.offset < first || record.offset > to) continue;
    names.records.push_back(name_of_record(record.value.text()));
  }
  return names;
}

std::int64_t Fetcher::collect(std::int64_t records_max, const Deliver& deliver) {
  std::int64_t collected = 0;
  while (collected < records_max && !buffered_.empty()) {
    Run& run = buffered_.front();
    const std::int64_t length = run.last.value() - run.first.value() + 1;
    const std::int64_t taken = std::min(length, records_max - collected);
    const bool whole = taken == length;
    const Offset last = run.first.plus(taken - 1);
    owned_.at(run.of).position = whole ? run.next : last.next();
    if (taken > 0) deliver(run, last);
    collected += taken;
    if (!whole) {
      run.first = last.next();
      break;
    }
    const auto left = buffered_runs_.find(run.of);
    if (--left->second == 0) buffered_runs_.erase(left);
    buffered_.pop_front();
  }
  return collected;
}

void Fetcher::drop_unowned() {
  std::erase_if(buffered_, [this](const Run& run) { return !owned_.contains(run.of); });
  std::erase_if(buffered_runs_,
                [this](const auto& entry) { return !owned_.contains(entry.first); });
}

}  // namespace ottla::client
