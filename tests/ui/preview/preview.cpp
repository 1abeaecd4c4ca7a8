// Renders the window at one of its places to a PNG: for looking at while drawing.
//   ottla_preview broken|healthy|three|hundred  cluster|topics|groups|metrics  dark|light 1600x1000
//   out.png
#include <QApplication>
#include <QStandardPaths>
#include <QStyle>
#include <cstdio>

#include "tests/support/demo_session.h"
#include "ui/canvas/motion.h"
#include "ui/views/main_window.h"

using namespace ottla;
using namespace ottla::ui;

int main(int argc, char** argv) {
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  QStandardPaths::setTestModeEnabled(true);
  QApplication application(argc, argv);
  QApplication::setStyle("Fusion");
  const QStringList arguments = QApplication::arguments();
  if (arguments.size() < 6) {
    std::fprintf(stderr, "usage: %s CLUSTER PLACE THEME WIDTHxHEIGHT FILE\n", argv[0]);
    return 2;
  }
  const QString cluster = arguments[1];
  test::DemoSession session(cluster == "healthy"   ? test::DemoCluster::healthy
                            : cluster == "three"   ? test::DemoCluster::three
                            : cluster == "hundred" ? test::DemoCluster::hundred
                                                   : test::DemoCluster::broken);
  Theme theme = arguments[3] == "light" ? Theme::light() : Theme::dark();
  const QStringList size = arguments[4].split('x');
  set_motion_reduced(true);
  const QString place = arguments[2];
  MainWindow window(session, theme);
  window.setPlace(place == "topics"    ? Place::topics
                  : place == "groups"  ? Place::groups
                  : place == "metrics" ? Place::metrics
                                       : Place::cluster);
  if (cluster == "broken" || cluster == "healthy") {
    window.selection().select(SelectedPartition{"orders", PartitionIndex(3)});
  } else if (cluster == "hundred") {
    window.selection().select(SelectedBroker{BrokerId(75)});
  }
  QWidget* widget = &window;
  widget->resize(size[0].toInt(), size[1].toInt());
  widget->show();
  for (int i = 0; i < 5; ++i) QApplication::processEvents();
  return widget->grab().save(arguments[5]) ? 0 : 1;
}
