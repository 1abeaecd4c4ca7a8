// A share of `ottla explore`: every profile, for some seeds, must hold and converge.
#include <fmt/format.h>

#include <QTest>
#include <string>

#include "engine/explore/run.h"
#include "tests/support/test_registry.h"

using namespace ottla;

class ExploreTest : public QObject {
  Q_OBJECT
 private slots:
  void every_profile_holds_data();
  void every_profile_holds();
};

void ExploreTest::every_profile_holds_data() {
  QTest::addColumn<QString>("name");
  for (const explore::Profile& profile : explore::profiles()) {
    const std::string name(profile.name);
    QTest::newRow(name.c_str()) << QString::fromStdString(name);
  }
}

void ExploreTest::every_profile_holds() {
  QFETCH(const QString, name);
  const explore::Profile& profile = *explore::find_profile(name.toStdString());
  constexpr std::uint64_t seeds = 100;
  std::string broken;
  std::int64_t read = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const explore::Outcome outcome = explore::run(explore::draw_experiment(profile, seed));
    read += outcome.read;
    if (!outcome.failures.empty()) {
      const explore::Failure& first = outcome.failures.front();
      broken += fmt::format("seed {}: {}: {}\n", seed, first.what, first.text);
    }
  }
  QVERIFY2(broken.empty(), broken.c_str());
  QVERIFY(read > 10'000);
}

OTTLA_TEST(ExploreTest)
#include "explore_test.moc"
