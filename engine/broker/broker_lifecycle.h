// A broker's standing with the controller: registration, catching up, heartbeats, fenced or not,
// controlled shutdown (Kafka's BrokerLifecycleManager). A state machine that is told of answers and
// the time and says what to send.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/base/uuid.h"
#include "engine/protocol/error_code.h"

namespace ottla::broker {

class BrokerLifecycle {
 public:
  // As Kafka's BrokerState. starting: not caught up with the metadata log yet. recovery: caught up,
  // but fenced until its logs are open and the controller has heard so.
  enum class State : std::uint8_t {
    registering,
    starting,
    recovery,
    running,
    shutting_down,
    stopped,
  };

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
  struct HeartbeatAnswer {
    protocol::ErrorCode error = protocol::ErrorCode::none;
    bool is_caught_up = false;  // The broker has read the record of its registration.
    bool is_fenced = false;
    bool should_shut_down = false;
  };
  void heartbeat_answered(const HeartbeatAnswer& answer, Instant now);
  void not_answered(Instant now);
  // The controller is another one, or known again: asked at once.
  void controller_changed(Instant now);
  // The logs are open: the controller may unfence this broker.
  void ready_to_unfence(Instant now);
  void begin_shutdown(Instant now);
  // The controller does not let go of this broker, which stops even so.
  void give_up_shutdown_approval() { state_ = State::stopped; }

  // A log directory has failed: the controller is to know at once, and by `until` at the latest
  // (log.dir.failure.timeout.ms).
  void directory_failed(const Uuid& directory, Instant now, Instant until);
  // Those that have failed, for heartbeats.
  [[nodiscard]] std::vector<Uuid> offline_directories() const;
  // The first by when the controller has to know of one, and which; nothing when it knows of all.
  struct Untold {
    Uuid directory;
    Instant until;
  };
  [[nodiscard]] std::optional<Untold> untold() const {
    return offline_.empty() ? std::nullopt : first_untold();
  }
  // Nothing more is expected of the controller for it.
  void give_up_telling(const Uuid& directory) { offline_.at(directory).told = true; }

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] BrokerEpoch epoch() const { return epoch_; }
  // Whether this process has once read all of the metadata log up to its own registration. What it
  // knew before that may be of another time.
  [[nodiscard]] bool has_caught_up() const { return has_caught_up_; }
  [[nodiscard]] bool wants_fence() const { return !ready_to_unfence_; }
  [[nodiscard]] bool wants_shutdown() const { return state_ == State::shutting_down; }
  [[nodiscard]] std::optional<Instant> last_heartbeat() const { return last_heartbeat_; }

 private:
  [[nodiscard]] std::optional<Untold> first_untold() const;
  void schedule(Instant at) { due_ = at; }
  void still_shutting_down(bool may_stop, Instant now);
  void advance(const HeartbeatAnswer& answer, Instant now);

  struct OfflineDirectory {
    Instant until;
    bool in_heartbeat = false;  // In the one that was sent last.
    bool told = false;          // The controller has answered one that it was in.
  };

  const Intervals intervals_;
  State state_ = State::registering;
  BrokerEpoch epoch_ = no_broker_epoch;
  bool has_caught_up_ = false;
  bool ready_to_unfence_ = false;
  bool asked_to_stop_once_ = false;
  std::map<Uuid, OfflineDirectory> offline_;
  std::optional<Instant> due_ =
      Instant();                           // When to send next; nothing while an answer is awaited.
  std::optional<Instant> last_heartbeat_;  // The last one that was answered.
};

}  // namespace ottla::broker
