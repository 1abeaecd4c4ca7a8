#include "engine/broker/controller/metadata_log.h"

#include <fmt/format.h>

namespace ottla::broker {

namespace {

constexpr std::string_view folder = "__cluster_metadata-0";
constexpr std::string_view quorum_state_path = "__cluster_metadata-0/quorum-state";
constexpr std::size_t replay_chunk_bytes = std::size_t{1} << 20;

MetadataLog::Done check(const Result<void, storage::StorageError>& done, std::string_view what) {
  if (done) return {};
  return failure(
      fmt::format("The metadata log cannot be {}: {}", what, storage::message(done.error())));
}

}  // namespace

MetadataLog::Done MetadataLog::open(Instant now, bool clean_shutdown) {
  storage::LogConfig config;
  // Nothing goes by age or size: records stay until a snapshot covers them.
  config.retention_time.reset();
  config.delete_old = false;
  storage::LogOpening opening;
  opening.now = now;
  opening.clean_shutdown = clean_shutdown;
  auto opened = storage::Log::open(disk_, std::string(folder), config, opening);
  if (!opened) {
    return failure(
        fmt::format("The metadata log cannot be opened: {}", storage::message(opened.error())));
  }
  log_.emplace(*std::move(opened));
  return {};
}

LeaderEpoch MetadataLog::last_epoch() const {
  return log_->latest_epoch().value_or(LeaderEpoch{0});
}

raft::OffsetAndEpoch MetadataLog::end_offset_for_epoch(LeaderEpoch epoch) const {
  const storage::EpochEnd end = log_->end_offset_for_epoch(epoch);
  if (end.end != no_offset) return {end.end, end.epoch};
  const auto latest = log_->latest_epoch();
  if (latest && epoch > *latest) return {end_offset(), *latest};
  return {start_offset(), LeaderEpoch{0}};
}

MetadataLog::Done MetadataLog::append(const ByteChain& bytes, Instant now) {
  const auto whole = protocol::leading_batches(bytes);
  if (!whole) return failure(std::string("The metadata log was sent a malformed batch"));
  for (const auto& batch : whole->batches) {
    if (!batch.crc_matches())
      return failure(std::string("The metadata log was sent a batch with a wrong CRC"));
  }
  const auto appended = log_->append_as_follower(whole->batches, now);
  if (appended) return {};
  return failure(fmt::format("The metadata log cannot be appended to: {}",
                             storage::message(appended.error())));
}

MetadataLog::Done MetadataLog::truncate(Offset end, Instant now) {
  return check(log_->truncate_to(end, now), "truncated");
}

ByteChain MetadataLog::read(Offset from, std::size_t bytes_max) {
  const auto read = log_->read({.from = from, .bytes_max = bytes_max, .upper_bound = end_offset()});
  return read ? read->bytes : ByteChain{};
}

MetadataLog::Done MetadataLog::replay(Offset from, Offset to, const Apply& apply) {
  while (from < to) {
    const auto read =
        log_->read({.from = from, .bytes_max = replay_chunk_bytes, .upper_bound = end_offset()});
    if (!read) {
      return failure(
          fmt::format("The metadata log cannot be read: {}", storage::message(read.error())));
    }
    const auto whole = protocol::leading_batches(read->bytes);
    if (!whole || whole->batches.empty()) {
      return failure(fmt::format("The metadata log has no batch at offset {}", from.value()));
    }
    for (const auto& batch : whole->batches) {
      if (batch.base_offset() >= to) return {};
      from = batch.header().next_offset();
      if (batch.header().is_control()) continue;
      const auto records = batch.records();
      if (!records) {
        return failure(
            fmt::format("The metadata log is damaged at offset {}", batch.base_offset().value()));
      }
      for (const protocol::Record& record : *records) {
        const auto decoded = record.value ? protocol::decode_metadata_record(*record.value)
                                          : failure(protocol::DecodeError{});
        if (!decoded) {
          return failure(fmt::format("The metadata log has an unknown record at offset {}",
                                     record.offset.value()));
        }
        apply(*decoded, record.offset);
      }
    }
  }
  return {};
}

Result<std::optional<raft::QuorumState>, std::string> MetadataLog::read_quorum_state() {
  const auto text = read_file(disk_, quorum_state_path);
  if (!text) {
    if (text.error() == DiskError::not_found) return std::optional<raft::QuorumState>{};
    return failure(fmt::format("{} cannot be read: {}", quorum_state_path, describe(text.error())));
  }
  const auto state = raft::decode_quorum_state(text->text());
  if (!state) {
    return failure(
        fmt::format("{} is damaged: {}", quorum_state_path, raft::describe(state.error())));
  }
  return std::optional(*state);
}

MetadataLog::Done MetadataLog::write_quorum_state(const raft::QuorumState& state) {
  const auto written = replace_file(
      disk_, quorum_state_path, Bytes::copy_of(std::string_view(raft::encode_quorum_state(state))));
  if (written) return {};
  return failure(
      fmt::format("{} cannot be written: {}", quorum_state_path, describe(written.error())));
}

}  // namespace ottla::broker
