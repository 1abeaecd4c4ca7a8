// What a partition knows of its idempotent and transactional producers: Kafka's
// ProducerStateManager and ProducerAppendInfo, as a pure machine. It checks epochs and sequences,
// finds duplicates among a producer's last five batches, and keeps the open transactions, below the
// first of which lies the last stable offset.
//
// An append is staged first (ProducerAppend) and committed once the batches are in the log, so that
// a failed write changes nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/protocol/records/record_batch.h"
#include "engine/storage/storage_error.h"

namespace ottla::storage {

// Who appends, which says how much is checked: a client's sequences and epochs; a coordinator's
// epochs; nothing of what a leader has checked already.
enum class AppendOrigin : std::uint8_t { client, coordinator, replication };

// One of a producer's recent batches.
struct ProducerBatch {
  std::int32_t last_sequence;
  Offset last_offset;
  std::int32_t offset_delta;  // From the first record to the last.
  std::int64_t timestamp;     // The latest, in milliseconds.

  [[nodiscard]] Offset first_offset() const { return last_offset.plus(-offset_delta); }
  [[nodiscard]] std::int32_t first_sequence() const;
  bool operator==(const ProducerBatch&) const = default;
};

class ProducerEntry {
 public:
  static constexpr std::size_t batches_kept = 5;

  ProducerEpoch epoch = no_producer_epoch;
  std::int32_t coordinator_epoch = -1;
  std::int64_t last_timestamp = -1;
  std::optional<Offset> transaction_start;  // The open transaction's first offset.

  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] const ProducerBatch& last() const { return batches_[count_ - 1]; }
  // -1 (no_sequence, no_offset) where there is no batch.
  [[nodiscard]] std::int32_t last_sequence() const;
  [[nodiscard]] Offset last_offset() const;
  // The kept batch with the same epoch and the same first and last sequence.
  [[nodiscard]] std::optional<ProducerBatch> duplicate_of(
      const protocol::BatchHeader& header) const;
  // Adds a batch of `of_epoch`; another epoch than before forgets the batches of the old.
  void add(ProducerEpoch of_epoch, const ProducerBatch& batch);
  void enter_epoch(ProducerEpoch of_epoch);

 private:
  std::array<ProducerBatch, batches_kept> batches_;  // Oldest first.
  std::size_t count_ = 0;
};

struct CompletedTransaction {
  ProducerId producer_id;
  Offset first;
  Offset last;  // The marker's.
  bool aborted;
};

class ProducerState;

// The changes that some batches will make. Lives for one append.
class ProducerAppend {
 public:
  ProducerAppend(const ProducerState& state, AppendOrigin origin)
      : state_(state), origin_(origin) {}

  // Checks the batch against the state and what was staged before it, and stages it. Batches
  // without a producer id pass. `marker_version` is the transaction.version that a marker was
  // written under (KIP-890).
  [[nodiscard]] Result<void, StorageError> stage(const protocol::RecordBatch& batch,
                                                 std::int16_t marker_version = 0);

 private:
  friend class ProducerState;
  struct Staged {
    ProducerId id;
    ProducerEntry entry;
    std::vector<Offset> started;  // First offsets of transactions that began.
  };
  [[nodiscard]] Staged& staged(ProducerId id);
  [[nodiscard]] Result<void, StorageError> stage_data(Staged& to,
                                                      const protocol::BatchHeader& header);
  [[nodiscard]] Result<void, StorageError> stage_marker(Staged& to,
                                                        const protocol::RecordBatch& batch,
                                                        std::int16_t marker_version);
  [[nodiscard]] Result<void, StorageError> check_sequence(
      const ProducerEntry& entry, ProducerId id, const protocol::BatchHeader& header) const;

  const ProducerState& state_;
  AppendOrigin origin_;
  std::vector<Staged> staged_;
  std::vector<CompletedTransaction> completed_;
};

// An aborted transaction of a commit, with the last stable offset that its index entry names.
struct EndedTransaction {
  CompletedTransaction transaction;
  Offset last_stable_offset;
};

class ProducerState {
 public:
  // A retried batch that is in the log already.
  [[nodiscard]] std::optional<ProducerBatch> duplicate_of(
      const protocol::BatchHeader& header) const;
  // Takes the staged changes over; the log ends at `end` now. Returns the transactions that ended.
  std::vector<EndedTransaction> commit(ProducerAppend&& append, Offset end);
  // The same for records without a producer: only the end moves.
  void set_end(Offset end) { end_ = end; }
  // The offset after the last record that this state includes.
  [[nodiscard]] Offset end() const { return end_; }

  // The first offset of an open transaction, or of an ended one whose marker is not below the high
  // watermark: nothing at or after it is stable.
  [[nodiscard]] std::optional<Offset> first_unstable_offset() const;
  // The first offset of an open transaction.
  [[nodiscard]] std::optional<Offset> first_undecided_offset() const;
  void on_high_watermark(Offset high_watermark);
  void on_log_start(Offset log_start);
  // Forgets producers without an open transaction that wrote nothing for `expiration`. Returns how
  // many.
  std::size_t expire(Instant now, Duration expiration);
  // Forgets everything; the log begins and ends at `offset`.
  void reset(Offset offset);

  [[nodiscard]] const std::map<ProducerId, ProducerEntry>& producers() const { return producers_; }
  // By first offset, the open transactions and who wrote them.
  [[nodiscard]] const std::map<Offset, ProducerId>& open_transactions() const { return open_; }

  // The `.snapshot` file: version 1 (2), CRC-32C of what follows (4), count (4), and 46 bytes for
  // each producer.
  [[nodiscard]] Bytes encode_snapshot() const;
  // The state that a snapshot taken at `end` holds, less the producers that have expired. Nothing
  // when it is corrupt.
  [[nodiscard]] static std::optional<ProducerState> parse_snapshot(const Bytes& content, Offset end,
                                                                   Instant now,
                                                                   Duration expiration);

 private:
  friend class ProducerAppend;
  [[nodiscard]] Offset stable_offset_after(const CompletedTransaction& transaction) const;

  std::map<ProducerId, ProducerEntry> producers_;
  std::map<Offset, ProducerId> open_;
  std::map<Offset, Offset>
      unreplicated_;  // Ended transactions, first offset to marker's, above the watermark.
  Offset end_{0};
};

}  // namespace ottla::storage
