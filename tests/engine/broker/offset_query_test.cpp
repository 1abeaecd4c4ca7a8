#include "engine/broker/data/offset_query.h"

#include "tests/engine/broker/data_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;
using namespace ottla::broker::test;
using protocol::ErrorCode;

namespace {

constexpr std::int64_t latest = -1;
constexpr std::int64_t earliest = -2;
constexpr std::int64_t max_timestamp = -3;
constexpr std::int64_t latest_tiered = -5;
const std::int64_t first_timestamp = storage::test::start.millis_since_epoch();

// Broker 1 leads orders; it has ten records, a millisecond apart, and broker 2 the first six.
struct Fixture : DataFixture {
  Fixture() {
    create_orders({1, 2});
    write({.records = 6});
    write({.records = 4, .timestamp = first_timestamp + 6});
    follower_reaches(2, 6);
  }
  // "6 at 1767225600006 epoch 3", or the error's name.
  std::string found(const OffsetQuery& query) {
    const auto answer = find_offset(orders(), query);
    if (!answer) return std::string(protocol::name(answer.error()));
    const std::string when = answer->timestamp < 0
                                 ? std::string("no time")
                                 : "+" + std::to_string(answer->timestamp - first_timestamp);
    return std::to_string(answer->offset.value()) + " " + when + " epoch " +
           std::to_string(answer->epoch.value());
  }
};

}  // namespace

class OffsetQueryTest : public QObject {
  Q_OBJECT
 private slots:
  void the_end_of_a_consumer_is_the_high_watermark();
  void a_replica_sees_the_log_to_its_end();
  void the_start_is_where_the_log_begins();
  void the_first_record_at_or_after_a_timestamp_is_found();
  void what_is_not_committed_is_not_found();
  void the_record_with_the_largest_timestamp_is_found();
  void nothing_is_tiered();
  void a_new_leader_that_lags_does_not_tell_its_end();
};

void OffsetQueryTest::the_end_of_a_consumer_is_the_high_watermark() {
  Fixture f;
  QCOMPARE(f.found({.timestamp = latest}), "6 no time epoch 3");
}

void OffsetQueryTest::a_replica_sees_the_log_to_its_end() {
  Fixture f;
  QCOMPARE(f.found({.timestamp = latest, .from_consumer = false}), "10 no time epoch 3");
  QCOMPARE(f.found({.timestamp = first_timestamp + 8, .from_consumer = false}), "8 +8 epoch 3");
}

void OffsetQueryTest::the_start_is_where_the_log_begins() {
  Fixture f;
  QVERIFY(f.replicas.delete_records(f.orders(), Offset{4}).has_value());
  QCOMPARE(f.found({.timestamp = earliest}), "4 no time epoch 3");
}

void OffsetQueryTest::the_first_record_at_or_after_a_timestamp_is_found() {
  Fixture f;
  QCOMPARE(f.found({.timestamp = first_timestamp + 3}), "3 +3 epoch 3");
  QCOMPARE(f.found({.timestamp = 0}), "0 +0 epoch 3");
}

void OffsetQueryTest::what_is_not_committed_is_not_found() {
  Fixture f;
  QCOMPARE(f.found({.timestamp = first_timestamp + 6}), "-1 no time epoch -1");
  f.follower_reaches(2, 10);
  QCOMPARE(f.found({.timestamp = first_timestamp + 6}), "6 +6 epoch 3");
}

void OffsetQueryTest::the_record_with_the_largest_timestamp_is_found() {
  Fixture f;
  f.follower_reaches(2, 10);
  QCOMPARE(f.found({.timestamp = max_timestamp}), "9 +9 epoch 3");
}

void OffsetQueryTest::nothing_is_tiered() {
  Fixture f;
  QCOMPARE(f.found({.timestamp = latest_tiered}), "-1 no time epoch -1");
}

// Its consumers may have read from the leader before it what it does not know to be committed yet.
void OffsetQueryTest::a_new_leader_that_lags_does_not_tell_its_end() {
  Fixture f;
  f.elect(1);
  QCOMPARE(f.found({.timestamp = latest}), "OFFSET_NOT_AVAILABLE");
  QCOMPARE(f.found({.timestamp = first_timestamp + 6}), "OFFSET_NOT_AVAILABLE");
  QCOMPARE(f.found({.timestamp = first_timestamp + 60}), "OFFSET_NOT_AVAILABLE");
  QCOMPARE(f.found({.timestamp = first_timestamp + 3}), "3 +3 epoch 3");
  QCOMPARE(f.found({.timestamp = earliest}), "0 no time epoch 3");
  QCOMPARE(f.found({.timestamp = latest, .from_consumer = false}), "10 no time epoch 4");
  f.follower_reaches(2, 10);
  QCOMPARE(f.found({.timestamp = latest}), "10 no time epoch 4");
}

OTTLA_TEST(OffsetQueryTest)
#include "offset_query_test.moc"
