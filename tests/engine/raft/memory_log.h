// A metadata log in memory, for tests of the quorum machine.
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/assert.h"
#include "engine/protocol/records/record_batch.h"
#include "engine/raft/log_view.h"
#include "engine/raft/voter_records.h"

namespace ottla::raft::test {

// Batches with their headers, as a log has them. A snapshot is simply all that it stands for.
class MemoryLog : public LogView {
 public:
  [[nodiscard]] Offset start_offset() const override { return start_; }
  [[nodiscard]] Offset end_offset() const override {
    return batches_.empty() ? start_ : batches_.back().header().next_offset();
  }
  [[nodiscard]] LeaderEpoch last_epoch() const override {
    if (!batches_.empty()) return batches_.back().header().partition_leader_epoch;
    return snapshots_.empty() ? LeaderEpoch{0} : snapshots_.rbegin()->second.epoch;
  }
  [[nodiscard]] std::optional<OffsetAndEpoch> earliest_snapshot() const override {
    if (snapshots_.empty()) return std::nullopt;
    return OffsetAndEpoch{snapshots_.begin()->first, snapshots_.begin()->second.epoch};
  }
  [[nodiscard]] std::optional<OffsetAndEpoch> latest_snapshot() const override {
    if (snapshots_.empty()) return std::nullopt;
    return OffsetAndEpoch{snapshots_.rbegin()->first, snapshots_.rbegin()->second.epoch};
  }
  [[nodiscard]] std::optional<std::int64_t> snapshot_size(
      const OffsetAndEpoch& snapshot) const override {
    const auto at = snapshots_.find(snapshot.offset);
    if (at == snapshots_.end() || at->second.epoch != snapshot.epoch) return std::nullopt;
    return static_cast<std::int64_t>(at->second.content.size());
  }
  [[nodiscard]] const VoterHistory& voter_history() const override { return history_; }
  // As `kafka-storage format --initial-controllers` does.
  void format(const VoterSet& voters) {
    history_.add(no_offset, voters);
    history_.add(no_offset, first_with_voters_in_log);
    snapshots_ = {{Offset{0}, {LeaderEpoch{0}, ""}}};
  }
  // Stands for all before `end`, which a batch ends at; lets go of what it stands for.
  void snapshot_and_clean(Offset end) {
    LeaderEpoch epoch = last_epoch();
    std::size_t below = 0;
    for (; below < batches_.size() && batches_[below].header().next_offset() <= end; ++below)
      epoch = batches_[below].header().partition_leader_epoch;
    if (below == 0) return;
    std::string content = base_;
    for (std::size_t i = 0; i < below; ++i) content += batches_[i].bytes().flatten().text();
    batches_.erase(batches_.begin(), batches_.begin() + static_cast<std::ptrdiff_t>(below));
    snapshots_ = {{end, {epoch, content}}};
    base_ = std::move(content);
    start_ = end;
    history_.forget_before(end);
  }
  [[nodiscard]] std::string snapshot_bytes(Offset snapshot, std::int64_t position,
                                           std::int32_t bytes_max) const {
    return snapshots_.at(snapshot).content.substr(static_cast<std::size_t>(position),
                                                  static_cast<std::size_t>(bytes_max));
  }
  void install(const OffsetAndEpoch& snapshot, std::string content) {
    batches_.clear();
    snapshots_ = {{snapshot.offset, {snapshot.epoch, content}}};
    base_ = std::move(content);
    start_ = snapshot.offset;
    history_.clear();
    const auto below = protocol::split_batches(ByteChain(Bytes::copy_of(std::string_view(base_))));
    OTTLA_ASSERT(below.has_value());
    for (const auto& batch : *below) note(batch);
  }
  // All that has been written, whether it is still in the log or a snapshot stands for it.
  [[nodiscard]] std::string content() const {
    std::string all = base_;
    for (const auto& batch : batches_) all += batch.bytes().flatten().text();
    return all;
  }
  [[nodiscard]] OffsetAndEpoch end_offset_for_epoch(LeaderEpoch epoch) const override {
    OffsetAndEpoch end{start_, LeaderEpoch{0}};
    if (!snapshots_.empty()) end.epoch = snapshots_.begin()->second.epoch;
    for (const auto& batch : batches_) {
      if (batch.header().partition_leader_epoch > epoch) break;
      end = {batch.header().next_offset(), batch.header().partition_leader_epoch};
    }
    return end;
  }
  void append(const ByteChain& bytes) {
    const auto batches = protocol::split_batches(bytes);
    OTTLA_ASSERT(batches.has_value());
    for (const auto& batch : *batches) {
      OTTLA_ASSERT(batch.base_offset() == end_offset());
      batches_.push_back(batch);
      note(batch);
    }
  }
  void truncate(Offset end) {
    while (!batches_.empty() && batches_.back().header().next_offset() > end) batches_.pop_back();
    history_.truncate(end_offset());
  }
  // Each whole batch below `end`, by its base offset.
  [[nodiscard]] std::map<Offset, Bytes> batches_below(Offset end) const {
    std::map<Offset, Bytes> below;
    for (const auto& batch : batches_) {
      if (batch.header().next_offset() <= end)
        below.emplace(batch.base_offset(), batch.bytes().flatten());
    }
    return below;
  }
  [[nodiscard]] ByteChain read(Offset from,
                               Offset to = Offset{std::numeric_limits<std::int64_t>::max()}) const {
    ByteChain bytes;
    for (const auto& batch : batches_) {
      if (batch.header().next_offset() > from && batch.base_offset() < to)
        bytes.append(batch.bytes());
    }
    return bytes;
  }

 private:
  void note(const protocol::RecordBatch& batch) {
    const bool is_sound = read_voter_records(batch, history_);
    OTTLA_ASSERT(is_sound);
  }
  struct Snapshot {
    LeaderEpoch epoch;
    std::string content;
  };
  std::vector<protocol::RecordBatch> batches_;
  Offset start_{0};
  std::string base_;  // What lies before the log.
  std::map<Offset, Snapshot> snapshots_;
  VoterHistory history_;
};

}  // namespace ottla::raft::test
