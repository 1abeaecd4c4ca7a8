#include "engine/coordinator/assignors/round_robin.h"

#include <algorithm>
#include <set>

namespace ottla::coordinator {

GroupShares assign_round_robin(const std::vector<SubscribedMember>& members,
                               const std::map<std::string, std::int32_t>& partition_counts) {
  GroupShares shares;
  std::vector<std::set<std::string>> subscribed;
  std::set<std::string> topics;
  for (const SubscribedMember& member : members) {
    shares.try_emplace(member.id);
    subscribed.emplace_back(member.topics.begin(), member.topics.end());
    topics.insert(member.topics.begin(), member.topics.end());
  }
  std::size_t turn = 0;
  for (const std::string& topic : topics) {
    const auto counted = partition_counts.find(topic);
    if (counted == partition_counts.end()) continue;
    for (std::int32_t partition = 0; partition < counted->second; ++partition) {
      // Somebody is subscribed, so the search ends.
      while (!subscribed[turn].contains(topic)) turn = (turn + 1) % members.size();
      shares[members[turn].id][topic].emplace_back(partition);
      turn = (turn + 1) % members.size();
    }
  }
  return shares;
}

}  // namespace ottla::coordinator
