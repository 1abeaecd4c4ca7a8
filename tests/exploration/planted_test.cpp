// The proof of the proof: every fault that is planted in the code is found by exploring, with the
// profile and seed of docs/verification.md; and without it the same run holds.
#include <fmt/format.h>

#include <QTest>
#include <string>

#include "engine/base/planted.h"
#include "engine/explore/run.h"
#include "tests/support/test_registry.h"

using namespace ottla;

namespace {

struct Finding {
  const char* plant;
  const char* profile;
  std::uint64_t seed;
};

constexpr Finding findings[] = {
#include "tests/exploration/planted_findings.inc"
};

}  // namespace

class PlantedTest : public QObject {
  Q_OBJECT
 private slots:
  void every_planted_fault_has_a_seed();
  void a_planted_fault_is_found_data();
  void a_planted_fault_is_found();
};

void PlantedTest::every_planted_fault_has_a_seed() {
  QCOMPARE(std::size(findings), plants().size());
  for (const PlantName& each : plants()) {
    QVERIFY2(std::any_of(std::begin(findings), std::end(findings),
                         [&](const Finding& finding) { return each.name == finding.plant; }),
             std::string(each.name).c_str());
  }
}

void PlantedTest::a_planted_fault_is_found_data() {
  QTest::addColumn<int>("place");
  for (int i = 0; i < static_cast<int>(std::size(findings)); ++i)
    QTest::newRow(findings[i].plant) << i;
}

void PlantedTest::a_planted_fault_is_found() {
  QFETCH(const int, place);
  const Finding& finding = findings[place];
  const explore::Experiment experiment =
      explore::draw_experiment(*explore::find_profile(finding.profile), finding.seed);
  const explore::Outcome sound = explore::run(experiment);
  const std::string why = sound.failures.empty() ? "" : sound.failures.front().text;
  QVERIFY2(sound.failures.empty(), why.c_str());
  put_in(*plant_named(finding.plant));
  const explore::Outcome spoilt = explore::run(experiment);
  put_in(Plant::nothing);
  QVERIFY(!spoilt.failures.empty());
}

OTTLA_TEST(PlantedTest)
#include "planted_test.moc"
