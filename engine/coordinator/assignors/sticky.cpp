#include "engine/coordinator/assignors/sticky.h"

#include <algorithm>
#include <set>

namespace ottla::coordinator {

namespace {

using Partition = std::pair<std::string, PartitionIndex>;

// The assignment as it grows, by the members' positions.
struct Balance {
  std::vector<std::set<std::string>> subscribed;
  std::vector<std::set<Partition>> held;
  std::map<Partition, std::size_t> owner;

  [[nodiscard]] bool may_hold(std::size_t member, const Partition& partition) const {
    return subscribed[member].contains(partition.first);
  }
  void give(std::size_t member, const Partition& partition) {
    if (const auto found = owner.find(partition); found != owner.end()) {
      held[found->second].erase(partition);
    }
    owner[partition] = member;
    held[member].insert(partition);
  }
};

// What each member owned, where it still exists and is subscribed to; of two claims the later
// generation's holds, and of equal generations none, as neither can be trusted.
void keep_owned(const std::vector<SubscribedMember>& members, const std::set<Partition>& all,
                Balance& balance) {
  struct Claim {
    std::size_t member;
    std::int32_t generation;
    bool disputed;
  };
  std::map<Partition, Claim> claims;
  for (std::size_t i = 0; i < members.size(); ++i) {
    for (const auto& [topic, partitions] : members[i].owned) {
      for (const PartitionIndex index : partitions) {
        const Partition partition{topic, index};
        if (!all.contains(partition) || !balance.may_hold(i, partition)) continue;
        const auto [claim, is_first] =
            claims.try_emplace(partition, Claim{i, members[i].generation, false});
        if (is_first) continue;
        if (members[i].generation > claim->second.generation) {
          claim->second = Claim{i, members[i].generation, false};
        } else if (members[i].generation == claim->second.generation) {
          claim->second.disputed = true;
        }
      }
    }
  }
  for (const auto& [partition, claim] : claims) {
    if (!claim.disputed) balance.give(claim.member, partition);
  }
}

// The member that may hold the partition and holds least; the first of equals.
std::optional<std::size_t> least_loaded(const Balance& balance, const Partition& partition) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < balance.held.size(); ++i) {
    if (!balance.may_hold(i, partition)) continue;
    if (!best || balance.held[i].size() < balance.held[*best].size()) best = i;
  }
  return best;
}

// Moves one partition from the fuller to the emptier of two members that differ by two or more,
// directly or along a chain of members; false when none is left to move.
bool improve(Balance& balance, const std::map<Partition, std::size_t>& before) {
  std::vector<std::size_t> fullest_first(balance.held.size());
  for (std::size_t i = 0; i < fullest_first.size(); ++i) fullest_first[i] = i;
  std::stable_sort(fullest_first.begin(), fullest_first.end(), [&](std::size_t a, std::size_t b) {
    return balance.held[a].size() > balance.held[b].size();
  });
  for (const std::size_t from : fullest_first) {
    // Breadth first over who could take something from whom, until somebody has room.
    std::vector<std::optional<std::pair<std::size_t, Partition>>> reached(balance.held.size());
    std::vector<std::size_t> frontier{from};
    for (std::size_t at = 0; at < frontier.size(); ++at) {
      const std::size_t giver = frontier[at];
      // Partitions that have already moved go first, so that those which have not can stay.
      std::vector<Partition> offers(balance.held[giver].begin(), balance.held[giver].end());
      std::stable_partition(offers.begin(), offers.end(), [&](const Partition& each) {
        const auto found = before.find(each);
        return found == before.end() || found->second != giver;
      });
      for (const Partition& offer : offers) {
        for (std::size_t taker = 0; taker < balance.held.size(); ++taker) {
          if (taker == from || reached[taker] || !balance.may_hold(taker, offer)) continue;
          reached[taker] = {giver, offer};
          if (balance.held[taker].size() + 1 >= balance.held[from].size()) {
            frontier.push_back(taker);
            continue;
          }
          for (std::size_t to = taker; to != from;) {
            const auto [previous, partition] = *reached[to];
            balance.give(to, partition);
            to = previous;
          }
          return true;
        }
      }
    }
  }
  return false;
}

}  // namespace

GroupShares assign_sticky(const std::vector<SubscribedMember>& members,
                          const std::map<std::string, std::int32_t>& partition_counts) {
  Balance balance;
  balance.held.resize(members.size());
  std::set<Partition> all;
  for (const SubscribedMember& member : members) {
    balance.subscribed.emplace_back(member.topics.begin(), member.topics.end());
    for (const std::string& topic : member.topics) {
      const auto counted = partition_counts.find(topic);
      if (counted == partition_counts.end()) continue;
      for (std::int32_t i = 0; i < counted->second; ++i) all.emplace(topic, PartitionIndex(i));
    }
  }
  keep_owned(members, all, balance);
  const std::map<Partition, std::size_t> before = balance.owner;
  for (const Partition& partition : all) {
    if (balance.owner.contains(partition)) continue;
    if (const auto member = least_loaded(balance, partition)) balance.give(*member, partition);
  }
  while (improve(balance, before)) {
  }
  GroupShares shares;
  for (std::size_t i = 0; i < members.size(); ++i) {
    TopicShare& share = shares[members[i].id];
    for (const auto& [topic, index] : balance.held[i]) share[topic].push_back(index);
  }
  return shares;
}

void withhold_moving_partitions(const std::vector<SubscribedMember>& members, GroupShares& shares) {
  // Claims of an older generation count for nothing: that member has lost the partition since.
  struct Owners {
    std::int32_t generation;
    std::set<std::string> ids;
  };
  std::map<Partition, Owners> owners;
  for (const SubscribedMember& member : members) {
    for (const auto& [topic, partitions] : member.owned) {
      for (const PartitionIndex index : partitions) {
        Owners& found =
            owners.try_emplace({topic, index}, Owners{member.generation, {}}).first->second;
        if (member.generation > found.generation) found = Owners{member.generation, {}};
        if (member.generation == found.generation) found.ids.insert(member.id);
      }
    }
  }
  for (auto& [member, share] : shares) {
    for (auto topic = share.begin(); topic != share.end();) {
      std::erase_if(topic->second, [&, &id = member](const PartitionIndex index) {
        const auto found = owners.find({topic->first, index});
        return found != owners.end() && !found->second.ids.contains(id);
      });
      topic = topic->second.empty() ? share.erase(topic) : std::next(topic);
    }
  }
}

}  // namespace ottla::coordinator
