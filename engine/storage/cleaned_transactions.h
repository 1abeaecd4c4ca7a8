// Transactions as a cleaning pass meets them, batch by batch: which batches are of an aborted one
// and may go, and which markers still have batches before them and must stay. Kafka's
// CleanedTransactionMetadata, as a pure machine.
//
// A pass ends below the last stable offset, so every transaction it meets has been decided, and the
// aborted ones are known from the transaction indexes before their batches are read.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "engine/base/result.h"
#include "engine/protocol/records/record_batch.h"
#include "engine/storage/aborted_transactions.h"
#include "engine/storage/storage_error.h"

namespace ottla::storage {

class CleanedTransactions {
 public:
  // What the segments to be read next know of aborted transactions; one may be told repeatedly.
  void add_aborted(const std::vector<AbortedTransaction>& transactions);

  // A data batch was read: whether it is of an aborted transaction.
  [[nodiscard]] bool on_batch(const protocol::BatchHeader& header);

  struct MarkerFate {
    bool discardable = false;  // No batch of its transaction was read.
    // The index entry that goes with a marker whose aborted transaction has batches yet.
    std::optional<AbortedTransaction> aborted;
  };
  // A control batch was read. Fails with corrupt where it is none.
  [[nodiscard]] Result<MarkerFate, StorageError> on_control_batch(
      const protocol::RecordBatch& batch);

 private:
  struct Ongoing {
    AbortedTransaction transaction;
    bool has_batches = false;
  };
  void begin_aborted_up_to(Offset offset);

  std::multimap<Offset, AbortedTransaction> ahead_;  // By first offset.
  std::map<ProducerId, Ongoing> aborted_;
  std::set<ProducerId> committed_;  // Producers with batches of an open transaction.
};

}  // namespace ottla::storage
