#include "engine/storage/cleaned_transactions.h"

#include "engine/protocol/records/control_record.h"

namespace ottla::storage {

void CleanedTransactions::add_aborted(const std::vector<AbortedTransaction>& transactions) {
  for (const AbortedTransaction& transaction : transactions) {
    ahead_.emplace(transaction.first, transaction);
  }
}

void CleanedTransactions::begin_aborted_up_to(Offset offset) {
  while (!ahead_.empty() && ahead_.begin()->first <= offset) {
    const AbortedTransaction& transaction = ahead_.begin()->second;
    aborted_.try_emplace(transaction.producer_id, Ongoing{transaction, false});
    ahead_.erase(ahead_.begin());
  }
}

bool CleanedTransactions::on_batch(const protocol::BatchHeader& header) {
  begin_aborted_up_to(header.last_offset());
  if (!header.is_transactional()) return false;
  const auto aborted = aborted_.find(header.producer_id);
  if (aborted == aborted_.end()) {
    committed_.insert(header.producer_id);
    return false;
  }
  aborted->second.has_batches = true;
  return true;
}

Result<CleanedTransactions::MarkerFate, StorageError> CleanedTransactions::on_control_batch(
    const protocol::RecordBatch& batch) {
  begin_aborted_up_to(batch.last_offset());
  const auto records = batch.records();
  if (!records) return failure(StorageError::corrupt);
  if (records->empty()) return MarkerFate{.discardable = true, .aborted = std::nullopt};
  const auto& key = records->front().key;
  const auto type = protocol::control_record_type(key ? protocol::NullableView(key->span())
                                                      : protocol::NullableView());
  if (!type) return failure(StorageError::corrupt);
  const ProducerId producer = batch.header().producer_id;
  if (*type == protocol::ControlRecordType::commit) {
    return MarkerFate{.discardable = committed_.erase(producer) == 0, .aborted = std::nullopt};
  }
  if (*type != protocol::ControlRecordType::abort) return MarkerFate{};
  const auto ongoing = aborted_.extract(producer);
  if (ongoing.empty() || !ongoing.mapped().has_batches) {
    return MarkerFate{.discardable = true, .aborted = std::nullopt};
  }
  return MarkerFate{.discardable = false, .aborted = ongoing.mapped().transaction};
}

}  // namespace ottla::storage
