#include "engine/broker/data/replicas.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/metadata/topic_config.h"
#include "engine/metadata/topic_name.h"
#include "engine/storage/partition_folder.h"

namespace ottla::broker {
namespace {

using protocol::ErrorCode;
using protocol::RecordBatch;

Replicas::Refusal refusal(ErrorCode error, std::string message = {}) {
  return Replicas::Refusal{.error = error, .message = std::move(message), .records = {}};
}

Replicas::Refusal refusal_of(protocol::RecordError error) {
  return refusal(protocol::error_code_of(error), std::string(protocol::message(error)));
}

Replicas::Refusal refusal_of(storage::StorageError error) {
  return refusal(storage::error_code_of(error), std::string(storage::message(error)));
}

}  // namespace

Replicas::Replicas(Env& env, const BrokerConfig& config, const metadata::Image& image,
                   LogDirectories& directories)
    : env_(env),
      config_(config),
      image_(image),
      directories_(directories),
      cleaner_(env, config, image, directories),
      futures_(env, config, image) {}

Replica* Replicas::find(const PartitionKey& key) {
  const auto at = replicas_.find(key);
  return at == replicas_.end() ? nullptr : at->second.get();
}

const Replica* Replicas::find(const PartitionKey& key) const {
  const auto at = replicas_.find(key);
  return at == replicas_.end() ? nullptr : at->second.get();
}

Replica* Replicas::find(std::string_view topic, PartitionIndex index) {
  const metadata::Topic* known = image_.topic(topic);
  return known == nullptr ? nullptr : find(PartitionKey{known->id, index});
}

bool Replicas::may_join_isr(BrokerId broker, BrokerEpoch seen_in_fetch) const {
  const metadata::Broker* known = image_.broker(broker);
  if (known == nullptr || !known->active()) return false;
  return seen_in_fetch == no_broker_epoch || seen_in_fetch == known->epoch;
}

bool Replicas::is_alive(BrokerId broker) const {
  const metadata::Broker* known = image_.broker(broker);
  return known != nullptr && !known->fenced;
}

void Replicas::note_moved(Replica& replica) {
  futures_.woken(replica.key());
  if (std::exchange(replica.listed_as_moved, true)) return;
  moved_.push_back(&replica);
}

void Replicas::take_moved(std::vector<Replica*>& moved) {
  moved.clear();
  moved.swap(moved_);
  for (Replica* replica : moved) replica->listed_as_moved = false;
}

std::vector<Replicas::RoleChange> Replicas::take_role_changes() {
  return std::exchange(role_changes_, {});
}

std::map<PartitionKey, replication::IsrProposal> Replicas::take_proposals() {
  return std::exchange(proposals_, {});
}

std::map<PartitionKey, Uuid> Replicas::take_misplaced() {
  return std::exchange(misplaced_, {});
}

// Appending.

Result<protocol::ProducedRecords, Replicas::Refusal> Replicas::check_produced(
    Replica& replica, const RecordBatch& batch) {
  const TopicRules& rules = rules_of(replica.topic());
  const std::int64_t now = env_.clock.now().millis_since_epoch();
  const protocol::ProduceLimits limits{
      .batch_bytes_max = rules.message_bytes_max,
      .keys_required = rules.log.compact,
      .timestamp_min = rules.timestamp_before_max ? now - rules.timestamp_before_max->count_millis()
                                                  : std::numeric_limits<std::int64_t>::min(),
      .timestamp_max = rules.timestamp_after_max ? now + rules.timestamp_after_max->count_millis()
                                                 : std::numeric_limits<std::int64_t>::max()};
  if (const auto sound = protocol::check_batch(batch, limits); !sound)
    return failure(refusal_of(sound.error()));
  auto records = protocol::check_records(batch, limits);
  if (!records) return failure(refusal_of(records.error()));
  if (records->refused.empty()) return *std::move(records);
  Refusal refused = refusal_of(records->refused.front().error);
  refused.message = refused.error == ErrorCode::invalid_timestamp
                        ? "One or more records have been rejected due to invalid timestamp"
                        : "One or more records have been rejected";
  refused.records = std::move(records->refused);
  return failure(std::move(refused));
}

Result<Replicas::Appended, Replicas::Refusal> Replicas::append_produced(Replica& replica,
                                                                        const RecordBatch& batch,
                                                                        std::int16_t acks) {
  constexpr std::int16_t acks_all = -1;
  if (acks == acks_all) {
    const ErrorCode admitted = replica.leader()->admits_acks_all();
    if (admitted != ErrorCode::none) {
      return failure(
          refusal(admitted,
                  fmt::format("The size of the current ISR Set({}) is insufficient to satisfy the "
                              "min.isr requirement of {} for partition {}-{}",
                              replica.leader()->isr().size(), rules_of(replica.topic()).min_insync,
                              replica.topic(), replica.key().index.value())));
    }
  }
  const auto checked = check_produced(replica, batch);
  if (!checked) return failure(checked.error());
  const auto stored = as_stored(replica, batch, checked->max_timestamp);
  if (!stored) return failure(stored.error());
  return append(replica, *stored, storage::AppendOrigin::client);
}

Result<RecordBatch, Replicas::Refusal> Replicas::as_stored(const Replica& replica,
                                                           const RecordBatch& batch,
                                                           std::int64_t max_timestamp) {
  const TopicRules& rules = rules_of(replica.topic());
  if (rules.codec && *rules.codec != batch.header().compression()) {
    auto again = protocol::recompressed(batch, *rules.codec, rules.codec_level);
    if (!again) return failure(refusal_of(again.error()));
    return *std::move(again);
  }
  const bool max_is_right = max_timestamp == batch.header().max_timestamp ||
                            rules.log.timestamp_type == protocol::TimestampType::log_append_time;
  return max_is_right ? batch : batch.with_max_timestamp(max_timestamp);
}

Result<Replicas::Appended, Replicas::Refusal> Replicas::append_own(Replica& replica,
                                                                   const RecordBatch& batch) {
  return append(replica, batch, storage::AppendOrigin::coordinator);
}

Result<Replicas::Appended, Replicas::Refusal> Replicas::append(Replica& replica,
                                                               const RecordBatch& batch,
                                                               storage::AppendOrigin origin) {
  const auto appended = replica.log().append_as_leader(
      std::span(&batch, 1),
      {.epoch = replica.leader_epoch(), .now = env_.clock.now(), .origin = origin});
  if (!appended) return failure(refusal_of(appended.error()));
  if (appended->rolled) flusher_.flush(replica);
  if (!appended->duplicate) {
    replica.bytes_appended += batch.size_in_bytes();
    after_append(replica);
  }
  return Appended{.first = appended->first_offset,
                  .last = appended->last_offset,
                  .append_time_ms = appended->append_time,
                  .duplicate = appended->duplicate};
}

void Replicas::after_append(Replica& replica) {
  replica.log_end_moved = true;
  note_moved(replica);
  if (replica.leader()->appended(replica.log_end(), env_.clock.now(), *this))
    after_leader_watermark(replica);
}

void Replicas::after_leader_watermark(Replica& replica) {
  const Offset before = replica.high_watermark();
  if (!replica.follow_leader_state()) return;
  replica.high_watermark_moved = true;
  note_moved(replica);
  tell_watermark(replica, before);
}

void Replicas::tell_watermark(const Replica& replica, Offset before) {
  env_.probe.tell(probe::HighWatermarkMoved{.of = {replica.topic(), replica.key().index},
                                            .epoch = replica.leader_epoch(),
                                            .from = before,
                                            .to = replica.high_watermark()});
}

Result<void, ErrorCode> Replicas::append_fetched(Replica& replica, const ByteChain& records) {
  const auto leading = protocol::leading_batches(records);
  if (!leading) return failure(protocol::error_code_of(leading.error()));
  if (leading->batches.empty()) return {};
  const auto appended = replica.log().append_as_follower(leading->batches, env_.clock.now());
  if (!appended) return failure(storage::error_code_of(appended.error()));
  if (appended->rolled) flusher_.flush(replica);
  replica.log_end_moved = true;
  note_moved(replica);
  return {};
}

void Replicas::truncate(Replica& replica, Offset to) {
  const Offset before = replica.log_end();
  if (!replica.log().truncate_to(to, env_.clock.now())) return;
  if (replica.log_end() == before) return;
  cleaner_.truncated(replica);
  futures_.truncated(replica.key());
  replica.clamp_high_watermark();
  tell_truncated(replica, before);
}

void Replicas::truncate_fully(Replica& replica, Offset new_start) {
  const Offset before = replica.log_end();
  if (!replica.log().truncate_fully_and_start_at(new_start, env_.clock.now())) return;
  cleaner_.truncated(replica);
  futures_.truncated(replica.key());
  replica.clamp_high_watermark();
  if (before > new_start) tell_truncated(replica, before);
}

void Replicas::tell_truncated(Replica& replica, Offset before) {
  env_.probe.tell(probe::Truncated{.of = {replica.topic(), replica.key().index},
                                   .epoch = replica.leader_epoch(),
                                   .from = before,
                                   .to = replica.log_end()});
  note_moved(replica);
}

void Replicas::advance_log_start(Replica& replica, Offset to) {
  if (to <= replica.log_start() || to > replica.log_end()) return;
  if (replica.log().advance_log_start(to)) replica.clamp_high_watermark();
}

Result<Offset, ErrorCode> Replicas::delete_records(Replica& replica, Offset offset) {
  constexpr Offset up_to_high_watermark{-1};
  if (replica.leader() == nullptr) return failure(ErrorCode::not_leader_or_follower);
  if (!replica.log().config().delete_old) return failure(ErrorCode::policy_violation);
  const Offset to = offset == up_to_high_watermark ? replica.high_watermark() : offset;
  if (to < Offset{0} || to > replica.high_watermark())
    return failure(ErrorCode::offset_out_of_range);
  if (const auto moved = replica.log().advance_log_start(to); !moved)
    return failure(storage::error_code_of(moved.error()));
  note_moved(replica);
  return to;
}

Offset Replicas::low_watermark(const Replica& replica) const {
  const Offset low = replica.leader()->low_watermark(replica.log_start(), *this);
  const auto* future = futures_.find(replica.key());
  return future == nullptr ? low : std::min(low, future->log.log_start());
}

void Replicas::record_fetch(Replica& replica, BrokerId follower, BrokerEpoch epoch,
                            Offset fetch_offset, Offset log_start) {
  const auto outcome =
      replica.leader()->fetched(follower, epoch, fetch_offset, log_start, env_.clock.now(), *this);
  if (!outcome) return;
  if (outcome->log_start_moved) note_moved(replica);
  if (outcome->proposal) proposals_[replica.key()] = *outcome->proposal;
  if (outcome->high_watermark_moved) after_leader_watermark(replica);
}

void Replicas::move_high_watermark(Replica& replica, Offset to) {
  const Offset before = replica.high_watermark();
  if (!replica.move_high_watermark(to)) return;
  replica.high_watermark_moved = true;
  note_moved(replica);
  tell_watermark(replica, before);
}

// In-sync sets.

void Replicas::proposal_answered(const PartitionKey& key, ErrorCode error,
                                 const std::vector<BrokerId>& isr, PartitionEpoch partition_epoch) {
  Replica* replica = find(key);
  if (replica == nullptr || replica->leader() == nullptr) return;
  if (error != ErrorCode::none) {
    const auto again = replica->leader()->proposal_under_way();
    if (replica->leader()->proposal_refused(error) && again) proposals_.emplace(key, *again);
    return;
  }
  replica->leader()->proposal_accepted(isr, partition_epoch);
  if (replica->leader()->advance_high_watermark(env_.clock.now(), *this))
    after_leader_watermark(*replica);
  // A smaller set may end waits by itself: with NOT_ENOUGH_REPLICAS_AFTER_APPEND, for example.
  note_moved(*replica);
}

void Replicas::check_laggards() {
  for (const auto& [key, replica] : replicas_) {
    if (replica->leader() == nullptr) continue;
    if (const auto proposal = replica->leader()->shrink_laggards(env_.clock.now())) {
      proposals_[key] = *proposal;
    }
  }
}

// Time.

Instant Replicas::next_deadline() const {
  const Instant first =
      std::min({next_laggard_check_, next_checkpoint_, next_retention_, cleaner_.next_deadline()});
  return std::min(first, futures_.next_deadline().value_or(first));
}

void Replicas::on_time() {
  const Instant now = env_.clock.now();
  if (now >= next_laggard_check_) {
    check_laggards();
    next_laggard_check_ = now + config_.millis("replica.lag.time.max.ms") / 2;
  }
  if (now >= next_checkpoint_) {
    write_checkpoints();
    next_checkpoint_ = now + config_.millis("replica.high.watermark.checkpoint.interval.ms");
  }
  if (now >= next_retention_) {
    for (const auto& [key, replica] : replicas_) replica->log().expire_producers(now);
    enforce_retention(LogsOf::deleted);
    next_retention_ = now + config_.millis("log.retention.check.interval.ms");
  }
  advance_moves();
  if (cleaner_.on_time(replicas_)) enforce_retention(LogsOf::compacted);
}

// The segments of compacted logs are the cleaner's, which has retention go over them between its
// rounds (LogManager.cleanupLogs, LogCleaner).
void Replicas::enforce_retention(LogsOf kind) {
  const Instant now = env_.clock.now();
  for (const auto& [key, replica] : replicas_) {
    if (replica->log().config().compact != (kind == LogsOf::compacted)) continue;
    if (cleaner_.is_uncleanable(*replica)) continue;
    const Offset start = replica->log_start();
    const auto deleted = replica->log().delete_old_segments(now, replica->high_watermark());
    if (deleted && replica->log_start() != start) note_moved(*replica);
  }
}

}  // namespace ottla::broker
