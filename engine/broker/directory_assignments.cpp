#include "engine/broker/directory_assignments.h"

#include <algorithm>
#include <utility>

#include "engine/wire/backoff.h"

namespace ottla::broker {
namespace {

// AssignmentsManager.STANDARD_BACKOFF; its first interval is the time for which requests gather.
constexpr wire::Backoff backoff{
    .initial = Duration::millis(100), .max = Duration::seconds(10), .jitter_permille = 20};

bool is_replica(const metadata::Image& image, const PartitionKey& key, BrokerId self) {
  const metadata::Partition* partition = image.partition(key.topic, key.index);
  return partition != nullptr && metadata::contains(partition->replicas, self);
}

protocol::AssignReplicasToDirsRequest request_of(const std::map<PartitionKey, Uuid>& assignments) {
  std::map<Uuid, std::map<TopicId, std::vector<PartitionIndex>>> by_directory;
  for (const auto& [key, directory] : assignments)
    by_directory[directory][key.topic].push_back(key.index);
  protocol::AssignReplicasToDirsRequest request;
  for (const auto& [id, topics] : by_directory) {
    auto& directory = request.directories.emplace_back();
    directory.id = id;
    for (const auto& [topic_id, indexes] : topics) {
      auto& topic = directory.topics.emplace_back();
      topic.topic_id = topic_id;
      for (const PartitionIndex index : indexes)
        topic.partitions.emplace_back().partition_index = index;
    }
  }
  return request;
}

}  // namespace

void DirectoryAssignments::assign(const PartitionKey& key, const Uuid& directory, Instant now) {
  ready_[key] = directory;
  schedule(now);
}

// AssignmentsManagerDeadlineFunction.
void DirectoryAssignments::schedule(Instant now) {
  Duration wait = backoff.initial;
  if (failures_ > 0) {
    wait = backoff.after(failures_, random_);
  } else if (ready_.size() > assignments_per_request_max && sent_.empty()) {
    wait = Duration();
  }
  due_ = due_ ? std::min(*due_, now + wait) : now + wait;
}

std::optional<protocol::AssignReplicasToDirsRequest> DirectoryAssignments::take_due(
    const metadata::Image& image, BrokerId self, Instant now) {
  if (!due_ || now < *due_ || !sent_.empty()) return std::nullopt;
  due_.reset();
  while (!ready_.empty() && sent_.size() < assignments_per_request_max) {
    auto next = ready_.extract(ready_.begin());
    if (is_replica(image, next.key(), self)) sent_.insert(std::move(next));
  }
  if (!ready_.empty() && sent_.empty()) schedule(now);
  if (sent_.empty()) return std::nullopt;
  auto request = request_of(sent_);
  request.broker_id = self;
  return request;
}

std::map<PartitionKey, Uuid> DirectoryAssignments::answered(
    const protocol::AssignReplicasToDirsResponse& response, Instant now) {
  if (response.error_code != protocol::ErrorCode::none) {
    failed(now);
    return {};
  }
  failures_ = 0;
  auto sent = std::exchange(sent_, {});
  std::map<PartitionKey, Uuid> taken;
  for (const auto& directory : response.directories) {
    for (const auto& topic : directory.topics) {
      for (const auto& partition : topic.partitions) {
        const PartitionKey key{topic.topic_id, partition.partition_index};
        if (partition.error_code != protocol::ErrorCode::none) continue;
        if (auto node = sent.extract(key)) taken.insert(std::move(node));
      }
    }
  }
  ready_.merge(sent);  // What was said of a partition meanwhile stays.
  if (!ready_.empty()) schedule(now);
  return taken;
}

void DirectoryAssignments::failed(Instant now) {
  ++failures_;
  auto sent = std::exchange(sent_, {});
  ready_.merge(sent);
  if (!ready_.empty()) schedule(now);
}

}  // namespace ottla::broker
