#include "tests/simulation/seed_shard.h"
#include "tests/support/test_registry.h"

class Seeds1To50Test : public QObject {
  Q_OBJECT
 private slots:
  void invariants_hold_and_the_cluster_settles_under_random_faults() {
    ottla::test::run_shard(1, 50);
  }
};

OTTLA_TEST(Seeds1To50Test)
#include "seeds_1_to_50_test.moc"
