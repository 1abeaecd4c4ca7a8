// The files at the top of a broker's data folder (a Kafka log.dir) and the partition.metadata of
// each partition.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/uuid.h"
#include "engine/env/disk.h"
#include "engine/storage/partition_folder.h"
#include "engine/storage/storage_error.h"

namespace ottla::storage {

// Offsets by partition: "0", the count, then "topic partition offset" lines.
inline constexpr std::string_view recovery_point_checkpoint = "recovery-point-offset-checkpoint";
inline constexpr std::string_view high_watermark_checkpoint = "replication-offset-checkpoint";
inline constexpr std::string_view log_start_checkpoint = "log-start-offset-checkpoint";
inline constexpr std::string_view cleaner_checkpoint = "cleaner-offset-checkpoint";
using OffsetCheckpoint = std::map<TopicPartition, Offset>;

// Empty when the file is not there. A partition's last line counts. The error is Kafka's sentence.
[[nodiscard]] Result<OffsetCheckpoint, std::string> read_offset_checkpoint(Disk& disk,
                                                                           std::string_view path);
[[nodiscard]] Result<void, StorageError> write_offset_checkpoint(Disk& disk, std::string_view path,
                                                                 const OffsetCheckpoint& offsets);

// meta.properties: whose folder this is. Version 1 is KRaft's; version 0, which has broker.id, that
// of a node that once was one of ZooKeeper's.
struct MetaProperties {
  std::string cluster_id;
  BrokerId node_id;
  Uuid directory_id;
  bool operator==(const MetaProperties&) const = default;
};
inline constexpr std::string_view meta_properties_name = "meta.properties";
// Nothing when the file is not there. The error says what is wrong with it, in Kafka's words.
[[nodiscard]] Result<std::optional<MetaProperties>, std::string> read_meta_properties(Disk& disk);
[[nodiscard]] Result<void, StorageError> write_meta_properties(Disk& disk,
                                                               const MetaProperties& properties);

// `.kafka_cleanshutdown`: the last process synced everything and said goodbye; with the epoch it
// was registered under (KIP-966). It is removed as the next process starts.
struct CleanShutdown {
  BrokerEpoch broker_epoch = no_broker_epoch;
  bool operator==(const CleanShutdown&) const = default;
};
inline constexpr std::string_view clean_shutdown_name = ".kafka_cleanshutdown";
// Nothing when it is not there. A file that cannot be understood counts, with an unknown epoch, as
// in Kafka.
[[nodiscard]] Result<std::optional<CleanShutdown>, StorageError> take_clean_shutdown(Disk& disk);
[[nodiscard]] Result<void, StorageError> write_clean_shutdown(Disk& disk,
                                                              const CleanShutdown& marker);

// partition.metadata: which topic the folder's records are of, whatever its name says. A newer
// version is read as this one. The error is Kafka's sentence.
[[nodiscard]] Result<std::optional<TopicId>, std::string> read_partition_metadata(
    Disk& disk, std::string_view folder);
[[nodiscard]] Result<void, StorageError> write_partition_metadata(Disk& disk,
                                                                  std::string_view folder,
                                                                  const TopicId& topic_id);

}  // namespace ottla::storage
