#include "engine/world/cluster_logs.h"

#include "engine/metadata/topic_name.h"
#include "engine/protocol/records/chain_front.h"

namespace ottla::world {

namespace {

constexpr std::size_t read_bytes_max = std::size_t{4} << 20;

BatchSummary summary_of(const protocol::BatchHeader& header) {
  return {header.base_offset, header.last_offset(), header.partition_leader_epoch,
          header.crc,         header.producer_id,   header.base_sequence};
}

PartitionKey metadata_partition() {
  return {std::string(metadata::metadata_topic_name), PartitionIndex{0}};
}

}  // namespace

std::vector<PartitionKey> ClusterLogs::partitions() const {
  std::vector<PartitionKey> all{metadata_partition()};
  const metadata::Image* image = cluster_.newest_image();
  if (image == nullptr) return all;
  for (const auto& [name, id] : image->topic_ids()) {
    for (const auto& [index, partition] : image->topic(id)->partitions)
      all.push_back({name, index});
  }
  return all;
}

const broker::MetadataQuorum* ClusterLogs::quorum_of(ProcessId process) const {
  const broker::ServerNode* node = cluster_.server(process);
  return node != nullptr && node->quorum().is_running() ? &node->quorum() : nullptr;
}

std::vector<ReplicaLog> ClusterLogs::metadata_logs() const {
  std::vector<ReplicaLog> logs;
  for (const ProcessId process : cluster_.nodes()) {
    const auto* quorum = quorum_of(process);
    if (quorum == nullptr) continue;
    logs.push_back({.broker = cluster_.world().spec_of(process).broker,
                    .leader = quorum->raft().is_leader(),
                    .epoch = quorum->raft().epoch(),
                    .latest = quorum->log().last_epoch(),
                    .log_start = quorum->log().start_offset(),
                    .high_watermark = quorum->raft().high_watermark(),
                    .log_end = quorum->log().end_offset(),
                    .compacted = false});
  }
  return logs;
}

std::optional<broker::PartitionKey> ClusterLogs::key_of(const PartitionKey& partition) const {
  const metadata::Image* image = cluster_.newest_image();
  const metadata::Topic* topic =
      image == nullptr ? nullptr : image->topic(std::string_view(partition.topic));
  if (topic == nullptr) return std::nullopt;
  return broker::PartitionKey{topic->id, partition.partition};
}

const broker::Replica* ClusterLogs::replica(ProcessId process,
                                            const std::optional<broker::PartitionKey>& key) const {
  const auto* node = cluster_.broker(process);
  return node == nullptr || !key ? nullptr : node->replicas().find(*key);
}

std::vector<ReplicaLog> ClusterLogs::replicas(const PartitionKey& partition) const {
  if (partition == metadata_partition()) return metadata_logs();
  std::vector<ReplicaLog> logs;
  const auto key = key_of(partition);
  for (const ProcessId process : cluster_.brokers()) {
    const broker::Replica* found = replica(process, key);
    if (found == nullptr) continue;
    logs.push_back({.broker = cluster_.world().spec_of(process).broker,
                    .leader = found->leader() != nullptr,
                    .epoch = found->leader_epoch(),
                    .latest = found->last_epoch(),
                    .log_start = found->log_start(),
                    .high_watermark = found->high_watermark(),
                    .log_end = found->log_end(),
                    .compacted = found->log().config().compact});
  }
  return logs;
}

// Reading moves nothing but a cache of where batches lie.
ByteChain ClusterLogs::read(const PartitionKey& partition, ProcessId process, Offset from,
                            Offset to) const {
  if (partition == metadata_partition()) {
    const auto* quorum = quorum_of(process);
    if (quorum == nullptr) return {};
    return const_cast<broker::MetadataQuorum*>(quorum)->read_log(from, read_bytes_max);
  }
  const broker::Replica* found = replica(process, key_of(partition));
  if (found == nullptr) return {};
  auto& log = const_cast<broker::Replica*>(found)->log();
  const auto read = log.read({.from = from, .bytes_max = read_bytes_max, .upper_bound = to});
  return read ? read->bytes : ByteChain{};
}

std::vector<BatchSummary> ClusterLogs::batches(const PartitionKey& partition, BrokerId id,
                                               Offset from, Offset to) const {
  std::vector<BatchSummary> summaries;
  const auto process = cluster_.world().find(std::to_string(id.value()));
  if (!process) return summaries;
  std::optional<MemoryFileSystem::Inspection> inspection;
  if (const SimDisk* disk = cluster_.world().sim_disk(*process)) inspection.emplace(disk->files());
  while (from < to) {
    const Offset asked = from;
    const auto walked =
        protocol::walk_batches(read(partition, *process, asked, to),
                               [&](const protocol::BatchHeader& header, protocol::ChainFront& at) {
                                 at.skip(header.size_in_bytes());
                                 if (header.base_offset >= to) return;
                                 summaries.push_back(summary_of(header));
                                 from = header.next_offset();
                               });
    if (!walked || from == asked) break;
  }
  return summaries;
}

}  // namespace ottla::world
