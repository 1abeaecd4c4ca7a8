#include "ui/canvas/map_layout.h"

#include <QPainter>

#include "tests/support/demo_session.h"
#include "tests/support/test_registry.h"
#include "ui/canvas/card_layout.h"
#include "ui/canvas/dot_motion.h"
#include "ui/canvas/map_painter.h"
#include "ui/canvas/map_routes.h"

using namespace ottla;
using namespace ottla::ui;
using ottla::test::DemoCluster;

namespace {

// A map of a demo cluster, laid out for a viewport.
struct Fixture {
  explicit Fixture(DemoCluster cluster, QSizeF size = {1216, 700})
      : snapshot(test::demo_snapshot(cluster)),
        contents(map_contents(snapshot, {})),
        layout(layout_map(contents, map_clients(snapshot), size)),
        routes(layout, contents, snapshot) {
    scene.theme = &Theme::dark();
    scene.snapshot = &snapshot;
    scene.contents = &contents;
    scene.layout = &layout;
    scene.routes = &routes;
    scene.view = fit_view(layout, size);
  }
  observe::Snapshot snapshot;
  MapContents contents;
  MapLayout layout;
  MapRoutes routes;
  MapScene scene;
};

observe::MessageInFlight message(std::uint64_t id, std::int64_t sent_ms, std::int64_t arrives_ms) {
  observe::MessageInFlight m;
  m.id = id;
  m.from = "1";
  m.to = "2";
  m.sent = test::demo_time(sent_ms);
  m.arrives = test::demo_time(arrives_ms);
  return m;
}

}  // namespace

class MapTest : public QObject {
  Q_OBJECT
 private slots:
  void a_rack_is_a_column_with_its_brokers_and_controllers();
  void a_cell_says_its_replicas_state_and_leader_epoch();
  void internal_and_hidden_topics_are_left_out();
  void the_zoom_decides_how_much_a_cell_shows_data();
  void the_zoom_decides_how_much_a_cell_shows();
  void cells_stay_inside_their_card_at_every_zoom();
  void mini_cards_sort_their_cells_by_state();
  void every_layout_fills_its_viewport_and_overlaps_nothing_data();
  void every_layout_fills_its_viewport_and_overlaps_nothing();
  void zooming_keeps_the_point_under_the_pointer();
  void routes_begin_and_end_at_their_cards();
  void a_stroke_over_a_link_crosses_it_and_one_beside_it_does_not();
  void a_flow_is_1_to_7_pixels_wide();
  void a_dot_is_as_far_as_its_message_in_virtual_time_data();
  void a_dot_is_as_far_as_its_message_in_virtual_time();
  void a_fast_message_still_takes_120_ms_of_wall_time();
  void above_4x_speed_there_are_no_dots();
  void stalled_messages_queue_at_their_sender();
  void picking_finds_cells_cards_members_and_links();
};

void MapTest::a_rack_is_a_column_with_its_brokers_and_controllers() {
  const Fixture f(DemoCluster::broken);
  QCOMPARE(f.contents.columns.size(), std::size_t{3});
  QVERIFY(f.contents.has_racks);
  for (const MapColumn& column : f.contents.columns) {
    QCOMPARE(column.brokers.size(), std::size_t{2});
    QCOMPARE(column.controllers.size(), std::size_t{1});
  }
  observe::Snapshot flat = f.snapshot;
  for (auto& broker : flat.brokers) broker.rack.clear();
  const MapContents without = map_contents(flat, {});
  QVERIFY(!without.has_racks);
  QCOMPARE(without.columns.size(), std::size_t{3});
  QCOMPARE(without.rows(), std::size_t{2});
}

void MapTest::a_cell_says_its_replicas_state_and_leader_epoch() {
  const Fixture f(DemoCluster::broken);
  const MapBroker& four = f.contents.brokers[3];
  QCOMPARE(four.state.id, BrokerId(4));
  QCOMPARE(four.count[static_cast<std::size_t>(CellState::leader)], 0);
  QCOMPARE(four.count[static_cast<std::size_t>(CellState::out_of_sync)], 2);
  QCOMPARE(four.cells(), 21);
  const MapTopicCells& orders = four.topics[1];
  QCOMPARE(f.contents.topics[static_cast<std::size_t>(orders.topic)], std::string("orders"));
  const auto three = std::find_if(orders.cells.begin(), orders.cells.end(), [](const MapCell& c) {
    return c.partition == PartitionIndex(3);
  });
  QVERIFY(three != orders.cells.end());
  QVERIFY(three->state == CellState::out_of_sync);
  QCOMPARE(three->epoch, 3);
  QVERIFY(three->moved_lately);
  // clicks-7 takes 61 % of its topic: its leader, and only that cell, glows.
  int hot = 0;
  for (const MapBroker& broker : f.contents.brokers) {
    for (const auto& topic : broker.topics) {
      for (const MapCell& cell : topic.cells) hot += cell.hot;
    }
  }
  QCOMPARE(hot, 1);
}

void MapTest::internal_and_hidden_topics_are_left_out() {
  const observe::Snapshot s = test::demo_snapshot(DemoCluster::three);
  QCOMPARE(map_contents(s, {}).topics.size(), std::size_t{3});
  MapFilter filter;
  filter.internal_topics = true;
  QCOMPARE(map_contents(s, filter).topics.size(), std::size_t{4});
  filter.hidden_topics = {"orders", "clicks"};
  const MapContents two = map_contents(s, filter);
  QCOMPARE(two.topics, (std::vector<std::string>{"__consumer_offsets", "payments"}));
  QCOMPARE(two.cells_max(), 53);
}

void MapTest::the_zoom_decides_how_much_a_cell_shows_data() {
  QTest::addColumn<double>("zoom");
  QTest::addColumn<int>("mode");
  QTest::newRow("over 160 %") << 1.61 << static_cast<int>(CellMode::rich);
  QTest::newRow("160 %") << 1.6 << static_cast<int>(CellMode::full);
  QTest::newRow("70 %") << 0.7 << static_cast<int>(CellMode::full);
  QTest::newRow("69 %") << 0.69 << static_cast<int>(CellMode::compact);
  QTest::newRow("40 %") << 0.4 << static_cast<int>(CellMode::compact);
  QTest::newRow("under 40 %") << 0.39 << static_cast<int>(CellMode::dense);
}

void MapTest::the_zoom_decides_how_much_a_cell_shows() {
  QFETCH(double, zoom);
  QFETCH(int, mode);
  QCOMPARE(static_cast<int>(cell_mode(zoom)), mode);
}

void MapTest::cells_stay_inside_their_card_at_every_zoom() {
  for (const DemoCluster cluster :
       {DemoCluster::broken, DemoCluster::three, DemoCluster::hundred}) {
    const Fixture f(cluster);
    for (const double factor : {0.3, 0.45, 0.6, 0.8, 1.0, 1.4, 2.0, 3.5}) {
      const MapView view = zoom_view(f.layout, f.scene.view, factor, {600, 350});
      for (std::size_t i = 0; i < f.contents.brokers.size(); i += 7) {
        const QRectF card = view.to_pixels(f.layout.brokers[i]);
        const CardLayout layout =
            layout_card(f.contents.brokers[i], card, view.scale * f.layout.zoom_unit);
        if (layout.mode == CellMode::area) continue;
        for (const CardTopic& topic : layout.topics) {
          for (int c = 0; c < topic.grid.count; ++c) {
            QVERIFY2(card.adjusted(-1, -1, 1, 2).contains(topic.grid.at(c)),
                     qPrintable(QString("broker %1 at %2, cell %3").arg(i).arg(factor).arg(c)));
            QCOMPARE(topic.grid.index_at(topic.grid.at(c).center()), c);
          }
        }
      }
    }
  }
}

void MapTest::mini_cards_sort_their_cells_by_state() {
  const Fixture f(DemoCluster::hundred);
  for (const std::size_t broker : {std::size_t{0}, std::size_t{46}, std::size_t{74}}) {
    const auto cells = sorted_cells(f.contents.brokers[broker]);
    QCOMPARE(static_cast<int>(cells.size()), f.contents.brokers[broker].cells());
    QVERIFY(std::is_sorted(cells.begin(), cells.end(),
                           [](const MapCell* a, const MapCell* b) { return a->state < b->state; }));
  }
}

void MapTest::every_layout_fills_its_viewport_and_overlaps_nothing_data() {
  QTest::addColumn<int>("cluster");
  QTest::addColumn<QSizeF>("size");
  for (const DemoCluster cluster :
       {DemoCluster::broken, DemoCluster::three, DemoCluster::hundred}) {
    for (const QSizeF size :
         {QSizeF(1216, 700), QSizeF(952, 410), QSizeF(756, 420), QSizeF(2170, 1140)}) {
      QTest::addRow("cluster %d, %d x %d", static_cast<int>(cluster),
                    static_cast<int>(size.width()), static_cast<int>(size.height()))
          << static_cast<int>(cluster) << size;
    }
  }
}

void MapTest::every_layout_fills_its_viewport_and_overlaps_nothing() {
  QFETCH(int, cluster);
  QFETCH(QSizeF, size);
  const Fixture f(static_cast<DemoCluster>(cluster), size);
  const QSizeF drawn = f.layout.size * f.layout.fit_scale;
  QVERIFY(drawn.width() <= size.width() + 1 && drawn.height() <= size.height() + 1);
  // It fills at least one way.
  QVERIFY(drawn.width() > size.width() * 0.97 || drawn.height() > size.height() * 0.97);
  std::vector<QRectF> boxes = f.layout.brokers;
  for (const auto* more : {&f.layout.controllers, &f.layout.producers, &f.layout.groups}) {
    for (const QRectF& box : *more) {
      if (!box.isEmpty()) boxes.push_back(box);
    }
  }
  if (f.layout.clients_shown()) boxes.push_back(f.layout.real_clients);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    QVERIFY(QRectF(QPointF(-1, -1), f.layout.size + QSizeF(2, 2)).contains(boxes[i]));
    for (std::size_t j = i + 1; j < boxes.size(); ++j) {
      QVERIFY2(!boxes[i].intersects(boxes[j]), qPrintable(QString("%1 and %2").arg(i).arg(j)));
    }
  }
}

void MapTest::zooming_keeps_the_point_under_the_pointer() {
  const Fixture f(DemoCluster::broken);
  const QPointF at(400, 300);
  const QPointF before = f.scene.view.to_layout(at);
  const MapView zoomed = zoom_view(f.layout, f.scene.view, 1.7, at);
  QVERIFY(QLineF(before, zoomed.to_layout(at)).length() < 1e-6);
  QCOMPARE(zoom_view(f.layout, f.scene.view, 1000, at).scale * f.layout.zoom_unit, 4.0);
  QCOMPARE(zoom_view(f.layout, f.scene.view, 1e-6, at).scale * f.layout.zoom_unit, 0.05);
}

void MapTest::routes_begin_and_end_at_their_cards() {
  const Fixture f(DemoCluster::broken);
  const auto touches = [](const QRectF& card, QPointF p) {
    return card.adjusted(-0.5, -0.5, 0.5, 0.5).contains(p) &&
           !card.adjusted(1, 1, -1, -1).contains(p);
  };
  for (int a = 1; a <= 6; ++a) {
    for (int b = 1; b <= 6; ++b) {
      const Polyline line = f.routes.route(std::to_string(a), std::to_string(b));
      if (a == b) {
        QVERIFY(line.empty());
        continue;
      }
      QVERIFY(line.size() >= 2);
      QVERIFY(touches(f.layout.brokers[static_cast<std::size_t>(a - 1)], line.front()));
      QVERIFY(touches(f.layout.brokers[static_cast<std::size_t>(b - 1)], line.back()));
    }
  }
  const Polyline produce = f.routes.route("checkout", "6");
  QVERIFY(touches(f.layout.producers[0], produce.front()));
  QVERIFY(touches(f.layout.brokers[5], produce.back()));
  const Polyline fetch = f.routes.route("billing-1", "4");
  QVERIFY(touches(f.layout.groups[1], fetch.front()));
  QVERIFY(!f.routes.route("101", "102").empty());
  QVERIFY(!f.routes.route("4", "102").empty());
  QVERIFY(f.routes.route("nobody", "4").empty());
  QCOMPARE(point_along({{0, 0}, {10, 0}, {10, 10}}, 0.75), QPointF(10, 5));
}

void MapTest::a_stroke_over_a_link_crosses_it_and_one_beside_it_does_not() {
  const Polyline line = {{0, 0}, {100, 0}, {100, 100}};
  QVERIFY(crosses(line, {50, -10}, {50, 10}));
  QVERIFY(crosses(line, {90, 50}, {110, 50}));
  QVERIFY(!crosses(line, {50, 5}, {80, 60}));
  QCOMPARE(distance(line, {50, 7}), 7.0);
}

void MapTest::a_flow_is_1_to_7_pixels_wide() {
  QCOMPARE(flow_width(0), 1.0);
  QVERIFY(flow_width(1e6) > 2 && flow_width(1e6) < flow_width(1e7));
  QCOMPARE(flow_width(1e12), 7.0);
}

void MapTest::a_dot_is_as_far_as_its_message_in_virtual_time_data() {
  QTest::addColumn<int>("now_ms");
  QTest::addColumn<double>("part");
  QTest::newRow("sent") << 100 << 0.0;
  QTest::newRow("half way") << 150 << 0.5;
  QTest::newRow("arrived") << 200 << 1.0;
  QTest::newRow("late") << 900 << 1.0;
  QTest::newRow("early") << 10 << 0.0;
}

void MapTest::a_dot_is_as_far_as_its_message_in_virtual_time() {
  QFETCH(int, now_ms);
  QFETCH(double, part);
  QCOMPARE(flight_progress(message(1, 100, 200), test::demo_time(now_ms)), part);
}

void MapTest::a_fast_message_still_takes_120_ms_of_wall_time() {
  observe::Snapshot s;
  s.run.running = true;
  s.run.now = test::demo_time(100);
  s.in_flight = {message(7, 100, 101), message(8, 100, 500)};
  DotMotion motion;
  motion.observe(s);
  QCOMPARE(motion.dots().size(), std::size_t{2});
  motion.advance(60);
  QCOMPARE(motion.dots()[0].progress, 0.5);
  QCOMPARE(motion.dots()[1].progress, 0.15);
  motion.advance(60);
  QCOMPARE(motion.dots().size(), std::size_t{1});
  // It arrived; that the snapshot still lists it does not start it again.
  motion.observe(s);
  QCOMPARE(motion.dots().size(), std::size_t{1});
}

void MapTest::above_4x_speed_there_are_no_dots() {
  observe::Snapshot s;
  s.run.running = true;
  s.run.speed = 5;
  s.in_flight = {message(7, 100, 400)};
  DotMotion motion;
  motion.observe(s);
  QVERIFY(motion.dots().empty());
}

void MapTest::stalled_messages_queue_at_their_sender() {
  const auto dots = still_dots(test::demo_snapshot(DemoCluster::broken));
  std::vector<int> places;
  for (const MovingDot& dot : dots) {
    if (dot.stalled) places.push_back(dot.queue_place);
  }
  QCOMPARE(places, (std::vector<int>{0, 1, 2}));
}

void MapTest::picking_finds_cells_cards_members_and_links() {
  const Fixture f(DemoCluster::broken);
  using Kind = MapPick::Kind;
  const auto found = [&](const MapPick& pick) {
    const QRectF box = box_of(f.scene, pick);
    return !box.isEmpty() && pick_at(f.scene, box.center()) == pick;
  };
  QVERIFY(found({Kind::partition, "orders", {}, 3}));
  QVERIFY(found({Kind::controller, "102", {}, -1}));
  QVERIFY(found({Kind::producer, "web-2", {}, -1}));
  QVERIFY(found({Kind::member, "billing", "billing-2-8d1f", -1}));
  QVERIFY(found({Kind::link, "4", "6", -1}));
  QVERIFY(found({Kind::real_clients, {}, {}, -1}));
  const QRectF four = box_of(f.scene, {Kind::broker, "4", {}, -1});
  QVERIFY(
      (pick_at(f.scene, four.topLeft() + QPointF(60, 10)) == MapPick{Kind::broker, "4", {}, -1}));
  QVERIFY(pick_at(f.scene, {1, 1}).kind == Kind::nothing);
  // The arrow keys go to what is beside.
  QCOMPARE(next_pick(f.scene, {Kind::broker, "4", {}, -1}, 1, 0).name, std::string("6"));
  QCOMPARE(next_pick(f.scene, {Kind::broker, "4", {}, -1}, 0, -1).name, std::string("3"));
  QCOMPARE(next_pick(f.scene, {Kind::broker, "3", {}, -1}, 0, -1).name, std::string("102"));
}

OTTLA_TEST(MapTest)
#include "map_test.moc"
