#include "ui/views/page_parts.h"

#include <QEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/canvas/fonts.h"
#include "ui/canvas/paint.h"

namespace ottla::ui {
namespace {

int scaled(int design_pixels) {
  return static_cast<int>(std::lround(design_pixels * text_scale()));
}

}  // namespace

PageBar::PageBar(const QString& title, const Theme& theme, QWidget* parent)
    : QWidget(parent), theme_(&theme), space_(new QWidget(this)), controls_(new QHBoxLayout(this)) {
  controls_->setContentsMargins(0, 0, 12, 0);
  controls_->setSpacing(6);
  controls_->addWidget(space_);
  setSection(false);
  setTitle(title);
}

void PageBar::setTheme(const Theme& theme) {
  theme_ = &theme;
  update();
}

void PageBar::setTitle(const QString& title) {
  title_ = title;
  setNote(note_);
}

void PageBar::setNote(const QString& note) {
  note_ = note;
  const double width = 16 + text_width(title_, words(13, 600)) + 8 + text_width(note_, words(12));
  // Steps of 8, so that a digit more does not move the controls.
  space_->setFixedWidth((static_cast<int>(width) / 8 + 2) * 8);
  update();
}

void PageBar::setSection(bool section) {
  section_ = section;
  setFixedHeight(scaled(section ? 30 : 36));
}

void PageBar::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), section_ ? theme_->bg : theme_->panel);
  if (!section_) painter.fillRect(0, height() - 1, width(), 1, theme_->line);
  const QFont title = words(13, 600);
  const double width_of_title = text_width(title_, title);
  draw_text(painter, QRectF(16, 0, width_of_title + 2, height()), title_, title, theme_->t1);
  draw_text(painter, QRectF(16 + width_of_title + 8, 0, width() - width_of_title - 24, height()),
            note_, words(12), theme_->t3);
}

QToolButton* make_button(const QString& button_words, const char* kind, QWidget* parent) {
  auto* button = new QToolButton(parent);
  button->setText(button_words);
  button->setProperty("kind", QString::fromLatin1(kind));
  button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  button->setFocusPolicy(Qt::TabFocus);
  button->setAccessibleName(button_words);
  return button;
}

ErrorBox::ErrorBox(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(&theme) {
  hide();
}

void ErrorBox::setTheme(const Theme& theme) {
  theme_ = &theme;
  update();
}

void ErrorBox::say(const QString& what, const QString& what_to_do) {
  what_ = what;
  what_to_do_ = what_to_do;
  setAccessibleName(what + QChar(' ') + what_to_do);
  setToolTip(what);
  setFixedHeight(sizeHint().height());
  show();
  update();
}

QSize ErrorBox::sizeHint() const {
  return {240, scaled(what_to_do_.isEmpty() ? 32 : 50)};
}

void ErrorBox::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  draw_box(painter, rect(), 6, theme_->err_bg, theme_->err);
  const double line = scaled(18);
  const double top = what_to_do_.isEmpty() ? (height() - line) / 2 : scaled(7);
  draw_glyph(painter, Glyph::cross, {18, top + line / 2}, 9, theme_->err);
  draw_text(painter, {32, top, width() - 44.0, line}, what_, words(12, 500), theme_->t1);
  draw_text(painter, {32, top + line, width() - 44.0, line}, what_to_do_, words(12), theme_->t2);
}

PageRefresh::PageRefresh(SessionFeed& feed, QWidget* page, std::function<void()> refresh,
                         int every_ms)
    : QObject(page), page_(page), refresh_(std::move(refresh)), every_ms_(every_ms) {
  later_.setSingleShot(true);
  connect(&later_, &QTimer::timeout, this, &PageRefresh::now);
  connect(&feed, &SessionFeed::snapshotChanged, this, &PageRefresh::changed);
  page_->installEventFilter(this);
}

void PageRefresh::now() {
  later_.stop();
  since_.restart();
  refresh_();
  // A page with ten thousand rows takes longer; it never takes more than an eighth of the time.
  pause_ms_ = std::max<qint64>(every_ms_, since_.elapsed() * 8);
}

void PageRefresh::changed() {
  if (!page_->isVisible() || later_.isActive()) return;
  const qint64 left = since_.isValid() ? pause_ms_ - since_.elapsed() : 0;
  if (left <= 0) {
    now();
  } else {
    later_.start(static_cast<int>(left));
  }
}

bool PageRefresh::eventFilter(QObject* watched, QEvent* event) {
  if (watched == page_ && event->type() == QEvent::Show) now();
  return false;
}

}  // namespace ottla::ui
