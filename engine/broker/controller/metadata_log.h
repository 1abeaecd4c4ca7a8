// A node's copy of the metadata log on its disk, `__cluster_metadata-0`, with the quorum-state file
// beside it. Holds what the quorum machine asks to be written and read, and decodes records for
// whoever applies them.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine/env/disk.h"
#include "engine/protocol/metadata_record_codec.h"
#include "engine/raft/log_view.h"
#include "engine/raft/quorum_state.h"
#include "engine/storage/log.h"

namespace ottla::broker {

class MetadataLog : public raft::LogView {
 public:
  // The failures are sentences for a person.
  using Done = Result<void, std::string>;

  explicit MetadataLog(Disk& disk) : disk_(disk) {}

  // Opens the log, or makes an empty one. After an unclean stop it ends before the first torn
  // batch.
  [[nodiscard]] Done open(Instant now, bool clean_shutdown);

  [[nodiscard]] Offset start_offset() const override { return log_->log_start(); }
  [[nodiscard]] Offset end_offset() const override { return log_->log_end(); }
  [[nodiscard]] LeaderEpoch last_epoch() const override;
  [[nodiscard]] raft::OffsetAndEpoch end_offset_for_epoch(LeaderEpoch epoch) const override;

  // Whole batches that begin at the log's end.
  [[nodiscard]] Done append(const ByteChain& batches, Instant now);
  [[nodiscard]] Done truncate(Offset end, Instant now);
  // Whole batches from the one that holds `from`; empty at the end.
  [[nodiscard]] ByteChain read(Offset from, std::size_t bytes_max);
  // Calls `apply` for every data record in [from, to), in order.
  using Apply = std::function<void(const protocol::MetadataRecord&, Offset)>;
  [[nodiscard]] Done replay(Offset from, Offset to, const Apply& apply);

  void start_sync(DiskOperationId operation) { log_->start_sync(operation); }
  [[nodiscard]] storage::SyncState on_synced(DiskResult<void> result) {
    return log_->on_synced(result);
  }
  // What is below survives a power loss.
  [[nodiscard]] Offset synced_end() const { return log_->recovery_point(); }

  [[nodiscard]] Result<std::optional<raft::QuorumState>, std::string> read_quorum_state();
  [[nodiscard]] Done write_quorum_state(const raft::QuorumState& state);

 private:
  Disk& disk_;
  std::optional<storage::Log> log_;
};

}  // namespace ottla::broker
