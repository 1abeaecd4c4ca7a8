#include "ui/views/drawer.h"

#include <QKeyEvent>
#include <QPainter>
#include <algorithm>

#include "ui/canvas/motion.h"

namespace ottla::ui {
namespace {

constexpr int wide = 312;
constexpr int page_left_over = 80;  // The page stays in sight beside it.
constexpr int slide_px = 8;
constexpr int slide_ms = 120;

}  // namespace

Drawer::Drawer(const Theme& theme, QWidget* over)
    : QWidget(over),
      theme_(theme),
      column_(new QVBoxLayout(this)),
      slide_(new QPropertyAnimation(this, "pos", this)) {
  setObjectName("drawer");
  column_->setContentsMargins(1, 0, 0, 0);
  column_->setSpacing(0);
  slide_->setDuration(slide_ms);
  slide_->setEasingCurve(QEasingCurve::OutCubic);
  over->installEventFilter(this);
  hide();
}

void Drawer::hold(QWidget* inside) {
  column_->addWidget(inside);
  inside->show();
}

QRect Drawer::place() const {
  const QRect page = parentWidget()->rect();
  const int width = std::min(wide, page.width() - page_left_over);
  return {page.right() + 1 - width, page.top(), width, page.height()};
}

void Drawer::setOpen(bool open) {
  if (open == isOpen()) return;
  slide_->stop();
  setVisible(open);
  if (!open) return;
  setGeometry(place());
  raise();
  setFocus();
  if (motion_reduced()) return;
  slide_->setStartValue(pos() + QPoint(slide_px, 0));
  slide_->setEndValue(pos());
  slide_->start();
}

bool Drawer::eventFilter(QObject* watched, QEvent* event) {
  if (watched == parentWidget() && event->type() == QEvent::Resize) {
    slide_->stop();
    setGeometry(place());
  }
  return QWidget::eventFilter(watched, event);
}

void Drawer::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), theme_.panel);
  painter.fillRect(QRect(0, 0, 1, height()), theme_.line2);
}

// Esc is the drawer's own while it has the keyboard, before the window's shortcuts.
bool Drawer::event(QEvent* event) {
  if (event->type() == QEvent::ShortcutOverride &&
      static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
    event->accept();
    return true;
  }
  return QWidget::event(event);
}

void Drawer::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape) return setOpen(false);
  QWidget::keyPressEvent(event);
}

}  // namespace ottla::ui
