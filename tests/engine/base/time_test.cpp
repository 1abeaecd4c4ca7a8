#include "engine/base/time.h"

#include "tests/support/test_registry.h"

using namespace ottla;

class TimeTest : public QObject {
  Q_OBJECT
 private slots:
  void units_convert();
  void instants_and_durations_add_up();
  void the_scenario_epoch_is_the_start_of_2026();
};

void TimeTest::units_convert() {
  QCOMPARE(Duration::seconds(2).count_micros(), std::int64_t{2'000'000});
  QCOMPARE(Duration::millis(1500).count_millis(), std::int64_t{1500});
  QCOMPARE(Duration::micros(1999).count_millis(), std::int64_t{1});
  QCOMPARE(Duration::millis(1500).count_seconds(), 1.5);
  QCOMPARE(Instant::from_millis(7).micros_since_epoch(), std::int64_t{7000});
  QCOMPARE(Instant::from_micros(7999).millis_since_epoch(), std::int64_t{7});
}

void TimeTest::instants_and_durations_add_up() {
  const Instant start = Instant::from_millis(100);
  Instant moved = start;
  moved += Duration::millis(50);
  QVERIFY(moved == start + Duration::millis(50));
  QVERIFY(moved - start == Duration::millis(50));
  QVERIFY(moved - Duration::millis(50) == start);
  QVERIFY(start < moved);
  QVERIFY(start - moved < Duration());
  QVERIFY(Duration::seconds(3) / 2 == Duration::millis(1500));
  QVERIFY(Duration::millis(1500) * 2 - Duration::seconds(1) == Duration::seconds(2));
}

void TimeTest::the_scenario_epoch_is_the_start_of_2026() {
  // 56 years of 365 days and 14 leap days after 1970.
  QCOMPARE(scenario_epoch.millis_since_epoch(), std::int64_t{(56 * 365 + 14) * 86'400'000LL});
}

OTTLA_TEST(TimeTest)
#include "time_test.moc"
