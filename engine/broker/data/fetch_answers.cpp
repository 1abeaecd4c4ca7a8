#include "engine/broker/data/fetch_answers.h"

#include <utility>

namespace ottla::broker {

using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;

FetchNews news_of(const FetchResponse::PartitionData& data) {
  const bool diverging = data.diverging_epoch.end_offset != no_offset;
  const bool redirected = data.preferred_read_replica != no_broker;
  return {.high_watermark = Offset{data.high_watermark},
          .log_start_offset = data.log_start_offset,
          .has_records = !data.records->empty(),
          .must_tell = data.error_code != ErrorCode::none || diverging || redirected};
}

void add_partition(FetchResponse& response, const FetchKey& key,
                   FetchResponse::PartitionData data) {
  const bool same_topic = !response.responses.empty() &&
                          response.responses.back().topic == key.topic &&
                          response.responses.back().topic_id == key.id;
  if (!same_topic) {
    auto& topic = response.responses.emplace_back();
    topic.topic = key.topic;
    topic.topic_id = key.id;
  }
  response.responses.back().partitions.push_back(std::move(data));
}

FetchResponse of_no_isolation_level(const FetchRequest& request) {
  FetchResponse response;
  response.error_code = ErrorCode::unknown_server_error;
  response.session_id = request.session_id;
  for (const auto& topic : request.topics) {
    for (const auto& asked : topic.partitions) {
      FetchResponse::PartitionData data;
      data.partition_index = asked.partition;
      data.error_code = response.error_code;
      data.high_watermark = no_offset.value();
      data.records = ByteChain();
      add_partition(response, {topic.topic_id, topic.topic, asked.partition}, std::move(data));
    }
  }
  return response;
}

}  // namespace ottla::broker
