#include "engine/broker/data/log_dir_service.h"

#include "tests/engine/broker/data_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;
using namespace ottla::broker::test;
using protocol::AlterReplicaLogDirsRequest;
using protocol::DescribeLogDirsRequest;
using protocol::ErrorCode;

namespace {

constexpr TopicId payments_id{8, 8};

// Broker 1 has the one partition of orders and the one of payments.
struct Fixture : DataFixture {
  explicit Fixture(const metadata::ConfigValues& settings = {})
      : DataFixture(settings), dir(directories, image, replicas) {
    create_orders({1, 2});
    create_topic("payments", payments_id, {1});
  }
  // "orders-0 120 bytes lag 0", one line for each partition.
  std::string described(const DescribeLogDirsRequest& request) {
    const auto response = dir.describe(request);
    std::string text;
    for (const auto& topic : response.results.at(0).topics) {
      for (const auto& partition : topic.partitions) {
        text += topic.name + "-" + std::to_string(partition.partition_index.value()) + " " +
                std::to_string(partition.partition_size) + " bytes lag " +
                std::to_string(partition.offset_lag) +
                (partition.is_future_key ? " future\n" : "\n");
      }
    }
    return text;
  }
  // Why partition 0 of `topic` cannot be moved `to` a directory.
  ErrorCode moved(const std::string& topic, const std::string& to) {
    AlterReplicaLogDirsRequest request;
    add(request, topic, to);
    return dir.alter(request).results.at(0).partitions.at(0).error_code;
  }
  static void add(AlterReplicaLogDirsRequest& request, const std::string& topic,
                  const std::string& to) {
    auto& asked = request.dirs.emplace_back();
    asked.path = to;
    asked.topics.push_back({.name = topic, .partitions = {PartitionIndex{0}}});
  }

  std::string path() const { return directories.all().front()->path(); }

  LogDirService dir;
};

DescribeLogDirsRequest everything() {
  DescribeLogDirsRequest request;
  request.topics.reset();
  return request;
}

}  // namespace

class LogDirServiceTest : public QObject {
  Q_OBJECT
 private slots:
  void in_memory_it_is_called_as_it_is_configured();
  void all_logs_are_described_with_their_sizes();
  void only_the_partitions_that_are_asked_for_are_described();
  void the_volume_tells_what_is_left();
  void a_volume_that_cannot_be_asked_is_an_error_of_the_directory();

  void what_is_where_it_shall_be_is_moved();
  void another_directory_is_not_found();
  void a_replica_that_is_not_here_is_not_available();
  void a_name_without_room_for_the_suffix_is_refused();
  void the_directory_that_is_named_last_counts();
};

void LogDirServiceTest::in_memory_it_is_called_as_it_is_configured() {
  const auto path_with = [](const metadata::ConfigValues& settings) {
    return Fixture(settings).path();
  };
  QCOMPARE(path_with({}), std::string("/tmp/kafka-logs"));
  QCOMPARE(path_with({{"log.dir", "/data"}}), std::string("/data"));
  QCOMPARE(path_with({{"log.dir", "/data"}, {"log.dirs", "/data/1,/data/2"}}),
           std::string("/data/1"));
}

void LogDirServiceTest::all_logs_are_described_with_their_sizes() {
  Fixture f;
  const BatchSpec batch{.records = 3};
  f.write(batch);
  f.write(batch);
  const std::size_t bytes = 2 * make_batch(batch).size_in_bytes();
  QCOMPARE(f.described(everything()),
           "orders-0 " + std::to_string(bytes) + " bytes lag 0\npayments-0 0 bytes lag 0\n");
}

void LogDirServiceTest::only_the_partitions_that_are_asked_for_are_described() {
  Fixture f;
  DescribeLogDirsRequest request;
  QCOMPARE(f.described(request), std::string());
  request.topics->push_back({.topic = "payments", .partitions = {PartitionIndex{0}}});
  request.topics->push_back({.topic = "orders", .partitions = {PartitionIndex{1}}});
  QCOMPARE(f.described(request), std::string("payments-0 0 bytes lag 0\n"));
}

void LogDirServiceTest::the_volume_tells_what_is_left() {
  Fixture f;
  const auto unlimited = f.dir.describe(everything()).results.at(0);
  QCOMPARE(unlimited.total_bytes, std::numeric_limits<std::int64_t>::max());
  f.env.files.faults.capacity_bytes = 1'000'000;
  const auto result = f.dir.describe(everything()).results.at(0);
  QCOMPARE(result.error_code, ErrorCode::none);
  QCOMPARE(result.total_bytes, 1'000'000);
  QCOMPARE(result.usable_bytes, 1'000'000 - static_cast<std::int64_t>(f.env.files.used_bytes()));
  QVERIFY(result.usable_bytes < result.total_bytes);
}

void LogDirServiceTest::a_volume_that_cannot_be_asked_is_an_error_of_the_directory() {
  Fixture f;
  f.write();
  f.env.files.faults.reads_fail = true;
  const auto result = f.dir.describe(everything()).results.at(0);
  QCOMPARE(result.error_code, ErrorCode::unknown_server_error);
  QCOMPARE(result.log_dir, std::string("/tmp/kafka-logs"));
  QVERIFY(result.topics.empty());
  QCOMPARE(result.total_bytes, -1);
}

void LogDirServiceTest::what_is_where_it_shall_be_is_moved() {
  Fixture f;
  QCOMPARE(f.moved("orders", f.path()), ErrorCode::none);
}

void LogDirServiceTest::another_directory_is_not_found() {
  Fixture f;
  QCOMPARE(f.moved("orders", "/elsewhere"), ErrorCode::log_dir_not_found);
}

void LogDirServiceTest::a_replica_that_is_not_here_is_not_available() {
  Fixture f;
  f.create_topic("refunds", TopicId{9, 9}, {2});
  QCOMPARE(f.moved("refunds", f.path()), ErrorCode::replica_not_available);
  QCOMPARE(f.moved("unheard-of", f.path()), ErrorCode::unknown_topic_or_partition);
}

void LogDirServiceTest::a_name_without_room_for_the_suffix_is_refused() {
  Fixture f;
  // "-0" and ".<32 digits>-future" make 42 bytes, and a folder's name has at most 255.
  QCOMPARE(f.moved(std::string(214, 'n'), f.path()), ErrorCode::invalid_topic_exception);
  QCOMPARE(f.moved(std::string(213, 'n'), f.path()), ErrorCode::unknown_topic_or_partition);
}

void LogDirServiceTest::the_directory_that_is_named_last_counts() {
  Fixture f;
  AlterReplicaLogDirsRequest request;
  Fixture::add(request, "orders", "/elsewhere");
  Fixture::add(request, "payments", "/elsewhere");
  Fixture::add(request, "orders", f.path());
  const auto response = f.dir.alter(request);
  QCOMPARE(response.results.size(), std::size_t{2});
  QCOMPARE(response.results[0].topic_name, std::string("orders"));
  QCOMPARE(response.results[0].partitions.at(0).error_code, ErrorCode::none);
  QCOMPARE(response.results[1].partitions.at(0).error_code, ErrorCode::log_dir_not_found);
}

OTTLA_TEST(LogDirServiceTest)
#include "log_dir_service_test.moc"
