#include "engine/storage/producer_state.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/base/assert.h"
#include "engine/base/planted.h"
#include "engine/protocol/records/control_record.h"

namespace ottla::storage {
namespace {

constexpr std::int32_t sequence_max = std::numeric_limits<std::int32_t>::max();

bool follows(std::int32_t last, std::int32_t next) {
  return last == sequence_max ? next == 0 : next == last + 1;
}

struct Marker {
  protocol::EndTransactionMarker content;
  std::int64_t timestamp;
};

// The marker of a control batch. Nothing when the batch is empty: compaction took its transaction
// away.
Result<std::optional<Marker>, StorageError> marker_of(const protocol::RecordBatch& batch) {
  const auto records = batch.records();
  if (!records) return failure(StorageError::corrupt);
  if (records->empty()) return std::optional<Marker>();
  const protocol::Record& record = records->front();
  if (!record.key || !record.value) return failure(StorageError::corrupt);
  const auto marker = protocol::read_marker(record.key->span(), record.value->span());
  if (!marker) return failure(StorageError::corrupt);
  return std::optional<Marker>(Marker{*marker, record.timestamp});
}

}  // namespace

std::int32_t ProducerBatch::first_sequence() const {
  if (last_sequence < 0) return last_sequence;
  const std::int64_t first = std::int64_t{last_sequence} - offset_delta;
  return static_cast<std::int32_t>(first >= 0 ? first : first + sequence_max + 1);
}

std::int32_t ProducerEntry::last_sequence() const {
  return empty() ? protocol::no_sequence : last().last_sequence;
}

Offset ProducerEntry::last_offset() const {
  return empty() ? no_offset : last().last_offset;
}

std::optional<ProducerBatch> ProducerEntry::duplicate_of(
    const protocol::BatchHeader& header) const {
  if (header.producer_epoch != epoch) return std::nullopt;
  const std::int32_t last_of_batch = header.last_sequence();
  for (std::size_t i = 0; i < count_; ++i) {
    if (batches_[i].last_sequence == last_of_batch &&
        batches_[i].first_sequence() == header.base_sequence) {
      return batches_[i];
    }
  }
  return std::nullopt;
}

void ProducerEntry::enter_epoch(ProducerEpoch of_epoch) {
  if (of_epoch == epoch) return;
  epoch = of_epoch;
  count_ = 0;
}

void ProducerEntry::add(ProducerEpoch of_epoch, const ProducerBatch& batch) {
  enter_epoch(of_epoch);
  if (count_ == batches_kept) {
    std::move(batches_.begin() + 1, batches_.end(), batches_.begin());
    --count_;
  }
  batches_[count_++] = batch;
  last_timestamp = batch.timestamp;
}

ProducerAppend::Staged& ProducerAppend::staged(ProducerId id) {
  for (Staged& known : staged_) {
    if (known.id == id) return known;
  }
  const auto found = state_.producers_.find(id);
  staged_.push_back({id, found == state_.producers_.end() ? ProducerEntry() : found->second, {}});
  return staged_.back();
}

Result<void, StorageError> ProducerAppend::stage(const protocol::RecordBatch& batch,
                                                 std::int16_t marker_version) {
  const protocol::BatchHeader& header = batch.header();
  if (!header.has_producer_id()) return {};
  Staged& to = staged(header.producer_id);
  return header.is_control() ? stage_marker(to, batch, marker_version) : stage_data(to, header);
}

Result<void, StorageError> ProducerAppend::stage_data(Staged& to,
                                                      const protocol::BatchHeader& header) {
  ProducerEntry& entry = to.entry;
  if (origin_ != AppendOrigin::replication && header.producer_epoch < entry.epoch) {
    return failure(StorageError::invalid_producer_epoch);
  }
  if (origin_ == AppendOrigin::client) {
    if (auto checked = check_sequence(entry, to.id, header); !checked) return checked;
  }
  if (planted(Plant::forget_producers) && origin_ == AppendOrigin::replication) return {};
  if (entry.transaction_start && !header.is_transactional()) {
    return failure(StorageError::invalid_transaction_state);
  }
  entry.add(header.producer_epoch, {header.last_sequence(), header.last_offset(),
                                    header.last_offset_delta, header.max_timestamp});
  if (!entry.transaction_start && header.is_transactional()) {
    entry.transaction_start = header.base_offset;
    to.started.push_back(header.base_offset);
  }
  return {};
}

Result<void, StorageError> ProducerAppend::check_sequence(
    const ProducerEntry& entry, ProducerId id, const protocol::BatchHeader& header) const {
  if (planted(Plant::accept_duplicates)) return {};
  const std::int32_t first = header.base_sequence;
  // A producer that nothing is known of may begin anywhere: its records may have been deleted
  // since.
  if (header.producer_epoch != entry.epoch) {
    const bool in_order = first == 0 || entry.epoch == no_producer_epoch;
    return in_order ? Result<void, StorageError>() : failure(StorageError::out_of_order_sequence);
  }
  const auto before = state_.producers_.find(id);
  const bool unknown_before =
      before == state_.producers_.end() || before->second.epoch == no_producer_epoch;
  if (unknown_before) return {};
  if (!follows(entry.last_sequence(), first)) return failure(StorageError::out_of_order_sequence);
  return {};
}

Result<void, StorageError> ProducerAppend::stage_marker(Staged& to,
                                                        const protocol::RecordBatch& batch,
                                                        std::int16_t marker_version) {
  const auto marker = marker_of(batch);
  if (!marker) return failure(marker.error());
  if (!*marker) return {};
  const protocol::BatchHeader& header = batch.header();
  ProducerEntry& entry = to.entry;
  if (origin_ != AppendOrigin::replication) {
    // Under transaction.version 2 the coordinator raises the epoch before it writes the marker, so
    // an equal one is a late marker; unless the transaction has ended, when it is a retry of the
    // one that ended it.
    const bool retry = header.producer_epoch == entry.epoch && !entry.transaction_start;
    const bool stale = marker_version >= 2 ? header.producer_epoch <= entry.epoch && !retry
                                           : header.producer_epoch < entry.epoch;
    if (stale) return failure(StorageError::invalid_producer_epoch);
    if (entry.coordinator_epoch > (*marker)->content.coordinator_epoch) {
      return failure(StorageError::coordinator_fenced);
    }
  }
  if (entry.transaction_start) {
    completed_.push_back({header.producer_id, *entry.transaction_start, header.base_offset,
                          !(*marker)->content.committed});
  }
  entry.enter_epoch(header.producer_epoch);
  entry.transaction_start.reset();
  entry.coordinator_epoch = (*marker)->content.coordinator_epoch;
  entry.last_timestamp = (*marker)->timestamp;
  return {};
}

std::optional<ProducerBatch> ProducerState::duplicate_of(
    const protocol::BatchHeader& header) const {
  if (!header.is_idempotent()) return std::nullopt;
  const auto found = producers_.find(header.producer_id);
  if (found == producers_.end()) return std::nullopt;
  return found->second.duplicate_of(header);
}

Offset ProducerState::stable_offset_after(const CompletedTransaction& transaction) const {
  for (const auto& [first, producer] : open_) {
    if (producer != transaction.producer_id) return first;
  }
  return transaction.last.next();
}

std::vector<EndedTransaction> ProducerState::commit(ProducerAppend&& append, Offset end) {
  OTTLA_ASSERT(&append.state_ == this);
  for (ProducerAppend::Staged& staged : append.staged_) {
    for (const Offset first : staged.started) open_.emplace(first, staged.id);
    producers_.insert_or_assign(staged.id, staged.entry);
  }
  std::vector<EndedTransaction> ended;
  ended.reserve(append.completed_.size());
  for (const CompletedTransaction& transaction : append.completed_) {
    ended.push_back({transaction, stable_offset_after(transaction)});
    open_.erase(transaction.first);
    unreplicated_.insert_or_assign(transaction.first, transaction.last);
  }
  end_ = end;
  return ended;
}

std::optional<Offset> ProducerState::first_undecided_offset() const {
  if (open_.empty()) return std::nullopt;
  return open_.begin()->first;
}

std::optional<Offset> ProducerState::first_unstable_offset() const {
  if (unreplicated_.empty()) return first_undecided_offset();
  if (open_.empty()) return unreplicated_.begin()->first;
  return std::min(open_.begin()->first, unreplicated_.begin()->first);
}

void ProducerState::on_high_watermark(Offset high_watermark) {
  std::erase_if(unreplicated_, [&](const auto& ended) { return ended.second < high_watermark; });
}

void ProducerState::on_log_start(Offset log_start) {
  on_high_watermark(log_start);
  end_ = std::max(end_, log_start);
}

std::size_t ProducerState::expire(Instant now, Duration expiration) {
  const std::int64_t oldest = now.millis_since_epoch() - expiration.count_millis();
  return std::erase_if(producers_, [&](const auto& producer) {
    return !producer.second.transaction_start && producer.second.last_timestamp <= oldest;
  });
}

void ProducerState::reset(Offset offset) {
  producers_.clear();
  open_.clear();
  unreplicated_.clear();
  end_ = offset;
}

}  // namespace ottla::storage
