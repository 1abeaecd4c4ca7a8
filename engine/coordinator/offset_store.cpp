#include "engine/coordinator/offset_store.h"

namespace ottla::coordinator {

const CommittedOffset* OffsetStore::latest_in(const Entry& entry) {
  const auto& value = entry.staged.empty() ? entry.committed : entry.staged.back().second;
  return value ? &*value : nullptr;
}

void OffsetStore::stage(const OffsetKey& key, std::optional<CommittedOffset> value,
                        Offset position) {
  Entry& entry = groups_[key.group][{key.topic, key.partition}];
  entry.staged.emplace_back(position, std::move(value));
  staged_.emplace(position, key);
}

void OffsetStore::commit_up_to(Offset high_watermark) {
  while (!staged_.empty() && staged_.begin()->first <= high_watermark) {
    const OffsetKey key = std::move(staged_.begin()->second);
    staged_.erase(staged_.begin());
    const auto group = groups_.find(key.group);
    if (group == groups_.end()) continue;
    const auto found = group->second.find({key.topic, key.partition});
    if (found == group->second.end()) continue;
    Entry& entry = found->second;
    auto next = entry.staged.begin();
    for (; next != entry.staged.end() && next->first <= high_watermark; ++next) {
      entry.committed = std::move(next->second);
    }
    entry.staged.erase(entry.staged.begin(), next);
    if (entry.committed || !entry.staged.empty()) continue;
    group->second.erase(found);
    if (group->second.empty()) groups_.erase(group);
  }
}

const CommittedOffset* OffsetStore::committed(const OffsetKey& key) const {
  const auto group = groups_.find(key.group);
  if (group == groups_.end()) return nullptr;
  const auto entry = group->second.find({key.topic, key.partition});
  if (entry == group->second.end() || !entry->second.committed) return nullptr;
  return &*entry->second.committed;
}

const CommittedOffset* OffsetStore::latest(const OffsetKey& key) const {
  const auto group = groups_.find(key.group);
  if (group == groups_.end()) return nullptr;
  const auto entry = group->second.find({key.topic, key.partition});
  return entry == group->second.end() ? nullptr : latest_in(entry->second);
}

std::map<OffsetStore::TopicPartition, CommittedOffset> OffsetStore::committed_of(
    const std::string& group) const {
  std::map<TopicPartition, CommittedOffset> offsets;
  const auto found = groups_.find(group);
  if (found == groups_.end()) return offsets;
  for (const auto& [key, entry] : found->second) {
    if (entry.committed) offsets.emplace(key, *entry.committed);
  }
  return offsets;
}

std::map<OffsetStore::TopicPartition, CommittedOffset> OffsetStore::latest_of(
    const std::string& group) const {
  std::map<TopicPartition, CommittedOffset> offsets;
  const auto found = groups_.find(group);
  if (found == groups_.end()) return offsets;
  for (const auto& [key, entry] : found->second) {
    if (const CommittedOffset* value = latest_in(entry)) offsets.emplace(key, *value);
  }
  return offsets;
}

bool OffsetStore::has_any(const std::string& group) const {
  return !latest_of(group).empty();
}

std::vector<std::string> OffsetStore::groups() const {
  std::vector<std::string> names;
  for (const auto& [group, entries] : groups_) names.push_back(group);
  return names;
}

}  // namespace ottla::coordinator
