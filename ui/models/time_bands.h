// What the timeline and the charts draw from events: faults as bands from what began them to what
// ended them, states of groups as bands, elections and ISR changes as moments.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/observe/event.h"

namespace ottla::ui {

struct Band {
  Instant start;
  std::optional<Instant> end;  // Nothing: it lasts.
  observe::EventKind kind = observe::EventKind::note;
  observe::Severity severity = observe::Severity::info;
  std::string label;  // "Kill broker 4"
  std::string node;   // As in its event.
  std::string peer;
  std::string group;
  std::int32_t epoch = -1;  // Generation, of a group's band.
  std::uint64_t event = 0;  // The event that began it.
};

struct Moment {
  Instant at;
  observe::EventKind kind = observe::EventKind::note;
  std::int32_t epoch = -1;
  std::uint64_t event = 0;
};

class TimeBands {
 public:
  static constexpr std::size_t bands_max = 5'000;     // Of faults, and of each group.
  static constexpr std::size_t moments_max = 50'000;  // Of elections, and of ISR changes.

  void add(const observe::Event& event);
  void clear() { *this = TimeBands(); }

  [[nodiscard]] const std::deque<Band>& faults() const { return faults_; }
  [[nodiscard]] const std::map<std::string, std::deque<Band>>& groups() const { return groups_; }
  [[nodiscard]] const std::deque<Moment>& elections() const { return elections_; }
  [[nodiscard]] const std::deque<Moment>& isr_changes() const { return isr_changes_; }

 private:
  void begin_fault(const observe::Event& event, std::string label);
  // Ends the open faults of this process, or of this link when `peer` is not empty.
  void end_faults(const observe::Event& event, std::initializer_list<observe::EventKind> begun_by);
  void enter_group_state(const observe::Event& event, std::string label);

  std::deque<Band> faults_;
  std::map<std::string, std::deque<Band>> groups_;
  std::deque<Moment> elections_;
  std::deque<Moment> isr_changes_;
};

// For each band the row it is drawn in, so that none overlaps another: the first free one, from the
// top. `now` is where bands without an end stop. Bands beyond `rows_max` share the last row.
[[nodiscard]] std::vector<int> stack_rows(const std::vector<const Band*>& bands, Instant now,
                                          int rows_max);

}  // namespace ottla::ui
