#include "ui/views/main_window.h"

#include <QAction>
#include <QApplication>
#include <QMenu>
#include <QSignalSpy>
#include <limits>

#include "tests/support/demo_session.h"
#include "tests/support/test_registry.h"
#include "ui/canvas/motion.h"
#include "ui/views/cluster_map.h"
#include "ui/views/cluster_page.h"
#include "ui/views/edge_tab.h"
#include "ui/views/health_strip.h"
#include "ui/views/inspector.h"
#include "ui/views/speed_scale.h"
#include "ui/views/status_line.h"
#include "ui/views/transport_bar.h"

using namespace ottla;
using namespace ottla::ui;
using ottla::test::DemoCluster;
using ottla::test::DemoSession;

class MainWindowTest : public QObject {
  Q_OBJECT
 private slots:
  void space_pauses_and_plays();
  void the_speed_slider_is_logarithmic_and_ends_at_max();
  void the_worst_chip_is_the_last_and_selects_what_it_names();
  void what_matters_little_gets_no_chip();
  void a_broken_invariant_is_worse_than_all_else();
  void the_inspector_says_what_waits_and_why();
  void the_inspector_shows_the_longest_waits_of_many();
  void a_cluster_is_not_well_while_a_broker_is_silent();
  void the_inspector_survives_what_is_gone();
  void a_refused_command_is_told_on_the_status_line();
  void dark_and_light_switch_at_once();
  void the_inspector_gives_way_in_a_narrow_window();
  void every_place_opens();
  void the_inspector_is_a_drawer_over_a_narrow_page();
  void a_narrow_map_folds_producers_and_groups_into_tabs();
  void health_chips_that_have_no_room_are_counted();
};

void MainWindowTest::space_pauses_and_plays() {
  DemoSession session;
  SessionFeed feed(session);
  Selection selection;
  const Theme theme = Theme::dark();
  TransportBar bar(feed, selection, theme);
  bar.playOrPause();
  QCOMPARE(session.posted().size(), std::size_t{1});
  QVERIFY(!std::get<observe::SetRunning>(session.posted()[0].action).running);
  bar.stepEvent();
  QVERIFY(std::holds_alternative<observe::StepEvent>(session.posted()[1].action));
  bar.stepToNext();
  QCOMPARE(std::get<observe::RunToNext>(session.posted()[2].action).event_kind,
           std::string("leader_elected"));
}

void MainWindowTest::the_speed_slider_is_logarithmic_and_ends_at_max() {
  QCOMPARE(speed_at(0), 0.01);
  QCOMPARE(speed_at(place_of_speed(1)), 1.0);
  QCOMPARE(speed_at(place_of_speed(1000)), 1000.0);
  QCOMPARE(speed_at(speed_steps), std::numeric_limits<double>::infinity());
  QCOMPARE(place_of_speed(std::numeric_limits<double>::infinity()), speed_steps);
  for (int place = 1; place < speed_steps - 5; ++place) {
    QVERIFY(speed_at(place) > speed_at(place - 1));
    QCOMPARE(place_of_speed(speed_at(place)), place);
  }
}

void MainWindowTest::the_worst_chip_is_the_last_and_selects_what_it_names() {
  const auto broken = health_chips(test::demo_snapshot(DemoCluster::broken));
  QCOMPARE(broken.size(), std::size_t{4});
  QCOMPARE(broken.back().look.words, QString("clicks-7 61 %"));
  QVERIFY((broken.back().selects == SelectedThing(SelectedPartition{"clicks", PartitionIndex(7)})));
  for (const HealthChip& chip : health_chips(test::demo_snapshot(DemoCluster::healthy))) {
    QVERIFY(chip.look.tone == Tone::good);
  }
}

void MainWindowTest::what_matters_little_gets_no_chip() {
  observe::Snapshot cool = test::demo_snapshot(DemoCluster::healthy);
  observe::BrokerState& broker = cool.brokers.front();
  broker.load.requests = 0.99;
  broker.requests_per_s = 40;
  QVERIFY(health_chips(cool).back().look.tone == Tone::good);
  broker.requests_per_s = 4000;
  QCOMPARE(health_chips(cool).back().look.words, QString("broker 1 hot"));

  observe::Snapshot led = test::demo_snapshot(DemoCluster::broken);
  QCOMPARE(health_chips(led).back().look.tone, Tone::hot);
  for (observe::BrokerState& each : led.brokers) each.status = observe::ProcessStatus::paused;
  for (const HealthChip& chip : health_chips(led)) QVERIFY(chip.look.tone != Tone::hot);
}

void MainWindowTest::a_broken_invariant_is_worse_than_all_else() {
  observe::Snapshot worse = test::demo_snapshot(DemoCluster::broken);
  worse.run.invariants_broken = 1;
  QCOMPARE(health_chips(worse).back().look.words, QString("invariant broken"));
}

void MainWindowTest::the_inspector_says_what_waits_and_why() {
  const observe::Snapshot s = test::demo_snapshot(DemoCluster::broken);
  const auto events = test::demo_events(DemoCluster::broken);
  const InspectorContent content =
      inspect(s, SelectedPartition{"orders", PartitionIndex(3)}, {events.begin(), events.end()});
  QCOMPARE(content.title, QString("orders-3"));
  QCOMPARE(content.verdict->title, QString("Under-replicated for 6.3 s"));
  const auto value = [&](const QString& label) {
    for (const InspectorRow& row : content.rows) {
      if (row.kind == InspectorRow::Kind::field && row.label == label) return row.value;
    }
    return QString();
  };
  QCOMPARE(value("Leader"), QString("broker 6"));
  QCOMPARE(value("ISR"), QString("6, 1"));
  QCOMPARE(value("Out of sync"), QString("4"));
  QCOMPARE(value("High watermark"), QString("51\u2009118"));
  QStringList causes;
  for (const InspectorRow& row : content.rows) {
    if (row.kind == InspectorRow::Kind::wait) causes << row.line;
  }
  QCOMPARE(causes, (QStringList{"Link 4 – 6 is cut until 00:01:50.500",
                                "acks=all, needs 1 to reach 51 146"}));
}

void MainWindowTest::the_inspector_shows_the_longest_waits_of_many() {
  observe::Snapshot s = test::demo_snapshot(DemoCluster::healthy);
  s.waits.clear();
  for (int n = 1; n <= 9; ++n) {
    observe::WaitState wait;
    wait.kind = "Fetch";
    wait.from = "client";
    wait.cause = std::to_string(n);
    wait.since = s.run.now - Duration::millis(n);
    s.waits.push_back(wait);
  }
  QString told;
  QStringList causes;
  const InspectorContent content = inspect(s, {}, {});
  for (const InspectorRow& row : content.rows) {
    if (row.kind == InspectorRow::Kind::heading && row.label == "Waiting, and why")
      told = row.value;
    if (row.kind == InspectorRow::Kind::wait) causes << row.line;
  }
  QCOMPARE(causes, (QStringList{"9", "8", "7", "6", "5", "4"}));
  QCOMPARE(told, QString("6 of 9"));
}

void MainWindowTest::a_cluster_is_not_well_while_a_broker_is_silent() {
  observe::Snapshot s = test::demo_snapshot(DemoCluster::broken);
  s.health = {.under_replicated = 0, .under_min_isr = 0, .offline = 0, .partitions = 12};
  for (observe::BrokerState& each : s.brokers) each.status = observe::ProcessStatus::online;
  const auto title = [&] { return inspect(s, {}, {}).verdict->title; };
  QCOMPARE(title(), QString("All 12 partitions in sync"));
  s.brokers[1].status = observe::ProcessStatus::down;
  s.brokers[1].replicas = 4;
  s.brokers[1].in_sync = 0;  // Offline ones are shown as such.
  QCOMPARE(title(), QString("Broker %1 is silent").arg(s.brokers[1].id.value()));
  s.brokers[1].replicas = 0;
  QCOMPARE(title(), QString("All 12 partitions in sync"));
}

void MainWindowTest::the_inspector_survives_what_is_gone() {
  observe::Snapshot empty;
  empty.history = std::make_shared<observe::History>();
  const SelectedThing things[] = {SelectedBroker{BrokerId(9)},
                                  SelectedController{BrokerId(9)},
                                  SelectedPartition{"t", PartitionIndex(0)},
                                  SelectedTopic{"t"},
                                  SelectedGroup{"g"},
                                  SelectedMember{"g", "m"},
                                  SelectedProducer{"p"},
                                  SelectedLink{"1", "2"},
                                  {}};
  for (const SelectedThing& thing : things) QVERIFY(!inspect(empty, thing, {}).title.isEmpty());
}

void MainWindowTest::a_refused_command_is_told_on_the_status_line() {
  DemoSession session;
  MainWindow window(session, Theme::dark());
  session.refuse_next("Broker 4 is down already");
  window.feed().post({observe::Kill{"4"}, std::nullopt});
  auto* line = window.findChild<StatusLine*>();
  QTRY_COMPARE(line->said(), QString("Broker 4 is down already"));
}

void MainWindowTest::dark_and_light_switch_at_once() {
  DemoSession session;
  set_motion_reduced(true);
  MainWindow window(session, Theme::dark());
  window.show();
  const QImage dark = window.grab().toImage();
  window.setTheme(Theme::light());
  const QImage light = window.grab().toImage();
  QVERIFY(!window.theme().is_dark);
  const auto brightness = [](const QImage& image) {
    qint64 sum = 0;
    for (int y = 0; y < image.height(); y += 8) {
      for (int x = 0; x < image.width(); x += 8) sum += qGray(image.pixel(x, y));
    }
    return sum / (image.width() * image.height() / 64);
  };
  QVERIFY(brightness(dark) < 80);
  QVERIFY(brightness(light) > 190);
}

void MainWindowTest::the_inspector_gives_way_in_a_narrow_window() {
  DemoSession session;
  MainWindow window(session, Theme::dark());
  window.resize(1600, 1000);
  window.show();
  auto* inspector = window.findChild<Inspector*>();
  QVERIFY(inspector->isVisible());
  window.resize(1000, 700);
  QCoreApplication::processEvents();
  QVERIFY(!inspector->isVisible());
  window.resize(1600, 1000);
  QCoreApplication::processEvents();
  QVERIFY(inspector->isVisible());
}

void MainWindowTest::every_place_opens() {
  DemoSession session;
  MainWindow window(session, Theme::dark());
  window.show();
  for (const Place place : {Place::topics, Place::groups, Place::metrics, Place::cluster}) {
    window.setPlace(place);
    QCoreApplication::processEvents();
    QVERIFY(window.place() == place);
    QVERIFY(!window.grab().isNull());
  }
  QVERIFY(window.clusterPage().isVisible());
}

void MainWindowTest::the_inspector_is_a_drawer_over_a_narrow_page() {
  DemoSession session;
  set_motion_reduced(true);
  MainWindow window(session, Theme::dark());
  window.resize(1024, 700);
  window.show();
  QCoreApplication::processEvents();
  auto* inspector = window.findChild<Inspector*>();
  const int page = window.clusterPage().width();
  QVERIFY(!inspector->isVisible());
  QAction* toggle = nullptr;
  for (QAction* action : window.findChildren<QAction*>()) {
    if (action->shortcut() == QKeySequence("F4")) toggle = action;
  }
  toggle->trigger();
  QCoreApplication::processEvents();
  QVERIFY(inspector->isVisible());
  QCOMPARE(window.clusterPage().width(), page);  // It takes no room of the page.
  const QRect over(inspector->mapTo(&window, QPoint()), inspector->size());
  const QRect under(window.clusterPage().mapTo(&window, QPoint()), window.clusterPage().size());
  QVERIFY(under.contains(over) && over.right() == under.right() && over.width() > 240);
  QTest::keyClick(inspector->parentWidget(), Qt::Key_Escape);
  QVERIFY(!inspector->isVisible());
  window.resize(1600, 1000);  // Where there is room it is back beside the page.
  QTRY_VERIFY(inspector->isVisible() && window.clusterPage().width() < 1600 - 240);
}

void MainWindowTest::a_narrow_map_folds_producers_and_groups_into_tabs() {
  DemoSession session;
  MainWindow window(session, Theme::dark());
  window.resize(1600, 1000);
  window.show();
  QCoreApplication::processEvents();
  const auto tabs = window.findChildren<EdgeTab*>();
  QCOMPARE(tabs.size(), 2);
  for (const EdgeTab* tab : tabs) QVERIFY(!tab->isVisible());
  QVERIFY(window.clusterPage().map().scene().layout->clients_shown());
  window.resize(800, 600);
  QCoreApplication::processEvents();
  QVERIFY(!window.clusterPage().map().scene().layout->clients_shown());
  EdgeTab* producers = tabs[0]->text().startsWith("Producers") ? tabs[0] : tabs[1];
  QVERIFY(producers->isVisible());
  QCOMPARE(producers->text(), QString("Producers 4"));
  QTest::mouseClick(producers, Qt::LeftButton);
  auto* list = qobject_cast<QMenu*>(QApplication::activePopupWidget());
  QVERIFY(list);
  QCOMPARE(list->actions().size(), 4);
  list->actions().front()->trigger();
  QVERIFY((window.selection().current() == SelectedThing(SelectedProducer{"checkout"})));
  list->close();
}

void MainWindowTest::health_chips_that_have_no_room_are_counted() {
  DemoSession session;
  MainWindow window(session, Theme::dark());
  window.show();
  auto* strip = window.findChild<HealthStrip*>();
  for (const int width : {800, 1000, 1024, 1280, 1400, 1600}) {
    window.resize(width, 800);
    QCoreApplication::processEvents();
    const QRect inside(strip->mapTo(&window, QPoint()), strip->size());
    QVERIFY2(window.rect().contains(inside), qPrintable(QString::number(width)));
    QVERIFY2(strip->width() >= strip->minimumSizeHint().width(),
             qPrintable(QString::number(width)));
  }
  QCOMPARE(strip->width(), strip->sizeHint().width());  // There is room for all of them.
}

OTTLA_TEST(MainWindowTest)
#include "main_window_test.moc"
