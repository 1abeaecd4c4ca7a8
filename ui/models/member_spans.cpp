#include "ui/models/member_spans.h"

#include <algorithm>

namespace ottla::ui {
namespace {

MemberTrack& track_of(GroupTrack& group, const observe::MemberState& member) {
  const auto at =
      std::find_if(group.members.begin(), group.members.end(),
                   [&](const MemberTrack& track) { return track.member_id == member.member_id; });
  if (at != group.members.end()) return *at;
  if (group.members.size() == MemberSpans::members_max) {
    const auto oldest = std::min_element(
        group.members.begin(), group.members.end(),
        [](const auto& a, const auto& b) { return a.spans.back().end < b.spans.back().end; });
    group.members.erase(oldest);
  }
  const std::string& label = member.client_id.empty() ? member.member_id : member.client_id;
  return group.members.emplace_back(MemberTrack{label, member.member_id, {}});
}

}  // namespace

void MemberSpans::observe(const observe::Snapshot& snapshot) {
  const Instant now = snapshot.run.now;
  if (now < last_) groups_.clear();
  last_ = now;
  std::erase_if(groups_, [&](const auto& entry) { return !snapshot.group(entry.first); });
  for (const auto& group : snapshot.groups) extend(groups_[group->name], *group, now);
}

const GroupTrack* MemberSpans::group(const std::string& name) const {
  const auto at = groups_.find(name);
  return at == groups_.end() ? nullptr : &at->second;
}

void MemberSpans::extend(GroupTrack& track, const observe::GroupState& group, Instant now) {
  // A state that is older than what was seen began when the group says it did.
  if (track.states.empty() || track.states.back().state != group.state ||
      track.states.back().generation != group.generation) {
    Instant since = std::min(group.state_since, now);
    if (!track.states.empty()) {
      since = std::max(since, track.states.back().start);
      track.states.back().end = since;
    }
    track.states.push_back({since, now, group.state, group.generation});
    if (track.states.size() > spans_max) track.states.pop_front();
  }
  track.states.back().end = now;
  for (const observe::MemberState& member : group.members) {
    MemberTrack& row = track_of(track, member);
    if (row.spans.empty()) {
      row.spans.push_back({now, now, member.status});
    } else if (row.spans.back().status != member.status) {
      row.spans.back().end = now;
      row.spans.push_back({now, now, member.status});
      if (row.spans.size() > spans_max) row.spans.pop_front();
    }
    row.spans.back().end = now;
  }
}

}  // namespace ottla::ui
