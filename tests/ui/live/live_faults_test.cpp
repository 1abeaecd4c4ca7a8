// Faults by mouse and keyboard in the window over a running cluster: what a person does, what the
// brokers make of it, and what the window shows.
#include "app/desktop/local_cluster.h"  // Before Qt, whose `slots` is a macro.

#include <QApplication>
#include <QMenu>
#include <algorithm>

#include "tests/support/test_registry.h"
#include "ui/canvas/motion.h"
#include "ui/views/cluster_map.h"
#include "ui/views/cluster_page.h"
#include "ui/views/main_window.h"

using namespace ottla;
using namespace ottla::ui;
using Kind = MapPick::Kind;
using observe::EventKind;
using observe::ProcessStatus;

namespace {

constexpr int patience_ms = 30'000;  // Of wall time, for what takes a second or two.

runtime::SimulationOptions everyday() {
  runtime::SimulationOptions options;
  options.running = false;
  options.speed = 10;
  options.cluster.seed = 7;
  options.cluster.workload = world::WorkloadSpec::everyday(options.cluster.brokers);
  return options;
}

// The window on a cluster that has run for ten seconds and is played on.
struct Window {
  Window() {
    set_motion_reduced(true);
    cluster.show_at(Duration::seconds(10));
    window.resize(1600, 1000);
    window.show();
    QCoreApplication::processEvents();
    window.feed().post({observe::SetRunning{true}, std::nullopt});
  }
  [[nodiscard]] std::shared_ptr<const observe::Snapshot> now() { return window.feed().snapshot(); }
  [[nodiscard]] const observe::PartitionState& orders_0(const observe::Snapshot& snapshot) {
    return snapshot.topic("orders")->partitions.front();
  }
  [[nodiscard]] ClusterMap& map() { return window.clusterPage().map(); }
  // Where a broker's card has nothing but its name, in the window's pixels.
  [[nodiscard]] QPoint card_of(const std::string& broker) {
    const QRectF box = box_of(map().scene(), {Kind::broker, broker, {}, -1});
    return map().mapTo(&window, box.topLeft().toPoint() + QPoint(60, 12));
  }
  // As the platform would deliver it, so that the window decides who gets it.
  void click(Qt::MouseButton button, QPoint at) {
    QTest::mouseClick(window.windowHandle(), button, {}, at);
  }
  [[nodiscard]] const observe::Event* happened(EventKind kind, const std::string& node) {
    const auto& events = window.feed().events();
    const auto at = std::find_if(events.rbegin(), events.rend(), [&](const auto& event) {
      return event.kind == kind && event.node == node;
    });
    return at == events.rend() ? nullptr : &*at;
  }
  [[nodiscard]] ProcessStatus status_of(const std::string& broker) {
    return now()->broker(BrokerId(std::stoi(broker)))->status;
  }
  [[nodiscard]] bool all_in_sync() {
    return now()->health.under_replicated == 0 && now()->health.offline == 0;
  }

  desktop::LocalCluster cluster{everyday(), nullptr};
  MainWindow window{cluster, Theme::dark()};
};

// Clicks the action of these words in the menu that is open, and returns the menu that opens.
QMenu* choose(const QString& words) {
  auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
  if (menu == nullptr) return nullptr;
  for (QAction* action : menu->actions()) {
    if (action->text() != words || !action->isEnabled()) continue;
    QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(action).center());
    return action->menu();
  }
  return nullptr;
}

// Records that every replica of a topic's partitions has, below their high watermarks.
std::int64_t kept_of(const observe::Snapshot& snapshot, std::string_view topic) {
  std::int64_t kept = 0;
  for (const auto& partition : snapshot.topic(topic)->partitions)
    kept += partition.high_watermark.value_or(Offset(0)).value();
  return kept;
}

}  // namespace

class LiveFaultsTest : public QObject {
  Q_OBJECT
 private slots:
  void a_leader_killed_from_the_maps_menu_is_replaced_and_loses_nothing();
  void keys_pause_resume_and_restart_the_selected_broker();
  void a_link_cut_by_a_drag_is_healed_from_its_menu();
};

void LiveFaultsTest::a_leader_killed_from_the_maps_menu_is_replaced_and_loses_nothing() {
  Window w;
  const auto before = w.now();
  const BrokerId old_leader = *w.orders_0(*before).leader;
  const std::string leader = std::to_string(old_leader.value());
  const std::int64_t acknowledged = before->producers.front().acknowledged;
  QVERIFY(acknowledged > 1000);

  w.click(Qt::RightButton, w.card_of(leader));
  QMenu* kinds = choose("Kill");
  QVERIFY(kinds);
  QTRY_COMPARE(QApplication::activePopupWidget(), kinds);
  QVERIFY(!choose("for 10 s"));  // It is the last menu.

  QTRY_VERIFY_WITH_TIMEOUT(w.happened(EventKind::process_killed, leader), patience_ms);
  QTRY_COMPARE_WITH_TIMEOUT(w.status_of(leader), ProcessStatus::down, patience_ms);
  QTRY_VERIFY_WITH_TIMEOUT(w.orders_0(*w.now()).leader, patience_ms);
  QTRY_VERIFY_WITH_TIMEOUT(*w.orders_0(*w.now()).leader != old_leader, patience_ms);
  QVERIFY(w.orders_0(*w.now()).leader_epoch > w.orders_0(*before).leader_epoch);
  const auto& events = w.window.feed().events();
  QVERIFY(std::any_of(events.begin(), events.end(), [&](const observe::Event& event) {
    return event.kind == EventKind::leader_elected && event.topic == "orders" &&
           event.partition == PartitionIndex(0) && event.peer == leader;
  }));

  QTRY_VERIFY_WITH_TIMEOUT(w.status_of(leader) == ProcessStatus::online && w.all_in_sync(),
                           patience_ms);
  const auto after = w.now();
  const observe::ProducerState& checkout = after->producers.front();
  QCOMPARE(after->run.invariants_broken, 0);
  QCOMPARE(checkout.failed, 0);
  QVERIFY(checkout.acknowledged > acknowledged);
  QVERIFY(kept_of(*after, checkout.topic) >= checkout.acknowledged);
}

void LiveFaultsTest::keys_pause_resume_and_restart_the_selected_broker() {
  Window w;
  w.click(Qt::LeftButton, w.card_of("2"));
  QVERIFY((w.window.selection().current() == SelectedThing(SelectedBroker{BrokerId(2)})));
  QTest::keyClick(&w.map(), Qt::Key_P);
  QTRY_COMPARE_WITH_TIMEOUT(w.status_of("2"), ProcessStatus::paused, patience_ms);
  QTest::keyClick(&w.map(), Qt::Key_P);
  QTRY_COMPARE_WITH_TIMEOUT(w.status_of("2"), ProcessStatus::online, patience_ms);
  QVERIFY(w.happened(EventKind::process_paused, "2"));
  const BrokerEpoch epoch = w.now()->broker(BrokerId(2))->epoch;
  QTest::keyClick(&w.map(), Qt::Key_R);
  QTRY_VERIFY_WITH_TIMEOUT(w.status_of("2") == ProcessStatus::online &&
                               w.now()->broker(BrokerId(2))->epoch > epoch && w.all_in_sync(),
                           patience_ms);
  QCOMPARE(w.now()->run.invariants_broken, 0);
}

void LiveFaultsTest::a_link_cut_by_a_drag_is_healed_from_its_menu() {
  Window w;
  const MapPick link{Kind::link, "1", "2", -1};
  const auto cut = [&w] {
    const auto& links = w.now()->links;
    return std::count_if(links.begin(), links.end(), [](const auto& each) {
      return each.cut && (each.from == "1" || each.from == "2");
    });
  };
  const QPoint middle = w.map().mapTo(&w.window, box_of(w.map().scene(), link).center().toPoint());
  QTest::mousePress(w.window.windowHandle(), Qt::LeftButton, {}, middle - QPoint(0, 20));
  QTest::mouseMove(w.window.windowHandle(), middle);
  QTest::mouseMove(w.window.windowHandle(), middle + QPoint(0, 20));
  QTest::mouseRelease(w.window.windowHandle(), Qt::LeftButton, {}, middle + QPoint(0, 20));
  QTRY_COMPARE_WITH_TIMEOUT(cut(), 2, patience_ms);  // Both ways.
  QTRY_VERIFY_WITH_TIMEOUT(w.now()->health.under_replicated > 0, patience_ms);

  w.click(Qt::RightButton, middle);
  QVERIFY(!choose("Heal"));
  QTRY_COMPARE_WITH_TIMEOUT(cut(), 0, patience_ms);
  QTRY_VERIFY_WITH_TIMEOUT(w.all_in_sync(), patience_ms);
  QCOMPARE(w.now()->run.invariants_broken, 0);
}

OTTLA_TEST(LiveFaultsTest)
#include "live_faults_test.moc"
