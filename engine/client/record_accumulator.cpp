#include "engine/client/record_accumulator.h"

#include <algorithm>
#include <utility>

#include "engine/base/assert.h"

namespace ottla::client {

using protocol::BatchHeader;
using protocol::no_sequence;
using protocol::NullableView;
using protocol::sequence_after;

namespace {

// Whether sequence `a` was given out before `b`; sequences wrap at 2^31.
bool precedes(std::int32_t a, std::int32_t b) {
  constexpr std::uint32_t modulus_mask = 0x7fff'ffff;
  const std::uint32_t distance =
      (static_cast<std::uint32_t>(b) - static_cast<std::uint32_t>(a)) & modulus_mask;
  return distance != 0 && distance < 0x4000'0000;
}

}  // namespace

std::size_t ProducerBatch::size_estimate() const {
  return built ? built->size_in_bytes() : builder.size_estimate();
}

void ProducerBatch::build() {
  builder.set_producer_state(identity.id, identity.epoch, base_sequence);
  built = builder.build();
}

ByteChain ProducerBatch::stamped() const {
  OTTLA_ASSERT(built);
  return built->with_producer_state(identity.id, identity.epoch, base_sequence).bytes();
}

std::optional<std::int32_t> PartitionQueue::first_sequence_out() const {
  std::optional<std::int32_t> first;
  const auto consider = [&first](const BatchPointer& batch) {
    if (!batch->has_sequence()) return;
    if (!first || precedes(batch->base_sequence, *first)) first = batch->base_sequence;
  };
  for (const BatchPointer& batch : in_flight) consider(batch);
  for (const BatchPointer& batch : waiting) {
    if (!batch->has_sequence()) break;
    consider(batch);
  }
  return first;
}

bool PartitionQueue::is_next_sequence(std::int32_t sequence) const {
  if (last_acked_sequence == no_sequence) return sequence == 0;
  return sequence == sequence_after(last_acked_sequence, 1);
}

void PartitionQueue::start_sequences_at_beginning(const ProducerIdAndEpoch& with) {
  std::vector<ProducerBatch*> numbered;
  for (const BatchPointer& batch : in_flight) numbered.push_back(batch.get());
  for (const BatchPointer& batch : waiting) numbered.push_back(batch.get());
  std::erase_if(numbered, [](const ProducerBatch* batch) { return !batch->has_sequence(); });
  std::ranges::sort(numbered, [](const ProducerBatch* a, const ProducerBatch* b) {
    return precedes(a->base_sequence, b->base_sequence);
  });
  identity = with;
  next_sequence = 0;
  last_acked_sequence = no_sequence;
  last_acked_offset = no_offset;
  for (ProducerBatch* batch : numbered) {
    batch->identity = with;
    batch->base_sequence = next_sequence;
    batch->sequence_was_reset = true;
    next_sequence = sequence_after(next_sequence, batch->record_count);
  }
}

void RecordAccumulator::set_partition_count(std::int32_t count) {
  if (count > partition_count()) queues_.resize(static_cast<std::size_t>(count));
}

bool RecordAccumulator::append(PartitionIndex partition, const NewRecord& record, Instant now) {
  PartitionQueue& to = queue(partition);
  const std::size_t record_bytes = protocol::record_size_upper_bound(record.key, record.value);
  ProducerBatch* batch = batch_with_room(to, partition, record_bytes, now);
  if (batch == nullptr) return false;
  batch->builder.append(now.millis_since_epoch(), record.key, record.value);
  if (options_.keeps_numbers) batch->numbers.push_back(record.number);
  ++batch->record_count;
  if (batch->made.empty() || batch->made.back().at != now) batch->made.push_back({now, 0});
  ++batch->made.back().count;
  ++buffered_records_;
  ++generated_;
  return true;
}

ProducerBatch* RecordAccumulator::batch_with_room(PartitionQueue& to, PartitionIndex partition,
                                                  std::size_t record_bytes, Instant now) {
  const auto batch_bytes = static_cast<std::size_t>(options_.batch_bytes);
  if (!to.waiting.empty()) {
    ProducerBatch& last = *to.waiting.back();
    if (!last.built && last.size_estimate() + record_bytes <= batch_bytes) return &last;
  }
  const auto reserved =
      static_cast<std::int64_t>(std::max(batch_bytes, BatchHeader::encoded_size + record_bytes));
  exhausted_ = used_bytes_ + reserved > options_.buffer_memory;
  if (exhausted_) return nullptr;
  used_bytes_ += reserved;
  auto batch = std::make_unique<ProducerBatch>();
  batch->partition = partition;
  batch->created = now;
  batch->reserved_bytes = reserved;
  created_.insert(now);
  to.waiting.push_back(std::move(batch));
  note_waiting(partition);
  return to.waiting.back().get();
}

void RecordAccumulator::note_waiting(PartitionIndex partition) {
  const auto at = std::ranges::lower_bound(waiting_, partition);
  const bool known = at != waiting_.end() && *at == partition;
  const bool waits = !queue(partition).waiting.empty();
  if (waits && !known) waiting_.insert(at, partition);
  if (!waits && known) waiting_.erase(at);
}

std::optional<PartitionIndex> RecordAccumulator::next_waiting(PartitionIndex from) const {
  const auto at = std::ranges::lower_bound(waiting_, from);
  return at == waiting_.end() ? std::nullopt : std::optional(*at);
}

PartitionIndex RecordAccumulator::sticky_partition(std::size_t record_bytes, std::uint64_t draw) {
  if (sticky_.value() < 0 || sticky_.value() >= partition_count() ||
      sticky_bytes_ >= options_.batch_bytes) {
    sticky_ = PartitionIndex(
        static_cast<std::int32_t>(draw % static_cast<std::uint64_t>(partition_count())));
    sticky_bytes_ = 0;
  }
  sticky_bytes_ += static_cast<std::int64_t>(record_bytes);
  return sticky_;
}

bool RecordAccumulator::full(const PartitionQueue& queue) const {
  return queue.waiting.size() > 1 ||
         queue.waiting.front()->size_estimate() >= static_cast<std::size_t>(options_.batch_bytes);
}

bool RecordAccumulator::may_drain(const PartitionQueue& queue) const {
  // With one request in flight a partition is muted until its batch is done, which keeps the order
  // without sequences (Sender.guaranteeMessageOrder).
  if (options_.max_in_flight == 1 && !queue.in_flight.empty()) return false;
  if (!identity_.enabled()) return true;
  if (!identity_.ready() || queue.rewrite_wanted) return false;
  const ProducerBatch& front = *queue.waiting.front();
  if (!front.has_sequence()) return !queue.unresolved;
  // A batch that is sent again waits until it is the oldest that is not done: were it sent behind
  // another that fails, the broker would find a gap.
  return queue.first_sequence_out() == front.base_sequence;
}

bool RecordAccumulator::ready(const PartitionQueue& queue, Instant now) const {
  if (queue.waiting.empty() || !may_drain(queue)) return false;
  const ProducerBatch& front = *queue.waiting.front();
  if (front.attempts > 0) return now >= front.not_before;
  return full(queue) || exhausted_ || flushing_ || now >= front.created + options_.linger;
}

std::optional<Instant> RecordAccumulator::ready_at(const PartitionQueue& queue) const {
  if (queue.waiting.empty() || !may_drain(queue)) return std::nullopt;
  const ProducerBatch& front = *queue.waiting.front();
  return front.attempts > 0 ? front.not_before : front.created + options_.linger;
}

ProducerBatch& RecordAccumulator::drain(PartitionQueue& queue, Instant now) {
  OTTLA_ASSERT(ready(queue, now));
  BatchPointer batch = std::move(queue.waiting.front());
  queue.waiting.pop_front();
  note_waiting(batch->partition);
  if (identity_.enabled() && !batch->has_sequence()) {
    // A new epoch begins for a partition when nothing of the old one is out.
    if (queue.identity != identity_.current() && !queue.has_sequences_out()) {
      queue.start_sequences_at_beginning(identity_.current());
    }
    batch->identity = queue.identity;
    batch->base_sequence = queue.next_sequence;
    queue.next_sequence = sequence_after(queue.next_sequence, batch->record_count);
  }
  if (!batch->built) batch->build();
  queue.in_flight.push_back(std::move(batch));
  return *queue.in_flight.back();
}

void RecordAccumulator::reenqueue(ProducerBatch& batch) {
  PartitionQueue& of = queue(batch.partition);
  const auto at = std::ranges::find(of.in_flight, &batch, &BatchPointer::get);
  OTTLA_ASSERT(at != of.in_flight.end());
  BatchPointer owned = std::move(*at);
  of.in_flight.erase(at);
  auto before = of.waiting.begin();
  if (batch.has_sequence()) {
    before = std::ranges::find_if(of.waiting, [&batch](const BatchPointer& other) {
      return !other->has_sequence() || precedes(batch.base_sequence, other->base_sequence);
    });
  }
  of.waiting.insert(before, std::move(owned));
  note_waiting(batch.partition);
}

void RecordAccumulator::release(ProducerBatch& batch) {
  const PartitionIndex partition = batch.partition;
  PartitionQueue& of = queue(partition);
  created_.erase(created_.find(batch.created));
  used_bytes_ -= batch.reserved_bytes;
  buffered_records_ -= batch.record_count;
  exhausted_ = false;
  const auto is_batch = [&batch](const BatchPointer& other) { return other.get() == &batch; };
  if (std::erase_if(of.in_flight, is_batch) == 0) std::erase_if(of.waiting, is_batch);
  note_waiting(partition);
}

std::vector<ProducerBatch*> RecordAccumulator::expired(Instant now) {
  std::vector<ProducerBatch*> late;
  const auto take_late = [&](const BatchPointer& batch) {
    if (now >= batch->created + options_.delivery_timeout) late.push_back(batch.get());
  };
  for (const PartitionQueue& queue : queues_) {
    std::ranges::for_each(queue.in_flight, take_late);
    std::ranges::for_each(queue.waiting, take_late);
  }
  return late;
}

std::optional<Instant> RecordAccumulator::next_expiry() const {
  if (created_.empty()) return std::nullopt;
  return *created_.begin() + options_.delivery_timeout;
}

}  // namespace ottla::client
