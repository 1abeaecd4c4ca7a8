#include "engine/broker/groups/group_service.h"

#include <algorithm>

#include "engine/coordinator/java_string.h"
#include "engine/protocol/records/record_batch_builder.h"

namespace ottla::broker {

using coordinator::CoordinatorRecord;
using coordinator::CoordinatorResult;
using coordinator::RequestToken;
using protocol::ErrorCode;

namespace {

// Tokens of parts come from the upper half, where no request's token ever is.
constexpr std::uint64_t first_part = std::uint64_t{1} << 63;

}  // namespace

GroupService::GroupService(GroupServiceConfig config, GroupHost& host, OffsetsLog& log)
    : config_(config), host_(host), log_(log), next_part_(first_part) {}

PartitionIndex GroupService::partition_of(const std::string& group) const {
  return coordinator::partition_for(
      group,
      host_.partition_count(group_metadata_topic).value_or(config_.offsets_topic_partitions));
}

bool GroupService::is_loading(PartitionIndex partition) const {
  const auto found = shards_.find(partition);
  return found != shards_.end() && !found->second.loaded;
}

GroupService::Route GroupService::route(const std::string& group) {
  Route route;
  route.partition = partition_of(group);
  const auto found = shards_.find(route.partition);
  if (found == shards_.end()) {
    route.error = ErrorCode::not_coordinator;
  } else if (!found->second.loaded) {
    route.error = ErrorCode::coordinator_load_in_progress;
  } else {
    route.shard = &found->second;
  }
  return route;
}

coordinator::RequestContext GroupService::context_of(const GroupRequest& request) {
  // As java.net.InetAddress prints an address without a name.
  return {request.token, request.version, request.client_id, "/" + request.peer_host,
          host_.random_id()};
}

void GroupService::become_leader(PartitionIndex partition, Instant now) {
  const OffsetsLog::Bounds bounds = log_.bounds(partition);
  const auto [found, is_new] =
      shards_.try_emplace(partition, Shard{coordinator::GroupCoordinator(config_.groups),
                                           bounds.start, false, false, bounds.high_watermark});
  if (is_new) load_some(partition, found->second, now);
}

void GroupService::load_some(PartitionIndex partition, Shard& shard, Instant now) {
  std::size_t loaded_bytes = 0;
  while (loaded_bytes < config_.load_bytes_max) {
    const auto batches = log_.read(partition, shard.next_to_load);
    if (!batches || batches->empty()) {
      shard.loaded = true;
      const OffsetsLog::Bounds bounds = log_.bounds(partition);
      shard.high_watermark = std::max(shard.high_watermark, bounds.high_watermark);
      return run(partition, shard, shard.coordinator.loaded(now, shard.high_watermark), now);
    }
    for (const protocol::RecordBatch& batch : *batches) {
      loaded_bytes += batch.size_in_bytes();
      shard.next_to_load = std::max(shard.next_to_load, batch.last_offset().next());
      if (batch.header().is_control()) continue;
      const auto records = batch.records();
      if (!records) continue;
      for (const protocol::Record& record : *records) {
        if (record.key) {
          (void)shard.coordinator.replay(record.offset, {*record.key, record.value}, now);
        }
      }
    }
  }
}

void GroupService::resign(PartitionIndex partition, Instant now) {
  const auto found = shards_.find(partition);
  if (found == shards_.end()) return;
  CoordinatorResult result = found->second.coordinator.unload(now);
  shards_.erase(found);
  for (coordinator::Reply& reply : result.replies) deliver(std::move(reply));
}

void GroupService::on_high_watermark(PartitionIndex partition, Offset high_watermark, Instant now) {
  const auto found = shards_.find(partition);
  if (found == shards_.end()) return;
  Shard& shard = found->second;
  shard.high_watermark = std::max(shard.high_watermark, high_watermark);
  if (shard.appending || !shard.loaded) return;
  run(partition, shard, shard.coordinator.committed(shard.high_watermark, now), now);
}

std::optional<Instant> GroupService::next_deadline() const {
  std::optional<Instant> next;
  for (const auto& [partition, shard] : shards_) {
    // A partition that is not loaded has more to do at once.
    const std::optional<Instant> due =
        shard.loaded ? shard.coordinator.next_deadline() : std::optional<Instant>(Instant());
    if (due && (!next || *due < *next)) next = due;
  }
  return next;
}

void GroupService::on_time(Instant now) {
  for (auto& [partition, shard] : shards_) {
    if (!shard.loaded) load_some(partition, shard, now);
    while (shard.loaded) {
      const std::optional<Instant> due = shard.coordinator.next_deadline();
      if (!due || *due > now) break;
      run(partition, shard, shard.coordinator.on_time(now), now);
    }
  }
}

void GroupService::run(PartitionIndex partition, Shard& shard, CoordinatorResult result,
                       Instant now) {
  while (true) {
    for (const coordinator::GroupChange& change : result.changes) host_.tell(change);
    for (coordinator::Reply& reply : result.replies) deliver(std::move(reply));
    if (result.records.empty()) return;
    const auto end = append(partition, shard, result.records, now);
    if (!end) {
      result = shard.coordinator.append_failed(end.error(), now);
    } else {
      shard.coordinator.appended(*end);
      result = shard.coordinator.committed(shard.high_watermark, now);
    }
  }
}

Result<Offset, ErrorCode> GroupService::append(PartitionIndex partition, Shard& shard,
                                               const std::vector<CoordinatorRecord>& records,
                                               Instant now) {
  protocol::RecordBatchBuilder builder;
  for (const CoordinatorRecord& record : records) {
    builder.append(
        now.millis_since_epoch(), record.key.span(),
        record.value ? protocol::NullableView(record.value->span()) : protocol::NullableView());
  }
  shard.appending = true;
  const auto end = log_.append(partition, builder.build());
  shard.appending = false;
  return end;
}

void GroupService::deliver(coordinator::Reply reply) {
  if (auto* committed = std::get_if<protocol::OffsetCommitResponse>(&reply.response)) {
    return deliver_with_refused(reply.token, std::move(*committed));
  }
  if (auto* deleted = std::get_if<protocol::OffsetDeleteResponse>(&reply.response)) {
    return deliver_with_refused(reply.token, std::move(*deleted));
  }
  if (auto* groups = std::get_if<protocol::DeleteGroupsResponse>(&reply.response)) {
    return deliver_part_of_delete(reply.token, *groups);
  }
  std::visit([&](auto& response) { host_.reply(reply.token, std::move(response)); },
             reply.response);
}

namespace {

// What was refused of a topic and what the coordinator answered of it are one topic's partitions.
template <class Topic>
void add_topic(std::vector<Topic>& topics, Topic answered) {
  const auto same = std::find_if(topics.begin(), topics.end(),
                                 [&](const Topic& each) { return each.name == answered.name; });
  if (same == topics.end()) return topics.push_back(std::move(answered));
  same->partitions.insert(same->partitions.end(), answered.partitions.begin(),
                          answered.partitions.end());
}

}  // namespace

template <class Response>
void GroupService::deliver_with_refused(RequestToken token, Response response) {
  // An error of the whole answer leaves nothing to say of its topics.
  bool failed = false;
  if constexpr (requires { response.error_code; }) failed = response.error_code != ErrorCode::none;
  if (auto node = refused_.extract(token); !node.empty() && !failed) {
    auto& topics = std::get<Response>(node.mapped()).topics;
    for (auto& answered : response.topics) add_topic(topics, std::move(answered));
    response.topics = std::move(topics);
  }
  host_.reply(token, std::move(response));
}

void GroupService::deliver_part_of_delete(RequestToken part,
                                          const protocol::DeleteGroupsResponse& response) {
  const auto part_node = parts_.extract(part);
  const auto found = gathered_.find(part_node.mapped());
  GatheredDelete& whole = found->second;
  for (const auto& each : response.results) {
    for (auto& slot : whole.response.results) {
      if (slot.group_id == each.group_id) slot.error_code = each.error_code;
    }
  }
  if (--whole.parts_left > 0) return;
  host_.reply(whole.token, std::move(whole.response));
  gathered_.erase(found);
}

std::vector<coordinator::GroupView> GroupService::groups() const {
  std::vector<coordinator::GroupView> all;
  for (const auto& [partition, shard] : shards_) {
    if (!shard.loaded) continue;
    std::vector<coordinator::GroupView> views = shard.coordinator.view();
    std::move(views.begin(), views.end(), std::back_inserter(all));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return all;
}

}  // namespace ottla::broker
