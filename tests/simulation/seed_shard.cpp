#include "tests/simulation/seed_shard.h"

#include <fmt/format.h>

#include <QFile>
#include <QTest>
#include <string>

#include "tests/simulation/seeded_run.h"

namespace ottla::test {
namespace {

QFile hashes_on_file(std::uint64_t first, std::uint64_t last) {
  return QFile(QString::fromStdString(
      fmt::format("{}/tests/golden/simulation/seeds_{}_to_{}.txt", OTTLA_SOURCE_DIR, first, last)));
}

std::string what_broke(std::uint64_t seed, const RunOutcome& outcome) {
  std::string broken;
  if (!outcome.violations.empty()) broken += fmt::format("seed {}: {}", seed, outcome.violations);
  if (!outcome.unsettled.empty())
    broken += fmt::format("seed {} did not settle: {}\n", seed, outcome.unsettled);
  if (outcome.acknowledged == 0) broken += fmt::format("seed {} acknowledged nothing\n", seed);
  return broken;
}

}  // namespace

void run_shard(std::uint64_t first, std::uint64_t last) {
  std::string broken;
  std::string hashes;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const RunOutcome outcome = run_seed(seed);
    broken += what_broke(seed, outcome);
    hashes += fmt::format("{} {:016x}\n", seed, outcome.trace_hash);
  }
  QVERIFY2(broken.empty(), broken.c_str());
  QFile file = hashes_on_file(first, last);
  if (qEnvironmentVariableIsSet("OTTLA_REWRITE_GOLDEN")) {
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(hashes.data(), static_cast<qint64>(hashes.size()));
    return;
  }
  QVERIFY(file.open(QIODevice::ReadOnly));
  QCOMPARE(QString::fromStdString(hashes), QString::fromLatin1(file.readAll()));
}

}  // namespace ottla::test
