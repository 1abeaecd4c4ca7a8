#include "engine/broker/data/fetch_sessions.h"

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;
using protocol::ErrorCode;

namespace {

using Items = std::vector<FetchItem>;

constexpr std::int32_t new_session = 0;
constexpr std::int32_t no_session = -1;

FetchKey key(int partition) {
  return FetchKey{.id = Uuid(7, 7), .topic = {}, .partition = PartitionIndex{partition}};
}

FetchItem item(int partition, std::int64_t offset = 0) {
  return {key(partition), {.fetch_offset = Offset{offset}, .bytes_max = 1000}};
}

Items items(int count) {
  Items all;
  for (int i = 0; i < count; ++i) all.push_back(item(i));
  return all;
}

// "0@5 1@7": partitions and offsets in the order of the plan.
std::string text(const Items& plan) {
  std::string all;
  for (const FetchItem& each : plan) {
    if (!all.empty()) all += ' ';
    all += std::to_string(each.key.partition.value()) + "@" +
           std::to_string(each.spec.fetch_offset.value());
  }
  return all;
}

// A broker's sessions, with a clock.
struct Cache {
  // The limit is not named here: its name is a keyword of Qt's.
  explicit Cache(std::size_t sessions_max = 1000) : sessions(FetchSessionLimits{sessions_max}) {}

  FetchSessions::Plan ask(FetchSessions::Asked asked) {
    asked.by_topic_id = true;
    return sessions.begin(asked, now, random);
  }
  FetchSessions::Plan open(Items named, bool from_replica = false) {
    return ask({.session_epoch = new_session,
                .from_replica = from_replica,
                .items = std::move(named),
                .forgotten = {}});
  }
  FetchSessions::Plan go_on(std::int32_t id, std::int32_t epoch, Items named = {},
                            std::vector<FetchKey> forgotten = {}) {
    return ask({.session_id = id,
                .session_epoch = epoch,
                .items = std::move(named),
                .forgotten = std::move(forgotten)});
  }
  bool tell(std::int32_t id, int partition, std::int64_t high_watermark, bool has_records = false) {
    return sessions.tell(id, key(partition),
                         {.high_watermark = Offset{high_watermark},
                          .log_start_offset = Offset{0},
                          .has_records = has_records});
  }
  bool tell_error(std::int32_t id, int partition, std::int64_t high_watermark) {
    return sessions.tell(id, key(partition),
                         {.high_watermark = Offset{high_watermark},
                          .log_start_offset = Offset{0},
                          .must_tell = true});
  }
  void pass(std::int64_t seconds) { now += Duration::seconds(seconds); }

  FetchSessions sessions;
  Instant now = scenario_epoch;
  std::uint64_t random = 41;
};

}  // namespace

class FetchSessionsTest : public QObject {
  Q_OBJECT
 private slots:
  void a_new_session_has_an_id_and_fetches_all_it_names();
  void two_sessions_never_have_one_id();
  void a_request_without_a_session_opens_none();
  void an_empty_request_fetches_all_that_was_named();
  void a_partition_that_is_named_again_is_changed();
  void a_partition_may_be_added_and_forgotten();
  void a_session_that_forgets_everything_ends();
  void epochs_count_up_and_another_is_refused();
  void an_id_that_is_not_known_is_refused();
  void topics_are_named_in_one_way_throughout_a_session();
  void the_last_epoch_closes_a_session_and_is_answered_in_full();
  void a_full_request_replaces_its_session();

  void only_news_is_told();
  void an_error_is_told_each_time_and_so_is_its_end();
  void partitions_with_records_go_to_the_end_of_the_line();

  void a_full_cache_answers_without_a_session();
  void the_session_that_was_unused_for_longest_makes_room();
  void a_session_in_use_gives_way_to_a_larger_one_after_its_time();
  void a_consumer_does_not_put_out_a_replica();
  void a_replica_puts_out_a_consumer_after_its_time();
};

void FetchSessionsTest::a_new_session_has_an_id_and_fetches_all_it_names() {
  Cache cache;
  const auto plan = cache.open({item(0, 5), item(1, 7)});
  QCOMPARE(plan.error, ErrorCode::none);
  QVERIFY(plan.session_id > 0);
  QVERIFY(!plan.incremental);
  QCOMPARE(text(plan.items), "0@5 1@7");
  QCOMPARE(cache.sessions.size(), std::size_t{1});
}

void FetchSessionsTest::two_sessions_never_have_one_id() {
  Cache cache;
  for (const std::uint64_t random : {0U, 0U, 0x8000'0000U, 5U, 5U}) {
    cache.random = random;
    QVERIFY(cache.open(items(1)).session_id > 0);
  }
  QCOMPARE(cache.sessions.size(), std::size_t{5});
}

void FetchSessionsTest::a_request_without_a_session_opens_none() {
  Cache cache;
  const auto plan =
      cache.ask({.session_epoch = no_session, .items = {item(0, 5)}, .forgotten = {}});
  QCOMPARE(plan.error, ErrorCode::none);
  QCOMPARE(plan.session_id, 0);
  QVERIFY(!plan.incremental);
  QCOMPARE(text(plan.items), "0@5");
  QCOMPARE(cache.sessions.size(), std::size_t{0});
}

void FetchSessionsTest::an_empty_request_fetches_all_that_was_named() {
  Cache cache;
  const auto id = cache.open({item(0, 5), item(1, 7)}).session_id;
  const auto plan = cache.go_on(id, 1);
  QCOMPARE(plan.error, ErrorCode::none);
  QCOMPARE(plan.session_id, id);
  QVERIFY(plan.incremental);
  QCOMPARE(text(plan.items), "0@5 1@7");
}

void FetchSessionsTest::a_partition_that_is_named_again_is_changed() {
  Cache cache;
  const auto id = cache.open({item(0, 5), item(1, 7)}).session_id;
  QCOMPARE(text(cache.go_on(id, 1, {item(0, 9)}).items), "0@9 1@7");
}

void FetchSessionsTest::a_partition_may_be_added_and_forgotten() {
  Cache cache;
  const auto id = cache.open({item(0, 5), item(1, 7)}).session_id;
  QCOMPARE(text(cache.go_on(id, 1, {item(2, 1)}, {key(0), key(9)}).items), "1@7 2@1");
  QCOMPARE(text(cache.go_on(id, 2).items), "1@7 2@1");
}

void FetchSessionsTest::a_session_that_forgets_everything_ends() {
  Cache cache;
  const auto id = cache.open(items(2)).session_id;
  const auto plan = cache.go_on(id, 1, {}, {key(0), key(1)});
  QCOMPARE(plan.error, ErrorCode::none);
  QCOMPARE(plan.session_id, 0);
  QVERIFY(plan.items.empty());
  QCOMPARE(cache.go_on(id, 2).error, ErrorCode::fetch_session_id_not_found);
}

void FetchSessionsTest::epochs_count_up_and_another_is_refused() {
  Cache cache;
  const auto id = cache.open(items(1)).session_id;
  QCOMPARE(cache.go_on(id, 2).error, ErrorCode::invalid_fetch_session_epoch);
  QCOMPARE(cache.go_on(id, 1).error, ErrorCode::none);
  const auto repeated = cache.go_on(id, 1, {item(0, 99)});
  QCOMPARE(repeated.error, ErrorCode::invalid_fetch_session_epoch);
  QVERIFY(repeated.items.empty());
  QCOMPARE(repeated.session_id, 0);
  // What was refused has changed nothing.
  QCOMPARE(text(cache.go_on(id, 2).items), "0@0");
}

void FetchSessionsTest::an_id_that_is_not_known_is_refused() {
  Cache cache;
  const auto id = cache.open(items(1)).session_id;
  QCOMPARE(cache.go_on(id + 1, 1).error, ErrorCode::fetch_session_id_not_found);
}

void FetchSessionsTest::topics_are_named_in_one_way_throughout_a_session() {
  Cache cache;
  const auto id = cache.open(items(1)).session_id;
  const FetchSessions::Asked by_name{
      .session_id = id, .session_epoch = 1, .by_topic_id = false, .items = {}, .forgotten = {}};
  QCOMPARE(cache.sessions.begin(by_name, cache.now, 1).error,
           ErrorCode::fetch_session_topic_id_error);
}

void FetchSessionsTest::the_last_epoch_closes_a_session_and_is_answered_in_full() {
  Cache cache;
  const auto id = cache.open(items(2)).session_id;
  const auto plan = cache.go_on(id, no_session, {item(0, 3)});
  QCOMPARE(plan.error, ErrorCode::none);
  QCOMPARE(plan.session_id, 0);
  QVERIFY(!plan.incremental);
  QCOMPARE(text(plan.items), "0@3");
  QCOMPARE(cache.sessions.size(), std::size_t{0});
}

void FetchSessionsTest::a_full_request_replaces_its_session() {
  Cache cache;
  const auto old = cache.open(items(2)).session_id;
  cache.random = 77;
  const auto plan = cache.go_on(old, new_session, {item(0, 3)});
  QCOMPARE(plan.error, ErrorCode::none);
  QVERIFY(plan.session_id != 0 && plan.session_id != old);
  QCOMPARE(text(plan.items), "0@3");
  QCOMPARE(cache.sessions.size(), std::size_t{1});
  QCOMPARE(cache.go_on(old, 1).error, ErrorCode::fetch_session_id_not_found);
}

void FetchSessionsTest::only_news_is_told() {
  Cache cache;
  const auto id = cache.open(items(2)).session_id;
  QVERIFY(cache.tell(id, 0, 10));
  QVERIFY(!cache.tell(id, 0, 10));
  QVERIFY(cache.tell(id, 0, 11));
  QVERIFY(cache.tell(id, 0, 11, true));
  QVERIFY(!cache.tell(id, 0, 11));
  const FetchNews trimmed{.high_watermark = Offset{11}, .log_start_offset = Offset{4}};
  QVERIFY(cache.sessions.tell(id, key(0), trimmed));
  QVERIFY(!cache.sessions.tell(id, key(0), trimmed));
  QVERIFY(cache.tell(id, 1, 10));
}

void FetchSessionsTest::an_error_is_told_each_time_and_so_is_its_end() {
  Cache cache;
  const auto id = cache.open(items(1)).session_id;
  QVERIFY(cache.tell(id, 0, 10));
  QVERIFY(cache.tell_error(id, 0, 10));
  QVERIFY(cache.tell_error(id, 0, 10));
  QVERIFY(cache.tell(id, 0, 10));
  QVERIFY(!cache.tell(id, 0, 10));
}

void FetchSessionsTest::partitions_with_records_go_to_the_end_of_the_line() {
  Cache cache;
  const auto id = cache.open(items(3)).session_id;
  cache.tell(id, 0, 10, true);
  cache.tell(id, 1, 10, false);
  QCOMPARE(text(cache.go_on(id, 1).items), "1@0 2@0 0@0");
  cache.tell(id, 1, 10, true);
  QCOMPARE(text(cache.go_on(id, 2).items), "2@0 0@0 1@0");
}

void FetchSessionsTest::a_full_cache_answers_without_a_session() {
  Cache cache(1);
  const auto first = cache.open(items(1)).session_id;
  cache.pass(1);
  const auto plan = cache.open({item(0, 5), item(1, 7)});
  QCOMPARE(plan.error, ErrorCode::none);
  QCOMPARE(plan.session_id, 0);
  QCOMPARE(text(plan.items), "0@5 1@7");
  QCOMPARE(cache.go_on(first, 1).error, ErrorCode::none);
}

void FetchSessionsTest::the_session_that_was_unused_for_longest_makes_room() {
  Cache cache(2);
  const auto used = cache.open(items(3)).session_id;
  cache.random = 42;
  const auto unused = cache.open(items(3)).session_id;
  cache.pass(1);
  QCOMPARE(cache.go_on(used, 1).error, ErrorCode::none);
  cache.pass(119);
  cache.random = 43;
  QCOMPARE(cache.open(items(1)).session_id, 0);
  cache.pass(1);
  QVERIFY(cache.open(items(1)).session_id != 0);
  QCOMPARE(cache.go_on(unused, 1).error, ErrorCode::fetch_session_id_not_found);
  QCOMPARE(cache.go_on(used, 2).error, ErrorCode::none);
}

void FetchSessionsTest::a_session_in_use_gives_way_to_a_larger_one_after_its_time() {
  Cache cache(2);
  const auto small = cache.open(items(2)).session_id;
  cache.random = 42;
  const auto large = cache.open(items(5)).session_id;
  cache.pass(119);
  QCOMPARE(cache.go_on(small, 1).error, ErrorCode::none);
  QCOMPARE(cache.go_on(large, 1).error, ErrorCode::none);
  cache.random = 43;
  QCOMPARE(cache.open(items(9)).session_id, 0);  // Both are too young.
  cache.pass(2);
  QCOMPARE(cache.go_on(small, 2).error, ErrorCode::none);
  QCOMPARE(cache.go_on(large, 2).error, ErrorCode::none);
  QCOMPARE(cache.open(items(2)).session_id, 0);
  QVERIFY(cache.open(items(3)).session_id != 0);
  QCOMPARE(cache.go_on(small, 3).error, ErrorCode::fetch_session_id_not_found);
  QCOMPARE(cache.go_on(large, 3).error, ErrorCode::none);
}

void FetchSessionsTest::a_consumer_does_not_put_out_a_replica() {
  Cache cache(1);
  const auto replica = cache.open(items(1), true).session_id;
  cache.pass(100);
  QCOMPARE(cache.go_on(replica, 1).error, ErrorCode::none);
  cache.pass(100);
  QCOMPARE(cache.go_on(replica, 2).error, ErrorCode::none);
  cache.random = 42;
  QCOMPARE(cache.open(items(9)).session_id, 0);
  // Another replica's may, when it is larger.
  QVERIFY(cache.open(items(2), true).session_id != 0);
}

void FetchSessionsTest::a_replica_puts_out_a_consumer_after_its_time() {
  Cache cache(1);
  const auto consumer = cache.open(items(9)).session_id;
  cache.pass(100);
  QCOMPARE(cache.go_on(consumer, 1).error, ErrorCode::none);
  cache.pass(100);
  QCOMPARE(cache.go_on(consumer, 2).error, ErrorCode::none);
  cache.random = 42;
  QVERIFY(cache.open(items(1), true).session_id != 0);
  QCOMPARE(cache.go_on(consumer, 3).error, ErrorCode::fetch_session_id_not_found);
}

OTTLA_TEST(FetchSessionsTest)
#include "fetch_sessions_test.moc"
