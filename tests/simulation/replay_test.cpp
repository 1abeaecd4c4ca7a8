// A seed gives one run: twice in one process, and another than its neighbour. That it does so in
// every build, the seed shards compare with what is on file.
#include "tests/simulation/seeded_run.h"
#include "tests/support/test_registry.h"

class ReplayTest : public QObject {
  Q_OBJECT
 private slots:
  void a_seed_hashes_the_same_twice();
};

void ReplayTest::a_seed_hashes_the_same_twice() {
  const auto once = ottla::test::run_seed(1001);
  const auto again = ottla::test::run_seed(1001);
  const auto other = ottla::test::run_seed(1002);
  QCOMPARE(again.trace_hash, once.trace_hash);
  QVERIFY(other.trace_hash != once.trace_hash);
}

OTTLA_TEST(ReplayTest)
#include "replay_test.moc"
