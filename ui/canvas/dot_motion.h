// How far along its link every dot is. A message that a snapshot shows under way starts a dot that
// takes its true flight in virtual time, but at least 120 ms of wall time, so that an eye can
// follow it even where a network is fast. Pure: the caller brings both clocks.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/observe/snapshot.h"

namespace ottla::ui {

struct MovingDot {
  std::string from;
  std::string to;
  observe::ApiFamily family = observe::ApiFamily::admin;
  bool response = false;
  bool stalled = false;
  double progress = 0;  // 0 at the sender, 1 at the receiver.
  int queue_place = 0;  // Of a stalled one: how many stand before it on its link.
};

class DotMotion {
 public:
  static constexpr double shortest_flight_ms = 120;
  static constexpr std::size_t dots_max = 600;

  // Takes in what is under way. Above 4x speed there are no dots, only flows; on a link that sends
  // more than 60 messages a second every tenth gets one.
  void observe(const observe::Snapshot& snapshot);
  // Lets wall time pass; not called while the cluster is paused, so that nothing moves.
  void advance(double wall_ms);

  // Every dot as it is now.
  [[nodiscard]] const std::vector<MovingDot>& dots() const { return dots_; }

 private:
  struct Flight {
    MovingDot dot;
    double duration_ms = shortest_flight_ms;
    double elapsed_ms = 0;
  };
  void refresh();

  std::unordered_map<std::uint64_t, Flight> flights_;
  std::vector<std::uint64_t> order_;  // Of flights_, as they began.
  std::vector<std::uint64_t> done_;   // Ids whose dot arrived while their message is still listed.
  std::vector<MovingDot> dots_;
};

// The dots of one still picture: each message exactly where it is in virtual time.
[[nodiscard]] std::vector<MovingDot> still_dots(const observe::Snapshot& snapshot);
// 0 at `sent`, 1 at `arrives`; 0 for a message without a flight.
[[nodiscard]] double flight_progress(const observe::MessageInFlight& message, Instant now);

}  // namespace ottla::ui
