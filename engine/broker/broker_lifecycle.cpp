#include "engine/broker/broker_lifecycle.h"

namespace ottla::broker {
namespace {

using protocol::ErrorCode;

constexpr Duration retry_after = Duration::millis(100);

}  // namespace

BrokerLifecycle::Send BrokerLifecycle::next(Instant now) {
  if (!due_ || now < *due_ || state_ == State::stopped) return Send::nothing;
  due_.reset();
  return state_ == State::registering ? Send::registration : Send::heartbeat;
}

std::optional<Instant> BrokerLifecycle::next_deadline() const {
  return state_ == State::stopped ? std::nullopt : due_;
}

void BrokerLifecycle::registration_answered(ErrorCode error, BrokerEpoch epoch, Instant now) {
  // DUPLICATE_BROKER_REGISTRATION ends when the session of the incarnation before has.
  if (error != ErrorCode::none) return schedule(now + retry_after);
  epoch_ = epoch;
  if (state_ == State::registering) state_ = State::registered;
  schedule(now);
}

void BrokerLifecycle::heartbeat_answered(ErrorCode error, bool is_fenced, bool should_shut_down,
                                         Instant now) {
  if (error == ErrorCode::stale_broker_epoch || error == ErrorCode::broker_id_not_registered) {
    // The controller has lost this registration.
    if (state_ != State::shutting_down) state_ = State::registering;
    return schedule(now + retry_after);
  }
  if (error != ErrorCode::none) return schedule(now + retry_after);
  last_heartbeat_ = now;
  if (state_ == State::shutting_down) {
    if (should_shut_down) {
      state_ = State::stopped;
      due_.reset();
      return;
    }
    return schedule(now + Duration::millis(10));
  }
  state_ = is_fenced ? State::registered : State::running;
  schedule(now + (is_fenced ? retry_after : intervals_.heartbeat));
}

void BrokerLifecycle::not_answered(Instant now) {
  schedule(now + retry_after);
}

void BrokerLifecycle::controller_changed(Instant now) {
  if (due_) due_ = now;
}

void BrokerLifecycle::begin_shutdown(Instant now) {
  if (state_ == State::stopped) return;
  const bool registered = state_ == State::registered || state_ == State::running;
  state_ = registered ? State::shutting_down : State::stopped;
  due_ = now;
}

}  // namespace ottla::broker
