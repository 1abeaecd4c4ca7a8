#include "tests/simulation/seed_shard.h"
#include "tests/support/test_registry.h"

class Seeds101To150Test : public QObject {
  Q_OBJECT
 private slots:
  void invariants_hold_the_cluster_settles_and_traces_are_those_on_file() {
    ottla::test::run_shard(101, 150);
  }
};

OTTLA_TEST(Seeds101To150Test)
#include "seeds_101_to_150_test.moc"
