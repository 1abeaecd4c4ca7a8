#include "ui/canvas/dot_motion.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace ottla::ui {
namespace {

constexpr double dots_speed_max = 4;
constexpr double busy_link_messages_per_s = 60;

MovingDot make_dot(const observe::MessageInFlight& m, double progress) {
  return {m.from, m.to, m.family, m.response, m.stalled, progress, 0};
}

void queue_stalled(std::vector<MovingDot>& dots) {
  std::map<std::pair<std::string, std::string>, int> waiting;
  for (MovingDot& dot : dots) {
    if (dot.stalled) dot.queue_place = waiting[{dot.from, dot.to}]++;
  }
}

}  // namespace

double flight_progress(const observe::MessageInFlight& message, Instant now) {
  const double whole = (message.arrives - message.sent).count_seconds();
  if (whole <= 0) return 0;
  return std::clamp((now - message.sent).count_seconds() / whole, 0.0, 1.0);
}

std::vector<MovingDot> still_dots(const observe::Snapshot& snapshot) {
  std::vector<MovingDot> dots;
  for (const auto& m : snapshot.in_flight) {
    dots.push_back(make_dot(m, flight_progress(m, snapshot.run.now)));
  }
  queue_stalled(dots);
  return dots;
}

void DotMotion::observe(const observe::Snapshot& snapshot) {
  const double speed = std::isfinite(snapshot.run.speed) ? snapshot.run.speed : 1e9;
  const bool flows_only = snapshot.run.running && speed > dots_speed_max;
  std::set<std::pair<std::string, std::string>> busy;
  for (const auto& flow : snapshot.flows) {
    if (flow.messages_per_s * std::min(speed, 1.0) > busy_link_messages_per_s) {
      busy.insert({flow.from, flow.to});
    }
  }
  std::vector<std::uint64_t> listed_done;
  std::set<std::uint64_t> listed;
  for (const auto& m : snapshot.in_flight) {
    listed.insert(m.id);
    if (const auto at = flights_.find(m.id); at != flights_.end()) {
      at->second.dot.stalled = m.stalled;
      continue;
    }
    if (std::find(done_.begin(), done_.end(), m.id) != done_.end()) {
      listed_done.push_back(m.id);
      continue;
    }
    if (flows_only && !m.stalled) continue;
    if (m.id % 10 != 0 && !m.stalled &&
        (busy.count({m.from, m.to}) || busy.count({m.to, m.from}))) {
      continue;
    }
    if (flights_.size() >= dots_max) continue;
    Flight flight;
    flight.dot = make_dot(m, 0);
    flight.duration_ms = std::max(
        shortest_flight_ms, (m.arrives - m.sent).count_seconds() * 1000 / std::max(speed, 1e-3));
    // One that began before it was first seen starts where it is, unless it would be gone at once.
    flight.elapsed_ms = std::min(0.5, flight_progress(m, snapshot.run.now)) * flight.duration_ms;
    flights_.emplace(m.id, std::move(flight));
    order_.push_back(m.id);
  }
  done_ = std::move(listed_done);
  // A stalled message that is no longer listed was given up.
  std::erase_if(order_, [&](std::uint64_t id) {
    const auto at = flights_.find(id);
    if (!at->second.dot.stalled || listed.count(id)) return false;
    flights_.erase(at);
    return true;
  });
  refresh();
}

void DotMotion::advance(double wall_ms) {
  std::erase_if(order_, [&](std::uint64_t id) {
    Flight& flight = flights_.at(id);
    if (flight.dot.stalled) return false;
    flight.elapsed_ms += wall_ms;
    if (flight.elapsed_ms < flight.duration_ms) return false;
    flights_.erase(id);
    done_.push_back(id);
    return true;
  });
  refresh();
}

void DotMotion::refresh() {
  dots_.clear();
  for (const std::uint64_t id : order_) {
    Flight& flight = flights_.at(id);
    flight.dot.progress = std::clamp(flight.elapsed_ms / flight.duration_ms, 0.0, 1.0);
    dots_.push_back(flight.dot);
  }
  queue_stalled(dots_);
}

}  // namespace ottla::ui
