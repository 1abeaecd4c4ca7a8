// ottla-desktop: opens a window on a running cluster, or writes a picture of one.
#include <QApplication>
#include <QIcon>
#include <QPainter>
#include <QPixmap>
#include <QSettings>
#include <cstdio>

#include "app/desktop/desktop_options.h"
#include "app/desktop/session_factory.h"
#include "ui/canvas/icons.h"
#include "ui/canvas/motion.h"
#include "ui/views/main_window.h"

namespace {

using namespace ottla;

ui::Place place_of(const std::string& view) {
  if (view == "topics") return ui::Place::topics;
  if (view == "groups") return ui::Place::groups;
  if (view == "metrics") return ui::Place::metrics;
  return ui::Place::cluster;
}

const ui::Theme& theme_of(const desktop::DesktopOptions& options) {
  const std::string wanted = !options.theme.empty()
                                 ? options.theme
                                 : QSettings().value("theme", "dark").toString().toStdString();
  return wanted == "light" ? ui::Theme::light() : ui::Theme::dark();
}

// Lets the window lay itself out and take what its session has, then writes what it shows.
int write_screenshot(ui::MainWindow& window, const desktop::DesktopOptions& options) {
  window.show();
  for (int i = 0; i < 12; ++i) QApplication::processEvents(QEventLoop::AllEvents, 20);
  const QString file = QString::fromStdString(options.screenshot.string());
  if (window.grab().save(file)) return 0;
  std::fprintf(stderr, "Cannot write %s. Is its folder there, and does it end in .png?\n",
               options.screenshot.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const desktop::ParsedOptions parsed = desktop::parse_options(argc, argv);
  if (parsed.exit_code) return *parsed.exit_code;
  const desktop::DesktopOptions& options = parsed.options;
  const bool picture = !options.screenshot.empty();
  if (picture) qputenv("QT_QPA_PLATFORM", "offscreen");

  QApplication application(argc, argv);
  QApplication::setStyle("Fusion");
  QApplication::setOrganizationName("Ottla");
  // A picture is the same for everybody: it reads and changes nobody's settings.
  QApplication::setApplicationName(picture ? "ottla-screenshot" : "ottla-desktop");
  QApplication::setApplicationDisplayName("Ottla");
  if (picture) QSettings().clear();
  ui::set_motion_reduced(picture);

  auto session = desktop::make_session(options);
  if (!session) {
    std::fprintf(stderr, "%s\n", session.error().c_str());
    return 1;
  }
  ui::MainWindow window(**session, theme_of(options));
  QPixmap mark(64, 64);
  mark.fill(Qt::transparent);
  {
    QPainter painter(&mark);
    ui::draw_mark(painter, {32, 32}, 56, ui::Theme::dark().accent);
  }
  QApplication::setWindowIcon(QIcon(mark));
  if (options.size) window.resize(options.size->width, options.size->height);
  window.setPlace(place_of(options.view));
  if (picture) return write_screenshot(window, options);
  window.show();
  return QApplication::exec();
}
