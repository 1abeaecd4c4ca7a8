#include "engine/explore/history_checker.h"

#include <QTest>
#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "engine/base/assert.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::explore;

namespace {

const probe::PartitionName orders{"orders", PartitionIndex{0}};

class OneLog final : public world::LogInspector {
 public:
  explicit OneLog(Offset end, Offset start = Offset{0},
                  std::vector<world::BatchSummary> batches = {})
      : start_(start), end_(end), batches_(std::move(batches)) {}
  [[nodiscard]] std::vector<world::PartitionKey> partitions() const override { return {}; }
  [[nodiscard]] std::vector<world::ReplicaLog> replicas(const world::PartitionKey&) const override {
    world::ReplicaLog log;
    log.leader = true;
    log.log_start = start_;
    log.log_end = end_;
    return {log};
  }
  [[nodiscard]] std::vector<world::BatchSummary> batches(const world::PartitionKey&, BrokerId,
                                                         Offset from, Offset to) const override {
    std::vector<world::BatchSummary> found;
    std::ranges::copy_if(batches_, std::back_inserter(found),
                         [&](const auto& batch) { return batch.last >= from && batch.base < to; });
    return found;
  }

 private:
  Offset start_;
  Offset end_;
  std::vector<world::BatchSummary> batches_;
};

world::BatchSummary batch_of(std::int64_t producer, std::int64_t at, std::int32_t sequence) {
  return {Offset{at}, Offset{at}, LeaderEpoch{0}, 0, ProducerId{producer}, sequence};
}

struct Scene {
  explicit Scene(HistoryRules rules = {.idempotent_producers = {"shop"},
                                       .compacted_topics = {},
                                       .cut_topics = {}})
      : checker(std::move(rules)) {}

  HistoryChecker checker;

  void tell(const probe::Fact& fact, world::ProcessId process = world::ProcessId{7}) {
    checker.on_fact({Instant(), process, 1, no_broker, fact});
  }
  void isr(std::vector<BrokerId> members) {
    tell(probe::IsrChanged{orders, BrokerId{1}, LeaderEpoch{0}, members, false, Offset{0}});
  }
  void acknowledged(std::int64_t first, std::vector<std::uint64_t> numbers,
                    std::string_view producer = "shop", std::int16_t acks = -1) {
    tell(probe::Produced{producer, orders, Offset{first}, acks, true, numbers});
  }
  void read(std::int64_t first, const std::vector<std::uint64_t>& numbers,
            std::int64_t assignment = 1, std::string_view producer = "shop") {
    std::vector<probe::RecordName> names;
    names.reserve(numbers.size());
    for (const std::uint64_t number : numbers) names.push_back({producer, number});
    const Offset last = Offset{first}.plus(static_cast<std::int64_t>(numbers.size()) - 1);
    tell(probe::Consumed{"billing", assignment, orders, Offset{first}, last, names});
  }
  void lose_power(std::int32_t broker) {
    checker.on_process(Instant(), world::ProcessId{1}, BrokerId{broker},
                       world::ProcessChange::power_lost);
  }
  std::string end(std::int64_t log_end) {
    checker.check_end(OneLog(Offset{log_end}), Instant());
    return found();
  }
  // The names of the anomalies, in the order in which they were found.
  [[nodiscard]] std::string found() const {
    std::string names;
    for (const world::Violation& each : checker.violations().kept())
      names += (names.empty() ? "" : " ") + std::string(each.invariant);
    return names;
  }
};

}  // namespace

class HistoryCheckerTest : public QObject {
  Q_OBJECT
 private slots:
  void a_history_without_anomalies_has_none();
  void what_was_acknowledged_and_is_gone_was_lost();
  void what_is_there_and_was_never_read_is_unseen();
  void acks_1_promises_nothing();
  void two_records_at_one_offset_are_inconsistent();
  void a_record_at_two_offsets_is_a_duplicate();
  void what_was_cut_off_is_no_anomaly();
  void numbers_that_go_back_are_reordered();
  void they_may_where_the_log_never_had_the_first();
  void they_may_where_what_came_before_was_cut_off();
  void a_member_that_goes_back_or_skips_is_told_on();
  void a_new_assignment_may_begin_anywhere();
  void power_loss_of_all_that_were_in_sync_excuses();
  void an_unclean_election_excuses();
};

void HistoryCheckerTest::a_history_without_anomalies_has_none() {
  Scene scene;
  scene.isr({BrokerId{1}, BrokerId{2}});
  scene.acknowledged(0, {1, 2});
  scene.read(0, {1, 2});
  scene.acknowledged(2, {3});
  scene.read(2, {3});
  QCOMPARE(scene.end(3), std::string());
  QCOMPARE(scene.checker.acknowledged(), 3);
  QCOMPARE(scene.checker.read(), 3);
}

void HistoryCheckerTest::what_was_acknowledged_and_is_gone_was_lost() {
  Scene scene;
  scene.isr({BrokerId{1}, BrokerId{2}});
  scene.acknowledged(0, {1, 2});
  scene.read(0, {1});
  QCOMPARE(scene.end(1), std::string("lost_write"));
}

void HistoryCheckerTest::what_is_there_and_was_never_read_is_unseen() {
  Scene scene;
  scene.isr({BrokerId{1}});
  scene.acknowledged(0, {1, 2});
  scene.read(0, {1});
  QCOMPARE(scene.end(2), std::string("unseen"));
}

void HistoryCheckerTest::acks_1_promises_nothing() {
  Scene scene;
  scene.acknowledged(0, {1}, "fast", 1);
  scene.read(0, {9}, 1, "fast");
  QCOMPARE(scene.end(1), std::string());
}

void HistoryCheckerTest::two_records_at_one_offset_are_inconsistent() {
  Scene scene;
  scene.isr({BrokerId{1}, BrokerId{2}});
  scene.acknowledged(0, {1}, "slow");
  scene.read(0, {2}, 1, "slow");
  QCOMPARE(scene.found(), std::string("inconsistent_offsets"));
}

void HistoryCheckerTest::a_record_at_two_offsets_is_a_duplicate() {
  Scene scene;
  scene.read(0, {1});
  scene.read(1, {1});
  QCOMPARE(scene.found(), std::string("duplicate"));

  // A producer without idempotence may write twice.
  Scene other;
  other.read(0, {1}, 1, "plain");
  other.read(1, {1}, 1, "plain");
  QCOMPARE(other.found(), std::string());
}

void HistoryCheckerTest::what_was_cut_off_is_no_anomaly() {
  const auto found = [](std::int64_t log_start) {
    Scene scene(
        {.idempotent_producers = {"shop"}, .compacted_topics = {}, .cut_topics = {"orders"}});
    scene.isr({BrokerId{1}});
    scene.acknowledged(0, {1, 2, 3});
    scene.read(0, {1});
    scene.read(2, {3});
    scene.read(3, {1});
    OTTLA_ASSERT(scene.found().empty());  // Not before it is known where the log begins.
    scene.checker.settle_doubts(OneLog(Offset{4}, Offset{log_start}));
    return scene.found();
  };
  QCOMPARE(found(0), std::string("poll_skip duplicate"));
  QCOMPARE(found(1), std::string("poll_skip"));
  QCOMPARE(found(2), std::string());
}

void HistoryCheckerTest::numbers_that_go_back_are_reordered() {
  Scene scene;
  scene.read(0, {2});
  scene.read(1, {1});
  QCOMPARE(scene.end(2), std::string("reordered"));
}

// Seed 1693 of havoc: five records waited at a leader that had been cut off, and the sixth went to
// the next, which knew nothing of their producer.
void HistoryCheckerTest::they_may_where_the_log_never_had_the_first() {
  const auto found = [](std::int32_t first_sequence, std::int64_t first_producer) {
    Scene scene;
    scene.isr({BrokerId{1}});
    scene.acknowledged(0, {1}, "other");
    scene.acknowledged(1, {6});
    scene.acknowledged(2, {2});
    scene.read(0, {1}, 1, "other");
    scene.read(1, {6, 2});
    const OneLog log(
        Offset{3}, Offset{0},
        {batch_of(first_producer, 0, first_sequence), batch_of(7, 1, 5), batch_of(7, 2, 0)});
    scene.checker.check_end(log, Instant());
    return scene.found();
  };
  QCOMPARE(found(0, 8), std::string());
  QCOMPARE(found(0, 7), std::string("reordered"));
  QCOMPARE(found(4, 7), std::string());
}

// Seed 5531 of network: what the brokers knew of the producer was deleted with its records.
void HistoryCheckerTest::they_may_where_what_came_before_was_cut_off() {
  const auto found = [](std::int64_t log_start) {
    Scene scene;
    scene.isr({BrokerId{1}});
    scene.acknowledged(0, {6});
    scene.acknowledged(1, {2});
    scene.read(0, {6, 2});
    const OneLog log(Offset{2}, Offset{log_start}, {batch_of(7, 0, 0), batch_of(7, 1, 0)});
    scene.checker.check_end(log, Instant());
    return scene.found();
  };
  QCOMPARE(found(0), std::string("reordered"));
  QCOMPARE(found(1), std::string());
}

void HistoryCheckerTest::a_member_that_goes_back_or_skips_is_told_on() {
  Scene back;
  back.read(0, {1, 2});
  back.read(1, {2});
  QCOMPARE(back.found(), std::string("nonmonotonic_poll"));

  Scene skip;
  skip.isr({BrokerId{1}});
  skip.acknowledged(0, {1, 2, 3});
  skip.read(0, {1});
  skip.read(2, {3});
  QCOMPARE(skip.found(), std::string("poll_skip"));
}

void HistoryCheckerTest::a_new_assignment_may_begin_anywhere() {
  Scene scene;
  scene.read(0, {1, 2});
  scene.read(0, {1, 2}, 2);
  QCOMPARE(scene.end(2), std::string());
}

void HistoryCheckerTest::power_loss_of_all_that_were_in_sync_excuses() {
  Scene scene;
  scene.isr({BrokerId{1}, BrokerId{2}});
  scene.acknowledged(0, {1});
  scene.lose_power(1);
  scene.lose_power(2);
  QCOMPARE(scene.end(0), std::string());

  Scene one_is_left;
  one_is_left.isr({BrokerId{1}, BrokerId{2}});
  one_is_left.acknowledged(0, {1});
  one_is_left.lose_power(1);
  QCOMPARE(one_is_left.end(0), std::string("lost_write"));
}

void HistoryCheckerTest::an_unclean_election_excuses() {
  Scene scene;
  scene.isr({BrokerId{1}});
  scene.acknowledged(0, {1});
  scene.tell(
      probe::LeaderElected{orders, BrokerId{1}, BrokerId{2}, LeaderEpoch{1}, true, Offset{9}});
  scene.read(0, {7}, 1, "other");
  QCOMPARE(scene.end(1), std::string());
}

OTTLA_TEST(HistoryCheckerTest)
#include "history_checker_test.moc"
