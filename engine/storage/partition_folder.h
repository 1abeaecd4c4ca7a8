// The names that Kafka gives to a partition's folder and the files in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/ids.h"

namespace ottla::storage {

struct TopicPartition {
  std::string topic;
  PartitionIndex partition;
  auto operator<=>(const TopicPartition&) const = default;
};

// The metadata log's topic; its one partition's folder lies beside those of the others.
inline constexpr std::string_view cluster_metadata_topic = "__cluster_metadata";

// "orders-3", and back. Nothing for a folder that is no partition's, such as one with a suffix.
[[nodiscard]] std::string folder_name(const TopicPartition& of);
[[nodiscard]] std::optional<TopicPartition> parse_folder_name(std::string_view name);

// What Kafka takes a folder in a log directory for (LocalLog.parseTopicPartitionName).
enum class FolderKind : std::uint8_t {
  log,            // "orders-3", "orders-3.<id>-future", "orders-3.<id>-stray"; and the one folder
                  // that is no log, remote-log-index-cache.
  to_be_deleted,  // "orders-3.<id>-delete"
  foreign,
};
[[nodiscard]] FolderKind kind_of_folder(std::string_view name);

// The base offset in 20 digits with a suffix: "00000000000000000042.log".
[[nodiscard]] std::string offset_file_name(Offset offset, std::string_view suffix);
// The offset of such a name that ends in `suffix`; nothing for another.
[[nodiscard]] std::optional<Offset> parse_offset_file_name(std::string_view name,
                                                           std::string_view suffix);

namespace suffix {
inline constexpr std::string_view log = ".log";
inline constexpr std::string_view offset_index = ".index";
inline constexpr std::string_view time_index = ".timeindex";
inline constexpr std::string_view transaction_index = ".txnindex";
inline constexpr std::string_view producer_snapshot = ".snapshot";
// After one of the above, while compaction replaces segments: being written; whole, and about to
// take its place.
inline constexpr std::string_view cleaned = ".cleaned";
inline constexpr std::string_view swap = ".swap";
}  // namespace suffix

inline constexpr std::string_view epoch_checkpoint_name = "leader-epoch-checkpoint";
inline constexpr std::string_view partition_metadata_name = "partition.metadata";

}  // namespace ottla::storage
