#include "ui/views/event_log.h"

#include <QClipboard>
#include <QLineEdit>
#include <QScrollBar>

#include "tests/support/test_registry.h"
#include "tests/ui/views/page_fixture.h"

using namespace ottla;
using namespace ottla::ui;
using test::DemoCluster;
using test::PageFixture;

class EventLogTest : public QObject {
  Q_OBJECT
 private slots:
  void it_draws_in_both_themes_and_small();
  void enter_selects_what_an_event_is_about();
  void it_goes_to_the_cause_even_when_the_filter_hides_it();
  void an_event_is_copied_as_a_line();
  void it_stays_at_the_end_while_events_come();
};

void EventLogTest::it_draws_in_both_themes_and_small() {
  for (const bool dark : {true, false}) {
    PageFixture fixture(DemoCluster::broken, dark);
    EventLogDock log(fixture.feed, fixture.selection, fixture.theme);
    PageFixture::show(log, 1200, 260);
    log.findChild<Table*>()->selectRow(log.findChild<Table*>()->model()->rowCount() - 2);
    const QString suffix = dark ? "dark" : "light";
    QVERIFY(test::colours_of(PageFixture::picture(log, "events-" + suffix)) > 60);
  }
}

void EventLogTest::enter_selects_what_an_event_is_about() {
  PageFixture fixture;
  EventLogDock log(fixture.feed, fixture.selection, fixture.theme);
  PageFixture::show(log, 1200, 260);
  QTest::keyClicks(log.findChild<QLineEdit*>(), "killed");
  Table* table = log.findChild<Table*>();
  QCOMPARE(table->model()->rowCount(), 1);
  table->setFocus();
  table->selectRow(0);
  QTest::keyClick(table, Qt::Key_Return);
  QVERIFY(fixture.selection.current() == SelectedThing(SelectedBroker{BrokerId(4)}));
}

void EventLogTest::it_goes_to_the_cause_even_when_the_filter_hides_it() {
  PageFixture fixture;
  EventLogDock log(fixture.feed, fixture.selection, fixture.theme);
  PageFixture::show(log, 1200, 260);
  observe::Event caused;
  caused.at = test::demo_time(102'318);
  caused.text = "Something followed";
  caused.cause = fixture.feed.events()[4].number;
  fixture.session.add_event(caused);
  Table* table = log.findChild<Table*>();
  const int before = table->model()->rowCount();
  QTRY_COMPARE(table->model()->rowCount(), before + 1);
  QTest::keyClicks(log.findChild<QLineEdit*>(), "followed");
  QCOMPARE(table->model()->rowCount(), 1);
  table->selectRow(0);
  QTest::keyClick(table, Qt::Key_C);
  QCOMPARE(table->model()->rowCount(), before + 1);
  QCOMPARE(table->currentIndex().row(), 4);
}

void EventLogTest::an_event_is_copied_as_a_line() {
  PageFixture fixture;
  EventLogDock log(fixture.feed, fixture.selection, fixture.theme);
  PageFixture::show(log, 1200, 260);
  log.findChild<Table*>()->selectRow(0);
  log.copy();
  QVERIFY(QApplication::clipboard()->text().startsWith("00:00:00.212  controller_activated  "));
}

void EventLogTest::it_stays_at_the_end_while_events_come() {
  PageFixture fixture;
  EventLogDock log(fixture.feed, fixture.selection, fixture.theme);
  PageFixture::show(log, 1200, 260);
  const auto* table = log.findChild<Table*>();
  const QScrollBar* bar = table->verticalScrollBar();
  QTRY_COMPARE(bar->value(), bar->maximum());
  const int before = bar->maximum();
  for (int i = 0; i < 20; ++i) fixture.session.add_event({});
  QTRY_VERIFY(bar->maximum() > before);
  QTRY_COMPARE(bar->value(), bar->maximum());
}

OTTLA_TEST(EventLogTest)
#include "event_log_test.moc"
