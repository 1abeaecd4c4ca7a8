// The batches of a producer, by partition: those that fill, those that wait to be sent or sent
// again, and those in flight, with the sequence numbers of an idempotent producer. What the Java
// client's RecordAccumulator and TxnPartitionMap do.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/client/producer_identity.h"
#include "engine/protocol/records/record_batch_builder.h"

namespace ottla::client {

struct ProducerBatch {
  PartitionIndex partition;
  Instant created;
  std::int64_t reserved_bytes = 0;  // Of buffer.memory.
  protocol::RecordBatchBuilder builder;
  std::optional<protocol::RecordBatch> built;  // Once it was sent, as it was then.
  std::int32_t record_count = 0;

  // Records that were made at one moment, for the latency of each.
  struct Made {
    Instant at;
    std::int32_t count;
  };
  std::vector<Made> made;
  std::vector<std::uint64_t> numbers;  // Of the records, where they are kept.

  unsigned attempts = 0;
  Instant not_before;                             // The back-off after an attempt that failed.
  LeaderEpoch attempted_epoch = no_leader_epoch;  // Of the leader that was asked last.
  ProducerIdAndEpoch identity;                    // Of the sequence.
  std::int32_t base_sequence = protocol::no_sequence;
  bool sequence_was_reset = false;

  [[nodiscard]] bool has_sequence() const { return base_sequence != protocol::no_sequence; }
  [[nodiscard]] std::size_t size_estimate() const;
  // Ends the batch, under the identity and sequence that it has by now.
  void build();
  // What is sent: the built batch under the identity and sequence of now, which may be others when
  // it is sent again, with its own checksum.
  [[nodiscard]] ByteChain stamped() const;
};
using BatchPointer = std::unique_ptr<ProducerBatch>;

// One partition's batches.
struct PartitionQueue {
  std::deque<BatchPointer> waiting;     // In the order in which they are sent.
  std::vector<BatchPointer> in_flight;  // In the order in which they were sent.

  // Idempotence (TxnPartitionEntry).
  ProducerIdAndEpoch identity;
  std::int32_t next_sequence = 0;
  std::int32_t last_acked_sequence = protocol::no_sequence;
  Offset last_acked_offset = no_offset;
  bool unresolved = false;      // A batch was given up that may have been written.
  bool rewrite_wanted = false;  // Sequences start again under the next epoch.

  [[nodiscard]] bool has_sequences_out() const { return first_sequence_out().has_value(); }
  // The sequence of the oldest batch that has one and is not done.
  [[nodiscard]] std::optional<std::int32_t> first_sequence_out() const;
  [[nodiscard]] bool is_next_sequence(std::int32_t sequence) const;
  // All batches that have a sequence get new ones from 0 (startSequencesAtBeginning).
  void start_sequences_at_beginning(const ProducerIdAndEpoch& with);
};

class RecordAccumulator {
 public:
  struct Options {
    std::int32_t batch_bytes = 16384;
    std::int64_t buffer_memory = std::int64_t{32} << 20;
    Duration linger;
    Duration delivery_timeout;
    std::int32_t max_in_flight = 5;
    bool keeps_numbers = false;  // Of each batch's records.
  };
  struct NewRecord {
    protocol::NullableView key;
    protocol::NullableView value;
    std::uint64_t number = 0;  // With its producer.
  };
  RecordAccumulator(Options options, const ProducerIdentity& identity)
      : options_(options), identity_(identity) {}

  // Partitions are only ever added.
  void set_partition_count(std::int32_t count);
  [[nodiscard]] std::int32_t partition_count() const {
    return static_cast<std::int32_t>(queues_.size());
  }
  [[nodiscard]] PartitionQueue& queue(PartitionIndex partition) {
    return queues_[static_cast<std::size_t>(partition.value())];
  }

  // False when buffer.memory is exhausted: the application would wait in send().
  [[nodiscard]] bool append(PartitionIndex partition, const NewRecord& record, Instant now);
  // The partition of a record without a key: one until batch.size bytes went there, then another
  // (BuiltInPartitioner). `draw` is a random number.
  [[nodiscard]] PartitionIndex sticky_partition(std::size_t record_bytes, std::uint64_t draw);

  // The first partition at or after `from` with a batch that waits: most have none, at most times.
  [[nodiscard]] std::optional<PartitionIndex> next_waiting(PartitionIndex from) const;
  // The front batch may be sent now, as far as this partition is concerned.
  [[nodiscard]] bool ready(const PartitionQueue& queue, Instant now) const;
  // When the front batch will be ready by itself; nothing when only an event can make it so.
  [[nodiscard]] std::optional<Instant> ready_at(const PartitionQueue& queue) const;
  // Takes the front batch of a ready queue into flight, with a sequence number.
  [[nodiscard]] ProducerBatch& drain(PartitionQueue& queue, Instant now);
  // Takes a batch out of flight, back to the front: in the order of sequences where it has one.
  void reenqueue(ProducerBatch& batch);
  // Forgets a batch, in flight or waiting, and frees its memory.
  void release(ProducerBatch& batch);

  // The batches that are older than delivery.timeout.ms; waiting ones, and those in flight.
  [[nodiscard]] std::vector<ProducerBatch*> expired(Instant now);
  // When the next batch expires.
  [[nodiscard]] std::optional<Instant> next_expiry() const;

  // Every batch is to be sent at once: the producer is closing.
  void begin_flush() { flushing_ = true; }
  [[nodiscard]] std::int64_t buffered_records() const { return buffered_records_; }
  [[nodiscard]] bool exhausted() const { return exhausted_; }
  [[nodiscard]] std::int64_t generated() const { return generated_; }

 private:
  [[nodiscard]] bool may_drain(const PartitionQueue& queue) const;
  [[nodiscard]] bool full(const PartitionQueue& queue) const;
  [[nodiscard]] ProducerBatch* batch_with_room(PartitionQueue& queue, PartitionIndex partition,
                                               std::size_t record_bytes, Instant now);
  // After every change to a queue's waiting batches.
  void note_waiting(PartitionIndex partition);

  // Constant after construction.
  Options options_;
  const ProducerIdentity& identity_;

  std::deque<PartitionQueue> queues_;    // By partition; stay where they are.
  std::vector<PartitionIndex> waiting_;  // Those with batches that wait; sorted.
  std::multiset<Instant> created_;       // Of every batch.
  std::int64_t used_bytes_ = 0;
  std::int64_t buffered_records_ = 0;
  std::int64_t generated_ = 0;
  bool exhausted_ = false;  // The last append found no memory.
  bool flushing_ = false;
  PartitionIndex sticky_{-1};
  std::int64_t sticky_bytes_ = 0;
};

}  // namespace ottla::client
