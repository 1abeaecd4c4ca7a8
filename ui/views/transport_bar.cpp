#include "ui/views/transport_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>
#include <cmath>
#include <limits>

#include "ui/canvas/fonts.h"
#include "ui/canvas/format.h"
#include "ui/canvas/paint.h"
#include "ui/views/health_strip.h"
#include "ui/views/speed_scale.h"

namespace ottla::ui {
namespace {

constexpr int bar_height = 46;
const std::pair<const char*, const char*> next_kinds[] = {
    {"leader_elected", "next election"}, {"isr_shrank", "next ISR shrink"},
    {"isr_expanded", "next ISR expand"}, {"group_rebalance", "next rebalance"},
    {"broker_fenced", "next fencing"},   {"truncated", "next truncation"}};

}  // namespace

// Virtual time in large figures, and whether it runs.
class TransportBar::TimeLabel : public QWidget {
 public:
  TimeLabel(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme) {
    setAccessibleName(tr("Virtual time"));
    setToolTip(tr("Virtual time since the run began"));
    setFixedSize(static_cast<int>(text_width("00:00:00.000", mono(20, 500)) +
                                  text_width("running", words(12)) + 16),
                 bar_height - 2);
  }
  void show(const observe::RunState& run) {
    time_ = virtual_time(run.now, run.start);
    running_ = run.running;
    update();
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    const double used = draw_text(painter, QRectF(rect()), time_, mono(20, 500), theme_.t1);
    draw_text(painter, QRectF(rect()).adjusted(used + 12, 2, 4, 2),
              running_ ? tr("running") : tr("paused"), words(12),
              running_ ? theme_.t3 : theme_.warn);
  }

 private:
  const Theme& theme_;
  QString time_;
  bool running_ = false;
};

SpeedSlider::SpeedSlider(const Theme& theme, QWidget* parent)
    : QSlider(Qt::Horizontal, parent), theme_(theme) {
  setRange(0, speed_steps);
  setSingleStep(2);
  setPageStep(19);
  setFixedSize(124, 30);
  setAccessibleName(tr("Speed"));
  setToolTip(tr("Speed: 0.01x to as fast as it can. Double-click for 1x"));
}

int SpeedSlider::placeAt(double x) const {
  return static_cast<int>(std::lround((x - 7) / (width() - 14) * speed_steps));
}

void SpeedSlider::mousePressEvent(QMouseEvent* event) {
  setValue(placeAt(event->position().x()));
}
void SpeedSlider::mouseMoveEvent(QMouseEvent* event) {
  if (event->buttons() & Qt::LeftButton) setValue(placeAt(event->position().x()));
}
void SpeedSlider::mouseDoubleClickEvent(QMouseEvent*) {
  setValue(place_of_speed(1));
}

void SpeedSlider::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& t = theme_;
  const double y = height() / 2.0;
  const auto x_of = [this](int place) { return 7 + (width() - 14.0) * place / speed_steps; };
  painter.fillRect(QRectF(7, y - 0.5, width() - 14, 1), isEnabled() ? t.line2 : t.line);
  for (const double speed : {0.01, 0.1, 1.0, 10.0, 100.0, 1000.0}) {
    const double tick = speed == 1 ? 6 : 3;
    painter.fillRect(QRectF(x_of(place_of_speed(speed)) - 0.5, y - tick, 1, tick * 2), t.line2);
  }
  painter.fillRect(QRectF(width() - 7.5, y - 5, 1, 10), t.line2);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(isEnabled() ? t.t1 : t.t4);
  painter.drawEllipse(QPointF(x_of(value()), y), 5.5, 5.5);
  if (hasFocus()) {
    draw_focus_ring(painter, {x_of(value()) - 5.5, y - 5.5, 11, 11}, 5.5, t);
  }
}

TransportBar::TransportBar(SessionFeed& feed, Selection& selection, const Theme& theme,
                           QWidget* parent)
    : Bar(theme, Edge::bottom, parent), feed_(feed) {
  setAccessibleName(tr("Transport"));
  setFixedHeight(bar_height);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(14, 0, 12, 0);
  row->setSpacing(6);
  play_ = new IconButton(Icon::pause, {}, theme, this);
  play_->setFixedSize(40, 30);
  play_->setOnAccent();
  connect(play_, &QToolButton::clicked, this, &TransportBar::playOrPause);
  row->addWidget(play_);
  step_ = new IconButton(Icon::step, {}, theme, this);
  step_->setToolTip(tr("Step one event (.)"));
  step_->setAccessibleName(tr("Step one event"));
  connect(step_, &QToolButton::clicked, this, &TransportBar::stepEvent);
  row->addWidget(step_);
  next_ = new IconButton(Icon::step_to_next, tr("next election"), theme, this);
  next_->setToolTip(tr("Run to the next one (N)"));
  connect(next_, &QToolButton::clicked, this, &TransportBar::stepToNext);
  row->addWidget(next_);
  next_kind_ = new IconButton(Icon::chevron, {}, theme, this);
  next_kind_->setFixedSize(20, 28);
  next_kind_->setIconSize({10, 10});
  next_kind_->setToolTip(tr("Choose what to run to"));
  next_kind_->setAccessibleName(next_kind_->toolTip());
  next_kind_->setPopupMode(QToolButton::InstantPopup);
  row->addWidget(next_kind_);
  fillNextMenu();
  row->addSpacing(8);
  time_ = new TimeLabel(theme, this);
  row->addWidget(time_);
  row->addSpacing(6);
  auto* divider = new Divider(theme, this);
  row->addWidget(divider);
  row->addSpacing(6);
  speed_word_ = new QLabel(tr("Speed"), this);
  speed_word_->setProperty("kind", "label");
  row->addWidget(speed_word_);
  slider_ = new SpeedSlider(theme, this);
  connect(slider_, &QSlider::valueChanged, this, [this](int place) {
    if (!refreshing_) setSpeed(speed_at(place));
  });
  row->addWidget(slider_);
  speed_value_ = new QToolButton(this);
  speed_value_->setProperty("kind", "flat");
  speed_value_->setFont(mono(12));
  speed_value_->setMinimumWidth(58);
  speed_value_->setToolTip(tr("Choose a speed"));
  speed_value_->setPopupMode(QToolButton::InstantPopup);
  row->addWidget(speed_value_);
  fillSpeedMenu();
  row->addWidget(new Divider(theme, this));
  row->addSpacing(6);
  seed_ = new QLabel(this);
  seed_->setProperty("kind", "label");
  seed_->setToolTip(tr("The seed that every chance in this run comes from"));
  row->addWidget(seed_);
  row->addSpacing(6);
  fault_ = new IconButton(Icon::fault, tr("Fault"), theme, this);
  fault_->setProperty("kind", "");
  fault_->setToolTip(tr("Break something"));
  fault_->setPopupMode(QToolButton::InstantPopup);
  fault_menu_ = new QMenu(fault_);
  fault_->setMenu(fault_menu_);
  row->addWidget(fault_);
  row->addStretch(1);
  health_ = new HealthStrip(feed, selection, theme, this);
  row->addWidget(health_);
  connect(&feed_, &SessionFeed::snapshotChanged, this, &TransportBar::refresh);
  refresh();
}

void TransportBar::fillNextMenu() {
  auto* menu = new QMenu(next_kind_);
  for (const auto& [kind, words_] : next_kinds) {
    QAction* action = menu->addAction(tr(words_));
    connect(action, &QAction::triggered, this, [this, k = std::string(kind), w = tr(words_)] {
      kind_ = k;
      next_->setText(w);
      stepToNext();
    });
  }
  next_kind_->setMenu(menu);
}

void TransportBar::fillSpeedMenu() {
  auto* menu = new QMenu(speed_value_);
  for (const double speed_of : {0.01, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0, 100.0, 1000.0}) {
    connect(menu->addAction(speed(speed_of)), &QAction::triggered, this,
            [this, speed_of] { setSpeed(speed_of); });
  }
  connect(menu->addAction(tr("As fast as it can")), &QAction::triggered, this,
          [this] { setSpeed(std::numeric_limits<double>::infinity()); });
  speed_value_->setMenu(menu);
}

void TransportBar::setSpeed(double speed) {
  feed_.post({observe::SetSpeed{speed}, std::nullopt});
  speed_value_->setText(ui::speed(speed));
}

void TransportBar::playOrPause() {
  if (!feed_.snapshot()->capabilities.can_pause) return;
  feed_.post({observe::SetRunning{!feed_.snapshot()->run.running}, std::nullopt});
}

void TransportBar::stepEvent() {
  if (!feed_.snapshot()->capabilities.can_step) return;
  feed_.post({observe::StepEvent{}, std::nullopt});
}

void TransportBar::stepToNext() {
  if (!feed_.snapshot()->capabilities.can_step) return;
  feed_.post({observe::RunToNext{kind_}, std::nullopt});
}

void TransportBar::faster() {
  slider_->setValue(slider_->value() + 6);
}
void TransportBar::slower() {
  slider_->setValue(slider_->value() - 6);
}

void TransportBar::refresh() {
  const auto s = feed_.snapshot();
  refreshing_ = true;
  const bool running = s->run.running;
  play_->setGlyphIcon(running ? Icon::pause : Icon::play);
  play_->setAccessibleName(running ? tr("Pause") : tr("Play"));
  play_->setToolTip(running ? tr("Pause (Space)") : tr("Play (Space)"));
  play_->setEnabled(s->capabilities.can_pause);
  for (QWidget* w : {static_cast<QWidget*>(step_), static_cast<QWidget*>(next_),
                     static_cast<QWidget*>(next_kind_)}) {
    w->setEnabled(s->capabilities.can_step);
  }
  time_->show(s->run);
  if (!slider_->isSliderDown() && !slider_->hasFocus())
    slider_->setValue(place_of_speed(s->run.speed));
  slider_->setEnabled(s->capabilities.can_set_speed);
  speed_value_->setEnabled(s->capabilities.can_set_speed);
  speed_value_->setText(speed(s->run.speed));
  seed_->setText(tr("Seed %1").arg(s->run.seed));
  fault_->setEnabled(s->capabilities.can_inject_faults);
  refreshing_ = false;
}

void TransportBar::resizeEvent(QResizeEvent*) {
  const bool narrow = width() < 1024;
  slider_->setVisible(!narrow);
  speed_word_->setVisible(!narrow);
  seed_->setVisible(width() >= 1180);
  next_->setToolButtonStyle(width() < 1180 ? Qt::ToolButtonIconOnly : Qt::ToolButtonTextBesideIcon);
  health_->setChipsMax(width() < 900 ? 1 : width() < 1280 ? 2 : 4);
}

}  // namespace ottla::ui
