#include "ui/views/timeline.h"

#include <qcustomplot.h>

#include <QSignalSpy>
#include <QWheelEvent>
#include <algorithm>

#include "tests/support/test_registry.h"
#include "tests/ui/views/page_fixture.h"
#include "ui/views/event_log.h"
#include "ui/views/metrics_page.h"

using namespace ottla;
using namespace ottla::ui;
using test::DemoCluster;
using test::PageFixture;

class TimelineTest : public QObject {
  Q_OBJECT
 private slots:
  void a_scale_maps_time_to_pixels_and_back();
  void zooming_keeps_the_moment_under_the_mouse();
  void steps_are_those_people_count_in();
  void ticks_are_whole_steps_since_the_start();
  void lanes_give_way_until_only_faults_are_left();
  void it_draws_every_cluster_in_both_themes();
  void a_click_on_a_band_selects_what_it_is_about();
  void it_follows_the_present_until_somebody_scrolls();
  void a_drag_chooses_a_span_and_a_click_beside_it_lets_go();
  void a_drag_with_ctrl_moves_the_axis();
  void the_chosen_span_filters_events_and_charts();
};

void TimelineTest::a_scale_maps_time_to_pixels_and_back() {
  TimeScale scale{scenario_epoch, 152, 24};
  QCOMPARE(scale.x(scenario_epoch), 152.0);
  QCOMPARE(scale.x(scenario_epoch + Duration::millis(2500)), 212.0);
  QVERIFY(scale.at(212) == scenario_epoch + Duration::millis(2500));
  QVERIFY(scale.at(128) == scenario_epoch - Duration::seconds(1));
}

void TimelineTest::zooming_keeps_the_moment_under_the_mouse() {
  const TimeScale scale{scenario_epoch, 152, 24};
  const Instant under = scale.at(600);
  const TimeScale closer = scale.zoomed(4, 600);
  QVERIFY(std::abs(closer.x(under) - 600) < 0.01);
  QCOMPARE(closer.px_per_second, 96.0);
  QCOMPARE(scale.zoomed(1e12, 600).px_per_second, TimeScale::px_per_second_max);
}

void TimelineTest::steps_are_those_people_count_in() {
  const auto step = [](double px_per_second) {
    return TimeScale{scenario_epoch, 0, px_per_second}.step(96).count_millis();
  };
  QCOMPARE(step(24), 5'000);
  QCOMPARE(step(96), 1'000);
  QCOMPARE(step(3), 60'000);
  QCOMPARE(step(1e9), 1);
  QCOMPARE(step(1e-9), 86'400'000);
}

void TimelineTest::ticks_are_whole_steps_since_the_start() {
  const Instant start = scenario_epoch + Duration::millis(317);
  const auto tick = [&](int from_ms) {
    return (TimeScale::first_tick(start, start + Duration::millis(from_ms), Duration::seconds(5)) -
            start)
        .count_millis();
  };
  QCOMPARE(tick(0), 0);
  QCOMPARE(tick(1), 5'000);
  QCOMPARE(tick(5'000), 5'000);
  QCOMPARE(tick(-1), 0);
  QCOMPARE(tick(-5'001), -5'000);
}

void TimelineTest::lanes_give_way_until_only_faults_are_left() {
  const TimelineLayout full = TimelineLayout::of(1600, 146, 2);
  QCOMPARE(full.faults.top(), TimelineLayout::ruler);
  QCOMPARE(full.records.bottom(), 146.0);
  QCOMPARE(full.fault_rows, 3);
  QCOMPARE(full.group_rows, 1);
  const TimelineLayout small = TimelineLayout::of(800, 64, 2);
  QCOMPARE(small.records.height(), 0.0);
  QCOMPARE(small.faults.bottom(), 64.0);
  QVERIFY(TimelineLayout::of(1600, 240, 2).group_rows == 2);
}

void TimelineTest::it_draws_every_cluster_in_both_themes() {
  for (const bool dark : {true, false}) {
    const QString suffix = dark ? "dark" : "light";
    for (const auto& [cluster, name] : {std::pair{DemoCluster::broken, "broken"},
                                        {DemoCluster::healthy, "healthy"},
                                        {DemoCluster::hundred, "hundred"}}) {
      PageFixture fixture(cluster, dark);
      TimelineDock timeline(fixture.feed, fixture.selection, fixture.theme);
      PageFixture::show(timeline, 1600, 146);
      const auto picture =
          PageFixture::picture(timeline, QString("timeline-%1-%2").arg(name, suffix));
      QVERIFY(test::colours_of(picture) > 40);
    }
  }
  PageFixture fixture;
  TimelineDock timeline(fixture.feed, fixture.selection, fixture.theme);
  PageFixture::show(timeline, 800, 64);
  PageFixture::picture(timeline, "timeline-small-dark");
  PageFixture::show(timeline, 1600, 240);
  PageFixture::picture(timeline, "timeline-tall-dark");
}

void TimelineTest::a_click_on_a_band_selects_what_it_is_about() {
  PageFixture fixture;
  TimelineDock timeline(fixture.feed, fixture.selection, fixture.theme);
  PageFixture::show(timeline, 1600, 146);
  (void)timeline.grab();
  const Instant killed = test::demo_time(92'000);
  const auto x = static_cast<int>(timeline.scale().x(killed));
  for (int y = 22;
       y < 70 && fixture.selection.current() != SelectedThing(SelectedBroker{BrokerId(4)});
       y += 4) {
    QTest::mouseClick(&timeline, Qt::LeftButton, {}, QPoint(x, y));
  }
  QVERIFY(fixture.selection.current() == SelectedThing(SelectedBroker{BrokerId(4)}));
  QSignalSpy chosen(&timeline, &TimelineDock::timeChosen);
  QTest::mouseClick(&timeline, Qt::LeftButton, {}, QPoint(x, 8));
  QCOMPARE(chosen.count(), 1);
}

void TimelineTest::it_follows_the_present_until_somebody_scrolls() {
  PageFixture fixture;
  TimelineDock timeline(fixture.feed, fixture.selection, fixture.theme);
  PageFixture::show(timeline, 1600, 146);
  const auto present = [&] { return timeline.scale().x(fixture.feed.snapshot()->run.now); };
  const double before = present();
  fixture.session.advance(Duration::seconds(7));
  QTRY_VERIFY(fixture.feed.snapshot()->run.now > test::demo_time(109'000));
  QTRY_VERIFY(std::abs(present() - before) < 1);
  QTest::keyClick(&timeline, Qt::Key_Left);
  QVERIFY(!timeline.following());
  QVERIFY(present() > before + 50);
  QTest::keyClick(&timeline, Qt::Key_End);
  QVERIFY(timeline.following());
  QVERIFY(std::abs(present() - before) < 1);
}

namespace {

void drag(QWidget& widget, QPoint from, QPoint to, Qt::KeyboardModifiers keys = {}) {
  QTest::mousePress(&widget, Qt::LeftButton, keys, from);
  QTest::mouseMove(&widget, (from + to) / 2);
  QTest::mouseMove(&widget, to);
  QTest::mouseRelease(&widget, Qt::LeftButton, keys, to);
}

}  // namespace

void TimelineTest::a_drag_chooses_a_span_and_a_click_beside_it_lets_go() {
  PageFixture fixture;
  TimelineDock timeline(fixture.feed, fixture.selection, fixture.theme);
  PageFixture::show(timeline, 1600, 146);
  const QImage before = timeline.grab().toImage();
  const auto x = [&](int millis) {
    return static_cast<int>(std::lround(timeline.scale().x(test::demo_time(millis))));
  };
  drag(timeline, {x(98'000), 100}, {x(88'000), 100});  // Backwards is as good.
  const auto span = fixture.selection.span();
  QVERIFY(span);
  const auto near = [](Instant at, int millis) {
    return std::abs((at - test::demo_time(millis)).count_millis()) < 50;
  };
  QVERIFY(near(span->from, 88'000) && near(span->to, 98'000));
  QVERIFY(timeline.following());
  const QImage after = timeline.grab().toImage();
  QVERIFY(after.pixel(x(93'000), 120) != before.pixel(x(93'000), 120));
  QCOMPARE(after.pixel(x(80'000), 120), before.pixel(x(80'000), 120));

  drag(timeline, {x(98'000), 100}, {1599, 100});
  QVERIFY(fixture.selection.span()->to == fixture.feed.snapshot()->run.now);
  QTest::mouseClick(&timeline, Qt::LeftButton, {}, QPoint(1590, 120));
  QVERIFY(!fixture.selection.span());
  fixture.selection.chooseSpan(span);
  QTest::keyClick(&timeline, Qt::Key_Escape);
  QVERIFY(!fixture.selection.span());
}

void TimelineTest::a_drag_with_ctrl_moves_the_axis() {
  PageFixture fixture;
  TimelineDock timeline(fixture.feed, fixture.selection, fixture.theme);
  PageFixture::show(timeline, 1600, 146);
  const double before = timeline.scale().x(test::demo_time(90'000));
  drag(timeline, {600, 100}, {700, 100}, Qt::ControlModifier);
  QVERIFY(std::abs(timeline.scale().x(test::demo_time(90'000)) - before - 100) < 1);
  QVERIFY(!timeline.following() && !fixture.selection.span());
}

void TimelineTest::the_chosen_span_filters_events_and_charts() {
  PageFixture fixture;
  const TimeSpan span{test::demo_time(89'000), test::demo_time(97'000)};
  const auto& events = fixture.feed.events();
  const auto inside = std::count_if(events.begin(), events.end(),
                                    [&](const auto& event) { return span.holds(event.at); });
  QVERIFY(inside > 0 && static_cast<std::size_t>(inside) < events.size());
  EventLogDock log(fixture.feed, fixture.selection, fixture.theme);
  MetricsPage metrics(fixture.feed, fixture.selection, fixture.theme);
  PageFixture::show(metrics, 1216, 756);
  const auto rows = [&log] { return log.findChild<Table*>()->model()->rowCount(); };
  QCOMPARE(static_cast<std::size_t>(rows()), events.size());
  fixture.selection.chooseSpan(span);
  QCOMPARE(rows(), static_cast<int>(inside));
  for (const auto* plot : metrics.findChildren<QCustomPlot*>()) {
    if (!plot->isVisible()) continue;
    QCOMPARE(plot->xAxis->range().lower, 89.0);
    QCOMPARE(plot->xAxis->range().upper, 97.0);
  }
  fixture.selection.chooseSpan(std::nullopt);
  QCOMPARE(static_cast<std::size_t>(rows()), events.size());
}

OTTLA_TEST(TimelineTest)
#include "timeline_test.moc"
