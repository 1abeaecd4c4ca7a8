#include "tests/simulation/seed_shard.h"
#include "tests/support/test_registry.h"

class Seeds151To200Test : public QObject {
  Q_OBJECT
 private slots:
  void invariants_hold_the_cluster_settles_and_traces_are_those_on_file() {
    ottla::test::run_shard(151, 200);
  }
};

OTTLA_TEST(Seeds151To200Test)
#include "seeds_151_to_200_test.moc"
