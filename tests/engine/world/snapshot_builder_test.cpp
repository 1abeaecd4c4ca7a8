#include "engine/world/snapshot_builder.h"

#include <algorithm>

#include "engine/observe/heat.h"
#include "engine/world/cluster.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::world;
using observe::PartitionState;
using observe::ReplicaRole;
using observe::Snapshot;

namespace {

constexpr Duration look = Duration::millis(100);

using Shown = std::shared_ptr<const Snapshot>;

// Three brokers with the everyday workload: payments is read and written in three partitions. They
// have run for long enough that the group has committed what it read.
struct Everyday {
  Everyday() : cluster(spec()) { run_for(Duration::seconds(15)); }

  static ClusterSpec spec() {
    ClusterSpec spec;
    spec.workload = WorkloadSpec::everyday(3);
    spec.settings.emplace("offsets.topic.num.partitions", "3");
    return spec;
  }
  void run_for(Duration duration) { cluster.run_until(cluster.world().now() + duration); }
  [[nodiscard]] Shown shown() {
    observe::RunState run;
    run.now = cluster.world().now();
    return cluster.snapshot(std::move(run));
  }
  void act(observe::Action action, std::optional<Duration> duration = {}) {
    QCOMPARE(cluster.apply({std::move(action), duration}), std::string());
  }
  // Looks every 100 ms, as a window would; false as soon as `holds` does not.
  template <class Holds>
  [[nodiscard]] bool holds_for(Duration duration, Holds holds) {
    const Instant end = cluster.world().now() + duration;
    while (cluster.world().now() < end) {
      run_for(look);
      if (!holds(*shown())) return false;
    }
    return true;
  }
  // Waits until it is so.
  template <class Holds>
  [[nodiscard]] bool comes_true_within(Duration duration, Holds holds) {
    return !holds_for(duration, [&](const Snapshot& s) { return !holds(s); });
  }

  Cluster cluster;
};

const PartitionState& payments(const Snapshot& snapshot, std::size_t index) {
  return snapshot.topic("payments")->partitions.at(index);
}

const observe::ReplicaState& replica_on(const PartitionState& partition, BrokerId broker) {
  return *std::find_if(partition.replicas.begin(), partition.replicas.end(),
                       [&](const auto& replica) { return replica.broker == broker; });
}

bool is_cool(const Snapshot& snapshot) {
  return std::all_of(snapshot.topics.begin(), snapshot.topics.end(), [&](const auto& topic) {
    return observe::hot_partitions(snapshot, *topic).empty();
  });
}

std::string name_of(BrokerId broker) {
  return std::to_string(broker.value());
}

}  // namespace

class SnapshotBuilderTest : public QObject {
  Q_OBJECT
 private slots:
  void a_cluster_at_work_is_whole_and_says_what_it_does();
  void a_broker_that_is_down_has_no_load_and_its_replicas_are_offline();
  void what_was_seen_of_a_broker_that_is_down_says_how_old_it_is();
  void a_topic_created_again_shows_nothing_of_the_one_before();
  void a_paused_broker_is_paused_and_then_fenced_by_the_controller();
  void times_do_not_depend_on_when_a_picture_is_wanted();

  void a_group_has_its_members_with_their_partitions_and_sessions();
  void a_groups_lag_is_counted_to_the_high_watermark();
  void a_groups_lag_stays_while_a_leader_is_down();
  void a_group_that_rebalances_says_until_when();

  void a_partition_whose_leader_was_killed_has_no_rate();
  void no_partition_is_hot_when_a_leader_was_killed();
  void a_partition_whose_traffic_stopped_is_not_hot_after_a_second();
  void a_hot_key_makes_its_partition_hot();
};

void SnapshotBuilderTest::a_cluster_at_work_is_whole_and_says_what_it_does() {
  Everyday world;
  const Shown s = world.shown();
  QCOMPARE(s->brokers.size(), std::size_t{3});
  for (const auto& broker : s->brokers) {
    QVERIFY(broker.status == observe::ProcessStatus::online);
    QVERIFY(broker.requests_per_s > 20 && broker.bytes_in_per_s > 1000);
    QVERIFY(broker.session_left.value_or(0) > 0.5);
    QVERIFY(broker.load.requests.value_or(0) > 0.3 && broker.load.requests.value_or(1) < 0.7);
  }
  QCOMPARE(s->health.partitions, 6 + 3 + 3);
  QCOMPARE(s->health.under_replicated + s->health.offline + s->health.under_min_isr, 0);
  double share = 0;
  for (std::size_t index = 0; index < 3; ++index) {
    const PartitionState& partition = payments(*s, index);
    share += partition.share;
    QVERIFY(partition.records_in_per_s > 20 && partition.bytes_in_per_s > 2000);
    QVERIFY(partition.high_watermark.as_of == world.cluster.world().now());
  }
  QCOMPARE(share, 1.0);
  QCOMPARE(s->quorum.leader, BrokerId{first_controller_id});
}

void SnapshotBuilderTest::a_broker_that_is_down_has_no_load_and_its_replicas_are_offline() {
  Everyday world;
  world.act(observe::Kill{"2"});
  const Instant killed = world.cluster.world().now();
  world.run_for(Duration::seconds(2));
  const Shown s = world.shown();
  const observe::BrokerState& down = *s->broker(BrokerId{2});
  QVERIFY(down.status == observe::ProcessStatus::down && down.status_since == killed);
  QVERIFY(!down.load.requests && !down.load.network && !down.load.disk && !down.session_left);
  QCOMPARE(down.requests_per_s + down.bytes_in_per_s + down.bytes_out_per_s, 0.0);
  QVERIFY(down.story.find("Killed") != std::string::npos);
  QCOMPARE(down.replicas, 12);
  QCOMPARE(down.in_sync, 0);
  for (std::size_t index = 0; index < 3; ++index)
    QVERIFY(replica_on(payments(*s, index), BrokerId{2}).role == ReplicaRole::offline);
}

void SnapshotBuilderTest::what_was_seen_of_a_broker_that_is_down_says_how_old_it_is() {
  Everyday world;
  const Shown before = world.shown();
  const BrokerId leader = *payments(*before, 0).leader;
  world.act(observe::Kill{name_of(leader)});
  world.run_for(Duration::seconds(2));
  for (int looks = 0; looks < 2; ++looks) {  // It grows no younger by being looked at.
    const Shown s = world.shown();
    const PartitionState& partition = payments(*s, 0);
    QVERIFY(partition.log_end_offset == payments(*before, 0).log_end_offset);
    QVERIFY(partition.high_watermark == payments(*before, 0).high_watermark);
    QVERIFY(replica_on(partition, leader).log_end_offset == payments(*before, 0).log_end_offset);
    QCOMPARE(partition.size_bytes, payments(*before, 0).size_bytes);
    for (const auto& replica : partition.replicas) {
      const bool is_old = replica.log_end_offset.as_of < world.cluster.world().now();
      QCOMPARE(is_old, replica.broker == leader);
    }
  }
  // Another leads, and what it has is known.
  QVERIFY(world.comes_true_within(Duration::seconds(20), [&](const Snapshot& s) {
    const PartitionState& partition = payments(s, 0);
    return partition.leader && *partition.leader != leader &&
           partition.log_end_offset.as_of == world.cluster.world().now();
  }));
  QVERIFY(replica_on(payments(*world.shown(), 0), leader).log_end_offset ==
          payments(*before, 0).log_end_offset);
}

void SnapshotBuilderTest::a_topic_created_again_shows_nothing_of_the_one_before() {
  Everyday world;
  world.act(observe::CreateTopic{"audit", 1, 3, {}});
  world.run_for(Duration::seconds(1));
  const Shown before = world.shown();
  world.act(observe::Kill{"2"});  // Not fenced yet, so that it is given replicas.
  world.act(observe::DeleteTopic{"audit"});
  world.run_for(Duration::seconds(1));
  world.act(observe::CreateTopic{"audit", 1, 3, {}});
  world.run_for(Duration::seconds(1));
  const Shown after = world.shown();
  QVERIFY(after->topic("audit")->id != before->topic("audit")->id);
  const PartitionState& was = before->topic("audit")->partitions.at(0);
  const PartitionState& is = after->topic("audit")->partitions.at(0);
  QVERIFY(is.leader_since > was.leader_since);
  QVERIFY(replica_on(was, BrokerId{2}).log_end_offset.has_value());
  QVERIFY(!replica_on(is, BrokerId{2}).log_end_offset.has_value());
}

void SnapshotBuilderTest::a_paused_broker_is_paused_and_then_fenced_by_the_controller() {
  Everyday world;
  world.act(observe::Pause{"2"}, Duration::seconds(15));
  world.run_for(Duration::seconds(1));
  QVERIFY(world.shown()->broker(BrokerId{2})->status == observe::ProcessStatus::paused);
  const double left = world.shown()->broker(BrokerId{2})->session_left.value_or(1);
  world.run_for(Duration::seconds(2));
  QVERIFY(world.shown()->broker(BrokerId{2})->session_left.value_or(1) < left);
  world.run_for(Duration::seconds(11));
  QCOMPARE(world.shown()->broker(BrokerId{2})->session_left, 0.0);
  QVERIFY(world.shown()->health.under_replicated > 0);
  QVERIFY(world.comes_true_within(Duration::seconds(20), [](const Snapshot& s) {
    return s.broker(BrokerId{2})->status == observe::ProcessStatus::online &&
           s.health.under_replicated == 0;
  }));
}

void SnapshotBuilderTest::times_do_not_depend_on_when_a_picture_is_wanted() {
  Everyday watched;
  Everyday unwatched;
  for (Everyday* world : {&watched, &unwatched}) {
    world->act(observe::Kill{"2"});
    const auto looked = world == &watched ? world->shown() : nullptr;
    world->run_for(Duration::seconds(15));
  }
  const Shown a = watched.shown();
  const Shown b = unwatched.shown();
  QVERIFY(payments(*b, 0).under_replicated_since.has_value());
  for (std::size_t index = 0; index < 3; ++index) {
    QVERIFY(payments(*a, index).leader_since == payments(*b, index).leader_since);
    QVERIFY(payments(*a, index).under_replicated_since ==
            payments(*b, index).under_replicated_since);
  }
  QVERIFY(payments(*b, 0).leader_since < unwatched.cluster.world().now() - Duration::seconds(2));
}

void SnapshotBuilderTest::a_group_has_its_members_with_their_partitions_and_sessions() {
  Everyday world;
  const Shown s = world.shown();
  const observe::GroupState* billing = s->group("billing");
  QVERIFY(billing);
  QCOMPARE(billing->state, std::string("Stable"));
  QVERIFY(!billing->deadline);
  QCOMPARE(billing->members.size(), std::size_t{3});
  std::set<std::pair<std::string, PartitionIndex>> assigned;
  for (const observe::MemberState& member : billing->members) {
    QVERIFY(member.session_left.value_or(0) > 0.8 && *member.session_left <= 1);
    assigned.insert(member.assignment.begin(), member.assignment.end());
  }
  QCOMPARE(assigned.size(), std::size_t{9});
  QCOMPARE(billing->partitions.size(), std::size_t{9});
  for (const auto& partition : billing->partitions) QVERIFY(!partition.member_id.empty());

  const std::string silent = billing->members.front().client_id;
  world.act(observe::Pause{silent});
  world.run_for(Duration::seconds(9));
  for (const observe::MemberState& member : world.shown()->group("billing")->members) {
    const bool is_silent = member.client_id == silent;
    QCOMPARE(member.status == observe::MemberStatus::paused, is_silent);
    // Of 45 s, 9 and at most one heartbeat's 3 are gone.
    if (is_silent) QVERIFY(*member.session_left < 0.81 && *member.session_left > 0.73);
    if (!is_silent) QVERIFY(*member.session_left > 0.9);
  }
}

void SnapshotBuilderTest::a_groups_lag_is_counted_to_the_high_watermark() {
  Everyday world;
  for (const auto& member : world.shown()->group("billing")->members)
    world.act(observe::Pause{member.client_id});
  world.run_for(Duration::seconds(10));
  const Shown s = world.shown();
  const observe::GroupState* billing = s->group("billing");
  std::int64_t sum = 0;
  for (const auto& partition : billing->partitions) {
    const auto& of = s->topic(partition.topic)
                         ->partitions.at(static_cast<std::size_t>(partition.partition.value()));
    QVERIFY(partition.end == of.high_watermark);
    QCOMPARE(partition.lag, partition.end.value->value() - partition.committed.value->value());
    sum += partition.lag;
  }
  QCOMPARE(billing->lag, sum);
  QVERIFY(sum > 9 * (400 + 150));
  QVERIFY(billing->lag_time && *billing->lag_time > Duration::seconds(9));
  QVERIFY(*billing->lag_time < Duration::seconds(16));
}

void SnapshotBuilderTest::a_groups_lag_stays_while_a_leader_is_down() {
  Everyday world;
  for (const auto& member : world.shown()->group("billing")->members)
    world.act(observe::Pause{member.client_id});
  world.run_for(Duration::seconds(5));
  const Shown before = world.shown();
  // One that is not the group's coordinator, or the group would be gone with it.
  const auto& partitions = before->topic("payments")->partitions;
  const auto& partition = *std::find_if(
      partitions.begin(), partitions.end(),
      [&](const auto& each) { return each.leader != before->group("billing")->coordinator; });
  const auto row = [&](const Snapshot& s) {
    const auto& rows = s.group("billing")->partitions;
    return *std::find_if(rows.begin(), rows.end(), [&](const auto& each) {
      return each.topic == "payments" && each.partition == partition.index;
    });
  };
  QVERIFY(row(*before).lag > 100);
  world.act(observe::Kill{name_of(*partition.leader)});
  world.run_for(Duration::seconds(2));
  QCOMPARE(row(*world.shown()).lag, row(*before).lag);
  QVERIFY(row(*world.shown()).end == row(*before).end);
}

void SnapshotBuilderTest::a_group_that_rebalances_says_until_when() {
  Everyday world;
  const auto before = world.shown();
  const std::int64_t rebalances = before->group("billing")->rebalances;
  const auto& members = before->group("billing")->members;
  world.act(observe::Pause{members[0].client_id});
  world.act(observe::Shutdown{members[1].client_id});
  QVERIFY(world.comes_true_within(Duration::seconds(10), [&](const Snapshot& s) {
    const observe::GroupState* billing = s.group("billing");
    return billing->state == "PreparingRebalance" && billing->deadline &&
           *billing->deadline > world.cluster.world().now() && !billing->why.empty();
  }));
  QVERIFY(world.comes_true_within(Duration::seconds(60), [&](const Snapshot& s) {
    const observe::GroupState* billing = s.group("billing");
    return billing->state == "Stable" && billing->members.size() == 1;
  }));
  QVERIFY(!world.shown()->group("billing")->deadline);
  QVERIFY(world.shown()->group("billing")->rebalances > rebalances);
}

void SnapshotBuilderTest::a_partition_whose_leader_was_killed_has_no_rate() {
  Everyday world;
  const BrokerId leader = *payments(*world.shown(), 0).leader;
  QVERIFY(payments(*world.shown(), 0).records_in_per_s > 20);
  world.act(observe::Kill{name_of(leader)});
  QVERIFY(world.holds_for(Duration::seconds(5), [&](const Snapshot& s) {
    const PartitionState& partition = payments(s, 0);
    return partition.records_in_per_s == 0 && partition.bytes_in_per_s == 0 && partition.share == 0;
  }));
}

void SnapshotBuilderTest::no_partition_is_hot_when_a_leader_was_killed() {
  Everyday world;
  QVERIFY(is_cool(*world.shown()));
  world.act(observe::Kill{name_of(*payments(*world.shown(), 1).leader)}, Duration::seconds(20));
  // Fenced, elected for, and back: through all of it.
  QVERIFY(world.holds_for(Duration::seconds(40), is_cool));
  QCOMPARE(world.shown()->health.under_replicated, 0);
}

void SnapshotBuilderTest::a_partition_whose_traffic_stopped_is_not_hot_after_a_second() {
  Everyday world;
  world.act(observe::SetHotKeyShare{"pay-gw", 1});
  world.run_for(Duration::seconds(3));
  QVERIFY(!is_cool(*world.shown()));
  world.act(observe::SetProducerRate{"pay-gw", 0});
  world.run_for(Duration::millis(1200));
  QVERIFY(is_cool(*world.shown()));
  QCOMPARE(world.shown()->topic("payments")->records_in_per_s, 0.0);
}

void SnapshotBuilderTest::a_hot_key_makes_its_partition_hot() {
  Everyday world;
  world.act(observe::SetHotKeyShare{"pay-gw", 0.9});
  world.run_for(Duration::seconds(3));
  const Shown s = world.shown();
  const auto hot = observe::hot_partitions(*s, *s->topic("payments"));
  QCOMPARE(hot.size(), std::size_t{1});
  QVERIFY(payments(*s, static_cast<std::size_t>(hot.begin()->value())).share > 0.85);
  QVERIFY(observe::hot_partitions(*s, *s->topic("orders")).empty());
}

OTTLA_TEST(SnapshotBuilderTest)
#include "snapshot_builder_test.moc"
