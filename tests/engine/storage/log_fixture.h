// A log over a memory disk, with verbs: write, crash, lose power, reopen.
#pragma once

#include <QTest>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "engine/env/memory_disk.h"
#include "engine/protocol/records/control_record.h"
#include "engine/protocol/records/record_batch_builder.h"
#include "engine/storage/log.h"

namespace ottla::storage::test {

inline constexpr Instant start = scenario_epoch;

struct BatchSpec {
  int records = 1;
  std::size_t value_bytes = 10;
  std::int64_t timestamp = start.millis_since_epoch();
  ProducerId producer = no_producer_id;
  ProducerEpoch epoch{0};
  std::int32_t sequence = 0;
  bool transactional = false;
  Offset base{0};
  LeaderEpoch leader_epoch = no_leader_epoch;
};

inline protocol::RecordBatch make_batch(const BatchSpec& spec = {}) {
  protocol::RecordBatchOptions options;
  options.base_offset = spec.base;
  options.partition_leader_epoch = spec.leader_epoch;
  if (spec.producer != no_producer_id) {
    options.producer_id = spec.producer;
    options.producer_epoch = spec.epoch;
    options.base_sequence = spec.sequence;
    options.transactional = spec.transactional;
  }
  protocol::RecordBatchBuilder builder(options);
  const std::vector<std::uint8_t> value(spec.value_bytes, 'v');
  for (int i = 0; i < spec.records; ++i) {
    builder.append(spec.timestamp + i, protocol::NullableView(),
                   std::span<const std::uint8_t>(value));
  }
  return builder.build();
}

// Remembers completions until they are delivered.
struct Completions final : SyncScheduler {
  std::deque<std::pair<DiskOperationId, DiskResult<void>>> due;
  void schedule_sync_done(DiskOperationId operation, DiskResult<void> result) override {
    due.emplace_back(operation, result);
  }
};

struct LogFixture {
  MemoryFileSystem files;
  Completions completions;
  std::optional<MemoryDisk> disk;
  LogConfig config;
  std::optional<Log> log;
  LeaderEpoch epoch{0};
  Instant now = start;
  Offset synced_recovery_point{0};  // What the broker's checkpoint would say.

  LogFixture() { config.segment_bytes = 1 << 20; }

  Result<void, StorageError> open(bool clean = false) {
    log.reset();
    disk.emplace(files, completions, MemoryDisk::Syncs::when_finished);
    auto opened =
        Log::open(*disk, "t-0", config,
                  {.now = now, .clean_shutdown = clean, .recovery_point = synced_recovery_point});
    if (!opened) return failure(opened.error());
    log.emplace(std::move(*opened));
    return {};
  }
  void reopen(bool clean = false) {
    const auto opened = open(clean);
    if (!opened) qFatal("cannot open: %s", std::string(message(opened.error())).c_str());
  }
  void shut_down_cleanly() {
    if (!log->prepare_shutdown()) qFatal("cannot prepare the shutdown");
    log.reset();
  }
  void crash() { log.reset(), completions.due.clear(); }

  Result<Appended, StorageError> write(const BatchSpec& spec = {},
                                       AppendOrigin origin = AppendOrigin::client) {
    const protocol::RecordBatch batch = make_batch(spec);
    return log->append_as_leader({&batch, 1}, {.epoch = epoch, .now = now, .origin = origin});
  }
  void write_many(int batches, const BatchSpec& spec = {}) {
    for (int i = 0; i < batches; ++i) {
      if (!write(spec)) qFatal("append failed");
    }
  }
  Result<Appended, StorageError> end_transaction(ProducerId producer, ProducerEpoch of,
                                                 bool committed) {
    const protocol::RecordBatch marker = protocol::make_marker_batch(
        {.committed = committed, .coordinator_epoch = 0},
        {.producer_id = producer, .producer_epoch = of, .timestamp = now.millis_since_epoch()});
    return log->append_as_leader({&marker, 1},
                                 {.epoch = epoch, .now = now, .origin = AppendOrigin::coordinator});
  }
  // Syncs to the end, delivering each completion.
  SyncState sync() {
    log->start_sync(DiskOperationId{1});
    SyncState state = SyncState::under_way;
    while (!completions.due.empty()) {
      const auto [operation, result] = completions.due.front();
      completions.due.pop_front();
      disk->finish_sync(operation);
      state = log->on_synced(result);
    }
    if (state == SyncState::done) synced_recovery_point = log->recovery_point();
    return state;
  }
  Result<LogBatches, StorageError> read(std::int64_t from, std::size_t bytes_max = 1 << 20) {
    return log->read({.from = Offset{from}, .bytes_max = bytes_max, .upper_bound = log->log_end()});
  }
  // The base offsets of all batches from `from` on, by as many reads as it takes.
  std::vector<std::int64_t> bases_from(std::int64_t from, std::size_t bytes_max = 1 << 20) {
    std::vector<std::int64_t> bases;
    while (Offset{from} < log->log_end()) {
      const auto part = read(from, bytes_max);
      if (!part || part->bytes.empty()) return {-1};
      const auto batches = protocol::split_batches(part->bytes);
      if (!batches) return {-2};
      for (const protocol::RecordBatch& batch : *batches) {
        if (!batch.crc_matches()) return {-3};
        bases.push_back(batch.base_offset().value());
      }
      from = batches->back().header().next_offset().value();
    }
    return bases;
  }
  bool has_file(std::string_view name) { return files.find("t-0/" + std::string(name)) != nullptr; }
};

}  // namespace ottla::storage::test
