#include "tests/simulation/seed_shard.h"
#include "tests/support/test_registry.h"

class Seeds51To100Test : public QObject {
  Q_OBJECT
 private slots:
  void invariants_hold_the_cluster_settles_and_traces_are_those_on_file() {
    ottla::test::run_shard(51, 100);
  }
};

OTTLA_TEST(Seeds51To100Test)
#include "seeds_51_to_100_test.moc"
