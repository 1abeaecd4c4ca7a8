// Eligible leader replicas (KIP-966).
#include "tests/engine/metadata/controller_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::metadata;
using namespace ottla::metadata::test;
using protocol::ErrorCode;

namespace {

using Ids = std::vector<int>;

struct ElrFixture : ControllerFixture {
  using ControllerFixture::ControllerFixture;

  // A new incarnation; one that stopped cleanly knows the epoch that it had.
  void restart(int broker, bool clean) {
    auto request = registration(broker, ++starts_);
    request.previous_broker_epoch =
        clean ? controller.image().broker(BrokerId{broker})->epoch : no_broker_epoch;
    QVERIFY(take(controller.register_broker(request, context())).error_code == ErrorCode::none);
  }
  void create_orders(ConfigValues configs = {}) {
    bring_up({1, 2, 3});
    configs["min.insync.replicas"] = "2";
    create_assigned("orders", {1, 2, 3}, configs);
  }
  // Broker 3 went first, then 2, then 1, which led last.
  void lose_all() {
    expire_sessions_of_all_but({1, 2});
    expire_sessions_of_all_but({1});
    expire_sessions_of_all_but({});
  }
  [[nodiscard]] const Partition& orders() const { return partition("orders"); }

  ErrorCode alter(ConfigResourceType type, const std::string& name, int operation,
                  std::optional<std::string> value) {
    protocol::IncrementalAlterConfigsRequest request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = static_cast<std::int8_t>(type);
    resource.resource_name = name;
    resource.configs.push_back({.name = "min.insync.replicas",
                                .config_operation = static_cast<std::int8_t>(operation),
                                .value = std::move(value)});
    const auto answer = take(controller.incremental_alter_configs(request)).responses.at(0);
    message = answer.error_message.value_or("");
    return answer.error_code;
  }
  std::string message;

 private:
  int starts_ = 1;
};

constexpr int set = 0;
constexpr int remove_it = 1;

}  // namespace

class EligibleReplicasTest : public QObject {
  Q_OBJECT
 private slots:
  void a_new_cluster_begins_with_one_min_insync_for_all();
  void replicas_that_leave_below_min_insync_stay_eligible();
  void the_last_one_may_leave_and_is_remembered_as_the_last_leader();
  void an_eligible_replica_leads_cleanly_when_it_returns();
  void one_that_did_not_stop_cleanly_is_not_eligible_any_more();
  void the_last_leader_leads_uncleanly_when_nobody_is_eligible();
  void any_live_replica_leads_where_unclean_elections_are_allowed();
  void min_insync_is_never_more_than_the_replicas();
  void min_insync_belongs_to_the_cluster_and_its_topics();
  void a_change_of_min_insync_forgets_who_was_eligible();
  void switched_off_the_last_replica_stays_in_sync();
};

void EligibleReplicasTest::a_new_cluster_begins_with_one_min_insync_for_all() {
  ElrFixture f(ConfigValues{{"min.insync.replicas", "3"}});
  const ConfigResource everywhere{ConfigResourceType::broker, ""};
  QCOMPARE(static_cast<int>(f.controller.image().feature_level("metadata.version")), 27);
  QCOMPARE(static_cast<int>(f.controller.image().feature_level("eligible.leader.replicas.version")),
           1);
  QCOMPARE(f.controller.image().configs(everywhere).at("min.insync.replicas"), std::string("3"));
  const ElrFixture without({}, {{"eligible.leader.replicas.version", 0}});
  QCOMPARE(without.controller.image().features().size(), std::size_t{1});
  QVERIFY(without.controller.image().all_configs().empty());
}

void EligibleReplicasTest::replicas_that_leave_below_min_insync_stay_eligible() {
  ElrFixture f;
  f.create_orders();
  f.expire_sessions_of_all_but({1, 2});
  QCOMPARE(ids(f.orders().isr), (Ids{1, 2}));
  QVERIFY(f.orders().eligible_leader_replicas.empty());
  f.expire_sessions_of_all_but({1});
  QCOMPARE(ids(f.orders().isr), (Ids{1}));
  QCOMPARE(ids(f.orders().eligible_leader_replicas), (Ids{2}));
  QCOMPARE(f.orders().leader, BrokerId{1});
  f.restart(2, /*clean=*/true);
  f.beat(2);
  f.take(f.controller.alter_partition(proposal(f, 1, "orders", {1, 2}), f.context()));
  QCOMPARE(ids(f.orders().isr), (Ids{1, 2}));
  QVERIFY(f.orders().eligible_leader_replicas.empty());
}

void EligibleReplicasTest::the_last_one_may_leave_and_is_remembered_as_the_last_leader() {
  ElrFixture f;
  f.create_orders();
  f.lose_all();
  QVERIFY(f.orders().isr.empty());
  QCOMPARE(ids(f.orders().eligible_leader_replicas), (Ids{1, 2}));
  QCOMPARE(ids(f.orders().last_known_elr), (Ids{1}));
  QCOMPARE(f.orders().leader, no_broker);
  QVERIFY(f.replayed() == f.controller.image());
}

void EligibleReplicasTest::an_eligible_replica_leads_cleanly_when_it_returns() {
  ElrFixture f;
  f.create_orders();
  f.lose_all();
  f.restart(3, /*clean=*/true);
  f.beat(3);
  QCOMPARE(f.orders().leader, no_broker);  // It left while there were enough without it.
  f.restart(2, /*clean=*/true);
  QCOMPARE(ids(f.orders().eligible_leader_replicas), (Ids{1, 2}));
  f.beat(2);
  QCOMPARE(f.orders().leader, BrokerId{2});
  QCOMPARE(ids(f.orders().isr), (Ids{2}));
  QCOMPARE(ids(f.orders().eligible_leader_replicas), (Ids{1}));
  QVERIFY(f.orders().last_known_elr.empty());
  QVERIFY(f.orders().leader_recovery_state == LeaderRecoveryState::recovered);
}

void EligibleReplicasTest::one_that_did_not_stop_cleanly_is_not_eligible_any_more() {
  ElrFixture f;
  f.create_orders();
  f.lose_all();
  f.restart(2, /*clean=*/false);
  QCOMPARE(ids(f.orders().eligible_leader_replicas), (Ids{1}));
  f.beat(2);
  QCOMPARE(f.orders().leader, no_broker);
  f.restart(1, /*clean=*/true);
  f.beat(1);
  QCOMPARE(f.orders().leader, BrokerId{1});
  // In sync when it was killed, it leaves the in-sync replicas and is not eligible either.
  f.take(f.controller.alter_partition(proposal(f, 1, "orders", {1, 2}), f.context()));
  f.now += Duration::seconds(9);
  f.restart(2, /*clean=*/false);
  QCOMPARE(ids(f.orders().isr), (Ids{1}));
  QVERIFY(f.orders().eligible_leader_replicas.empty());
}

void EligibleReplicasTest::the_last_leader_leads_uncleanly_when_nobody_is_eligible() {
  ElrFixture f;
  f.create_orders();
  f.lose_all();
  f.restart(1, /*clean=*/false);
  f.restart(2, /*clean=*/false);
  QVERIFY(f.orders().eligible_leader_replicas.empty());
  f.beat(2);
  QCOMPARE(f.orders().leader, no_broker);
  f.beat(1);
  QCOMPARE(f.orders().leader, BrokerId{1});
  QCOMPARE(ids(f.orders().isr), (Ids{1}));
  QVERIFY(f.orders().last_known_elr.empty());
  QVERIFY(f.orders().leader_recovery_state == LeaderRecoveryState::recovering);
}

void EligibleReplicasTest::any_live_replica_leads_where_unclean_elections_are_allowed() {
  ElrFixture f;
  f.create_orders({{"unclean.leader.election.enable", "true"}});
  f.lose_all();
  QVERIFY(f.orders().isr.empty());
  f.restart(3, /*clean=*/false);
  f.beat(3);
  QCOMPARE(f.orders().leader, BrokerId{3});
  QCOMPARE(ids(f.orders().isr), (Ids{3}));
  // What the others have may be more, and other, than what is the log now.
  QVERIFY(f.orders().eligible_leader_replicas.empty());
}

void EligibleReplicasTest::min_insync_is_never_more_than_the_replicas() {
  ElrFixture f;
  f.bring_up({1, 2});
  f.create_assigned("small", {1, 2}, {{"min.insync.replicas", "5"}});
  f.expire_sessions_of_all_but({1});
  QCOMPARE(ids(f.partition("small").eligible_leader_replicas), (Ids{2}));
  f.restart(2, /*clean=*/true);
  f.beat(2);
  f.take(f.controller.alter_partition(proposal(f, 1, "small", {1, 2}), f.context()));
  QVERIFY(f.partition("small").eligible_leader_replicas.empty());
}

void EligibleReplicasTest::min_insync_belongs_to_the_cluster_and_its_topics() {
  ElrFixture f;
  f.create_orders();
  QVERIFY(f.alter(ConfigResourceType::broker, "1", set, "2") == ErrorCode::invalid_config);
  QCOMPARE(f.message,
           std::string("Broker-level min.insync.replicas cannot be altered while ELR is enabled."));
  QVERIFY(f.alter(ConfigResourceType::broker, "", remove_it, std::nullopt) ==
          ErrorCode::invalid_config);
  QCOMPARE(
      f.message,
      std::string("Cluster-level min.insync.replicas cannot be removed while ELR is enabled."));
  QVERIFY(f.last.empty());
  // Nor by naming all the others.
  protocol::AlterConfigsRequest whole;
  whole.resources.push_back({.resource_type = 4, .resource_name = "", .configs = {}});
  QVERIFY(f.take(f.controller.alter_configs(whole)).responses.at(0).error_code ==
          ErrorCode::invalid_config);
  ElrFixture without({}, {{"eligible.leader.replicas.version", 0}});
  without.create_orders();
  QVERIFY(without.alter(ConfigResourceType::broker, "1", set, "2") == ErrorCode::none);
}

void EligibleReplicasTest::a_change_of_min_insync_forgets_who_was_eligible() {
  for (const bool of_topic : {true, false}) {
    ElrFixture f;
    f.create_orders();
    f.create_assigned("other", {1, 2}, {{"min.insync.replicas", "2"}});
    f.expire_sessions_of_all_but({1});
    QVERIFY(!f.orders().eligible_leader_replicas.empty());
    QVERIFY(f.alter(of_topic ? ConfigResourceType::topic : ConfigResourceType::broker,
                    of_topic ? "orders" : "", set, "3") == ErrorCode::none);
    QVERIFY(f.orders().eligible_leader_replicas.empty());
    QCOMPARE(f.partition("other").eligible_leader_replicas.empty(), !of_topic);
  }
}

void EligibleReplicasTest::switched_off_the_last_replica_stays_in_sync() {
  ElrFixture f({}, {{"eligible.leader.replicas.version", 0}});
  f.create_orders();
  f.lose_all();
  QCOMPARE(ids(f.orders().isr), (Ids{1}));
  QVERIFY(f.orders().eligible_leader_replicas.empty() && f.orders().last_known_elr.empty());
}

OTTLA_TEST(EligibleReplicasTest)
#include "eligible_replicas_test.moc"
