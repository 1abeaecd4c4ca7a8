#include "ui/canvas/map_fades.h"

#include "tests/support/demo_session.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::ui;
using test::DemoCluster;

namespace {

constexpr QSizeF viewport(1216, 700);

// A map of the demo, and the same after leadership of orders-3 went from 6 to 1, in epoch 4.
struct Moved {
  Moved() {
    const observe::Snapshot was = test::demo_snapshot(DemoCluster::broken);
    observe::Snapshot is = was;
    for (auto& topic : is.topics) {
      if (topic->name != "orders") continue;
      auto changed = std::make_shared<observe::TopicState>(*topic);
      observe::PartitionState& partition = changed->partitions[3];
      partition.leader = BrokerId(1);
      partition.leader_epoch = LeaderEpoch(4);
      for (observe::ReplicaState& replica : partition.replicas) {
        if (replica.broker == BrokerId(6)) replica.role = observe::ReplicaRole::in_sync;
        if (replica.broker == BrokerId(1)) replica.role = observe::ReplicaRole::leader;
      }
      topic = changed;
    }
    snapshot = is;
    before = map_contents(was, {});
    after = map_contents(is, {});
    layout = layout_map(after, map_clients(is), viewport);
    routes = MapRoutes(layout, after, snapshot);
    scene.theme = &theme;
    scene.snapshot = &snapshot;
    scene.contents = &after;
    scene.layout = &layout;
    scene.routes = &routes;
    scene.view = fit_view(layout, viewport);
  }
  observe::Snapshot snapshot;
  Theme theme = Theme::dark();
  MapContents before, after;
  MapLayout layout;
  MapRoutes routes;
  MapScene scene;
};

QImage filled(const QColor& colour) {
  QImage image(viewport.toSize(), QImage::Format_RGB32);
  image.fill(colour);
  return image;
}

QColor seen(const MapFades& fades, QPoint at) {
  QImage now = filled(Qt::blue);
  QPainter painter(&now);
  fades.paint(painter);
  return now.pixelColor(at);
}

}  // namespace

class MapFadesTest : public QObject {
  Q_OBJECT
 private slots:
  void a_change_of_leader_changes_each_replicas_cell_and_moves_a_ring();
  void the_same_contents_have_no_changes();
  void the_picture_before_fades_out_where_something_changed();
};

void MapFadesTest::a_change_of_leader_changes_each_replicas_cell_and_moves_a_ring() {
  const Moved m;
  const MapChanges changes = map_changes(m.before, m.after);
  QCOMPARE(changes.cells.size(), std::size_t{3});  // On 1, 4 and 6: the epoch is an edge on each.
  for (const CellChange& change : changes.cells) QVERIFY(change.epoch);
  QCOMPARE(changes.leaders.size(), std::size_t{1});
  const LeaderMove& move = changes.leaders.front();
  QVERIFY(m.after.brokers[move.from.broker].state.id == BrokerId(6));
  QVERIFY(m.after.brokers[move.to.broker].state.id == BrokerId(1));
  QCOMPARE(move.epoch, 4);
}

void MapFadesTest::the_same_contents_have_no_changes() {
  const Moved m;
  QVERIFY(map_changes(m.after, m.after).cells.empty());
  QVERIFY(map_changes({}, m.after).cells.empty());
}

void MapFadesTest::the_picture_before_fades_out_where_something_changed() {
  const Moved m;
  const MapChanges changes = map_changes(m.before, m.after);
  const QPoint cell = cell_box(m.scene, changes.leaders.front().to).center().toPoint();
  const QPoint elsewhere = m.scene.view.to_pixels(m.layout.brokers.front()).topLeft().toPoint();
  MapFades fades;
  QVERIFY(!fades.active());
  fades.begin(filled(Qt::red), m.scene, changes);
  QCOMPARE(seen(fades, cell), QColor(Qt::red));
  QCOMPARE(seen(fades, elsewhere), QColor(Qt::blue));
  fades.advance(MapFades::edge_ms / 2);  // Out-cubic: seven eighths of the way.
  QVERIFY(std::abs(seen(fades, cell).red() - 255 / 8) <= 2);
  fades.advance(MapFades::edge_ms / 2);
  QCOMPARE(seen(fades, cell), QColor(Qt::blue));
  QVERIFY(fades.active());  // The ring still runs.
  fades.advance(MapFades::ring_ms - MapFades::edge_ms);
  QVERIFY(!fades.active());
}

OTTLA_TEST(MapFadesTest)
#include "map_fades_test.moc"
