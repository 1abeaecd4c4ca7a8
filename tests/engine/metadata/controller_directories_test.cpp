// Log directories as the controller sees them (KIP-858).
#include "engine/metadata/directory_id.h"
#include "tests/engine/metadata/controller_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::metadata;
using namespace ottla::metadata::test;
using protocol::ErrorCode;

namespace {

constexpr Uuid dir_a{200, 1};
constexpr Uuid dir_b{200, 2};

// Broker 1 has two directories, 2 and 3 have one each.
struct Fixture : ControllerFixture {
  explicit Fixture(FeatureLevels features = {}) : ControllerFixture({}, std::move(features)) {
    auto request = registration(1);
    request.log_dirs = {dir_a, dir_b};
    (void)take(controller.register_broker(request, context()));
    beat(1);
    bring_up({2, 3});
  }
  ErrorCode assign(const Uuid& directory, const std::string& topic, int index = 0, int broker = 1) {
    protocol::AssignReplicasToDirsRequest request;
    request.broker_id = BrokerId{broker};
    request.broker_epoch = controller.image().broker(BrokerId{broker})->epoch;
    auto& of_directory = request.directories.emplace_back();
    of_directory.id = directory;
    auto& of_topic = of_directory.topics.emplace_back();
    const Topic* known = controller.image().topic(std::string_view(topic));
    if (known != nullptr) of_topic.topic_id = known->id;
    of_topic.partitions.emplace_back().partition_index = PartitionIndex{index};
    const auto response = take(controller.assign_replicas_to_dirs(request));
    if (response.error_code != ErrorCode::none) return response.error_code;
    return response.directories.at(0).topics.at(0).partitions.at(0).error_code;
  }
  void report_offline(std::vector<Uuid> directories) {
    auto request = beat_of(1);
    request.offline_log_dirs = std::move(directories);
    QVERIFY(take(controller.heartbeat(request, context())).error_code == ErrorCode::none);
  }
  Uuid directory(const std::string& topic, int broker = 1) const {
    return directory_of(partition(topic), BrokerId{broker});
  }
};

}  // namespace

class ControllerDirectoriesTest : public QObject {
  Q_OBJECT
 private slots:
  void a_new_replica_lies_in_its_brokers_only_directory_or_in_none_yet();
  void a_broker_says_where_its_replica_lies();
  void an_assignment_forgets_who_was_eligible();
  void what_cannot_be_assigned_is_refused_one_by_one();
  void a_replica_assigned_to_an_offline_directory_leads_no_more();
  void an_offline_directory_takes_its_replicas_out();
  void an_offline_directory_is_reported_once();
  void a_replica_in_an_offline_directory_is_not_elected();
  void a_registration_names_each_directory_once_and_none_that_is_reserved();
  void before_the_metadata_log_knows_directories_nothing_is_assigned();
};

void ControllerDirectoriesTest::a_new_replica_lies_in_its_brokers_only_directory_or_in_none_yet() {
  Fixture f;
  f.create_assigned("orders", {1, 2});
  QVERIFY(f.directory("orders", 1) == unassigned_directory);
  QVERIFY(f.directory("orders", 2) == Uuid(100, 2));
}

void ControllerDirectoriesTest::a_broker_says_where_its_replica_lies() {
  Fixture f;
  f.create_assigned("orders", {1, 2});
  const auto leader_epoch = f.partition("orders").leader_epoch;
  QCOMPARE(f.assign(dir_b, "orders"), ErrorCode::none);
  QVERIFY(f.directory("orders") == dir_b);
  QVERIFY(f.directory("orders", 2) == Uuid(100, 2));
  QVERIFY(f.partition("orders").leader_epoch == leader_epoch);
  QCOMPARE(f.assign(dir_b, "orders"), ErrorCode::none);
  QVERIFY(f.last.empty());
}

// As in Kafka, whose assignment of a directory knows no eligible leader replicas.
void ControllerDirectoriesTest::an_assignment_forgets_who_was_eligible() {
  Fixture f;
  f.create_assigned("orders", {1, 2}, {{"min.insync.replicas", "2"}});
  f.expire_sessions_of_all_but({1, 3});
  QCOMPARE(ids(f.partition("orders").eligible_leader_replicas), std::vector{2});
  QCOMPARE(f.assign(dir_b, "orders"), ErrorCode::none);
  QVERIFY(f.partition("orders").eligible_leader_replicas.empty());
  QCOMPARE(ids(f.partition("orders").isr), std::vector{1});
}

void ControllerDirectoriesTest::what_cannot_be_assigned_is_refused_one_by_one() {
  Fixture f;
  f.create_assigned("orders", {1, 2});
  QCOMPARE(f.assign(dir_a, "unheard-of"), ErrorCode::unknown_topic_id);
  QCOMPARE(f.assign(dir_a, "orders", 1), ErrorCode::unknown_topic_or_partition);
  QCOMPARE(f.assign(Uuid(100, 3), "orders", 0, 3), ErrorCode::not_leader_or_follower);
  protocol::AssignReplicasToDirsRequest stale;
  stale.broker_id = BrokerId{1};
  stale.broker_epoch = BrokerEpoch{0};
  QCOMPARE(f.controller.assign_replicas_to_dirs(stale).response.error_code,
           ErrorCode::stale_broker_epoch);
}

void ControllerDirectoriesTest::a_replica_assigned_to_an_offline_directory_leads_no_more() {
  Fixture f;
  f.create_assigned("orders", {1, 2});
  QCOMPARE(f.assign(lost_directory, "orders"), ErrorCode::none);
  QCOMPARE(f.partition("orders").leader.value(), 2);
  QCOMPARE(ids(f.partition("orders").isr), std::vector{2});
  QVERIFY(f.directory("orders") == lost_directory);
}

void ControllerDirectoriesTest::an_offline_directory_takes_its_replicas_out() {
  Fixture f;
  f.create_assigned("orders", {1, 2});
  f.create_assigned("payments", {1, 2});
  QCOMPARE(f.assign(dir_a, "orders"), ErrorCode::none);
  QCOMPARE(f.assign(dir_b, "payments"), ErrorCode::none);
  f.report_offline({dir_b});
  QCOMPARE(f.partition("orders").leader.value(), 1);
  QCOMPARE(ids(f.partition("orders").isr), (std::vector{1, 2}));
  QCOMPARE(f.partition("payments").leader.value(), 2);
  QCOMPARE(ids(f.partition("payments").isr), std::vector{2});
  QVERIFY(f.controller.image().broker(BrokerId{1})->log_dirs == std::vector{dir_a});
  QVERIFY(!f.controller.image().broker(BrokerId{1})->fenced);
  QVERIFY(f.replayed() == f.controller.image());
}

void ControllerDirectoriesTest::an_offline_directory_is_reported_once() {
  Fixture f;
  f.report_offline({dir_b});
  QCOMPARE(f.last.size(), std::size_t{1});
  f.report_offline({dir_b});
  QVERIFY(f.last.empty());
}

void ControllerDirectoriesTest::a_replica_in_an_offline_directory_is_not_elected() {
  Fixture f({{"eligible.leader.replicas.version", std::int16_t{0}}});
  f.create_assigned("orders", {2, 1}, {{"unclean.leader.election.enable", "true"}});
  QCOMPARE(f.assign(dir_b, "orders"), ErrorCode::none);
  f.report_offline({dir_b});
  f.expire_sessions_of_all_but({1, 3});
  QCOMPARE(f.partition("orders").leader, no_broker);
}

void ControllerDirectoriesTest::
    a_registration_names_each_directory_once_and_none_that_is_reserved() {
  Fixture f;
  const auto refused = [&](std::vector<Uuid> directories) {
    auto request = f.registration(4);
    request.log_dirs = std::move(directories);
    return f.take(f.controller.register_broker(request, f.context())).error_code;
  };
  QCOMPARE(refused({Uuid(9, 9), Uuid(9, 9)}), ErrorCode::invalid_registration);
  QCOMPARE(refused({lost_directory}), ErrorCode::invalid_registration);
  QCOMPARE(refused({dir_a}), ErrorCode::invalid_registration);  // Broker 1's.
  QCOMPARE(refused({Uuid(9, 9), Uuid(9, 8)}), ErrorCode::none);
}

void ControllerDirectoriesTest::before_the_metadata_log_knows_directories_nothing_is_assigned() {
  Fixture f({{"metadata.version", std::int16_t{16}}});
  f.create_assigned("orders", {1, 2});
  QCOMPARE(f.assign(dir_a, "orders"), ErrorCode::unsupported_version);
  f.report_offline({dir_b});
  QVERIFY(f.last.empty());
}

OTTLA_TEST(ControllerDirectoriesTest)
#include "controller_directories_test.moc"
