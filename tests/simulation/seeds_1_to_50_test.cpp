#include "tests/simulation/seed_shard.h"
#include "tests/support/test_registry.h"

class Seeds1To50Test : public QObject {
  Q_OBJECT
 private slots:
  void invariants_hold_the_cluster_settles_and_traces_are_those_on_file() {
    ottla::test::run_shard(1, 50);
  }
};

OTTLA_TEST(Seeds1To50Test)
#include "seeds_1_to_50_test.moc"
