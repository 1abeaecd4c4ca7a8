#include "ui/views/cluster_map.h"

#include <QApplication>
#include <QClipboard>
#include <QHelpEvent>
#include <QMenu>
#include <QSignalSpy>
#include <QToolTip>

#include "tests/support/demo_session.h"
#include "tests/support/test_registry.h"
#include "ui/canvas/format.h"
#include "ui/canvas/motion.h"
#include "ui/views/cluster_page.h"
#include "ui/views/fault_menus.h"

using namespace ottla;
using namespace ottla::ui;
using ottla::test::DemoCluster;
using ottla::test::DemoSession;
using Kind = MapPick::Kind;

namespace {

// A map over a demo session, shown offscreen.
struct Shown {
  explicit Shown(DemoCluster cluster = DemoCluster::broken) : session(cluster), feed(session) {
    set_motion_reduced(true);
    map.resize(1216, 700);
    map.show();
    QCoreApplication::processEvents();
  }
  QPoint at(const MapPick& pick) { return box_of(map.scene(), pick).center().toPoint(); }
  void click(const MapPick& pick) { QTest::mouseClick(&map, Qt::LeftButton, {}, at(pick)); }
  template <class Action>
  const Action* last() {
    if (session.posted().empty()) return nullptr;
    return std::get_if<Action>(&session.posted().back().action);
  }

  DemoSession session;
  SessionFeed feed;
  Selection selection;
  Theme theme = Theme::dark();
  ClusterMap map{feed, selection, theme};
};

const MapPick broker_4{Kind::broker, "4", {}, -1};

QAction* find_action(QMenu& menu, const QString& words) {
  for (QAction* action : menu.actions()) {
    if (action->text() == words) return action;
  }
  return nullptr;
}

}  // namespace

class ClusterMapTest : public QObject {
  Q_OBJECT
 private slots:
  void a_click_selects_the_partition_of_a_cell_and_a_card_its_broker();
  void every_replica_of_the_selected_partition_gets_a_ring();
  void the_context_menu_kills_a_broker_for_ten_seconds();
  void cutting_a_broker_from_the_rest_cuts_each_of_its_links();
  void a_right_click_opens_the_menu_of_what_is_under_it();
  void a_drag_across_a_link_cuts_it();
  void a_link_is_delayed_cut_one_way_and_healed_from_its_menu();
  void a_brokers_disk_and_clock_are_spoilt_from_its_menu();
  void a_producers_rate_and_hot_key_share_are_set_from_its_menu();
  void the_keyboard_moves_the_selection_and_acts_on_it();
  void the_wheel_zooms_and_fit_goes_back();
  void a_click_on_real_clients_copies_the_bootstrap_address();
  void what_the_session_cannot_do_is_disabled();
  void the_tip_of_a_broker_names_the_scale_of_its_load_bars();
};

void ClusterMapTest::a_click_selects_the_partition_of_a_cell_and_a_card_its_broker() {
  Shown s;
  s.click({Kind::partition, "orders", {}, 3});
  QVERIFY((s.selection.current() == SelectedThing(SelectedPartition{"orders", PartitionIndex(3)})));
  const QRectF card = box_of(s.map.scene(), broker_4);
  QTest::mouseClick(&s.map, Qt::LeftButton, {}, card.topLeft().toPoint() + QPoint(60, 12));
  QVERIFY((s.selection.current() == SelectedThing(SelectedBroker{BrokerId(4)})));
  s.click({Kind::link, "4", "6", -1});
  QVERIFY((s.selection.current() == SelectedThing(SelectedLink{"4", "6"})));
}

void ClusterMapTest::every_replica_of_the_selected_partition_gets_a_ring() {
  Shown s;
  const QImage before = s.map.grab().toImage();
  s.selection.select(SelectedPartition{"orders", PartitionIndex(3)});
  const QImage after = s.map.grab().toImage();
  // Its replicas are on 4, 6 and 1, and on no other broker.
  const MapScene scene = s.map.scene();
  for (const int id : {1, 2, 4, 6}) {
    const QRect card =
        box_of(scene, {Kind::broker, std::to_string(id), {}, -1}).adjusted(6, 60, -6, -30).toRect();
    QCOMPARE(before.copy(card) != after.copy(card), id != 2);
  }
}

void ClusterMapTest::the_context_menu_kills_a_broker_for_ten_seconds() {
  Shown s;
  const auto menu = s.map.menuFor(broker_4);
  QAction* kill = find_action(*menu, "Kill");
  QVERIFY(kill && kill->menu());
  find_action(*kill->menu(), "for 10 s")->trigger();
  QVERIFY(s.last<observe::Kill>());
  QCOMPARE(s.last<observe::Kill>()->process, std::string("4"));
  QVERIFY(s.session.posted().back().duration == Duration::seconds(10));
  find_action(*kill->menu(), "until restarted")->trigger();
  QVERIFY(!s.session.posted().back().duration);
  for (const char* words : {"Power loss", "Shut down", "Restart", "Pause", "Cut from the rest"}) {
    QVERIFY2(find_action(*menu, words) && find_action(*menu, words)->isEnabled(), words);
  }
  QVERIFY(!find_action(*menu, "Resume")->isEnabled());
}

void ClusterMapTest::cutting_a_broker_from_the_rest_cuts_each_of_its_links() {
  Shown s;
  const auto menu = s.map.menuFor(broker_4);
  find_action(*find_action(*menu, "Cut from the rest")->menu(), "for 30 s")->trigger();
  // 5 other brokers and 3 controllers.
  QCOMPARE(s.session.posted().size(), std::size_t{8});
  for (const observe::Command& command : s.session.posted()) {
    const auto* cut = std::get_if<observe::CutLink>(&command.action);
    QVERIFY(cut && cut->from == "4" && cut->to != "4" && !cut->one_way);
    QVERIFY(command.duration == Duration::seconds(30));
  }
}

void ClusterMapTest::a_right_click_opens_the_menu_of_what_is_under_it() {
  Shown s;
  const QPoint at = box_of(s.map.scene(), broker_4).topLeft().toPoint() + QPoint(60, 12);
  QContextMenuEvent event(QContextMenuEvent::Mouse, at, s.map.mapToGlobal(at));
  QApplication::sendEvent(&s.map, &event);
  auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
  QVERIFY(menu);
  QCOMPARE(menu->actions().first()->text(), QString("Broker 4"));
  QVERIFY((s.selection.current() == SelectedThing(SelectedBroker{BrokerId(4)})));
  menu->close();
}

void ClusterMapTest::a_drag_across_a_link_cuts_it() {
  Shown s(DemoCluster::healthy);
  const QPoint middle = s.at({Kind::link, "1", "3", -1});
  QTest::mousePress(&s.map, Qt::LeftButton, {}, middle - QPoint(0, 20));
  QTest::mouseMove(&s.map, middle);
  QTest::mouseMove(&s.map, middle + QPoint(0, 20));
  QTest::mouseRelease(&s.map, Qt::LeftButton, {}, middle + QPoint(0, 20));
  QCOMPARE(s.session.posted().size(), std::size_t{1});
  QVERIFY(s.last<observe::CutLink>());
  QCOMPARE(s.last<observe::CutLink>()->from, std::string("1"));
  QCOMPARE(s.last<observe::CutLink>()->to, std::string("3"));
}

void ClusterMapTest::a_link_is_delayed_cut_one_way_and_healed_from_its_menu() {
  Shown s;
  const auto cut = s.map.menuFor({Kind::link, "4", "6", -1});
  QVERIFY(!find_action(*cut, "Cut")->isEnabled());
  find_action(*cut, "Heal")->trigger();
  QVERIFY(s.last<observe::HealLink>() && s.last<observe::HealLink>()->from == "4");
  const auto well = s.map.menuFor({Kind::link, "1", "3", -1});
  QVERIFY(!find_action(*well, "Heal")->isEnabled());
  find_action(*find_action(*well, "Cut one way, 3 to 1")->menu(), "for 5 s")->trigger();
  QVERIFY(s.last<observe::CutLink>()->one_way && s.last<observe::CutLink>()->from == "3");
  QMenu* by = find_action(*find_action(*well, "Delay")->menu(), "by 100 ms")->menu();
  find_action(*by, "until healed")->trigger();
  QVERIFY(s.last<observe::DelayLink>()->latency == Duration::millis(100));
  QMenu* tail =
      find_action(*find_action(*well, "Vary")->menu(), "with a heavy tail, 100 ms")->menu();
  find_action(*tail, "for 10 s")->trigger();
  QVERIFY(s.last<observe::DelayLink>()->jitter->shape == JitterShape::pareto);
  QMenu* tenth = find_action(*find_action(*well, "Lose")->menu(), "10 % of the segments")->menu();
  find_action(*tenth, "for 10 s")->trigger();
  QCOMPARE(s.last<observe::LoseOnLink>()->share, 0.1);
  QMenu* thin = find_action(*find_action(*well, "Narrow")->menu(), "to 10 kB/s")->menu();
  find_action(*thin, "for 10 s")->trigger();
  QCOMPARE(s.last<observe::NarrowLink>()->bytes_per_s, std::uint64_t{10'000});
  find_action(*well, "Reset the connections")->trigger();
  QCOMPARE(s.last<observe::ResetLink>()->to, std::string("3"));
}

void ClusterMapTest::a_brokers_disk_and_clock_are_spoilt_from_its_menu() {
  Shown s(DemoCluster::healthy);
  const auto menu = s.map.menuFor({Kind::broker, "3", {}, -1});
  QMenu* slow =
      find_action(*find_action(*menu, "Slow the disk's syncs")->menu(), "by 500 ms")->menu();
  find_action(*slow, "for 10 s")->trigger();
  QVERIFY(s.last<observe::SlowDisk>()->sync_latency == Duration::millis(500));
  QMenu* full = find_action(*find_action(*menu, "Spoil the disk")->menu(), "full")->menu();
  find_action(*full, "for 10 s")->trigger();
  QCOMPARE(s.last<observe::SpoilDisk>()->trouble, std::string("full"));
  QMenu* behind = find_action(*find_action(*menu, "Clock")->menu(), "1 s behind")->menu();
  find_action(*behind, "until set right")->trigger();
  QVERIFY(s.last<observe::SkewClock>()->by == Duration::seconds(-1));
  find_action(*menu, "Set the clock right")->trigger();
  QVERIFY(s.last<observe::SkewClock>()->by == Duration());
  find_action(*menu, "Repair the disk")->trigger();
  QVERIFY(s.last<observe::SlowDisk>()->sync_latency == Duration());
  const auto& posted = s.session.posted();
  const auto* repair = std::get_if<observe::SpoilDisk>(&posted.at(posted.size() - 2).action);
  QVERIFY(repair != nullptr && repair->trouble == "none");
}

void ClusterMapTest::a_producers_rate_and_hot_key_share_are_set_from_its_menu() {
  Shown s;
  const auto menu = s.map.menuFor({Kind::producer, "checkout", {}, -1});
  QMenu* rate = find_action(*menu, "Rate")->menu();
  find_action(*rate, "Stop")->trigger();
  QCOMPARE(s.last<observe::SetProducerRate>()->records_per_s, 0.0);
  find_action(*find_action(*menu, "Hot-key share")->menu(), "60 % with one key")->trigger();
  QCOMPARE(s.last<observe::SetHotKeyShare>()->share, 0.6);
}

void ClusterMapTest::the_keyboard_moves_the_selection_and_acts_on_it() {
  Shown s;
  s.selection.select(SelectedBroker{BrokerId(4)});
  QTest::keyClick(&s.map, Qt::Key_Right);
  QVERIFY((s.selection.current() == SelectedThing(SelectedBroker{BrokerId(6)})));
  QTest::keyClick(&s.map, Qt::Key_K);
  QVERIFY(s.last<observe::Kill>() && s.last<observe::Kill>()->process == "6");
  QTest::keyClick(&s.map, Qt::Key_R);
  QVERIFY(s.last<observe::Restart>());
  QTest::keyClick(&s.map, Qt::Key_P);
  QVERIFY(s.last<observe::Pause>());
  QTest::keyClick(&s.map, Qt::Key_Escape);
  QCOMPARE(s.selection.current().index(), std::size_t{0});
}

void ClusterMapTest::the_wheel_zooms_and_fit_goes_back() {
  Shown s;
  QSignalSpy zoomed(&s.map, &ClusterMap::zoomChanged);
  const double before = s.map.zoom();
  QTest::keyClick(&s.map, Qt::Key_Plus);
  QVERIFY(s.map.zoom() > before * 1.2);
  QVERIFY(zoomed.count() > 0);
  s.map.fit();
  QCOMPARE(s.map.zoom(), before);
}

void ClusterMapTest::a_click_on_real_clients_copies_the_bootstrap_address() {
  Shown s;
  QSignalSpy copied(&s.map, &ClusterMap::copied);
  s.click({Kind::real_clients, {}, {}, -1});
  QCOMPARE(copied.count(), 1);
  QCOMPARE(copied.first().first().toString(), QString("127.0.0.1:9092"));
}

void ClusterMapTest::what_the_session_cannot_do_is_disabled() {
  Shown s;
  s.session.change([](observe::Snapshot& snapshot) { snapshot.capabilities = {}; });
  QTRY_VERIFY(!s.feed.snapshot()->capabilities.can_inject_faults);
  const auto menu = s.map.menuFor(broker_4);
  QVERIFY(!find_action(*menu, "Kill")->isEnabled());
  s.selection.select(SelectedBroker{BrokerId(4)});
  QTest::keyClick(&s.map, Qt::Key_K);
  QVERIFY(s.session.posted().empty());
}

void ClusterMapTest::the_tip_of_a_broker_names_the_scale_of_its_load_bars() {
  Shown s;
  const auto tip_of = [&s](const MapPick& pick) {
    const QPoint at = box_of(s.map.scene(), pick).topLeft().toPoint() + QPoint(60, 12);
    QHelpEvent asked(QEvent::ToolTip, at, s.map.mapToGlobal(at));
    QApplication::sendEvent(&s.map, &asked);
    return QToolTip::text();
  };
  const observe::BrokerState broker = *s.feed.snapshot()->broker(BrokerId(4));
  const QString tip = tip_of(broker_4);
  QVERIFY2(tip.contains(load_scale()), qPrintable(tip));
  QVERIFY(tip.contains(bytes_per_second(broker.bytes_in_per_s + broker.bytes_out_per_s)));
  s.session.change([](observe::Snapshot& snapshot) {
    for (auto& each : snapshot.brokers) each.load = {};
  });
  QTRY_VERIFY(!s.feed.snapshot()->broker(BrokerId(4))->load.network);
  QVERIFY(!tip_of(broker_4).contains(load_scale()));
}

OTTLA_TEST(ClusterMapTest)
#include "cluster_map_test.moc"
