#include "tests/ui/models/random_snapshots.h"

#include <utility>

namespace ottla::test {

using namespace observe;

template <class T>
void RandomSnapshots::shuffle(std::vector<T>& items) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random_.below(i)]);
}

PartitionState RandomSnapshots::partition(std::int32_t index) {
  PartitionState state;
  state.index = PartitionIndex(index);
  for (std::int32_t id = 1; id <= 3; ++id) {
    ReplicaState replica;
    replica.broker = BrokerId(id);
    state.replicas.push_back(replica);
    if (random_.chance(0.8)) state.isr.push_back(BrokerId(id));
  }
  if (!state.isr.empty()) state.leader = state.isr.front();
  state.leader_epoch = LeaderEpoch(static_cast<std::int32_t>(random_.below(4)));
  const auto end = Offset(static_cast<std::int64_t>(random_.below(1'000'000)));
  if (random_.chance(0.9)) {
    state.log_end_offset = Known<Offset>::at(end, now_ - Duration::seconds(random_.between(0, 5)));
  }
  state.under_min_isr = state.isr.size() < 2;
  state.records_in_per_s = static_cast<double>(random_.below(3));
  return state;
}

GroupState RandomSnapshots::group(std::string name) {
  static const char* const states[] = {"Stable", "PreparingRebalance", "Empty", "Dead", "Odd"};
  GroupState state;
  state.name = std::move(name);
  state.state = states[random_.below(5)];
  state.lag = random_.between(0, 5000);
  for (int i = 0; i < 4; ++i) {
    if (!random_.chance(0.7)) continue;
    MemberState member;
    member.member_id = state.name + "-" + std::to_string(i);
    member.status = static_cast<MemberStatus>(random_.below(7));
    state.members.push_back(member);
  }
  shuffle(state.members);
  for (std::int32_t i = 0; i < 6; ++i) {
    if (!random_.chance(0.8)) continue;
    GroupPartitionState read;
    read.topic = "orders";
    read.partition = PartitionIndex(i);
    read.lag = random_.between(0, 900);
    read.committed.value = Offset(random_.between(0, 3));
    if (!state.members.empty()) read.member_id = state.members.front().member_id;
    state.partitions.push_back(read);
  }
  return state;
}

std::shared_ptr<const Snapshot> RandomSnapshots::next() {
  auto snapshot = std::make_shared<Snapshot>();
  now_ += Duration::millis(random_.between(0, 2000));
  snapshot->run.now = now_;
  snapshot->history = std::make_shared<History>();
  for (int i = 0; i < 8; ++i) {
    if (!random_.chance(0.7)) continue;
    auto topic = std::make_shared<TopicState>();
    topic->name = "topic-" + std::to_string(i);
    const auto count = random_.between(0, 5);
    for (std::int32_t p = 0; p < count; ++p) topic->partitions.push_back(partition(p));
    snapshot->topics.push_back(topic);
  }
  for (int i = 0; i < 5; ++i) {
    if (random_.chance(0.7)) {
      snapshot->groups.push_back(std::make_shared<GroupState>(group("group-" + std::to_string(i))));
    }
  }
  // Snapshots are in order; a model must do the right thing where one is not.
  if (random_.chance(0.3)) shuffle(snapshot->topics);
  if (random_.chance(0.3)) shuffle(snapshot->groups);
  return snapshot;
}

}  // namespace ottla::test
