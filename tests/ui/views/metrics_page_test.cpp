#include "ui/views/metrics_page.h"

#include <QTemporaryDir>

#include "tests/support/test_registry.h"
#include "tests/ui/views/page_fixture.h"
#include "ui/views/chart_csv.h"

using namespace ottla;
using namespace ottla::ui;
using test::DemoCluster;
using test::PageFixture;

class MetricsPageTest : public QObject {
  Q_OBJECT
 private slots:
  void it_draws_in_both_themes_and_in_one_column();
  void the_cursor_tells_the_values_of_its_moment();
  void more_than_six_series_become_others();
  void largest_values_choose_the_unit_data();
  void largest_values_choose_the_unit();
  void charts_are_written_as_pictures_and_values();
};

void MetricsPageTest::it_draws_in_both_themes_and_in_one_column() {
  for (const bool dark : {true, false}) {
    PageFixture fixture(DemoCluster::broken, dark);
    MetricsPage page(fixture.feed, fixture.selection, fixture.theme);
    PageFixture::show(page, 1216, 756);
    page.setCursor(test::demo_time(96'600));
    QTest::qWait(60);
    const QString suffix = dark ? "dark" : "light";
    QVERIFY(test::colours_of(PageFixture::picture(page, "metrics-" + suffix)) > 60);
    if (!dark) continue;
    PageFixture::show(page, 560, 420);
    QTest::qWait(60);
    PageFixture::picture(page, "metrics-small-" + suffix);
    for (auto* tab : page.findChildren<QToolButton*>()) {
      if (tab->text() == "Replication") tab->click();
    }
    PageFixture::show(page, 1216, 756);
    QTest::qWait(60);
    PageFixture::picture(page, "metrics-replication-" + suffix);
  }
}

void MetricsPageTest::the_cursor_tells_the_values_of_its_moment() {
  PageFixture fixture;
  MetricsPage page(fixture.feed, fixture.selection, fixture.theme);
  PageFixture::show(page, 1216, 756);
  Chart* health = nullptr;
  for (Chart* chart : page.findChildren<Chart*>()) {
    if (chart->spec().title == "Partition health") health = chart;
  }
  QCOMPARE(*health->valueAt(0, test::demo_time(95'000)), 0.0);
  QCOMPARE(*health->valueAt(0, test::demo_time(97'000)), 21.0);
  QVERIFY(!health->valueAt(0, test::demo_time(-5'000)));
  page.setFocus();
  QTest::keyClick(&page, Qt::Key_Left);
  QVERIFY(page.cursor() && *page.cursor() < fixture.feed.snapshot()->run.now);
  QTest::keyClick(&page, Qt::Key_Escape);
  QVERIFY(!page.cursor());
}

void MetricsPageTest::more_than_six_series_become_others() {
  PageFixture fixture(DemoCluster::hundred);
  MetricsPage page(fixture.feed, fixture.selection, fixture.theme);
  PageFixture::show(page, 1216, 756);
  for (const Chart* chart : page.findChildren<Chart*>()) {
    QVERIFY(chart->spec().series.size() <= Chart::series_max);
    if (chart->spec().title != "Leaders by broker") continue;
    QCOMPARE(chart->spec().series.back().label, QString("others"));
    QCOMPARE(chart->spec().series.back().keys.size(), std::size_t{95});
  }
}

void MetricsPageTest::largest_values_choose_the_unit_data() {
  QTest::addColumn<int>("unit");
  QTest::addColumn<double>("largest");
  QTest::addColumn<int>("prefix");
  QTest::newRow("megabytes") << int(ChartUnit::bytes_per_second) << 140e6 << 2;
  QTest::newRow("bytes") << int(ChartUnit::bytes_per_second) << 900.0 << 0;
  QTest::newRow("thousands") << int(ChartUnit::per_second) << 31'100.0 << 1;
  QTest::newRow("up to ten thousand") << int(ChartUnit::records) << 9'400.0 << 0;
  QTest::newRow("seconds stay") << int(ChartUnit::seconds) << 44e6 << 0;
}

void MetricsPageTest::largest_values_choose_the_unit() {
  QFETCH(int, unit);
  QFETCH(double, largest);
  QFETCH(int, prefix);
  QCOMPARE(chart_prefix(static_cast<ChartUnit>(unit), largest), prefix);
}

void MetricsPageTest::charts_are_written_as_pictures_and_values() {
  PageFixture fixture;
  MetricsPage page(fixture.feed, fixture.selection, fixture.theme);
  PageFixture::show(page, 1216, 756);
  QTemporaryDir folder;
  for (const char* name : {"m.png", "m.svg", "m.csv"}) {
    const QString path = folder.filePath(name);
    QCOMPARE(page.exportTo(path), QString());
    QVERIFY(QFileInfo(path).size() > 5'000);
  }
  QVERIFY(!page.exportTo(folder.filePath("no/such/folder.csv")).isEmpty());
  QVERIFY(!page.exportTo(folder.filePath("no/such/folder.svg")).isEmpty());
  QFile svg(folder.filePath("m.svg"));
  QVERIFY(svg.open(QIODevice::ReadOnly));
  const QByteArray drawing = svg.readAll();
  QVERIFY(drawing.contains("Produce latency"));
  QVERIFY(drawing.contains("polyline") || drawing.contains("<path"));

  observe::History history;
  history.series = {{"a", "a", "ms", {{scenario_epoch, 1.5}}},
                    {"b,c", "b", "", {{scenario_epoch + Duration::seconds(1), 2}}}};
  QCOMPARE(chart_csv(history, {"a", "missing", "b,c"}, scenario_epoch,
                     {scenario_epoch, scenario_epoch + Duration::seconds(9)}),
           QByteArray("time_s,a [ms],\"b,c\"\r\n0.000,1.5,\r\n1.000,,2\r\n"));
}

OTTLA_TEST(MetricsPageTest)
#include "metrics_page_test.moc"
