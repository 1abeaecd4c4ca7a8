#include "engine/broker/broker_lifecycle.h"

#include <algorithm>

namespace ottla::broker {
namespace {

using protocol::ErrorCode;

// As BrokerLifecycleManager has them.
constexpr Duration retry_after = Duration::millis(100);
constexpr Duration while_starting = Duration::millis(10);
constexpr Duration first_while_stopping = Duration::millis(50);

}  // namespace

BrokerLifecycle::Send BrokerLifecycle::next(Instant now) {
  if (!due_ || now < *due_ || state_ == State::stopped) return Send::nothing;
  due_.reset();
  if (state_ == State::registering) return Send::registration;
  for (auto& [id, directory] : offline_) directory.in_heartbeat = true;
  return Send::heartbeat;
}

std::optional<Instant> BrokerLifecycle::next_deadline() const {
  return state_ == State::stopped ? std::nullopt : due_;
}

void BrokerLifecycle::registration_answered(ErrorCode error, BrokerEpoch epoch, Instant now) {
  // DUPLICATE_BROKER_REGISTRATION ends when the session of the incarnation before has.
  if (error != ErrorCode::none) return schedule(now + retry_after);
  epoch_ = epoch;
  if (state_ == State::registering) state_ = has_caught_up_ ? State::recovery : State::starting;
  schedule(now);
}

void BrokerLifecycle::heartbeat_answered(const HeartbeatAnswer& answer, Instant now) {
  if (answer.error == ErrorCode::stale_broker_epoch ||
      answer.error == ErrorCode::broker_id_not_registered) {
    // The controller has lost this registration.
    if (state_ != State::shutting_down) state_ = State::registering;
    return schedule(now + retry_after);
  }
  if (answer.error != ErrorCode::none) return schedule(now + retry_after);
  last_heartbeat_ = now;
  for (auto& [id, directory] : offline_) directory.told |= directory.in_heartbeat;
  advance(answer, now);
  if (due_ && untold()) due_ = now;
}

void BrokerLifecycle::advance(const HeartbeatAnswer& answer, Instant now) {
  switch (state_) {
    case State::starting:
      if (answer.is_caught_up) {
        state_ = State::recovery;
        has_caught_up_ = true;
      }
      return schedule(now + while_starting);
    case State::recovery:
      if (!answer.is_fenced) state_ = State::running;
      return schedule(now + intervals_.heartbeat);
    case State::shutting_down: return still_shutting_down(answer.should_shut_down, now);
    case State::registering:
    case State::running:
    case State::stopped: return schedule(now + intervals_.heartbeat);
  }
}

// The hand-over of what this broker leads is mostly quick.
void BrokerLifecycle::still_shutting_down(bool may_stop, Instant now) {
  if (may_stop) {
    state_ = State::stopped;
    due_.reset();
    return;
  }
  schedule(now + (asked_to_stop_once_ ? intervals_.heartbeat : first_while_stopping));
  asked_to_stop_once_ = true;
}

void BrokerLifecycle::not_answered(Instant now) {
  schedule(now + retry_after);
}

void BrokerLifecycle::controller_changed(Instant now) {
  if (due_) due_ = now;
}

void BrokerLifecycle::ready_to_unfence(Instant now) {
  ready_to_unfence_ = true;
  if (due_) due_ = now;
}

void BrokerLifecycle::directory_failed(const Uuid& directory, Instant now, Instant until) {
  offline_.emplace(directory, OfflineDirectory{.until = until});
  if (due_ && state_ != State::registering) due_ = now;
}

std::vector<Uuid> BrokerLifecycle::offline_directories() const {
  std::vector<Uuid> ids;
  for (const auto& [id, directory] : offline_) ids.push_back(id);
  return ids;
}

std::optional<BrokerLifecycle::Untold> BrokerLifecycle::first_untold() const {
  std::optional<Untold> first;
  for (const auto& [id, directory] : offline_) {
    if (directory.told || (first && first->until <= directory.until)) continue;
    first = Untold{id, directory.until};
  }
  return first;
}

void BrokerLifecycle::begin_shutdown(Instant now) {
  if (state_ == State::stopped) return;
  state_ = state_ == State::registering ? State::stopped : State::shutting_down;
  due_ = now;
}

}  // namespace ottla::broker
