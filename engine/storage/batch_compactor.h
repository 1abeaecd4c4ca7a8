// What compaction leaves of a batch: Kafka's Cleaner.cleanInto and MemoryRecords.filterTo. A batch
// keeps its base and last offset, its leader epoch, and its producer's id, epoch and sequences;
// records go, or all of it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/protocol/records/record_batch.h"
#include "engine/storage/cleaned_transactions.h"
#include "engine/storage/offset_map.h"
#include "engine/storage/producer_state.h"
#include "engine/storage/storage_error.h"

namespace ottla::storage {

class BatchCompactor {
 public:
  struct Rules {
    Instant now;                // When the pass began: what delete horizons count from.
    Duration delete_retention;  // delete.retention.ms
    Offset end;                 // Where the round ends: a batch that ends there stays, if only as
                                // a header, so that the log's offsets do not move back.
  };
  // `latest` and `producers`, the log's own, outlive this.
  BatchCompactor(const OffsetMap& latest, const std::map<ProducerId, ProducerEntry>& producers,
                 const Rules& rules)
      : latest_(latest), producers_(producers), rules_(rules) {}

  // Before a segment's first batch: the aborted transactions that overlap the segment.
  void add_aborted(const std::vector<AbortedTransaction>& transactions) {
    transactions_.add_aborted(transactions);
  }

  struct Outcome {
    std::optional<protocol::RecordBatch> batch;  // What stays; nothing: the batch goes.
    std::optional<AbortedTransaction> aborted;   // For the cleaned segment's transaction index.
  };
  // Batches come in the order of the log. Fails with corrupt where the records cannot be read.
  [[nodiscard]] Result<Outcome, StorageError> compact(const protocol::RecordBatch& batch);

 private:
  [[nodiscard]] bool is_last_of_producer(const protocol::BatchHeader& header) const;
  [[nodiscard]] bool horizon_passed(const protocol::BatchHeader& header) const;
  [[nodiscard]] bool retains(const protocol::BatchHeader& header,
                             const protocol::Record& record) const;
  // What stays of a batch whose records are looked at one by one. It waits for its delete horizon
  // where it has a tombstone, or a marker without a transaction.
  [[nodiscard]] Result<std::optional<protocol::RecordBatch>, StorageError> filtered(
      const protocol::RecordBatch& batch, bool waits) const;

  const OffsetMap& latest_;
  const std::map<ProducerId, ProducerEntry>& producers_;
  Rules rules_;
  CleanedTransactions transactions_;
};

}  // namespace ottla::storage
