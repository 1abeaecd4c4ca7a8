#include "tests/simulation/seed_shard.h"

#include <fmt/format.h>

#include <QTest>
#include <string>

#include "tests/simulation/seeded_run.h"

namespace ottla::test {

void run_shard(std::uint64_t first, std::uint64_t last) {
  std::string broken;
  std::int64_t acknowledged = 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const RunOutcome outcome = run_seed(seed);
    acknowledged += outcome.acknowledged;
    if (!outcome.violations.empty()) broken += fmt::format("seed {}: {}", seed, outcome.violations);
    if (!outcome.unsettled.empty())
      broken += fmt::format("seed {} did not settle: {}\n", seed, outcome.unsettled);
    if (outcome.acknowledged == 0) broken += fmt::format("seed {} acknowledged nothing\n", seed);
  }
  qInfo("%lld records acknowledged", static_cast<long long>(acknowledged));
  QVERIFY2(broken.empty(), broken.c_str());
}

}  // namespace ottla::test
