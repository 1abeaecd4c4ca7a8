#include "ui/views/timeline.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <QWheelEvent>
#include <cmath>

#include "ui/canvas/format.h"
#include "ui/canvas/icons.h"
#include "ui/canvas/paint.h"
#include "ui/views/event_subjects.h"
#include "ui/views/page_parts.h"

namespace ottla::ui {
namespace {

// While it follows, the present is here: the rest of the width is for what is scheduled.
constexpr double present_share = 0.765;
constexpr double zoom_step = 1.5;
constexpr double drag_threshold = 4;

}  // namespace

TimelineDock::TimelineDock(SessionFeed& feed, Selection& selection, const Theme& theme,
                           QWidget* parent)
    : QWidget(parent), feed_(feed), selection_(selection), theme_(&theme) {
  setAccessibleName(tr("Timeline"));
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  scale_.x0 = TimelineLayout::labels;
  const auto button = [&](const QString& name, const QString& tip) {
    auto* made = make_button({}, "flat", this);
    made->setAccessibleName(name);
    made->setToolTip(tip);
    made->setFixedSize(20, 18);
    made->setIconSize({14, 14});
    made->setToolButtonStyle(Qt::ToolButtonIconOnly);
    // The padding of buttons with words would leave no room for the icon.
    made->setStyleSheet(QStringLiteral("QToolButton, QToolButton:focus { padding: 0; }"));
    return made;
  };
  follow_ = button(tr("Follow the present"), tr("Follow the present (End)"));
  zoom_out_ = button(tr("Zoom out"), tr("Zoom out (−, or the wheel)"));
  zoom_in_ = button(tr("Zoom in"), tr("Zoom in (+, or the wheel)"));
  connect(follow_, &QToolButton::clicked, this, &TimelineDock::follow);
  connect(zoom_out_, &QToolButton::clicked, this, &TimelineDock::zoomOut);
  connect(zoom_in_, &QToolButton::clicked, this, &TimelineDock::zoomIn);
  connect(&feed_, &SessionFeed::eventsAdded, this, &TimelineDock::takeEvents);
  connect(&feed_, &SessionFeed::eventsCleared, this, [this] { bands_.clear(); });
  connect(&selection_, &Selection::spanChanged, this, [this] { update(); });
  new PageRefresh(
      feed_, this, [this] { refresh(); }, 30);
  updateIcons();
  takeEvents(static_cast<int>(feed_.events().size()));
  place();
}

void TimelineDock::setTheme(const Theme& theme) {
  theme_ = &theme;
  updateIcons();
  update();
}

void TimelineDock::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) updateIcons();
}

void TimelineDock::updateIcons() {
  follow_->setIcon(make_icon(Icon::step_to_next, *theme_));
  zoom_out_->setIcon(make_icon(Icon::minus, *theme_));
  zoom_in_->setIcon(make_icon(Icon::plus, *theme_));
}

void TimelineDock::takeEvents(int count) {
  const auto& events = feed_.events();
  for (auto at = events.end() - count; at != events.end(); ++at) bands_.add(*at);
  update();
}

void TimelineDock::refresh() {
  place();
  update();
}

void TimelineDock::place() {
  follow_->setVisible(!following_);
  if (!following_) return;
  const auto snapshot = feed_.snapshot();
  const double past = std::max(1.0, (width() - scale_.x0) * present_share);
  const Instant wanted =
      snapshot->run.now - Duration::micros(std::llround(past / scale_.px_per_second * 1e6));
  scale_.left = std::max(wanted, snapshot->run.start);
}

void TimelineDock::scrollBy(double pixels) {
  following_ = false;
  scale_.left = scale_.at(scale_.x0 + pixels);
  refresh();
}

void TimelineDock::zoomBy(double factor, double around_x) {
  scale_ = scale_.zoomed(factor, around_x);
  refresh();
}

void TimelineDock::zoomIn() {
  zoomBy(zoom_step, scale_.x(feed_.snapshot()->run.now));
}
void TimelineDock::zoomOut() {
  zoomBy(1 / zoom_step, scale_.x(feed_.snapshot()->run.now));
}

void TimelineDock::follow() {
  following_ = true;
  refresh();
}

void TimelineDock::showMoment(Instant at) {
  following_ = false;
  const double half = (width() - scale_.x0) / 2;
  scale_.left = at - Duration::micros(std::llround(half / scale_.px_per_second * 1e6));
  refresh();
}

void TimelineDock::resizeEvent(QResizeEvent*) {
  zoom_in_->move(static_cast<int>(TimelineLayout::labels) - 28, 2);
  zoom_out_->move(static_cast<int>(TimelineLayout::labels) - 50, 2);
  follow_->move(static_cast<int>(TimelineLayout::labels) - 72, 2);
  place();
}

void TimelineDock::paintEvent(QPaintEvent*) {
  const auto snapshot = feed_.snapshot();
  const auto layout =
      TimelineLayout::of(width(), height(), static_cast<int>(bands_.groups().size()));
  hits_.clear();
  QPainter painter(this);
  painter.fillRect(rect(), theme_->panel);
  painter.fillRect(QRectF(scale_.x0, TimelineLayout::ruler, width(), height()), theme_->bg);
  TimelinePainter lanes(painter, *theme_, scale_, layout, *snapshot, hits_);
  painter.setClipRect(QRectF(scale_.x0, 0, width() - scale_.x0, height()));
  lanes.ruler(width());
  lanes.future(width(), height());
  lanes.records();
  lanes.faults(bands_);
  lanes.elections(bands_);
  lanes.isr(bands_);
  lanes.groups(bands_);
  paintSpan(painter);
  lanes.playhead(width(), height());
  painter.setClipping(false);
  painter.setRenderHint(QPainter::Antialiasing, false);
  lanes.labels(height());
  painter.fillRect(QRectF(0, 0, width(), 1), theme_->line);
  if (hasFocus()) {
    painter.setPen(QPen(theme_->accent, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
  }
}

const TimelineHit* TimelineDock::hitAt(QPointF at) const {
  for (auto hit = hits_.rbegin(); hit != hits_.rend(); ++hit) {
    if (hit->box.contains(at)) return &*hit;
  }
  return nullptr;
}

void TimelineDock::selectSubject(std::uint64_t number) {
  if (const observe::Event* event = feed_.eventNumbered(number)) {
    selection_.select(subject_of(*event, subjects_of(*feed_.snapshot())));
  }
}

void TimelineDock::wheelEvent(QWheelEvent* event) {
  const QPoint angle = event->angleDelta();
  const bool sideways = std::abs(angle.x()) > std::abs(angle.y());
  if (sideways || event->modifiers().testFlag(Qt::ShiftModifier)) {
    scrollBy(-(sideways ? angle.x() : angle.y()));
  } else {
    // While it follows, the present stays where it is.
    const double around = following_ ? scale_.x(feed_.snapshot()->run.now) : event->position().x();
    zoomBy(std::pow(1.2, angle.y() / 120.0), std::max(around, scale_.x0));
  }
  event->accept();
}

// The span never reaches beyond the run: nothing happened there.
void TimelineDock::brush(double from_x, double to_x) {
  const observe::RunState run = feed_.snapshot()->run;
  const auto within = [&](double x) {
    return std::clamp(scale_.at(std::clamp(x, scale_.x0, double(width()))), run.start, run.now);
  };
  const TimeSpan span{within(std::min(from_x, to_x)), within(std::max(from_x, to_x))};
  selection_.chooseSpan(span.from < span.to ? std::optional(span) : std::nullopt);
}

void TimelineDock::paintSpan(QPainter& painter) const {
  const auto& span = selection_.span();
  if (!span) return;
  const QRectF box(QPointF(scale_.x(span->from), 0), QPointF(scale_.x(span->to), height()));
  painter.fillRect(box, with_alpha(theme_->accent, 0.14));
  for (const double x : {box.left(), box.right()})
    painter.fillRect(QRectF(std::round(x), 0, 1, height()), theme_->accent);
  const QString length = duration(span->to - span->from);
  const double tag = text_width(length, mono(10.5)) + 10;
  if (tag > box.width()) return;
  const QRectF at(box.center().x() - tag / 2, 3, tag, 15);
  draw_box(painter, at, 3, theme_->accent_bg);
  draw_text(painter, at, length, mono(10.5), theme_->t1, Qt::AlignCenter);
}

void TimelineDock::mousePressEvent(QMouseEvent* event) {
  const bool middle = event->button() == Qt::MiddleButton;
  if ((event->button() != Qt::LeftButton && !middle) || event->position().x() < scale_.x0) return;
  panning_ = middle || event->modifiers().testFlag(Qt::ControlModifier);
  pressed_at_ = event->position();
  dragged_to_ = event->position();
  dragged_ = false;
}

void TimelineDock::mouseMoveEvent(QMouseEvent* event) {
  if (!pressed_at_) {
    setCursor(hitAt(event->position()) ? Qt::PointingHandCursor : Qt::ArrowCursor);
    return;
  }
  if (!dragged_ && std::abs(event->position().x() - pressed_at_->x()) < drag_threshold) return;
  dragged_ = true;
  setCursor(panning_ ? Qt::ClosedHandCursor : Qt::SplitHCursor);
  if (panning_) {
    scrollBy(dragged_to_.x() - event->position().x());
  } else {
    brush(pressed_at_->x(), event->position().x());
  }
  dragged_to_ = event->position();
}

void TimelineDock::mouseReleaseEvent(QMouseEvent* event) {
  if (!pressed_at_) return;
  const bool clicked = !dragged_;
  pressed_at_.reset();
  dragged_ = false;
  unsetCursor();
  if (!clicked || panning_) return;
  const TimelineHit* hit = hitAt(event->position());
  if (!hit) selection_.chooseSpan(std::nullopt);
  if (event->position().y() < TimelineLayout::ruler) {
    emit timeChosen(scale_.at(event->position().x()));
  } else if (hit) {
    selectSubject(hit->event);
  }
}

void TimelineDock::mouseDoubleClickEvent(QMouseEvent* event) {
  if (!hitAt(event->position())) follow();
}

void TimelineDock::keyPressEvent(QKeyEvent* event) {
  const double page = (width() - scale_.x0) / 8;
  switch (event->key()) {
    case Qt::Key_Left: scrollBy(-page); return;
    case Qt::Key_Right: scrollBy(page); return;
    case Qt::Key_Plus:
    case Qt::Key_Equal: zoomIn(); return;
    case Qt::Key_Minus: zoomOut(); return;
    case Qt::Key_End: follow(); return;
    case Qt::Key_Escape: selection_.chooseSpan(std::nullopt); return;
    case Qt::Key_Home:
      following_ = false;
      scale_.left = feed_.snapshot()->run.start;
      refresh();
      return;
    default: QWidget::keyPressEvent(event);
  }
}

bool TimelineDock::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  auto* help = static_cast<QHelpEvent*>(event);
  if (const TimelineHit* hit = hitAt(help->pos())) {
    QToolTip::showText(help->globalPos(), hit->tip, this, hit->box.toRect());
  } else {
    QToolTip::hideText();
  }
  return true;
}

}  // namespace ottla::ui
