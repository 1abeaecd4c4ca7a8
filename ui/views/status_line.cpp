#include "ui/views/status_line.h"

#include <QMouseEvent>
#include <QPainter>
#include <QTimer>

#include "ui/canvas/format.h"
#include "ui/canvas/paint.h"

namespace ottla::ui {
namespace {

constexpr int line_height = 22;
constexpr int said_ms = 6000;

}  // namespace

StatusLine::StatusLine(SessionFeed& feed, const Theme& theme, QWidget* parent)
    : QWidget(parent), feed_(feed), theme_(theme) {
  setFixedHeight(line_height);
  setAccessibleName(tr("Status"));
  setToolTip(tr("The newest event. Click for the event log (Ctrl+L)"));
  setCursor(Qt::PointingHandCursor);
  const auto soon = [this] {
    if (!since_painted_.isValid() || since_painted_.elapsed() > 200) update();
  };
  connect(&feed_, &SessionFeed::snapshotChanged, this, soon);
  connect(&feed_, &SessionFeed::eventsAdded, this, soon);
}

void StatusLine::say(const QString& words, Tone tone) {
  words_ = words;
  tone_ = tone;
  since_said_.restart();
  QTimer::singleShot(said_ms + 50, this, qOverload<>(&QWidget::update));
  update();
}

void StatusLine::paintEvent(QPaintEvent*) {
  since_painted_.restart();
  QPainter painter(this);
  const Theme& t = theme_;
  painter.fillRect(rect(), t.panel);
  painter.fillRect(0, 0, width(), 1, t.line);
  const auto s = feed_.snapshot();
  double right = width() - 14;
  const auto at_right = [&](const QString& text, const QFont& font, const QColor& colour) {
    right -= draw_text(painter, {right - 300, 1, 300, line_height - 1.0}, text, font, colour,
                       Qt::AlignRight | Qt::AlignVCenter);
    right -= 18;
  };
  at_right("trace " + trace(s->run.trace_hash), mono(10.5), t.t3);
  at_right(short_number(s->run.events_per_s) + " events/s", mono(10.5), t.t3);
  if (width() > 900) at_right(tr("Event log  Ctrl+L"), words(11), t.t2);
  const QRectF line(14, 1, right - 14, line_height - 1.0);
  if (since_said_.isValid() && since_said_.elapsed() < said_ms) {
    const QColor colour = tone_colour(t, tone_);
    draw_glyph(painter, tone_ == Tone::error ? Glyph::cross : Glyph::check, {20, line.center().y()},
               9, colour);
    draw_text(painter, line.adjusted(18, 0, 0, 0), words_, words(11, 500), colour);
    return;
  }
  if (feed_.events().empty()) return;
  const observe::Event& e = feed_.events().back();
  double x = draw_text(painter, line, virtual_time(e.at, s->run.start), mono(10.5), t.t3) + 18;
  const Tone tone = event_tone(e.severity);
  draw_glyph(painter, event_glyph(e.kind), {line.left() + x + 4, line.center().y()}, 9,
             tone_colour(t, tone));
  draw_text(painter, line.adjusted(x + 14, 0, 0, 0), QString::fromStdString(e.text), words(11, 500),
            t.t1);
}

void StatusLine::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) emit eventLogAsked();
}

}  // namespace ottla::ui
