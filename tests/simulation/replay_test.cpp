// A seed means the same everywhere: twice in one process, and in every build. The hashes on file
// were made by one build and are compared by all (debug, release, sanitizers).
// OTTLA_REWRITE_GOLDEN=1 writes them anew.
#include <fmt/format.h>

#include <QFile>

#include "tests/simulation/seeded_run.h"
#include "tests/support/test_registry.h"

class ReplayTest : public QObject {
  Q_OBJECT
 private slots:
  void a_seed_hashes_the_same_twice();
  void seeds_hash_as_on_file_in_every_build();
};

void ReplayTest::a_seed_hashes_the_same_twice() {
  const auto once = ottla::test::run_seed(1001);
  const auto again = ottla::test::run_seed(1001);
  const auto other = ottla::test::run_seed(1002);
  QCOMPARE(again.trace_hash, once.trace_hash);
  QVERIFY(other.trace_hash != once.trace_hash);
}

void ReplayTest::seeds_hash_as_on_file_in_every_build() {
  constexpr std::uint64_t seeds = 10;
  QByteArray hashes;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    hashes += fmt::format("{} {:016x}\n", seed, ottla::test::run_seed(seed).trace_hash).c_str();
  }
  QFile file(QStringLiteral(OTTLA_SOURCE_DIR "/tests/golden/simulation/trace_hashes.txt"));
  if (qEnvironmentVariableIsSet("OTTLA_REWRITE_GOLDEN")) {
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(hashes);
    return;
  }
  QVERIFY(file.open(QIODevice::ReadOnly));
  QCOMPARE(QString::fromLatin1(hashes), QString::fromLatin1(file.readAll()));
}

OTTLA_TEST(ReplayTest)
#include "replay_test.moc"
