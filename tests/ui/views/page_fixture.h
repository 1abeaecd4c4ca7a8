// What every test of a page needs: a demo session, its feed, a selection and a theme; and pictures,
// written to the folder that OTTLA_PICTURES names, for a person to look at.
#pragma once

#include <QApplication>
#include <QDir>
#include <QTest>
#include <QWidget>

#include "tests/support/demo_session.h"
#include "ui/canvas/fonts.h"
#include "ui/canvas/style_sheet.h"
#include "ui/canvas/theme.h"
#include "ui/feed/selection.h"
#include "ui/feed/session_feed.h"

namespace ottla::test {

struct PageFixture {
  explicit PageFixture(DemoCluster cluster = DemoCluster::broken, bool dark = true)
      : session(cluster), feed(session), theme(dark ? ui::Theme::dark() : ui::Theme::light()) {
    qApp->setPalette(ui::make_palette(theme));
    qApp->setStyleSheet(ui::style_sheet(theme));
    qApp->setFont(ui::words(12));
  }

  // Shows the widget at this size and lets everything that waits for events happen.
  static void show(QWidget& widget, int width, int height) {
    widget.resize(width, height);
    widget.show();
    (void)QTest::qWaitForWindowExposed(&widget);
    QTest::qWait(30);
  }

  static QImage picture(QWidget& widget, const QString& name) {
    const QImage image = widget.grab().toImage();
    const QString folder = qEnvironmentVariable("OTTLA_PICTURES");
    if (!folder.isEmpty() && QDir().mkpath(folder)) {
      image.save(QDir(folder).filePath(name + ".png"));
    }
    return image;
  }

  DemoSession session;
  ui::SessionFeed feed;
  ui::Selection selection;
  ui::Theme theme;
};

// How many different colours a picture has: an empty or broken one has a handful.
[[nodiscard]] inline qsizetype colours_of(const QImage& image) {
  QSet<QRgb> colours;
  for (int y = 0; y < image.height(); y += 2) {
    for (int x = 0; x < image.width(); x += 2) colours.insert(image.pixel(x, y));
  }
  return colours.size();
}

}  // namespace ottla::test
