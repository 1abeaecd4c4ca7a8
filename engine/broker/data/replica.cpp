#include "engine/broker/data/replica.h"

#include <algorithm>
#include <utility>

namespace ottla::broker {

using protocol::ErrorCode;

Replica::Replica(PartitionKey key, std::string topic, LogDirectory& directory, storage::Log log,
                 Offset high_watermark)
    : key_(key),
      topic_(std::move(topic)),
      directory_(&directory),
      log_(std::move(log)),
      high_watermark_(high_watermark) {
  high_watermark_ = std::clamp(high_watermark, log_start(), log_end());
}

LeaderEpoch Replica::leader_epoch() const {
  if (const auto* state = leader()) return state->leader_epoch();
  if (const auto* state = follower()) return state->epoch;
  return no_leader_epoch;
}

BrokerId Replica::leader_id(BrokerId self) const {
  if (leader() != nullptr) return self;
  if (const auto* state = follower()) return state->leader;
  return no_broker;
}

ErrorCode Replica::check_epoch(LeaderEpoch current) const {
  if (current == no_leader_epoch || current == leader_epoch()) return ErrorCode::none;
  return current < leader_epoch() ? ErrorCode::fenced_leader_epoch
                                  : ErrorCode::unknown_leader_epoch;
}

Offset Replica::last_stable_offset() const {
  return log_->last_stable_offset(high_watermark_);
}

Result<ByteChain, ErrorCode> Replica::read(Offset from, std::size_t bytes_max, Offset upper,
                                           bool at_least_one) {
  auto read = log_->read({.from = from,
                          .bytes_max = bytes_max,
                          .upper_bound = upper,
                          .at_least_one_batch = at_least_one});
  if (!read) return failure(storage::error_code_of(read.error()));
  return std::move(read->bytes);
}

std::vector<protocol::FetchResponse::AbortedTransaction> Replica::aborted_between(
    Offset from, const ByteChain& records) {
  std::vector<protocol::FetchResponse::AbortedTransaction> aborted;
  const auto batches = protocol::leading_batches(records);
  if (!batches || batches->batches.empty()) return aborted;
  const auto found = log_->aborted_transactions(from, batches->batches.back().last_offset().next());
  if (!found) return aborted;
  for (const storage::AbortedTransaction& transaction : *found) {
    aborted.push_back({.producer_id = transaction.producer_id, .first_offset = transaction.first});
  }
  return aborted;
}

LeaderEpoch Replica::last_epoch() const {
  return log_->latest_epoch().value_or(no_leader_epoch);
}

LeaderEpoch Replica::epoch_of(Offset offset) const {
  return log_->epochs().epoch_at(offset).value_or(no_leader_epoch);
}

replication::EpochEnd Replica::epoch_end(LeaderEpoch epoch) const {
  const storage::EpochEnd end = log_->end_offset_for_epoch(epoch);
  return {end.epoch, end.end};
}

Replica::Found Replica::offset_at(std::int64_t timestamp) {
  auto found = log_->offset_for_timestamp(timestamp);
  if (!found) return failure(storage::error_code_of(found.error()));
  return *found;
}

Replica::Found Replica::max_timestamp_offset() {
  auto found = log_->offset_of_max_timestamp();
  if (!found) return failure(storage::error_code_of(found.error()));
  return *found;
}

void Replica::become_leader(const replication::LeaderSettings& settings,
                            const replication::Leadership& leadership, Instant now) {
  role_.emplace<replication::LeaderState>(settings, leadership, log_end(), high_watermark_, now);
}

void Replica::become_follower(const FollowerState& state) {
  role_ = state;
}

bool Replica::move_high_watermark(Offset to) {
  const Offset bounded = std::min(to, log_end());
  if (bounded <= high_watermark_) return false;
  high_watermark_ = bounded;
  log_->on_high_watermark(bounded);
  return true;
}

bool Replica::follow_leader_state() {
  return move_high_watermark(leader()->high_watermark());
}

void Replica::move_to(LogDirectory& directory, storage::Log log) {
  directory_ = &directory;
  log_.emplace(std::move(log));
  log_->on_high_watermark(high_watermark_);
}

void Replica::clamp_high_watermark() {
  high_watermark_ = std::clamp(high_watermark_, log_start(), log_end());
}

}  // namespace ottla::broker
