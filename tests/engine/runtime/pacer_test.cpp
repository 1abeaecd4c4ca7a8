#include "engine/runtime/pacer.h"

#include "tests/support/test_registry.h"

using namespace ottla;
using runtime::Pacer;

namespace {

constexpr Instant wall = Instant::from_millis(5'000);
constexpr Instant virtual_start = scenario_epoch;

Pacer at_speed(double speed, bool running = true) {
  Pacer pacer;
  pacer.set(running, speed, virtual_start, wall);
  return pacer;
}

}  // namespace

class PacerTest : public QObject {
  Q_OBJECT
 private slots:
  void virtual_time_passes_at_the_speed_asked_for();
  void while_paused_no_time_passes();
  void a_new_speed_counts_from_when_it_was_set();
  void time_that_was_lost_is_not_raced_after();
};

void PacerTest::virtual_time_passes_at_the_speed_asked_for() {
  for (const double speed : {0.01, 1.0, 60.0}) {
    const Pacer pacer = at_speed(speed);
    const Instant target = pacer.target(wall + Duration::seconds(10));
    QCOMPARE((target - virtual_start).count_seconds(), 10 * speed);
    QCOMPARE(pacer.wall_time_of(target), std::optional(wall + Duration::seconds(10)));
    QVERIFY(!pacer.is_unlimited());
  }
  QVERIFY(at_speed(Pacer::unlimited).is_unlimited());
}

void PacerTest::while_paused_no_time_passes() {
  const Pacer pacer = at_speed(1, false);
  QCOMPARE(pacer.target(wall + Duration::seconds(10)), virtual_start);
  QVERIFY(!pacer.wall_time_of(virtual_start + Duration::seconds(1)));
}

void PacerTest::a_new_speed_counts_from_when_it_was_set() {
  Pacer pacer = at_speed(10);
  const Instant changed = wall + Duration::seconds(2);
  pacer.set(true, 1, pacer.target(changed), changed);
  QCOMPARE(pacer.target(changed + Duration::seconds(3)), virtual_start + Duration::seconds(23));
}

void PacerTest::time_that_was_lost_is_not_raced_after() {
  Pacer pacer = at_speed(1);
  pacer.fell_behind(virtual_start + Duration::seconds(4), wall + Duration::seconds(10));
  QCOMPARE(pacer.target(wall + Duration::seconds(11)), virtual_start + Duration::seconds(5));
  QVERIFY(pacer.running());
}

OTTLA_TEST(PacerTest)
#include "pacer_test.moc"
