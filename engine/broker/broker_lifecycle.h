// A broker's standing with the controller: registration, heartbeats, fenced or not, controlled
// shutdown (Kafka's BrokerLifecycleManager). A state machine that is told of answers and the time
// and says what to send.
#pragma once

#include <optional>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/base/uuid.h"
#include "engine/protocol/error_code.h"

namespace ottla::broker {

class BrokerLifecycle {
 public:
  enum class State : std::uint8_t { registering, registered, running, shutting_down, stopped };

  struct Intervals {
    Duration heartbeat;  // broker.heartbeat.interval.ms
    Duration session;    // broker.session.timeout.ms
  };

  explicit BrokerLifecycle(Intervals intervals) : intervals_(intervals) {}

  enum class Send : std::uint8_t { nothing, registration, heartbeat };
  // What to send now; called when due and when the controller changed. Nothing while an answer is
  // awaited.
  [[nodiscard]] Send next(Instant now);
  [[nodiscard]] std::optional<Instant> next_deadline() const;

  void registration_answered(protocol::ErrorCode error, BrokerEpoch epoch, Instant now);
  // Whether the controller holds this broker as fenced, and lets it shut down.
  void heartbeat_answered(protocol::ErrorCode error, bool is_fenced, bool should_shut_down,
                          Instant now);
  void not_answered(Instant now);
  // The controller is another one, or known again: asked at once.
  void controller_changed(Instant now);
  void begin_shutdown(Instant now);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] BrokerEpoch epoch() const { return epoch_; }
  [[nodiscard]] bool wants_shutdown() const { return state_ == State::shutting_down; }
  [[nodiscard]] std::optional<Instant> last_heartbeat() const { return last_heartbeat_; }

 private:
  void schedule(Instant at) { due_ = at; }

  const Intervals intervals_;
  State state_ = State::registering;
  BrokerEpoch epoch_ = no_broker_epoch;
  std::optional<Instant> due_ =
      Instant();                           // When to send next; nothing while an answer is awaited.
  std::optional<Instant> last_heartbeat_;  // The last one that was answered.
};

}  // namespace ottla::broker
