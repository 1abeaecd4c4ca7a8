#include "ui/models/lag_tracker.h"

#include <algorithm>

namespace ottla::ui {

void LagTracker::observe(const observe::Snapshot& snapshot) {
  const Instant now = snapshot.run.now;
  if (last_sample_ && now < *last_sample_) {
    groups_.clear();
    last_sample_.reset();
  }
  if (last_sample_ && now - *last_sample_ < sample_every) return;
  last_sample_ = now;
  std::erase_if(groups_, [&](const auto& entry) { return !snapshot.group(entry.first); });
  for (const auto& group : snapshot.groups) sample(*group, now);
}

void LagTracker::sample(const observe::GroupState& group, Instant now) {
  auto& partitions = groups_[group.name];
  for (const observe::GroupPartitionState& state : group.partitions) {
    Watched& watched = partitions[{state.topic, state.partition}];
    watched.window.push_back(
        {now, state.committed.value, state.lag, state.lag_time, !state.member_id.empty()});
    std::erase_if(watched.window,
                  [&](const LagSample& sample) { return now - sample.at > lag_window; });
    watched.verdict = judge(watched.window);
  }
  // A partition that the group no longer has anything to do with has no new sample.
  std::erase_if(partitions, [&](const auto& entry) { return entry.second.window.back().at < now; });
}

LagVerdict LagTracker::verdict(const std::string& group, const std::string& topic,
                               PartitionIndex partition) const {
  const auto at = groups_.find(group);
  if (at == groups_.end()) return LagVerdict::unknown;
  const auto watched = at->second.find({topic, partition});
  return watched == at->second.end() ? LagVerdict::unknown : watched->second.verdict;
}

LagVerdict LagTracker::verdict(const std::string& group) const {
  LagVerdict worst = LagVerdict::unknown;
  const auto at = groups_.find(group);
  if (at == groups_.end()) return worst;
  for (const auto& [key, watched] : at->second) worst = worse(worst, watched.verdict);
  return worst;
}

}  // namespace ottla::ui
