#include "engine/broker/data/log_dir_service.h"

#include <algorithm>
#include <limits>
#include <map>

#include "engine/storage/partition_folder.h"

namespace ottla::broker {
namespace {

using protocol::AlterReplicaLogDirsRequest;
using protocol::AlterReplicaLogDirsResponse;
using protocol::DescribeLogDirsRequest;
using protocol::DescribeLogDirsResponse;
using protocol::ErrorCode;

// A folder on its way to another directory is called "topic-partition.uuid-future".
constexpr std::size_t future_suffix_length = std::string_view(".-future").size() + 32;
constexpr std::size_t folder_name_max = 255;

bool asks_for(const DescribeLogDirsRequest& request, const Replica& replica) {
  if (!request.topics) return true;
  return std::any_of(request.topics->begin(), request.topics->end(), [&](const auto& topic) {
    return topic.topic == replica.topic() &&
           std::find(topic.partitions.begin(), topic.partitions.end(), replica.key().index) !=
               topic.partitions.end();
  });
}

std::int64_t as_signed(std::uint64_t bytes) {
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(bytes, most));
}

}  // namespace

DescribeLogDirsResponse LogDirService::describe(const DescribeLogDirsRequest& request) const {
  DescribeLogDirsResponse response;
  for (LogDirectory* directory : directories_.all())
    response.results.push_back(describe(*directory, request));
  return response;
}

LogDirService::Described LogDirService::describe(LogDirectory& directory,
                                                 const DescribeLogDirsRequest& request) const {
  Described described;
  described.log_dir = directory.path();
  if (!directory.is_online()) {
    described.error_code = ErrorCode::kafka_storage_error;
    return described;
  }
  const auto volume = directory.disk().volume();
  if (!volume) {
    described.error_code = ErrorCode::unknown_server_error;
    return described;
  }
  described.total_bytes = as_signed(volume->total_bytes);
  described.usable_bytes = as_signed(volume->usable_bytes);
  add_logs(directory, request, described);
  return described;
}

void LogDirService::add_logs(const LogDirectory& directory, const DescribeLogDirsRequest& request,
                             Described& described) const {
  std::map<std::string, DescribeLogDirsResponse::DescribeLogDirsTopic> topics;
  for (const auto& [key, replica] : replicas_.all()) {
    if (&replica->directory() != &directory || !asks_for(request, *replica)) continue;
    auto& topic = topics[replica->topic()];
    topic.name = replica->topic();
    const std::int64_t lag = replica->high_watermark().value() - replica->log_end().value();
    topic.partitions.push_back({.partition_index = key.index,
                                .partition_size = as_signed(replica->log().size()),
                                .offset_lag = std::max<std::int64_t>(lag, 0),
                                .is_future_key = false});
  }
  for (const auto& [key, future] : replicas_.futures().all()) {
    const Replica& replica = future.replica;
    if (&future.directory != &directory || !asks_for(request, replica)) continue;
    auto& topic = topics[replica.topic()];
    topic.name = replica.topic();
    const std::int64_t lag = replica.log_end().value() - future.log.log_end().value();
    topic.partitions.push_back({.partition_index = key.index,
                                .partition_size = as_signed(future.log.size()),
                                .offset_lag = lag,
                                .is_future_key = true});
  }
  for (auto& [name, topic] : topics) described.topics.push_back(std::move(topic));
}

ErrorCode LogDirService::move(const std::string& topic, PartitionIndex index,
                              const std::string& to) {
  const std::string folder = storage::folder_name({topic, index});
  if (folder.size() + future_suffix_length > folder_name_max)
    return ErrorCode::invalid_topic_exception;
  LogDirectory* directory = directories_.find(to);
  if (directory == nullptr) return ErrorCode::log_dir_not_found;
  if (!directory->is_online()) return ErrorCode::kafka_storage_error;
  const metadata::Topic* known = image_.topic(std::string_view(topic));
  if (known == nullptr || known->partitions.count(index) == 0)
    return ErrorCode::unknown_topic_or_partition;
  return replicas_.move_to(PartitionKey{known->id, index}, topic, *directory);
}

// A partition that is named for two directories is to go to the one named last.
AlterReplicaLogDirsResponse LogDirService::alter(const AlterReplicaLogDirsRequest& request) {
  std::map<std::string, std::map<PartitionIndex, std::string>> wanted;
  for (const auto& dir : request.dirs) {
    for (const auto& topic : dir.topics) {
      for (const PartitionIndex index : topic.partitions) wanted[topic.name][index] = dir.path;
    }
  }
  AlterReplicaLogDirsResponse response;
  for (const auto& [topic, partitions] : wanted) {
    auto& result = response.results.emplace_back();
    result.topic_name = topic;
    for (const auto& [index, to] : partitions) {
      result.partitions.push_back(
          {.partition_index = index, .error_code = move(topic, index, to)});
    }
  }
  return response;
}

}  // namespace ottla::broker
