// Partitions in several log directories: where they are placed, moved between, and lost with.
#include "engine/broker/data/log_dir_service.h"
#include "engine/storage/partition_folder.h"
#include "tests/engine/broker/data_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;
using namespace ottla::broker::test;
using protocol::AlterReplicaLogDirsRequest;
using protocol::ErrorCode;

namespace {

constexpr TopicId payments_id{8, 8};
constexpr TopicId refunds_id{9, 9};
constexpr PartitionKey payments_0{payments_id, PartitionIndex{0}};
constexpr Uuid id_a{1, 1};
constexpr Uuid id_b{1, 2};

struct Fixture : DataFixture {
  explicit Fixture(const std::string& dirs = "/a,/b")
      : DataFixture(metadata::ConfigValues{{"log.dirs", dirs}}) {}

  // Whether there is anything below it on the disk.
  bool has(std::string_view folder) {
    const auto names = env.env.disk.list(folder);
    return names && !names->empty();
  }
  ErrorCode move(const std::string& topic, const std::string& to) {
    AlterReplicaLogDirsRequest request;
    auto& asked = request.dirs.emplace_back();
    asked.path = to;
    asked.topics.push_back({.name = topic, .partitions = {PartitionIndex{0}}});
    return service.alter(request).results.at(0).partitions.at(0).error_code;
  }
  // What lies in the directory of that place: "orders-0 lag 0", with "future" behind it.
  std::string described(std::size_t place) {
    protocol::DescribeLogDirsRequest everything;
    everything.topics.reset();
    const auto result = service.describe(everything).results.at(place);
    if (result.error_code != ErrorCode::none) return std::string(name(result.error_code));
    std::string text;
    for (const auto& topic : result.topics) {
      for (const auto& partition : topic.partitions) {
        text += (text.empty() ? "" : ", ") + topic.name + "-" +
                std::to_string(partition.partition_index.value()) + " lag " +
                std::to_string(partition.offset_lag) + (partition.is_future_key ? " future" : "");
      }
    }
    return text;
  }
  static std::string_view name(ErrorCode error) {
    return error == ErrorCode::kafka_storage_error ? "KAFKA_STORAGE_ERROR" : "?";
  }
  // Copies until all is copied that there is.
  void copy() { run_for(Duration::millis(100)); }
  void run_for(Duration duration) {
    const Instant end = env.time + duration;
    while (replicas.next_deadline() <= end) {
      env.time = std::max(env.time, replicas.next_deadline());
      replicas.on_time();
      settle();
    }
    env.time = end;
  }
  // Takes the directory down as the broker does.
  void fail(const std::string& path) {
    LogDirectory* directory = directories.find(path);
    directory->go_offline();
    replicas.directory_failed(*directory);
  }

  LogDirService service{directories, image, replicas};
};

}  // namespace

class ReplicaMovesTest : public QObject {
  Q_OBJECT
 private slots:
  void a_new_partition_lies_where_the_fewest_are();
  void a_partition_lies_where_the_controller_wants_it();
  void each_directory_has_checkpoints_of_its_own();
  void a_partition_is_found_again_where_it_lies();
  void what_is_in_two_directories_is_not_chosen_between();
  void a_failed_directory_takes_its_partitions_only();
  void nothing_is_made_that_may_lie_in_an_offline_directory();
  void what_is_offline_stays_so_when_it_goes_and_comes_back();

  void a_replica_moves_when_the_controller_agrees();
  void a_leader_knows_its_epoch_after_a_move_though_nothing_is_written_in_it();
  void what_is_written_meanwhile_moves_too();
  void what_is_truncated_meanwhile_is_truncated_there_too();
  void a_move_elsewhere_is_told_and_taken_back();
  void a_move_keeps_to_its_rate();
  void a_move_goes_on_after_a_restart();
  void a_move_that_was_agreed_on_is_completed_at_the_start();
  void a_partition_that_is_not_here_yet_comes_to_where_it_was_asked_to();
  void nothing_is_moved_while_a_directory_is_offline();
  void a_partition_that_is_not_here_is_not_asked_for_in_an_offline_directory();
  void how_far_a_log_is_cleaned_moves_with_it();
  void a_deleted_topic_leaves_no_future_log();
};

void ReplicaMovesTest::a_new_partition_lies_where_the_fewest_are() {
  Fixture f;
  f.create_orders({1, 2});
  f.create_topic("payments", payments_id, {1});
  f.create_topic("refunds", refunds_id, {1});
  QCOMPARE(f.described(0), std::string("orders-0 lag 0, refunds-0 lag 0"));
  QCOMPARE(f.described(1), std::string("payments-0 lag 0"));
  QVERIFY(f.has("a/orders-0") && f.has("b/payments-0"));
}

void ReplicaMovesTest::a_partition_lies_where_the_controller_wants_it() {
  Fixture f;
  protocol::PartitionRecord partition = partition_record(orders_id, {1, 2});
  partition.directories = {id_b, Uuid(3, 3)};
  protocol::TopicRecord topic;
  topic.name = "orders";
  topic.topic_id = orders_id;
  f.apply_together({topic, partition});
  QCOMPARE(f.described(1), std::string("orders-0 lag 0"));
}

void ReplicaMovesTest::each_directory_has_checkpoints_of_its_own() {
  Fixture f;
  f.create_orders({1});
  f.create_topic("payments", payments_id, {1});
  f.write();
  f.replicas.finish_close();
  const auto read = [&](const char* path) {
    return std::string(read_file(f.env.env.disk, path)->text());
  };
  QCOMPARE(read("a/replication-offset-checkpoint"), std::string("0\n1\norders 0 1\n"));
  QCOMPARE(read("b/replication-offset-checkpoint"), std::string("0\n1\npayments 0 0\n"));
}

void ReplicaMovesTest::a_partition_is_found_again_where_it_lies() {
  Fixture f;
  f.create_topic("payments", payments_id, {1});  // In /a.
  f.create_orders({1});                          // In /b.
  f.write({.records = 3});
  metadata::ImageDelta everything;
  everything.changed_partitions[orders_id] = {PartitionIndex{0}};
  Replicas again(f.env.env, f.config, f.image, f.directories);
  again.load();
  again.apply(everything);
  QCOMPARE(again.find(orders_0)->directory().path(), std::string("/b"));
  QCOMPARE(again.find(orders_0)->log_end().value(), 3);
}

void ReplicaMovesTest::what_is_in_two_directories_is_not_chosen_between() {
  Fixture f;
  f.create_orders({1});
  QVERIFY(storage::write_partition_metadata(f.directories.find("/b")->disk(), "orders-0", orders_id)
              .has_value());
  metadata::ImageDelta everything;
  everything.changed_partitions[orders_id] = {PartitionIndex{0}};
  Replicas again(f.env.env, f.config, f.image, f.directories);
  again.load();
  again.apply(everything);
  QVERIFY(again.broken().has_value());
  QVERIFY(again.broken()->starts_with(
      "Duplicate log directories for orders-0 are found in both /b/orders-0 and /a/orders-0."));
}

void ReplicaMovesTest::a_failed_directory_takes_its_partitions_only() {
  Fixture f;
  f.create_orders({1, 2});
  f.create_topic("payments", payments_id, {1, 2});
  const ConnectionId waiting = f.produce(-1);
  QVERIFY(!f.produced(waiting));
  f.fail("/a");
  f.set_isr({1, 2});  // News of the partition, which does not open it again.
  QCOMPARE(f.produced(waiting)->error_code, ErrorCode::kafka_storage_error);
  QVERIFY(f.replicas.find(orders_0) == nullptr);
  QVERIFY(f.replicas.find(payments_0) != nullptr);
  QCOMPARE(f.produced(f.produce(1))->error_code, ErrorCode::kafka_storage_error);
  QCOMPARE(f.fetched(f.ask(fetch_request(0)))->error_code, ErrorCode::kafka_storage_error);
  QCOMPARE(f.described(0), std::string("KAFKA_STORAGE_ERROR"));
  QCOMPARE(f.described(1), std::string("payments-0 lag 0"));
  QVERIFY(f.has("a/orders-0"));
}

void ReplicaMovesTest::nothing_is_made_that_may_lie_in_an_offline_directory() {
  Fixture f;
  f.fail("/a");
  protocol::PartitionRecord partition = partition_record(orders_id, {1, 2});
  partition.directories = {id_a, Uuid(3, 3)};
  protocol::TopicRecord topic;
  topic.name = "orders";
  topic.topic_id = orders_id;
  f.apply_together({topic, partition});
  QVERIFY(f.replicas.find(orders_0) == nullptr);
  topic.name = "payments";
  topic.topic_id = partition.topic_id = payments_id;
  partition.directories = {Uuid(0, 1), Uuid(3, 3)};  // UNASSIGNED: it lies nowhere yet.
  f.apply_together({topic, partition});
  QCOMPARE(f.described(1), std::string("payments-0 lag 0"));
}

// Seed 3 of havoc: its log in the failed directory was found beside a new one at the next start.
void ReplicaMovesTest::what_is_offline_stays_so_when_it_goes_and_comes_back() {
  Fixture f;
  f.create_orders({2, 1});
  f.fail("/a");
  protocol::PartitionChangeRecord change;
  change.topic_id = orders_id;
  change.partition_id = PartitionIndex{0};
  change.replicas = {BrokerId{2}, BrokerId{3}};
  f.apply(change);
  QVERIFY(f.replicas.find(orders_0) == nullptr);
  change.replicas = {BrokerId{2}, BrokerId{1}};
  change.directories = {Uuid(3, 3), Uuid(0, 1)};  // UNASSIGNED
  f.apply(change);
  QVERIFY(f.replicas.find(orders_0) == nullptr);
  QVERIFY(!f.has("b/orders-0"));
  QCOMPARE(f.replicas.why_absent(orders_0), ErrorCode::kafka_storage_error);
}

void ReplicaMovesTest::a_replica_moves_when_the_controller_agrees() {
  Fixture f;
  f.create_orders({1});
  f.write({.records = 3});
  QCOMPARE(f.move("orders", "/b"), ErrorCode::none);
  QCOMPARE(f.described(1), std::string("orders-0 lag 3 future"));
  f.copy();
  QCOMPARE(f.described(1), std::string("orders-0 lag 0 future"));
  QVERIFY((f.replicas.take_misplaced() == std::map<PartitionKey, Uuid>{{orders_0, id_b}}));
  f.copy();
  QCOMPARE(f.described(0), std::string("orders-0 lag 0"));  // Not without the controller.
  f.replicas.directory_accepted(orders_0, id_a);            // The answer to another question.
  f.copy();
  QCOMPARE(f.described(0), std::string("orders-0 lag 0"));
  f.replicas.directory_accepted(orders_0, id_b);
  f.copy();
  QCOMPARE(f.described(0), std::string());
  QCOMPARE(f.described(1), std::string("orders-0 lag 0"));
  QVERIFY(!f.has("a/orders-0") && f.has("b/orders-0"));
  QCOMPARE(f.orders().log_end().value(), 3);
  QCOMPARE(f.orders().high_watermark().value(), 3);
  QCOMPARE(f.orders().epoch_of(Offset{2}), f.orders().leader_epoch());
  QCOMPARE(bases(*f.fetched(f.ask(fetch_request(0)))), std::vector<std::int64_t>{0});
  QCOMPARE(f.produced(f.produce(1))->base_offset.value(), 3);
}

// Else a follower whose last record is of the epoch before could not be told where that ended, and
// would be out of range until the next record. Found by calm seed 606.
void ReplicaMovesTest::a_leader_knows_its_epoch_after_a_move_though_nothing_is_written_in_it() {
  Fixture f;
  f.create_orders({1, 2});
  f.write({.records = 3});
  f.follower_reaches(2, 3);
  QVERIFY(f.replicas.delete_records(f.orders(), Offset{3}).has_value());
  const LeaderEpoch before = f.orders().leader_epoch();
  f.elect(2);
  QCOMPARE(f.move("orders", "/b"), ErrorCode::none);
  f.elect(1);
  const LeaderEpoch now = f.orders().leader_epoch();
  QVERIFY(now > before);
  f.copy();
  f.replicas.directory_accepted(orders_0, id_b);
  f.copy();
  QCOMPARE(f.described(1), std::string("orders-0 lag 0"));
  QCOMPARE(f.orders().epoch_end(before).end_offset.value(), 3);
  QCOMPARE(f.orders().epoch_end(now).epoch, now);
}

void ReplicaMovesTest::what_is_written_meanwhile_moves_too() {
  Fixture f;
  f.create_orders({1});
  f.write();
  QCOMPARE(f.move("orders", "/b"), ErrorCode::none);
  f.copy();
  f.write();
  QCOMPARE(f.described(1), std::string("orders-0 lag 1 future"));
  f.replicas.directory_accepted(orders_0, id_b);
  f.copy();
  QCOMPARE(f.described(1), std::string("orders-0 lag 0"));
  QCOMPARE(f.orders().log_end().value(), 2);
}

void ReplicaMovesTest::what_is_truncated_meanwhile_is_truncated_there_too() {
  Fixture f;
  f.create_orders({1, 2});
  f.write();
  f.write();
  QCOMPARE(f.move("orders", "/b"), ErrorCode::none);
  f.copy();
  f.elect(2);
  f.replicas.truncate(f.orders(), Offset{1});
  QCOMPARE(f.described(1), std::string("orders-0 lag 0 future"));
}

void ReplicaMovesTest::a_move_elsewhere_is_told_and_taken_back() {
  Fixture f;
  f.create_orders({1});
  QCOMPARE(f.move("orders", "/c"), ErrorCode::log_dir_not_found);
  QCOMPARE(f.move("orders", "/b"), ErrorCode::none);
  QCOMPARE(f.move("orders", "/b"), ErrorCode::none);  // Goes on.
  f.copy();
  QVERIFY(!f.replicas.take_misplaced().empty());
  QCOMPARE(f.move("orders", "/a"), ErrorCode::none);
  QVERIFY((f.replicas.take_misplaced() == std::map<PartitionKey, Uuid>{{orders_0, id_a}}));
  QCOMPARE(f.described(1), std::string());
  f.replicas.directory_accepted(orders_0, id_b);
  f.copy();
  QCOMPARE(f.described(0), std::string("orders-0 lag 0"));
}

void ReplicaMovesTest::a_move_keeps_to_its_rate() {
  Fixture f;
  f.set_broker_config("replica.alter.log.dirs.io.max.bytes.per.second", "10000");
  f.create_orders({1}, {{"segment.bytes", "1000"}});
  const std::size_t bytes = make_batch({}).size_in_bytes();
  for (std::size_t written = 0; written < 20'000; written += bytes) f.write();
  QCOMPARE(f.move("orders", "/b"), ErrorCode::none);
  f.run_for(Duration::millis(1500));
  QVERIFY(f.replicas.futures().find(orders_0)->log.size() < 17'000);
  f.run_for(Duration::millis(1500));
  QCOMPARE(f.described(1), std::string("orders-0 lag 0 future"));
}

void ReplicaMovesTest::a_move_goes_on_after_a_restart() {
  Fixture f;
  f.create_orders({1});
  f.write({.records = 3});
  QCOMPARE(f.move("orders", "/b"), ErrorCode::none);
  metadata::ImageDelta everything;
  everything.changed_partitions[orders_id] = {PartitionIndex{0}};
  Replicas again(f.env.env, f.config, f.image, f.directories);
  again.load();
  again.apply(everything);
  QCOMPARE(again.find(orders_0)->directory().path(), std::string("/a"));
  QCOMPARE(again.futures().all().size(), std::size_t{1});
}

void ReplicaMovesTest::a_move_that_was_agreed_on_is_completed_at_the_start() {
  Fixture f;
  f.create_orders({1});
  f.write({.records = 3});
  QCOMPARE(f.move("orders", "/b"), ErrorCode::none);
  f.copy();
  protocol::PartitionChangeRecord change;
  change.topic_id = orders_id;
  change.partition_id = PartitionIndex{0};
  change.directories = {id_b};
  f.apply(change);
  metadata::ImageDelta everything;
  everything.changed_partitions[orders_id] = {PartitionIndex{0}};
  Replicas again(f.env.env, f.config, f.image, f.directories);
  again.load();
  again.apply(everything);
  QVERIFY(!again.broken());
  QCOMPARE(again.find(orders_0)->directory().path(), std::string("/b"));
  QCOMPARE(again.find(orders_0)->log_end().value(), 3);
  QVERIFY(!f.has("a/orders-0"));
}

void ReplicaMovesTest::a_partition_that_is_not_here_yet_comes_to_where_it_was_asked_to() {
  Fixture f;
  f.create_orders({2});
  QCOMPARE(f.move("orders", "/b"), ErrorCode::replica_not_available);
  protocol::PartitionRecord partition = partition_record(orders_id, {2, 1});
  f.apply(partition);
  QCOMPARE(f.described(1), std::string("orders-0 lag 0"));
}

void ReplicaMovesTest::nothing_is_moved_while_a_directory_is_offline() {
  Fixture f;
  f.create_orders({1});
  f.create_topic("payments", payments_id, {1});
  QCOMPARE(f.move("payments", "/a"), ErrorCode::none);
  f.fail("/a");
  QVERIFY(f.replicas.futures().all().empty());
  QCOMPARE(f.move("orders", "/b"), ErrorCode::kafka_storage_error);
  QCOMPARE(f.move("payments", "/a"), ErrorCode::kafka_storage_error);
  QCOMPARE(f.move("payments", "/b"), ErrorCode::none);
  // Not even between two that work: the replica might lie in the one that does not.
  Fixture three("/a,/b,/c");
  three.create_orders({1});
  three.create_topic("payments", payments_id, {1});
  QCOMPARE(three.described(1), std::string("payments-0 lag 0"));
  three.fail("/a");
  QCOMPARE(three.move("payments", "/c"), ErrorCode::kafka_storage_error);
}

void ReplicaMovesTest::a_partition_that_is_not_here_is_not_asked_for_in_an_offline_directory() {
  Fixture f;
  f.create_topic("refunds", refunds_id, {2});
  f.fail("/a");
  QCOMPARE(f.move("refunds", "/a"), ErrorCode::kafka_storage_error);
  QCOMPARE(f.move("refunds", "/b"), ErrorCode::replica_not_available);
}

void ReplicaMovesTest::how_far_a_log_is_cleaned_moves_with_it() {
  Fixture f;
  f.create_orders({1});
  f.write({.records = 3});
  const storage::TopicPartition orders{"orders", PartitionIndex{0}};
  f.directories.find("/a")->cleaned().insert_or_assign(orders, Offset{2});
  QCOMPARE(f.move("orders", "/b"), ErrorCode::none);
  f.copy();
  f.replicas.directory_accepted(orders_0, id_b);
  f.copy();
  QCOMPARE(f.described(1), std::string("orders-0 lag 0"));
  QVERIFY(f.directories.find("/a")->cleaned().empty());
  QVERIFY(f.directories.find("/b")->cleaned().at(orders) == Offset{2});
}

void ReplicaMovesTest::a_deleted_topic_leaves_no_future_log() {
  Fixture f;
  f.create_orders({1});
  f.write();
  QCOMPARE(f.move("orders", "/b"), ErrorCode::none);
  protocol::RemoveTopicRecord removed;
  removed.topic_id = orders_id;
  f.apply(removed);
  QVERIFY(f.replicas.futures().all().empty());
  for (const std::string& path : f.env.files.paths()) QVERIFY(path.find("orders") == path.npos);
}

OTTLA_TEST(ReplicaMovesTest)
#include "replica_moves_test.moc"
