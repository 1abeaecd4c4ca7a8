// What each member of each group did over time, put together from one snapshot after another: the
// rows of a rebalance's Gantt.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "engine/observe/snapshot.h"

namespace ottla::ui {

struct MemberSpan {
  Instant start;
  Instant end;  // As of the last snapshot while it lasts.
  observe::MemberStatus status = observe::MemberStatus::unknown;
};

struct GroupSpan {
  Instant start;
  Instant end;
  std::string state;  // As Kafka spells it.
  GenerationId generation{-1};
};

struct MemberTrack {
  std::string label;  // Its client id, or its member id.
  std::string member_id;
  std::deque<MemberSpan> spans;
};

struct GroupTrack {
  std::vector<MemberTrack> members;  // In the order they were first seen.
  std::deque<GroupSpan> states;
};

class MemberSpans {
 public:
  static constexpr std::size_t spans_max = 400;   // Of one member or group.
  static constexpr std::size_t members_max = 64;  // Of one group; those gone longest go first.

  // Time that goes back starts over.
  void observe(const observe::Snapshot& snapshot);
  [[nodiscard]] const GroupTrack* group(const std::string& name) const;

 private:
  void extend(GroupTrack& track, const observe::GroupState& group, Instant now);

  std::map<std::string, GroupTrack> groups_;
  Instant last_;
};

}  // namespace ottla::ui
