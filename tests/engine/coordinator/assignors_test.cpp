#include "engine/coordinator/assignors/assignor.h"

#include "engine/base/prng.h"
#include "engine/coordinator/consumer_protocol.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::coordinator;

namespace {

SubscribedMember member(std::string id, std::vector<std::string> topics,
                        std::optional<std::string> instance_id = {}) {
  SubscribedMember out;
  out.id = std::move(id);
  out.instance_id = std::move(instance_id);
  out.topics = std::move(topics);
  return out;
}

// "t0 t1 u0"
std::string text(const TopicShare& share) {
  std::string out;
  for (const auto& [topic, partitions] : share) {
    for (const PartitionIndex each : partitions) {
      if (!out.empty()) out += ' ';
      out += topic + std::to_string(each.value());
    }
  }
  return out;
}

std::size_t size_of(const TopicShare& share) {
  std::size_t size = 0;
  for (const auto& [topic, partitions] : share) size += partitions.size();
  return size;
}

}  // namespace

class AssignorsTest : public QObject {
  Q_OBJECT
 private slots:
  void range_cuts_each_topic_into_runs();
  void range_leaves_members_empty_where_there_are_too_few_partitions();
  void static_members_come_first_and_by_instance_id();
  void round_robin_deals_all_partitions_in_turn();
  void round_robin_passes_over_members_that_are_not_subscribed();
  void sticky_keeps_what_members_have_and_balances_the_rest();
  void sticky_balances_along_a_chain_of_unequal_subscriptions();
  void the_later_generation_keeps_a_partition_that_two_claim();
  void cooperative_sticky_gives_nothing_that_another_still_owns();
  void sticky_assignments_are_whole_and_balanced_for_random_groups();
  void subscriptions_survive_the_wire();
};

void AssignorsTest::range_cuts_each_topic_into_runs() {
  const auto shares = assign(Assignor::range, {member("b", {"t", "u"}), member("a", {"t", "u"})},
                             {{"t", 3}, {"u", 3}, {"other", 2}});
  QCOMPARE(text(shares.at("a")), std::string("t0 t1 u0 u1"));
  QCOMPARE(text(shares.at("b")), std::string("t2 u2"));
}

void AssignorsTest::range_leaves_members_empty_where_there_are_too_few_partitions() {
  const auto shares = assign(
      Assignor::range, {member("a", {"t"}), member("b", {"t"}), member("c", {"x"})}, {{"t", 1}});
  QCOMPARE(text(shares.at("a")), std::string("t0"));
  QVERIFY(shares.at("b").empty() && shares.at("c").empty());
}

void AssignorsTest::static_members_come_first_and_by_instance_id() {
  const auto shares =
      assign(Assignor::range,
             {member("a", {"t"}), member("y", {"t"}, "2"), member("z", {"t"}, "1")}, {{"t", 3}});
  QCOMPARE(text(shares.at("z")), std::string("t0"));
  QCOMPARE(text(shares.at("y")), std::string("t1"));
  QCOMPARE(text(shares.at("a")), std::string("t2"));
}

void AssignorsTest::round_robin_deals_all_partitions_in_turn() {
  // The example in RoundRobinAssignor's documentation.
  const auto shares =
      assign(Assignor::round_robin, {member("C0", {"t", "u"}), member("C1", {"t", "u"})},
             {{"t", 3}, {"u", 3}});
  QCOMPARE(text(shares.at("C0")), std::string("t0 t2 u1"));
  QCOMPARE(text(shares.at("C1")), std::string("t1 u0 u2"));
}

void AssignorsTest::round_robin_passes_over_members_that_are_not_subscribed() {
  const auto shares =
      assign(Assignor::round_robin,
             {member("C0", {"t"}), member("C1", {"t", "u"}), member("C2", {"t", "u", "v"})},
             {{"t", 1}, {"u", 2}, {"v", 3}});
  QCOMPARE(text(shares.at("C0")), std::string("t0"));
  QCOMPARE(text(shares.at("C1")), std::string("u0"));
  QCOMPARE(text(shares.at("C2")), std::string("u1 v0 v1 v2"));
}

void AssignorsTest::sticky_keeps_what_members_have_and_balances_the_rest() {
  auto a = member("a", {"t"});
  a.owned["t"] = {PartitionIndex(0), PartitionIndex(1), PartitionIndex(2), PartitionIndex(3)};
  a.generation = 1;
  auto b = member("b", {"t"});
  b.owned["t"] = {PartitionIndex(5)};
  b.generation = 1;
  const auto shares = assign(Assignor::sticky, {a, b}, {{"t", 6}});
  QCOMPARE(size_of(shares.at("a")), std::size_t{3});
  QCOMPARE(size_of(shares.at("b")), std::size_t{3});
  for (const PartitionIndex kept : shares.at("a").at("t")) QVERIFY(kept < PartitionIndex(4));
}

void AssignorsTest::sticky_balances_along_a_chain_of_unequal_subscriptions() {
  auto a = member("a", {"t"});
  a.owned["t"] = {PartitionIndex(0), PartitionIndex(1), PartitionIndex(2)};
  auto b = member("b", {"t", "u"});
  b.owned["u"] = {PartitionIndex(0), PartitionIndex(1)};
  const auto shares = assign(Assignor::sticky, {a, b, member("c", {"u"})}, {{"t", 3}, {"u", 2}});
  QCOMPARE(size_of(shares.at("a")), std::size_t{2});
  QCOMPARE(size_of(shares.at("b")), std::size_t{2});
  QCOMPARE(size_of(shares.at("c")), std::size_t{1});
}

void AssignorsTest::the_later_generation_keeps_a_partition_that_two_claim() {
  auto a = member("a", {"t"});
  a.owned["t"] = {PartitionIndex(0)};
  a.generation = 1;
  auto b = member("b", {"t"});
  b.owned["t"] = {PartitionIndex(0)};
  b.generation = 2;
  const auto shares = assign(Assignor::sticky, {a, b}, {{"t", 2}});
  QCOMPARE(text(shares.at("b")), std::string("t0"));
}

void AssignorsTest::cooperative_sticky_gives_nothing_that_another_still_owns() {
  auto a = member("a", {"t"});
  a.owned["t"] = {PartitionIndex(0), PartitionIndex(1), PartitionIndex(2), PartitionIndex(3)};
  a.generation = 1;
  const auto shares = assign(Assignor::cooperative_sticky, {a, member("b", {"t"})}, {{"t", 5}});
  QCOMPARE(size_of(shares.at("a")), std::size_t{3});
  QCOMPARE(text(shares.at("b")), std::string("t4"));
}

void AssignorsTest::sticky_assignments_are_whole_and_balanced_for_random_groups() {
  Prng prng(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<SubscribedMember> members;
    const auto member_count = 1 + prng.below(6);
    for (std::uint64_t i = 0; i < member_count; ++i)
      members.push_back(member("m" + std::to_string(i), {"t", "u"}));
    const std::map<std::string, std::int32_t> counts{
        {"t", static_cast<std::int32_t>(prng.below(9))},
        {"u", static_cast<std::int32_t>(prng.below(9))}};
    auto shares = assign(Assignor::sticky, members, counts);
    for (auto& each : members) each.owned = shares.at(each.id), each.generation = 1;
    if (members.size() > 1) members.pop_back();
    const auto before = shares;
    shares = assign(Assignor::sticky, members, counts);
    std::size_t least = 1000, most = 0, all = 0;
    for (const auto& each : members) {
      const std::size_t size = size_of(shares.at(each.id));
      least = std::min(least, size), most = std::max(most, size), all += size;
      // Whoever stays loses nothing when another goes.
      for (const auto& [topic, partitions] : before.at(each.id)) {
        for (const PartitionIndex kept : partitions) {
          const auto& now = shares.at(each.id).at(topic);
          QVERIFY(std::find(now.begin(), now.end(), kept) != now.end());
        }
      }
    }
    QCOMPARE(all, static_cast<std::size_t>(counts.at("t") + counts.at("u")));
    QVERIFY(most - least <= 1);
  }
}

void AssignorsTest::subscriptions_survive_the_wire() {
  const TopicShare owned{{"t", {PartitionIndex(1), PartitionIndex(4)}}};
  for (const Assignor assignor : {Assignor::sticky, Assignor::cooperative_sticky}) {
    const Bytes bytes =
        encode_subscription(to_subscription(assignor, {"u", "t"}, owned, GenerationId(3)));
    const auto read = subscribed_member(assignor, "m", {}, bytes);
    QVERIFY(read);
    QCOMPARE(read->generation, 3);
    QCOMPARE(text(read->owned), std::string("t1 t4"));
    QCOMPARE(read->topics, (std::vector<std::string>{"t", "u"}));
  }
  QVERIFY(!subscribed_member(Assignor::range, "m", {}, Bytes::copy_of(std::string_view("x"))));
  QCOMPARE(text(to_share(*decode_assignment(encode_assignment(to_assignment(owned))))),
           std::string("t1 t4"));
}

OTTLA_TEST(AssignorsTest)
#include "assignors_test.moc"
