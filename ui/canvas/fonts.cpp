#include "ui/canvas/fonts.h"

#include <QFontDatabase>
#include <QStringList>
#include <algorithm>

namespace ottla::ui {
namespace {

constexpr double points_per_pixel = 0.75;  // At 96 dots an inch, which Qt normalises to.
double scale = 1.0;

QString first_installed(const QStringList& families) {
  for (const QString& family : families) {
    if (QFontDatabase::hasFamily(family)) return family;
  }
  return {};
}

QFont make(const QString& family, QFont::StyleHint hint, double size, int weight) {
  QFont font(family);
  font.setStyleHint(hint);
  font.setPointSizeF(std::max(size, 9.5) * points_per_pixel * scale);
  font.setWeight(static_cast<QFont::Weight>(weight));
  font.setHintingPreference(QFont::PreferNoHinting);
  return font;
}

}  // namespace

QFont words(double size, int weight) {
  static const QString family = first_installed({"Inter", "Inter Display", "Noto Sans"});
  return make(family, QFont::SansSerif, size, weight);
}

QFont mono(double size, int weight) {
  static const QString family =
      first_installed({"JetBrains Mono NL", "JetBrains Mono", "DejaVu Sans Mono"});
  QFont font = make(family, QFont::Monospace, size, weight);
  font.setFixedPitch(true);
  return font;
}

double text_scale() {
  return scale;
}

void set_text_scale(double wanted) {
  scale = std::clamp(wanted, 0.8, 2.0);
}

}  // namespace ottla::ui
