// A compacted log over a memory disk, with verbs: put, remove, clean, contents.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/storage/log_cleaner.h"
#include "tests/engine/storage/log_fixture.h"

namespace ottla::storage::test {

inline std::span<const std::uint8_t> octets(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// A key and its value; without a value it is a tombstone.
struct Put {
  std::string key;
  std::optional<std::string> value;
};

struct Writer {
  ProducerId producer = no_producer_id;
  ProducerEpoch epoch{0};
  std::int32_t sequence = 0;
  bool transactional = false;
};

inline protocol::RecordBatch keyed_batch(
    const std::vector<Put>& puts, Instant now, const Writer& writer = {},
    protocol::Compression codec = protocol::Compression::none) {
  protocol::RecordBatchOptions options;
  options.compression = codec;
  if (writer.producer != no_producer_id) {
    options.producer_id = writer.producer;
    options.producer_epoch = writer.epoch;
    options.base_sequence = writer.sequence;
    options.transactional = writer.transactional;
  }
  protocol::RecordBatchBuilder builder(options);
  for (const Put& put : puts) {
    builder.append(
        now.millis_since_epoch(), octets(put.key),
        put.value ? protocol::NullableView(octets(*put.value)) : protocol::NullableView());
  }
  return builder.build();
}

struct CleanerFixture : LogFixture {
  OffsetMap::Limits limits;
  std::optional<Offset> cleaned_to;
  std::size_t step_bytes = 1 << 20;

  CleanerFixture() {
    config.compact = true;
    config.delete_old = false;
    config.min_cleanable_ratio = 0.0;
  }

  void put(const std::vector<Put>& puts, const Writer& writer = {}) {
    const protocol::RecordBatch batch = keyed_batch(puts, now, writer);
    if (!log->append_as_leader({&batch, 1}, {.epoch = epoch, .now = now})) qFatal("cannot put");
  }
  void put(std::string key, std::string value) { put({{std::move(key), std::move(value)}}); }
  void remove(std::string key) { put({{std::move(key), std::nullopt}}); }
  void end(ProducerId producer, bool committed) {
    if (!end_transaction(producer, ProducerEpoch{0}, committed)) qFatal("cannot end");
  }
  void roll() {
    if (!log->roll(now)) qFatal("cannot roll");
  }

  Result<CleanableLog, StorageError> measure() {
    return LogCleaner::measure(*log, {.cleaned_to = cleaned_to,
                                      .last_stable = log->last_stable_offset(log->log_end()),
                                      .now = now});
  }
  // One whole pass, from the checkpoint on; the checkpoint follows.
  Result<LogCleaner::Progress, StorageError> clean() {
    const auto what = measure();
    if (!what) return failure(what.error());
    LogCleaner cleaner(*log, *what, limits, now);
    auto progress = cleaner.step(step_bytes);
    while (progress && *progress == LogCleaner::Progress::under_way)
      progress = cleaner.step(step_bytes);
    if (progress && *progress == LogCleaner::Progress::done) cleaned_to = cleaner.end();
    return progress;
  }
  bool cleans() {
    log->on_high_watermark(log->log_end());
    const auto progress = clean();
    return progress && *progress == LogCleaner::Progress::done;
  }

  std::vector<protocol::RecordBatch> batches() {
    std::vector<protocol::RecordBatch> found;
    Offset from = log->log_start();
    while (from < log->log_end()) {
      const auto part = read(from.value());
      if (!part || part->bytes.empty()) break;
      const auto whole = *protocol::split_batches(part->bytes);
      for (const protocol::RecordBatch& batch : whole) {
        if (!batch.crc_matches()) qFatal("a batch is damaged");
        found.push_back(batch);
      }
      from = found.back().header().next_offset();
    }
    return found;
  }
  // "0:a=1 3:b= 4-6:" for a record, a tombstone, and a batch without records.
  std::string contents() {
    std::string text;
    for (const protocol::RecordBatch& batch : batches()) {
      const auto records = *batch.records();
      if (!text.empty()) text += ' ';
      if (batch.header().is_control()) {
        text += std::to_string(batch.base_offset().value()) + (records.empty() ? ":" : ":marker");
        continue;
      }
      if (records.empty()) {
        text += std::to_string(batch.base_offset().value()) + "-" +
                std::to_string(batch.last_offset().value()) + ":";
      }
      for (const protocol::Record& record : records) {
        if (&record != &records.front()) text += ' ';
        text += std::to_string(record.offset.value()) + ":" +
                (record.key ? std::string(record.key->text()) : "") + "=" +
                (record.value ? std::string(record.value->text()) : "");
      }
    }
    return text;
  }
  // What a reader of the whole log ends up with.
  std::map<std::string, std::string> latest_values() {
    std::map<std::string, std::string> values;
    for (const protocol::RecordBatch& batch : batches()) {
      if (batch.header().is_control()) continue;
      const auto records = *batch.records();
      for (const protocol::Record& record : records) {
        if (!record.key) continue;
        const std::string key(record.key->text());
        values.erase(key);
        if (record.value) values[key] = std::string(record.value->text());
      }
    }
    return values;
  }
  std::vector<std::int64_t> segment_bases() {
    std::vector<std::int64_t> bases;
    for (const SegmentView& view : log->segments()) bases.push_back(view.base.value());
    return bases;
  }
};

}  // namespace ottla::storage::test
