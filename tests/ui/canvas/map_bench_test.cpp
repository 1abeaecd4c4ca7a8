// The time a frame of the largest map takes, as Qt Test measures it.
#include <QImage>
#include <QPainter>

#include "tests/support/demo_session.h"
#include "tests/support/test_registry.h"
#include "ui/canvas/map_painter.h"

using namespace ottla;
using namespace ottla::ui;

class MapBenchTest : public QObject {
  Q_OBJECT
 private slots:
  void thirty_thousand_replicas_are_painted_within_a_frame();
  void their_contents_are_made_within_a_frame();
};

void MapBenchTest::thirty_thousand_replicas_are_painted_within_a_frame() {
  const observe::Snapshot snapshot = test::demo_snapshot(test::DemoCluster::hundred);
  const QSizeF size(1216, 700);
  const MapContents contents = map_contents(snapshot, {});
  const MapLayout layout = layout_map(contents, map_clients(snapshot), size);
  const MapRoutes routes(layout, contents, snapshot);
  MapScene scene;
  scene.theme = &Theme::dark();
  scene.snapshot = &snapshot;
  scene.contents = &contents;
  scene.layout = &layout;
  scene.routes = &routes;
  scene.view = fit_view(layout, size);
  QImage still(size.toSize(), QImage::Format_RGB32);
  QImage window(size.toSize(), QImage::Format_RGB32);
  QPainter first(&still);
  paint_still(first, scene, QRectF({0, 0}, size));
  first.end();
  QBENCHMARK {
    // What a frame costs: the picture, what moves, and a twentieth of the cards that changed.
    QPainter cards(&still);
    for (std::size_t i = 0; i < 5; ++i) paint_broker(cards, scene, i * 20);
    cards.end();
    QPainter painter(&window);
    painter.drawImage(0, 0, still);
    paint_moving(painter, scene, still_dots(snapshot));
  }
}

void MapBenchTest::their_contents_are_made_within_a_frame() {
  const observe::Snapshot snapshot = test::demo_snapshot(test::DemoCluster::hundred);
  std::size_t brokers = 0;
  QBENCHMARK {
    brokers = map_contents(snapshot, {}).brokers.size();
  }
  QCOMPARE(brokers, std::size_t{100});
}

OTTLA_TEST(MapBenchTest)
#include "map_bench_test.moc"
