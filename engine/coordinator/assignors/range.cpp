#include "engine/coordinator/assignors/range.h"

#include <algorithm>

namespace ottla::coordinator {

GroupShares assign_range(const std::vector<SubscribedMember>& members,
                         const std::map<std::string, std::int32_t>& partition_counts) {
  GroupShares shares;
  for (const SubscribedMember& member : members) shares.try_emplace(member.id);
  for (const auto& [topic, partition_count] : partition_counts) {
    std::vector<const SubscribedMember*> subscribers;
    for (const SubscribedMember& member : members) {
      if (std::find(member.topics.begin(), member.topics.end(), topic) != member.topics.end()) {
        subscribers.push_back(&member);
      }
    }
    if (subscribers.empty()) continue;
    const auto subscriber_count = static_cast<std::int32_t>(subscribers.size());
    const std::int32_t each = partition_count / subscriber_count;
    const std::int32_t with_one_more = partition_count % subscriber_count;
    std::int32_t next = 0;
    for (std::int32_t i = 0; i < subscriber_count; ++i) {
      const std::int32_t run = each + (i < with_one_more ? 1 : 0);
      if (run == 0) break;
      auto& partitions = shares[subscribers[static_cast<std::size_t>(i)]->id][topic];
      for (std::int32_t k = 0; k < run; ++k) partitions.emplace_back(next++);
    }
  }
  return shares;
}

}  // namespace ottla::coordinator
