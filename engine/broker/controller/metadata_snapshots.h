// The snapshots of the metadata log on a node's disk (KIP-630), beside the log's own files:
// `<end offset>-<epoch>.checkpoint`, and `.checkpoint.part` while one is written or fetched. A
// snapshot is a run of record batches between a header and a footer record.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "engine/env/disk.h"
#include "engine/protocol/metadata_record_codec.h"
#include "engine/protocol/records/record_batch.h"
#include "engine/raft/log_view.h"
#include "engine/raft/voter_history.h"

namespace ottla::broker {

class MetadataSnapshots {
 public:
  // The failures are sentences for a person.
  using Done = Result<void, std::string>;
  struct Content {
    std::vector<protocol::MetadataRecord> records;
    std::int64_t last_contained_timestamp = 0;  // Of the last batch before it; milliseconds.
    // What the log said up to it, where it said so (KIP-853).
    std::int16_t kraft_version = 0;
    std::optional<raft::VoterSet> voters = {};
  };

  MetadataSnapshots(Disk& disk, std::string folder) : disk_(disk), folder_(std::move(folder)) {}

  // Finds what is there, and removes what was never finished.
  [[nodiscard]] Done open();

  [[nodiscard]] std::optional<raft::OffsetAndEpoch> earliest() const;
  [[nodiscard]] std::optional<raft::OffsetAndEpoch> latest() const;
  // The earliest past `offset`.
  [[nodiscard]] std::optional<raft::OffsetAndEpoch> after(Offset offset) const;
  // In bytes; nothing where there is none of this id.
  [[nodiscard]] std::optional<std::int64_t> size_of(const raft::OffsetAndEpoch& id) const;
  [[nodiscard]] std::int64_t bytes() const;

  // Writes a whole snapshot, durably.
  [[nodiscard]] Done write(const raft::OffsetAndEpoch& id, const Content& content);
  // Bytes of another node's snapshot as they come in; `finish` puts it in its place, durably.
  [[nodiscard]] Done begin(const raft::OffsetAndEpoch& id);
  [[nodiscard]] Done append(const raft::OffsetAndEpoch& id, const ByteChain& bytes);
  [[nodiscard]] Done finish(const raft::OffsetAndEpoch& id);

  // At most `bytes_max` bytes from `position` on; empty where it cannot be read.
  [[nodiscard]] ByteChain read_bytes(const raft::OffsetAndEpoch& id, std::int64_t position,
                                     std::size_t bytes_max) const;
  // Checks every batch. A damaged snapshot is refused, with file and offset.
  [[nodiscard]] Result<Content, std::string> read(const raft::OffsetAndEpoch& id) const;

  // Of the header alone; nothing where it is damaged.
  [[nodiscard]] std::optional<Instant> last_contained(const raft::OffsetAndEpoch& id) const;

  // Adds what the header says of the voters, at the last offset before the snapshot. False where it
  // is damaged.
  [[nodiscard]] bool add_voters(const raft::OffsetAndEpoch& id, raft::VoterHistory& history) const;

  void remove_before(Offset offset);
  [[nodiscard]] std::string path_of(const raft::OffsetAndEpoch& id) const;

 private:
  struct Snapshot {
    LeaderEpoch epoch;
    std::int64_t size = 0;
  };
  [[nodiscard]] std::string part_of(const raft::OffsetAndEpoch& id) const;
  [[nodiscard]] std::optional<protocol::RecordBatch> header_of(
      const raft::OffsetAndEpoch& id) const;

  Disk& disk_;
  const std::string folder_;
  std::map<Offset, Snapshot> snapshots_;
};

}  // namespace ottla::broker
