#include "engine/broker/controller/metadata_log.h"

#include <fmt/format.h>

#include "engine/raft/snapshot.h"
#include "engine/raft/voter_records.h"

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

MetadataLog::MetadataLog(Disk& disk) : disk_(disk), snapshots_(disk, std::string(folder)) {}

MetadataLog::Done MetadataLog::format(Disk& disk, const raft::VoterSet& voters, Instant now) {
  MetadataSnapshots snapshots(disk, std::string(folder));
  return snapshots.write(raft::empty_snapshot,
                         {.records = {},
                          .last_contained_timestamp = now.millis_since_epoch(),
                          .kraft_version = raft::first_with_voters_in_log,
                          .voters = voters});
}

MetadataLog::Done MetadataLog::open(Instant now, bool clean_shutdown) {
  storage::LogConfig config;
  // Nothing goes by age or size: records stay until a snapshot covers them.
  config.retention_time.reset();
  config.delete_old = false;
  storage::LogOpening opening;
  opening.now = now;
  opening.clean_shutdown = clean_shutdown;
  opening.without_gaps = true;
  opening.report = &load_report_;
  auto opened = storage::Log::open(disk_, std::string(folder), config, opening);
  if (!opened) {
    const std::string_view why =
        load_report_.refusal.empty() ? storage::message(opened.error()) : load_report_.refusal;
    return failure(fmt::format("The metadata log cannot be opened: {}", why));
  }
  log_.emplace(*std::move(opened));
  if (auto found = snapshots_.open(); !found) return found;
  // As KafkaMetadataLog.recoverSnapshots.
  snapshots_.remove_before(start_offset());
  const auto latest = snapshots_.latest();
  if (start_offset() > Offset{0} && !latest) {
    return failure(fmt::format(
        "Inconsistent snapshot state: there must be a snapshot at an offset larger then the "
        "current log start offset {}, but the latest snapshot is None",
        start_offset().value()));
  }
  return latest && latest->offset > end_offset() ? start_at_latest_snapshot(now) : load_voters();
}

// What a snapshot stands for is not in the log any more, or is said there again.
MetadataLog::Done MetadataLog::load_voters() {
  voters_.clear();
  Offset from = start_offset();
  if (const auto latest = snapshots_.latest()) {
    if (!snapshots_.add_voters(*latest, voters_))
      return failure(fmt::format("{} has no sound header", snapshots_.path_of(*latest)));
    from = std::max(from, latest->offset);
  }
  const auto note = [this](const protocol::RecordBatch& batch) -> Done {
    if (raft::read_voter_records(batch, voters_)) return {};
    return failure(
        fmt::format("The metadata log is damaged at offset {}", batch.base_offset().value()));
  };
  return visit(from, end_offset(), note);
}

LeaderEpoch MetadataLog::last_epoch() const {
  const auto snapshot = snapshots_.latest();
  return log_->latest_epoch().value_or(snapshot ? snapshot->epoch : LeaderEpoch{0});
}

raft::OffsetAndEpoch MetadataLog::end_offset_for_epoch(LeaderEpoch epoch) const {
  const storage::EpochEnd end = log_->end_offset_for_epoch(epoch);
  if (end.end != no_offset) return {end.end, end.epoch};
  const auto latest = log_->latest_epoch();
  if (latest && epoch > *latest) return {end_offset(), *latest};
  // An epoch before the log, or a log that has nothing yet but what a snapshot stands for.
  const auto snapshot = snapshots_.earliest();
  return {start_offset(), snapshot ? std::min(snapshot->epoch, last_epoch()) : LeaderEpoch{0}};
}

MetadataLog::Done MetadataLog::append(const ByteChain& bytes, Instant now) {
  const auto whole = protocol::leading_batches(bytes);
  if (!whole) return failure(std::string("The metadata log was sent a malformed batch"));
  for (const auto& batch : whole->batches) {
    if (!batch.crc_matches())
      return failure(std::string("The metadata log was sent a batch with a wrong CRC"));
    if (!raft::read_voter_records(batch, voters_))
      return failure(std::string("The metadata log was sent a control record that is malformed"));
  }
  const auto appended = log_->append_as_follower(whole->batches, now);
  if (appended) return {};
  return failure(fmt::format("The metadata log cannot be appended to: {}",
                             storage::message(appended.error())));
}

MetadataLog::Done MetadataLog::truncate(Offset end, Instant now) {
  auto done = check(log_->truncate_to(end, now), "truncated");
  voters_.truncate(end_offset());
  return done;
}

ByteChain MetadataLog::read(Offset from, std::size_t bytes_max, Offset to) {
  const auto read = log_->read({.from = from, .bytes_max = bytes_max, .upper_bound = to});
  return read ? read->bytes : ByteChain{};
}

MetadataLog::Done MetadataLog::visit(Offset from, Offset to, const VisitBatch& batch_visitor) {
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
      if (auto visited = batch_visitor(batch); !visited) return visited;
    }
  }
  return {};
}

Result<MetadataLog::Run, std::string> MetadataLog::replay(Offset from, Offset to,
                                                          const ApplyMetadata& apply) {
  Run run;
  const auto take = [&](const protocol::RecordBatch& batch) {
    run.bytes += static_cast<std::int64_t>(batch.bytes().size());
    run.last_timestamp = batch.header().max_timestamp;
    run.last_epoch = batch.header().partition_leader_epoch;
    return apply_metadata_batch(batch, "The metadata log", apply);
  };
  if (auto done = visit(from, to, take); !done) return failure(std::move(done.error()));
  return run;
}

MetadataLog::Done MetadataLog::start_at_latest_snapshot(Instant now) {
  const Offset start = snapshots_.latest()->offset;
  if (auto done = check(log_->truncate_fully_and_start_at(start, now), "emptied"); !done)
    return done;
  return load_voters();
}

bool MetadataLog::is_over(const Retention& retention, Instant now) const {
  const std::int64_t bytes = static_cast<std::int64_t>(log_->size()) + snapshots_.bytes();
  if (bytes > retention.bytes) return true;
  const auto oldest = snapshots_.last_contained(*snapshots_.earliest());
  return oldest && now - *oldest > retention.time;
}

MetadataLog::Done MetadataLog::clean(const Retention& retention, Offset high_watermark,
                                     Instant now) {
  while (snapshots_.earliest() != snapshots_.latest() && is_over(retention, now)) {
    const Offset start = snapshots_.after(snapshots_.earliest()->offset)->offset;
    if (start > high_watermark) break;
    snapshots_.remove_before(start);
    if (auto done = check(log_->advance_log_start(start), "shortened"); !done) return done;
    voters_.forget_before(start);
    const auto deleted = log_->delete_old_segments(now, high_watermark);
    if (!deleted) {
      return failure(fmt::format("The metadata log cannot be shortened: {}",
                                 storage::message(deleted.error())));
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
    return failure(fmt::format("Error while reading the Quorum status from the file {}: {}",
                               quorum_state_path, raft::describe(state.error())));
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
