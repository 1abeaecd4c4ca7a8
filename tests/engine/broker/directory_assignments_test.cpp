#include "engine/broker/directory_assignments.h"

#include "tests/engine/broker/data_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;
using namespace ottla::broker::test;
using protocol::AssignReplicasToDirsRequest;
using protocol::AssignReplicasToDirsResponse;
using protocol::ErrorCode;

namespace {

constexpr Uuid dir_a{1, 1};
constexpr Uuid dir_b{1, 2};
constexpr TopicId payments_id{8, 8};
constexpr PartitionKey payments_0{payments_id, PartitionIndex{0}};

// Broker 1 is a replica of orders-0 and payments-0.
struct Fixture : DataFixture {
  Fixture() {
    create_orders({1, 2});
    create_topic("payments", payments_id, {1});
  }
  void assign(const PartitionKey& key, const Uuid& directory) {
    assignments.assign(key, directory, env.time);
  }
  // What is sent after so many milliseconds.
  std::optional<AssignReplicasToDirsRequest> sent_after(std::int64_t millis) {
    env.time += Duration::millis(millis);
    return assignments.take_due(image, config.node_id, env.time);
  }
  // The answer to it, with `error` for every partition.
  std::map<PartitionKey, Uuid> answer(const AssignReplicasToDirsRequest& request, ErrorCode error) {
    AssignReplicasToDirsResponse response;
    for (const auto& asked : request.directories) {
      auto& directory = response.directories.emplace_back();
      directory.id = asked.id;
      for (const auto& asked_topic : asked.topics) {
        auto& topic = directory.topics.emplace_back();
        topic.topic_id = asked_topic.topic_id;
        for (const auto& partition : asked_topic.partitions) {
          auto& answered = topic.partitions.emplace_back();
          answered.partition_index = partition.partition_index;
          answered.error_code = error;
        }
      }
    }
    return assignments.answered(response, env.time);
  }

  DirectoryAssignments assignments{env.env.random};
};

}  // namespace

class DirectoryAssignmentsTest : public QObject {
  Q_OBJECT
 private slots:
  void what_is_assigned_within_a_moment_is_sent_together();
  void nothing_more_is_sent_while_an_answer_is_awaited();
  void what_the_controller_refuses_is_said_again();
  void a_newer_word_on_a_partition_counts();
  void failures_of_whole_requests_make_it_wait_longer();
  void what_is_no_replica_any_more_is_dropped();
};

void DirectoryAssignmentsTest::what_is_assigned_within_a_moment_is_sent_together() {
  Fixture f;
  f.assign(orders_0, dir_a);
  f.env.time += Duration::millis(50);
  f.assign(payments_0, dir_b);
  QVERIFY(!f.sent_after(49));
  const auto request = f.sent_after(1);
  QVERIFY(request.has_value());
  QCOMPARE(request->broker_id.value(), 1);
  QCOMPARE(request->directories.size(), std::size_t{2});
  QVERIFY(request->directories[0].id == dir_a);
  QVERIFY(request->directories[0].topics.at(0).topic_id == orders_id);
  QVERIFY(request->directories[1].topics.at(0).topic_id == payments_id);
  QVERIFY((f.answer(*request, ErrorCode::none) ==
           std::map<PartitionKey, Uuid>{{orders_0, dir_a}, {payments_0, dir_b}}));
  QVERIFY(!f.assignments.next_deadline());
}

void DirectoryAssignmentsTest::nothing_more_is_sent_while_an_answer_is_awaited() {
  Fixture f;
  f.assign(orders_0, dir_a);
  const auto first = f.sent_after(100);
  f.assign(payments_0, dir_b);
  QVERIFY(!f.sent_after(1000));
  QVERIFY(!f.assignments.next_deadline());
  (void)f.answer(*first, ErrorCode::none);
  QVERIFY(f.sent_after(100).has_value());
}

void DirectoryAssignmentsTest::what_the_controller_refuses_is_said_again() {
  Fixture f;
  f.assign(orders_0, dir_a);
  const auto request = f.sent_after(100);
  QVERIFY(f.answer(*request, ErrorCode::unknown_topic_id).empty());
  QVERIFY(!f.sent_after(99));
  QVERIFY(f.sent_after(1) == request);
}

void DirectoryAssignmentsTest::a_newer_word_on_a_partition_counts() {
  Fixture f;
  f.assign(orders_0, dir_a);
  const auto first = f.sent_after(100);
  f.assign(orders_0, dir_b);
  (void)f.answer(*first, ErrorCode::unknown_topic_id);
  const auto second = f.sent_after(100);
  QCOMPARE(second->directories.size(), std::size_t{1});
  QVERIFY(second->directories[0].id == dir_b);
}

void DirectoryAssignmentsTest::failures_of_whole_requests_make_it_wait_longer() {
  Fixture f;
  f.assign(orders_0, dir_a);
  QVERIFY(f.sent_after(100).has_value());
  f.assignments.failed(f.env.time);
  QVERIFY(!f.sent_after(190));
  QVERIFY(f.sent_after(20).has_value());
  f.assignments.failed(f.env.time);
  QVERIFY(!f.sent_after(390));
  const auto last = f.sent_after(20);
  QVERIFY(last.has_value());
  (void)f.answer(*last, ErrorCode::none);
  f.assign(orders_0, dir_b);
  QVERIFY(f.sent_after(100).has_value());
}

void DirectoryAssignmentsTest::what_is_no_replica_any_more_is_dropped() {
  Fixture f;
  f.assign({orders_id, PartitionIndex{7}}, dir_a);
  QVERIFY(!f.sent_after(100));
  QVERIFY(!f.assignments.next_deadline());
}

OTTLA_TEST(DirectoryAssignmentsTest)
#include "directory_assignments_test.moc"
