#include "engine/explore/run.h"

#include <QTest>
#include <set>
#include <string>

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::explore;

namespace {

Experiment experiment(std::string_view profile, std::uint64_t seed) {
  return draw_experiment(*find_profile(profile), seed);
}

}  // namespace

class RunTest : public QObject {
  Q_OBJECT
 private slots:
  void profiles_are_found_by_name();
  void a_seed_draws_the_same_experiment_each_time();
  void experiments_fit_their_clusters();
  void the_number_of_brokers_may_be_given();
  void a_run_is_the_same_each_time();
  void a_run_without_faults_holds_and_reads_everything();
};

void RunTest::profiles_are_found_by_name() {
  for (const Profile& each : profiles()) QCOMPARE(find_profile(each.name), &each);
  QVERIFY(find_profile("storm") == nullptr);
}

void RunTest::a_seed_draws_the_same_experiment_each_time() {
  QCOMPARE(details(experiment("havoc", 5)), details(experiment("havoc", 5)));
  QCOMPARE(summary(experiment("havoc", 5)), summary(experiment("calm", 5)));
  std::set<std::string> different;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    different.insert(details(experiment("calm", seed)));
  QCOMPARE(different.size(), std::size_t{20});
}

void RunTest::experiments_fit_their_clusters() {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const world::ClusterSpec spec = experiment("network", seed).cluster;
    QCOMPARE(spec.seed, seed);
    for (const world::TopicSpec& topic : spec.workload.topics) {
      QVERIFY(topic.replication_factor <= spec.brokers);
      QVERIFY(std::stoi(topic.config.at("min.insync.replicas")) < topic.replication_factor);
    }
    QCOMPARE(spec.workload.groups.size(), spec.workload.topics.size());
  }
}

// Where it is the one that would have been drawn, nothing else is different either.
void RunTest::the_number_of_brokers_may_be_given() {
  std::set<std::int32_t> drawn;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const Experiment by_itself = experiment("calm", seed);
    const Experiment given = draw_experiment(*find_profile("calm"), seed, 3);
    drawn.insert(by_itself.cluster.brokers);
    QCOMPARE(given.cluster.brokers, 3);
    if (by_itself.cluster.brokers == 3) QCOMPARE(details(given), details(by_itself));
    for (const world::TopicSpec& topic : given.cluster.workload.topics)
      QVERIFY(topic.replication_factor <= 3);
  }
  QVERIFY(drawn == (std::set<std::int32_t>{3, 4, 5}));
}

void RunTest::a_run_is_the_same_each_time() {
  const Outcome once = run(experiment("havoc", 3));
  const Outcome again = run(experiment("havoc", 3));
  QVERIFY(!once.plan.empty());
  QCOMPARE(once.trace_hash, again.trace_hash);
  QCOMPARE(once.plan_lines, again.plan_lines);
  QVERIFY(run(experiment("havoc", 4)).trace_hash != once.trace_hash);
  QVERIFY(run(experiment("havoc", 3), world::FaultPlan()).trace_hash != once.trace_hash);
}

void RunTest::a_run_without_faults_holds_and_reads_everything() {
  const Outcome outcome = run(experiment("calm", 1), world::FaultPlan());
  QVERIFY(outcome.failures.empty());
  QVERIFY(outcome.plan_lines.empty());
  QVERIFY(outcome.acknowledged > 100);
  QCOMPARE(outcome.read, outcome.acknowledged);
}

OTTLA_TEST(RunTest)
#include "run_test.moc"
