#include "engine/broker/data/delete_records_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/metadata/topic_name.h"

namespace ottla::broker {
namespace {

using protocol::DeleteRecordsRequest;
using protocol::DeleteRecordsResponse;
using protocol::ErrorCode;

template <class Parts>
bool any_open(const Parts& parts) {
  return std::any_of(parts.begin(), parts.end(), [](const auto& part) { return part.open; });
}

}  // namespace

// A partition that is named twice is answered once, for the offset that came last.
std::vector<DeleteRecordsService::Part> DeleteRecordsService::parts_of(
    const DeleteRecordsRequest& request) const {
  std::vector<Part> parts;
  for (const auto& topic : request.topics) {
    const metadata::Topic* known = image_.topic(std::string_view(topic.name));
    for (const auto& partition : topic.partitions) {
      const PartitionKey key{known != nullptr ? known->id : TopicId(), partition.partition_index};
      const auto named = std::find_if(parts.begin(), parts.end(), [&](const Part& part) {
        return part.topic == topic.name && part.key == key;
      });
      Part& part = named != parts.end() ? *named : parts.emplace_back();
      part.topic = topic.name;
      part.key = key;
      part.asked = partition.offset;
      part.result.partition_index = key.index;
    }
  }
  return parts;
}

void DeleteRecordsService::handle(const Request<DeleteRecordsRequest>& request) {
  Held held{.parts = parts_of(request.body),
            .deadline = env_.clock.now() + Duration::millis(request.body.timeout_ms)};
  for (Part& part : held.parts) begin(part);
  if (!any_open(held.parts)) return answer(request.context.token, held);
  held_.emplace(request.context.token, std::move(held));
}

void DeleteRecordsService::begin(Part& part) {
  PartitionResult& result = part.result;
  result.low_watermark = no_offset.value();
  if (image_.partition(part.key.topic, part.key.index) == nullptr) {
    result.error_code = ErrorCode::unknown_topic_or_partition;
    return;
  }
  if (metadata::is_internal_topic(part.topic)) {
    result.error_code = ErrorCode::invalid_topic_exception;
    return;
  }
  Replica* replica = replicas_.find(part.key);
  if (replica == nullptr) {
    result.error_code = replicas_.why_absent(part.key);
    return;
  }
  const auto deleted = replicas_.delete_records(*replica, part.asked);
  if (!deleted) {
    result.error_code = deleted.error();
    return;
  }
  part.asked = *deleted;
  const Offset low = replicas_.low_watermark(*replica);
  result.low_watermark = low.value();
  part.open = low < part.asked;
}

void DeleteRecordsService::look(Part& part) const {
  const Replica* replica = replicas_.find(part.key);
  const auto fail = [&](ErrorCode error) {
    part.open = false;
    part.result.error_code = error;
    part.result.low_watermark = no_offset.value();
  };
  if (replica == nullptr) {
    return fail(replicas_.offline().count(part.key) > 0 ? ErrorCode::kafka_storage_error
                                                        : ErrorCode::unknown_topic_or_partition);
  }
  if (replica->leader() == nullptr) return fail(ErrorCode::not_leader_or_follower);
  const Offset low = replicas_.low_watermark(*replica);
  if (low < part.asked) return;
  part.open = false;
  part.result.low_watermark = low.value();
}

void DeleteRecordsService::on_moved(const PartitionKey& key) {
  for (auto at = held_.begin(); at != held_.end();) {
    for (Part& part : at->second.parts) {
      if (part.open && part.key == key) look(part);
    }
    if (any_open(at->second.parts)) {
      ++at;
      continue;
    }
    answer(at->first, at->second);
    at = held_.erase(at);
  }
}

std::optional<Instant> DeleteRecordsService::next_deadline() const {
  std::optional<Instant> earliest;
  for (const auto& [token, held] : held_) {
    if (!earliest || held.deadline < *earliest) earliest = held.deadline;
  }
  return earliest;
}

// What was deleted here stays deleted, and reaches the other replicas in time.
void DeleteRecordsService::on_time() {
  const Instant now = env_.clock.now();
  for (auto at = held_.begin(); at != held_.end();) {
    if (at->second.deadline > now) {
      ++at;
      continue;
    }
    for (Part& part : at->second.parts) {
      if (part.open) part.result.error_code = ErrorCode::request_timed_out;
    }
    answer(at->first, at->second);
    at = held_.erase(at);
  }
}

void DeleteRecordsService::answer(RequestToken token, const Held& held) {
  DeleteRecordsResponse response;
  for (const Part& part : held.parts) {
    const auto named = std::find_if(response.topics.begin(), response.topics.end(),
                                    [&](const auto& topic) { return topic.name == part.topic; });
    auto& topic = named != response.topics.end() ? *named : response.topics.emplace_back();
    topic.name = part.topic;
    topic.partitions.push_back(part.result);
  }
  server_.reply(token, response);
}

std::optional<std::string> DeleteRecordsService::cause(RequestToken request) const {
  const auto at = held_.find(request);
  if (at == held_.end()) return std::nullopt;
  const auto open = std::find_if(at->second.parts.begin(), at->second.parts.end(),
                                 [](const Part& part) { return part.open; });
  return fmt::format("every live replica of {}-{} has to begin at {}", open->topic,
                     open->key.index.value(), open->asked.value());
}

}  // namespace ottla::broker
