#include "ui/models/lag_verdict.h"

#include <vector>

#include "tests/support/test_registry.h"
#include "ui/models/lag_tracker.h"

using namespace ottla;
using namespace ottla::ui;

namespace {

// One sample each second: committed offset, lag, lag in milliseconds (-1: unknown), owned.
struct Second {
  std::int64_t committed;
  std::int64_t lag;
  std::int64_t lag_ms = -1;
  bool owned = true;
};

observe::GroupPartitionState orders(std::int32_t partition) {
  observe::GroupPartitionState state;
  state.topic = "orders";
  state.partition = PartitionIndex(partition);
  return state;
}

std::vector<LagSample> window(const std::vector<Second>& seconds) {
  std::vector<LagSample> made;
  Instant at = scenario_epoch;
  for (const Second& second : seconds) {
    LagSample sample{at, std::nullopt, second.lag, std::nullopt, second.owned};
    if (second.committed >= 0) sample.committed = Offset(second.committed);
    if (second.lag_ms >= 0) sample.lag_time = Duration::millis(second.lag_ms);
    made.push_back(sample);
    at += Duration::seconds(1);
  }
  return made;
}

}  // namespace

class LagVerdictTest : public QObject {
  Q_OBJECT
 private slots:
  void a_window_is_judged_as_Burrow_does_data();
  void a_window_is_judged_as_Burrow_does();
  void the_worst_partition_is_the_groups_verdict();
  void time_that_goes_back_starts_over();
};

void LagVerdictTest::a_window_is_judged_as_Burrow_does_data() {
  QTest::addColumn<std::vector<LagSample>>("samples");
  QTest::addColumn<LagVerdict>("verdict");
  const auto row = [](const char* name, const std::vector<Second>& seconds, LagVerdict verdict) {
    QTest::newRow(name) << window(seconds) << verdict;
  };
  row("no samples", {}, LagVerdict::unknown);
  row("one sample with lag", {{10, 5}}, LagVerdict::unknown);
  row("one sample without lag", {{10, 0}}, LagVerdict::ok);
  row("lag was zero once", {{1, 9}, {1, 9}, {10, 0}, {10, 4}, {10, 8}, {10, 9}, {10, 11}},
      LagVerdict::ok);
  row("within a second of the end", {{1, 50, 2000}, {2, 50, 900}, {3, 60, 1500}}, LagVerdict::ok);
  row("moves and falls behind", {{1, 5}, {2, 6}, {3, 8}, {4, 9}, {5, 12}, {6, 20}},
      LagVerdict::warn);
  row("moves and never catches up", {{1, 9}, {2, 8}, {3, 7}, {4, 6}, {5, 5}, {6, 4}},
      LagVerdict::warn);
  row("owned and does not move", {{7, 5}, {7, 6}, {7, 8}, {7, 9}, {7, 12}, {7, 20}},
      LagVerdict::stall);
  row("nobody owns it",
      {{7, 5}, {7, 6}, {7, 8}, {7, 9, -1, false}, {7, 12, -1, false}, {7, 20, -1, false}},
      LagVerdict::stop);
  row("nothing was ever committed", {{-1, 5}, {-1, 6}, {-1, 8}, {-1, 9}, {-1, 12}, {-1, 20}},
      LagVerdict::stall);
  row("went back", {{7, 5}, {8, 0}, {3, 8}}, LagVerdict::rewind);
  row("went back behind a gap", {{7, 5}, {-1, 6}, {3, 8}}, LagVerdict::rewind);
}

void LagVerdictTest::a_window_is_judged_as_Burrow_does() {
  QFETCH(std::vector<LagSample>, samples);
  QFETCH(LagVerdict, verdict);
  QCOMPARE(name(judge(samples)), name(verdict));
}

void LagVerdictTest::the_worst_partition_is_the_groups_verdict() {
  LagTracker tracker;
  for (int second = 0; second <= 8; ++second) {
    observe::Snapshot snapshot;
    snapshot.run.now = scenario_epoch + Duration::seconds(second);
    auto group = std::make_shared<observe::GroupState>();
    group->name = "billing";
    observe::GroupPartitionState fine = orders(0);
    observe::GroupPartitionState stuck = orders(1);
    stuck.lag = 10 + second;
    stuck.member_id = "billing-1";
    group->partitions = {fine, stuck};
    snapshot.groups = {group};
    tracker.observe(snapshot);
  }
  QCOMPARE(tracker.verdict("billing", "orders", PartitionIndex(0)), LagVerdict::ok);
  QCOMPARE(tracker.verdict("billing", "orders", PartitionIndex(1)), LagVerdict::stall);
  QCOMPARE(tracker.verdict("billing"), LagVerdict::stall);
  QCOMPARE(tracker.verdict("nobody"), LagVerdict::unknown);
}

void LagVerdictTest::time_that_goes_back_starts_over() {
  LagTracker tracker;
  const auto look = [&](int second, std::int64_t committed) {
    observe::Snapshot snapshot;
    snapshot.run.now = scenario_epoch + Duration::seconds(second);
    auto group = std::make_shared<observe::GroupState>();
    group->name = "billing";
    observe::GroupPartitionState read = orders(0);
    read.committed.value = Offset(committed);
    read.lag = 5;
    group->partitions = {read};
    snapshot.groups = {group};
    tracker.observe(snapshot);
    return tracker.verdict("billing");
  };
  look(20, 900);
  QCOMPARE(look(2, 40), LagVerdict::unknown);
}

OTTLA_TEST(LagVerdictTest)
#include "lag_verdict_test.moc"
