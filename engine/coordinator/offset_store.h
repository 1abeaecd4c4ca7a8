// The offsets that groups committed, in two views of one history: the newest appended value, which
// writes are checked against, and the newest value below the high watermark, which readers are
// given, so that no consumer starts from a commit that a failover would forget.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/coordinator/coordinator_record.h"

namespace ottla::coordinator {

class OffsetStore {
 public:
  using TopicPartition = std::pair<std::string, PartitionIndex>;

  // A commit (or, without a value, a tombstone) that counts as committed once the high watermark
  // reaches `position`. Positions never decrease.
  void stage(const OffsetKey& key, std::optional<CommittedOffset> value, Offset position);
  void commit_up_to(Offset high_watermark);

  // The newest value below the high watermark; null when there is none.
  [[nodiscard]] const CommittedOffset* committed(const OffsetKey& key) const;
  // All of a group's offsets below the high watermark, by topic and partition.
  [[nodiscard]] std::map<TopicPartition, CommittedOffset> committed_of(
      const std::string& group) const;

  // The newest value, committed or not.
  [[nodiscard]] const CommittedOffset* latest(const OffsetKey& key) const;
  [[nodiscard]] std::map<TopicPartition, CommittedOffset> latest_of(const std::string& group) const;
  [[nodiscard]] bool has_any(const std::string& group) const;
  // Every group that has offsets, sorted.
  [[nodiscard]] std::vector<std::string> groups() const;

 private:
  struct Entry {
    std::optional<CommittedOffset> committed;
    std::vector<std::pair<Offset, std::optional<CommittedOffset>>> staged;  // By position.
  };
  [[nodiscard]] static const CommittedOffset* latest_in(const Entry& entry);

  std::map<std::string, std::map<TopicPartition, Entry>> groups_;
  std::multimap<Offset, OffsetKey> staged_;  // Keys with a staged value, by its position.
};

}  // namespace ottla::coordinator
