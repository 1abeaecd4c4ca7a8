#include "ui/views/inspector.h"

#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>
#include <QTextLayout>
#include <QVBoxLayout>
#include <cmath>

#include "ui/canvas/fonts.h"
#include "ui/canvas/paint.h"
#include "ui/views/bars.h"

namespace ottla::ui {
namespace {

constexpr int refresh_ms = 120;
constexpr double pad = 16;
constexpr double field_height = 21;

double row_height(const InspectorRow& row) {
  switch (row.kind) {
    case InspectorRow::Kind::field: return field_height;
    case InspectorRow::Kind::heading: return 32;
    case InspectorRow::Kind::log: return 18;
    case InspectorRow::Kind::wait: return row.line.isEmpty() ? 22 : 38;
    case InspectorRow::Kind::event: return 21;
  }
  return field_height;
}

}  // namespace

// Paints the content; the verdict's buttons are real ones over it.
class Inspector::Body : public QWidget {
 public:
  Body(Inspector& owner, const Theme& theme) : owner_(owner), theme_(theme) {
    setMouseTracking(true);
    buttons_ = new QWidget(this);
    row_ = new QHBoxLayout(buttons_);
    row_->setContentsMargins(0, 0, 0, 0);
    row_->setSpacing(6);
  }

  void take(const InspectorContent& content) {
    QStringList words;
    for (const InspectorAction& action : content.actions) words << action.words;
    if (words != shown_actions_) {
      shown_actions_ = words;
      while (QLayoutItem* item = row_->takeAt(0)) {
        delete item->widget();
        delete item;
      }
      for (std::size_t i = 0; i < content.actions.size(); ++i) {
        auto* button = new QPushButton(content.actions[i].words, buttons_);
        connect(button, &QPushButton::clicked, this, [this, i] {
          if (i < owner_.content_.actions.size()) {
            owner_.feed_.post(owner_.content_.actions[i].command);
          }
        });
        row_->addWidget(button);
      }
      row_->addStretch(1);
    }
    buttons_->setVisible(!words.isEmpty());
    double height = top(content) + 12;
    for (const InspectorRow& row : content.rows) height += row_height(row);
    setMinimumHeight(static_cast<int>(height));
    buttons_->setGeometry(static_cast<int>(pad), static_cast<int>(top(content) - 34),
                          width() - 2 * static_cast<int>(pad), 26);
    QString spoken = content.title + ". ";
    if (content.verdict) spoken += content.verdict->title + ". " + content.verdict->line;
    setAccessibleName(spoken);
    update();
  }

 protected:
  void resizeEvent(QResizeEvent*) override { take(owner_.content_); }

  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    const Theme& t = theme_;
    painter.fillRect(rect(), t.panel);
    const InspectorContent& c = owner_.content_;
    draw_text(painter, {pad, 10, width() - 2 * pad, 24}, c.title,
              c.mono_title ? mono(17, 600) : words(17, 600), t.t1);
    draw_text(painter, {pad, 34, width() - 2 * pad, 18}, c.subtitle, words(12), t.t3);
    if (c.verdict) paintVerdict(painter, *c.verdict);
    double y = top(c);
    for (const InspectorRow& row : c.rows) {
      const double height = row_height(row);
      paintRow(painter, row, {pad, y, width() - 2 * pad, height});
      y += height;
    }
  }

  void mouseMoveEvent(QMouseEvent* event) override {
    const InspectorRow* row = rowAt(event->pos());
    setCursor(row && row->link.index() != 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
  }
  void mouseReleaseEvent(QMouseEvent* event) override {
    const InspectorRow* row = rowAt(event->pos());
    if (row && row->link.index() != 0) owner_.selection_.select(SelectedThing(row->link));
  }

 private:
  [[nodiscard]] double verdictHeight(const InspectorVerdict& v) const {
    if (v.line.isEmpty()) return 30;
    const int lines = wrapped(v.line);
    return 32 + 16.0 * lines;
  }
  [[nodiscard]] int wrapped(const QString& line) const {
    return std::clamp(
        static_cast<int>(std::ceil(text_width(line, words(12)) / (width() - 2 * pad - 44))), 1, 3);
  }
  [[nodiscard]] double top(const InspectorContent& c) const {
    double y = 60;
    if (c.verdict) y += verdictHeight(*c.verdict) + 8;
    if (!c.actions.empty()) y += 34;
    return y;
  }
  [[nodiscard]] const InspectorRow* rowAt(QPoint at) const {
    double y = top(owner_.content_);
    for (const InspectorRow& row : owner_.content_.rows) {
      const double height = row_height(row);
      if (at.y() >= y && at.y() < y + height) return &row;
      y += height;
    }
    return nullptr;
  }

  void paintVerdict(QPainter& painter, const InspectorVerdict& v) {
    const Theme& t = theme_;
    const QRectF box(pad, 60, width() - 2 * pad, verdictHeight(v));
    const QColor colour = tone_colour(t, v.tone);
    draw_box(painter, box, 5, tone_background(t, v.tone));
    draw_glyph(painter, v.glyph, {box.left() + 17, box.top() + 15}, 11, colour);
    draw_text(painter, {box.left() + 32, box.top() + 5, box.width() - 40, 20}, v.title,
              words(12, 600), colour);
    if (v.line.isEmpty()) return;
    painter.setFont(words(12));
    painter.setPen(t.t2);
    painter.drawText(QRectF(box.left() + 32, box.top() + 25, box.width() - 40, box.height() - 27),
                     Qt::TextWordWrap, v.line);
  }

  void paintRow(QPainter& painter, const InspectorRow& row, const QRectF& box) {
    const Theme& t = theme_;
    using Kind = InspectorRow::Kind;
    const QColor tone = row.tone == Tone::neutral ? t.t1 : tone_colour(t, row.tone);
    switch (row.kind) {
      case Kind::heading: {
        painter.fillRect(QRectF(box.left(), box.top() + 6, box.width(), 1), t.line);
        const QRectF line(box.left(), box.top() + 10, box.width(), 20);
        draw_text(painter, line, row.label, words(11, 600), t.t3);
        draw_text(painter, line, row.value, mono(11), t.t3, Qt::AlignRight | Qt::AlignVCenter);
        return;
      }
      case Kind::field: {
        const double label =
            draw_text(painter, box.adjusted(0, 0, -40, 0), row.label, words(12), t.t3);
        double used = draw_text(painter, box.adjusted(label + 24, 0, 0, 0), row.value, mono(12),
                                row.link.index() != 0 && row.tone == Tone::neutral ? t.t1 : tone,
                                Qt::AlignRight | Qt::AlignVCenter);
        if (row.glyph) {
          draw_glyph(painter, *row.glyph, {box.right() - used - 11, box.center().y()}, 9.5, tone);
        }
        return;
      }
      case Kind::log: return paintLog(painter, row, box);
      case Kind::wait: {
        const QRectF line(box.left(), box.top() + 1, box.width(), 19);
        if (row.family) {
          draw_dot(painter, *row.family, false, {line.left() + 6, line.center().y()}, 8,
                   t.family(*row.family), t.panel);
        }
        const double right =
            draw_text(painter, line, row.value, mono(11), t.t3, Qt::AlignRight | Qt::AlignVCenter);
        draw_text(painter, line.adjusted(20, 0, -right - 6, 0), row.label, words(12), t.t1);
        draw_text(painter, {box.left() + 20, box.top() + 18, box.width() - 20, 18}, row.line,
                  words(11.5), row.tone == Tone::error ? t.err : t.t3);
        return;
      }
      case Kind::event: {
        const double used = draw_text(painter, box, row.value, mono(11), t.t3);
        if (row.glyph) {
          draw_glyph(painter, *row.glyph, {box.left() + used + 14, box.center().y()}, 9,
                     row.tone == Tone::neutral ? t.t2 : tone);
        }
        draw_text(painter, box.adjusted(used + 27, 0, 0, 0), row.label, words(12), t.t1);
        return;
      }
    }
  }

  void paintLog(QPainter& painter, const InspectorRow& row, const QRectF& box) {
    const Theme& t = theme_;
    draw_text(painter, {box.left(), box.top(), 16, box.height()}, row.label, mono(11), t.t2);
    const QRectF track(box.left() + 18, box.top() + 4, box.width() - 18 - 64, 10);
    draw_box(painter, track, 2, t.raised);
    const CellColours& colours = t.cell(row.state);
    QRectF bar = track;
    bar.setWidth(std::max(3.0, track.width() * row.share));
    draw_box(painter, bar, 2,
             row.state == CellState::offline ? mixed(t.card, t.err, 0.5) : colours.fill);
    draw_glyph(painter, cell_glyph(row.state), {bar.left() + 9, bar.center().y()}, 7,
               colours.content);
    if (row.mark >= 0) {
      painter.fillRect(QRectF(track.left() + track.width() * std::min(1.0, row.mark), box.top(), 1,
                              box.height()),
                       t.sel);
    }
    draw_text(painter, box, row.value, mono(11), t.t1, Qt::AlignRight | Qt::AlignVCenter);
  }

  Inspector& owner_;
  const Theme& theme_;
  QWidget* buttons_;
  QHBoxLayout* row_;
  QStringList shown_actions_;
};

Inspector::Inspector(SessionFeed& feed, Selection& selection, const Theme& theme, QWidget* parent)
    : QWidget(parent),
      feed_(feed),
      selection_(selection),
      theme_(theme),
      scroll_(new QScrollArea(this)),
      body_(new Body(*this, theme)) {
  setAccessibleName(tr("Inspector"));
  setMinimumWidth(240);
  setMaximumWidth(480);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  scroll_->setWidget(body_);
  scroll_->setWidgetResizable(true);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->setFocusPolicy(Qt::StrongFocus);
  column->addWidget(scroll_);
  auto* close = new IconButton(Icon::close, {}, theme, this);
  close->setToolTip(tr("Select nothing (Esc)"));
  close->setAccessibleName(tr("Select nothing"));
  connect(close, &QToolButton::clicked, this, [this] { selection_.clear(); });
  connect(&selection_, &Selection::spanChanged, this, &Inspector::refresh);
  connect(&selection_, &Selection::changed, this, [this, close] {
    close->setVisible(selection_.current().index() != 0);
    scroll_->ensureVisible(0, 0);
    refresh();
  });
  close->setVisible(selection_.current().index() != 0);
  later_.setSingleShot(true);
  connect(&later_, &QTimer::timeout, this, &Inspector::refresh);
  connect(&feed_, &SessionFeed::snapshotChanged, this, &Inspector::refreshSoon);
  connect(&feed_, &SessionFeed::eventsAdded, this, &Inspector::refreshSoon);
  close->move(312 - 38, 8);
  close->raise();
  refresh();
}

void Inspector::refreshSoon() {
  if (!isVisible() || later_.isActive()) return;
  const qint64 passed = since_.isValid() ? since_.elapsed() : refresh_ms;
  later_.start(static_cast<int>(std::max<qint64>(0, refresh_ms - passed)));
}

void Inspector::refresh() {
  since_.restart();
  content_ = inspect(*feed_.snapshot(), selection_.current(), feed_.events(), selection_.span());
  body_->take(content_);
}

}  // namespace ottla::ui
