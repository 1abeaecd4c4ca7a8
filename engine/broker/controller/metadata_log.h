// A node's copy of the metadata log on its disk, `__cluster_metadata-0`, with its snapshots and the
// quorum-state file beside it. Holds what the quorum machine asks to be written and read, and
// decodes records for whoever applies them.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine/broker/controller/metadata_batches.h"
#include "engine/broker/controller/metadata_snapshots.h"
#include "engine/env/disk.h"
#include "engine/protocol/metadata_record_codec.h"
#include "engine/raft/log_view.h"
#include "engine/raft/quorum_state.h"
#include "engine/raft/voter_history.h"
#include "engine/storage/log.h"

namespace ottla::broker {

class MetadataLog : public raft::LogView {
 public:
  // The failures are sentences for a person.
  using Done = Result<void, std::string>;

  // What a run of the log held.
  struct Run {
    std::int64_t bytes = 0;
    std::int64_t last_timestamp = 0;  // Of its last batch; milliseconds.
    LeaderEpoch last_epoch{};
  };
  // metadata.max.retention.bytes and metadata.max.retention.ms.
  struct Retention {
    std::int64_t bytes;
    Duration time;
  };

  explicit MetadataLog(Disk& disk);

  // Before the log is opened for the first time: it begins with a snapshot of nothing but who
  // votes.
  [[nodiscard]] static Done format(Disk& disk, const raft::VoterSet& voters, Instant now);

  // Opens the log, or makes an empty one. After an unclean stop it ends before the first torn
  // batch. A log that ends before the latest snapshot is the rest of what the snapshot replaced,
  // and goes. One that does not begin at 0 is refused without a snapshot of what was before.
  [[nodiscard]] Done open(Instant now, bool clean_shutdown);

  // What was found damaged as it was opened.
  [[nodiscard]] const storage::LoadReport& load_report() const { return load_report_; }
  [[nodiscard]] Offset start_offset() const override { return log_->log_start(); }
  [[nodiscard]] Offset end_offset() const override { return log_->log_end(); }
  [[nodiscard]] LeaderEpoch last_epoch() const override;
  [[nodiscard]] raft::OffsetAndEpoch end_offset_for_epoch(LeaderEpoch epoch) const override;
  [[nodiscard]] std::optional<raft::OffsetAndEpoch> earliest_snapshot() const override {
    return snapshots_.earliest();
  }
  [[nodiscard]] std::optional<raft::OffsetAndEpoch> latest_snapshot() const override {
    return snapshots_.latest();
  }
  [[nodiscard]] std::optional<std::int64_t> snapshot_size(
      const raft::OffsetAndEpoch& snapshot) const override {
    return snapshots_.size_of(snapshot);
  }

  [[nodiscard]] const raft::VoterHistory& voter_history() const override { return voters_; }

  // Whole batches that begin at the log's end.
  [[nodiscard]] Done append(const ByteChain& batches, Instant now);
  [[nodiscard]] Done truncate(Offset end, Instant now);
  // Whole batches from the one that holds `from` to `to`; empty where there are none.
  [[nodiscard]] ByteChain read(Offset from, std::size_t bytes_max, Offset to);
  // Calls `apply` for every data record in [from, to), in order.
  [[nodiscard]] Result<Run, std::string> replay(Offset from, Offset to, const ApplyMetadata& apply);

  [[nodiscard]] MetadataSnapshots& snapshots() { return snapshots_; }
  // Empties the log: it goes on from the latest snapshot.
  [[nodiscard]] Done start_at_latest_snapshot(Instant now);
  // Lets go of old snapshots, and of the log before the oldest that is left, where what is kept is
  // more or older than `retention`. A snapshot is always kept, and all that is not committed.
  [[nodiscard]] Done clean(const Retention& retention, Offset high_watermark, Instant now);

  void start_sync(DiskOperationId operation) { log_->start_sync(operation); }
  [[nodiscard]] storage::SyncState on_synced(DiskResult<void> result) {
    return log_->on_synced(result);
  }
  // What is below survives a power loss.
  [[nodiscard]] Offset synced_end() const { return log_->recovery_point(); }

  [[nodiscard]] Result<std::optional<raft::QuorumState>, std::string> read_quorum_state();
  [[nodiscard]] Done write_quorum_state(const raft::QuorumState& state);

 private:
  using VisitBatch = std::function<Done(const protocol::RecordBatch&)>;
  // Calls `batch_visitor` for every batch that begins in [from, to), in order, until one fails.
  [[nodiscard]] Done visit(Offset from, Offset to, const VisitBatch& batch_visitor);
  [[nodiscard]] Done load_voters();
  [[nodiscard]] bool is_over(const Retention& retention, Instant now) const;

  Disk& disk_;
  std::optional<storage::Log> log_;
  storage::LoadReport load_report_;
  MetadataSnapshots snapshots_;
  raft::VoterHistory voters_;
};

}  // namespace ottla::broker
