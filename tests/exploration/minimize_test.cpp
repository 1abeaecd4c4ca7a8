// The fewest faults that break the same thing, shown with a fault that is planted.
#include <QTest>
#include <set>
#include <string>

#include "engine/base/planted.h"
#include "engine/explore/run.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::explore;

namespace {

std::set<std::size_t> acts_of(const world::FaultPlan& plan) {
  std::set<std::size_t> acts;
  for (const world::TimedFault& timed : plan) acts.insert(timed.act);
  return acts;
}

Experiment experiment(std::string_view profile, std::uint64_t seed) {
  return draw_experiment(*find_profile(profile), seed);
}

}  // namespace

class MinimizeTest : public QObject {
  Q_OBJECT
 private slots:
  void what_is_left_cannot_be_taken_away();
};

void MinimizeTest::what_is_left_cannot_be_taken_away() {
  put_in(Plant::acknowledge_early);
  const auto put_back = qScopeGuard([] { put_in(Plant::nothing); });
  std::uint64_t seed = 0;
  Outcome outcome;
  while (outcome.failures.empty() && seed < 50) outcome = run(experiment("network", ++seed));
  QVERIFY(!outcome.failures.empty());
  QVERIFY(!outcome.last_events.empty());
  const std::string what = outcome.failures.front().what;
  const auto all = acts_of(outcome.plan);
  const Outcome least = minimize(experiment("network", seed), outcome);
  QCOMPARE(least.failures.front().what, what);
  QVERIFY(acts_of(least.plan).size() < all.size());
  // Nothing is left that could be taken away.
  for (const std::size_t act : acts_of(least.plan)) {
    world::FaultPlan rest = least.plan;
    std::erase_if(rest, [act](const auto& timed) { return timed.act == act; });
    const Outcome shorter = run(experiment("network", seed), rest);
    QVERIFY(shorter.failures.empty() || shorter.failures.front().what != what);
  }
}

OTTLA_TEST(MinimizeTest)
#include "minimize_test.moc"
