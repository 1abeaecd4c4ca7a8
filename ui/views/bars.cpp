#include "ui/views/bars.h"

#include <QEvent>
#include <QPainter>

#include "ui/canvas/fonts.h"

namespace ottla::ui {

Bar::Bar(const Theme& theme, Edge edge, QWidget* parent)
    : QWidget(parent), theme_(theme), edge_(edge) {}

void Bar::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), theme_.panel);
  switch (edge_) {
    case Edge::none: return;
    case Edge::top: painter.fillRect(0, 0, width(), 1, theme_.line); return;
    case Edge::bottom: painter.fillRect(0, height() - 1, width(), 1, theme_.line); return;
    case Edge::left: painter.fillRect(0, 0, 1, height(), theme_.line); return;
    case Edge::right: painter.fillRect(width() - 1, 0, 1, height(), theme_.line); return;
  }
}

Divider::Divider(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme) {
  setFixedSize(1, 20);
}

void Divider::paintEvent(QPaintEvent*) {
  QPainter(this).fillRect(rect(), theme_.line);
}

IconButton::IconButton(Icon icon, const QString& text, const Theme& theme, QWidget* parent)
    : QToolButton(parent), icon_(icon), theme_(theme) {
  setText(text);
  setFont(words(12, 500));
  setIconSize({16, 16});
  setToolButtonStyle(text.isEmpty() ? Qt::ToolButtonIconOnly : Qt::ToolButtonTextBesideIcon);
  setProperty("kind", "flat");
  if (text.isEmpty()) {
    setProperty("iconOnly", true);
    setFixedSize(28, 28);
  }
  refresh();
}

void IconButton::setGlyphIcon(Icon icon) {
  if (icon == icon_) return;
  icon_ = icon;
  refresh();
}

void IconButton::setOnAccent() {
  on_accent_ = true;
  setProperty("kind", "primary");
  refresh();
}

void IconButton::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange) refresh();
  QToolButton::changeEvent(event);
}

void IconButton::refresh() {
  setIcon(make_icon(icon_, on_accent_ ? theme_.on_accent : theme_.t2, theme_.t4, 16));
}

}  // namespace ottla::ui
