#include "engine/gateway/snapshot_json.h"

#include <QTest>
#include <limits>
#include <nlohmann/json.hpp>

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::observe;
using gateway::to_json;
using nlohmann::json;

namespace {

constexpr Instant start = scenario_epoch;
constexpr Instant now = start + Duration::millis(90'004);

Snapshot small_cluster() {
  Snapshot snapshot;
  snapshot.run.kind = "Simulation";
  snapshot.run.start = start;
  snapshot.run.now = now;
  snapshot.run.seed = std::numeric_limits<std::uint64_t>::max();
  snapshot.run.trace_hash = 0xABC;
  snapshot.cluster_id = "AAAAAAAAAAAAAAAAAAAAAQ";
  snapshot.bootstrap = "127.0.0.1:9092";
  snapshot.quorum.leader = BrokerId{101};
  snapshot.quorum.replicas.push_back({.id = BrokerId{101},
                                      .voter = true,
                                      .log_end_offset = Known<Offset>::at(Offset{7}, now),
                                      .lag = 0,
                                      .last_fetch = std::nullopt,
                                      .last_caught_up = now});
  BrokerState broker;
  broker.id = BrokerId{1};
  broker.host = "127.0.0.1";
  broker.port = 9092;
  broker.status = ProcessStatus::online;
  broker.status_since = start;
  broker.load.disk = 0.25;
  snapshot.brokers.push_back(broker);
  auto topic = std::make_shared<TopicState>();
  topic->name = "orders";
  topic->id = TopicId(0, 1);
  PartitionState partition;
  partition.leader = BrokerId{1};
  partition.leader_epoch = LeaderEpoch{4};
  partition.isr = {BrokerId{1}};
  partition.log_end_offset = Known<Offset>::at(Offset{12}, now);
  partition.high_watermark = Known<Offset>::at(Offset{11}, now - Duration::seconds(3));
  topic->partitions.push_back(partition);
  snapshot.topics.push_back(topic);
  auto history = std::make_shared<History>();
  history->series.push_back({"lag.billing", "billing", "records", {{now, 5}}});
  snapshot.history = history;
  return snapshot;
}

}  // namespace

class SnapshotJsonTest : public QObject {
  Q_OBJECT
 private slots:
  void the_run_says_its_time_seed_and_hash();
  void the_quorums_leader_is_the_active_controller();
  void what_is_not_known_is_null();
  void an_old_value_says_how_old_it_is();
  void ids_are_numbers_and_topics_have_kafkas_text();
  void members_have_assignments_and_lag_is_in_milliseconds();
  void a_group_that_waits_says_why_and_until_when();
  void the_history_is_there_when_it_is_wanted();
  void an_empty_cluster_has_every_part();
};

void SnapshotJsonTest::the_run_says_its_time_seed_and_hash() {
  const json run = to_json(small_cluster())["run"];
  QVERIFY(run["start"] == "2026-01-01T00:00:00.000Z");
  QVERIFY(run["now"] == "2026-01-01T00:01:30.004Z");
  QVERIFY(run["since_start_ms"] == 90'004);
  QVERIFY(run["seed"] == 18446744073709551615ULL);
  QVERIFY(run["trace_hash"] == "0000000000000abc");
  QVERIFY(run["last_violation"].is_null());
}

void SnapshotJsonTest::the_quorums_leader_is_the_active_controller() {
  const json quorum = to_json(small_cluster())["quorum"];
  QVERIFY(quorum["leader"] == 101);
  QVERIFY(quorum["high_watermark"].is_null());
  QVERIFY(quorum["replicas"][0]["log_end_offset"] == 7);
  QVERIFY(quorum["replicas"][0]["last_fetch"].is_null());
}

void SnapshotJsonTest::what_is_not_known_is_null() {
  Snapshot snapshot = small_cluster();
  snapshot.brokers[0].status = ProcessStatus::unknown;
  snapshot.brokers[0].bytes_in_per_s = std::numeric_limits<double>::quiet_NaN();
  const json broker = to_json(snapshot)["brokers"][0];
  QVERIFY(broker["status"].is_null());
  QVERIFY(broker["bytes_in_per_s"].is_null());
  QVERIFY(broker["epoch"].is_null());
  QVERIFY(broker["rack"].is_null());
  QVERIFY(broker["load"]["network"].is_null());
  QVERIFY(broker["load"]["disk"] == 0.25);
}

void SnapshotJsonTest::an_old_value_says_how_old_it_is() {
  const json partition = to_json(small_cluster())["topics"][0]["partitions"][0];
  QVERIFY(partition["log_end_offset"] == 12);
  QVERIFY(!partition.contains("log_end_offset_as_of"));
  QVERIFY(partition["high_watermark"] == 11);
  QVERIFY(partition["high_watermark_as_of"] == "2026-01-01T00:01:27.004Z");
  QVERIFY(partition["last_stable_offset"].is_null());
}

void SnapshotJsonTest::ids_are_numbers_and_topics_have_kafkas_text() {
  const json topic = to_json(small_cluster())["topics"][0];
  QVERIFY(topic["id"] == "AAAAAAAAAAAAAAAAAAAAAQ");
  QVERIFY(topic["partitions"][0]["index"] == 0);
  QVERIFY(topic["partitions"][0]["leader"] == 1);
  QVERIFY(topic["partitions"][0]["leader_epoch"] == 4);
  QVERIFY(topic["partitions"][0]["isr"] == json::array({1}));
}

void SnapshotJsonTest::members_have_assignments_and_lag_is_in_milliseconds() {
  Snapshot snapshot = small_cluster();
  auto group = std::make_shared<GroupState>();
  group->name = "billing";
  group->state = "Stable";
  group->lag_time = Duration::micros(1500);
  MemberState member;
  member.member_id = "m-1";
  member.assignment.emplace_back("orders", PartitionIndex{2});
  group->members.push_back(member);
  snapshot.groups.push_back(group);
  const json shown = to_json(snapshot)["groups"][0];
  QVERIFY(shown["lag_ms"] == 1.5);
  QVERIFY(shown["generation"].is_null());
  const json expected = json::array({{{"topic", "orders"}, {"partition", 2}}});
  QVERIFY(shown["members"][0]["assignment"] == expected);
}

void SnapshotJsonTest::a_group_that_waits_says_why_and_until_when() {
  Snapshot snapshot = small_cluster();
  GroupState group;
  group.name = "billing";
  snapshot.groups.push_back(std::make_shared<GroupState>(group));
  group.why = "1 of 2 members have joined";
  group.deadline = snapshot.run.start + Duration::millis(95'250);
  snapshot.groups.push_back(std::make_shared<GroupState>(group));
  const json shown = to_json(snapshot)["groups"];
  QVERIFY(shown[0]["why"].is_null() && shown[0]["deadline"].is_null());
  QVERIFY(shown[1]["why"] == "1 of 2 members have joined");
  QVERIFY(shown[1]["deadline"] == "2026-01-01T00:01:35.250Z");
}

void SnapshotJsonTest::the_history_is_there_when_it_is_wanted() {
  const json with = to_json(small_cluster(), gateway::WithHistory::yes);
  QVERIFY(with["history"][0]["key"] == "lag.billing");
  QVERIFY(with["history"][0]["points"] == json::array({json::array({90'004, 5.0})}));
  QVERIFY(!to_json(small_cluster(), gateway::WithHistory::no).contains("history"));
}

void SnapshotJsonTest::an_empty_cluster_has_every_part() {
  const json empty = to_json(Snapshot());
  for (const char* part : {"brokers", "controllers", "topics", "producers", "groups", "links",
                           "flows", "in_flight", "waits", "real_clients"}) {
    QVERIFY2(empty[part].is_array() && empty[part].empty(), part);
  }
  QVERIFY(empty["quorum"]["leader"].is_null());
}

OTTLA_TEST(SnapshotJsonTest)
#include "snapshot_json_test.moc"
