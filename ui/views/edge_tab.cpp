#include "ui/views/edge_tab.h"

#include <QMenu>
#include <QPainter>

#include "ui/canvas/fonts.h"
#include "ui/canvas/format.h"
#include "ui/canvas/paint.h"

namespace ottla::ui {
namespace {

// How much a tone asks to be looked at.
int urgency(Tone tone) {
  switch (tone) {
    case Tone::error: return 2;
    case Tone::warning:
    case Tone::hot: return 1;
    default: return 0;
  }
}

QIcon glyph_icon(const StateLook& look, const Theme& theme) {
  QPixmap picture(32, 32);
  picture.setDevicePixelRatio(2);
  picture.fill(Qt::transparent);
  QPainter painter(&picture);
  draw_glyph(painter, look.glyph, {8, 8}, 9, tone_colour(theme, look.tone));
  return QIcon(picture);
}

}  // namespace

EdgeTab::EdgeTab(const QString& name, Side side, Selection& selection, const Theme& theme,
                 std::function<std::vector<EdgeTabLine>()> lines, QWidget* parent)
    : QAbstractButton(parent),
      name_(name),
      side_(side),
      selection_(selection),
      theme_(theme),
      lines_(std::move(lines)) {
  setFocusPolicy(Qt::StrongFocus);
  setCursor(Qt::PointingHandCursor);
  setAttribute(Qt::WA_Hover);
  setFixedWidth(width_px);
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);
  connect(this, &QAbstractButton::clicked, this, &EdgeTab::openList);
  refresh();
}

void EdgeTab::refresh() {
  const std::vector<EdgeTabLine> lines = lines_();
  worst_ = {};
  for (const EdgeTabLine& line : lines) {
    if (worst_.words.isEmpty() || urgency(line.look.tone) > urgency(worst_.tone))
      worst_ = line.look;
  }
  setText(name_ + ' ' + QString::number(lines.size()));
  setAccessibleName(text());
  setToolTip(lines.empty() ? text() : text() + ", " + worst_.words);
  update();
}

void EdgeTab::openList() {
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  for (const EdgeTabLine& line : lines_()) {
    QAction* action = menu->addAction(glyph_icon(line.look, theme_), line.words);
    connect(action, &QAction::triggered, this,
            [this, thing = line.thing] { selection_.select(thing); });
  }
  if (menu->isEmpty()) menu->addAction(tr("None yet"))->setEnabled(false);
  const QPoint corner =
      side_ == Side::left ? QPoint(width(), 0) : QPoint(-menu->sizeHint().width(), 0);
  menu->popup(mapToGlobal(corner));
}

void EdgeTab::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), underMouse() ? theme_.hover : theme_.panel);
  painter.fillRect(QRect(side_ == Side::left ? width() - 1 : 0, 0, 1, height()), theme_.line);
  double top = 10;
  if (urgency(worst_.tone) > 0) {
    draw_glyph(painter, worst_.glyph, {width() / 2.0, top + 6}, 10,
               tone_colour(theme_, worst_.tone));
    top += 18;
  }
  // Read from the top downwards.
  painter.save();
  painter.translate(width(), top);
  painter.rotate(90);
  draw_text(painter, {0, 0, height() - top, static_cast<double>(width())}, text(), words(11, 600),
            theme_.t2);
  painter.restore();
  if (hasFocus()) draw_box(painter, QRectF(rect()).adjusted(1, 1, -1, -1), 3, {}, theme_.accent, 2);
}

std::vector<EdgeTabLine> producer_lines(const observe::Snapshot& snapshot) {
  std::vector<EdgeTabLine> lines;
  for (const observe::ProducerState& producer : snapshot.producers) {
    lines.push_back(
        {QString("%1  %2/s to %3")
             .arg(QString::fromStdString(producer.name), short_number(producer.records_per_s),
                  QString::fromStdString(producer.topic)),
         process_look(producer.status), SelectedProducer{producer.name}});
  }
  return lines;
}

std::vector<EdgeTabLine> group_lines(const observe::Snapshot& snapshot) {
  std::vector<EdgeTabLine> lines;
  for (const auto& group : snapshot.groups) {
    const StateLook look = group_look(group->state);
    lines.push_back({QString("%1  %2, lag %3")
                         .arg(QString::fromStdString(group->name), look.words, number(group->lag)),
                     look, SelectedGroup{group->name}});
  }
  return lines;
}

}  // namespace ottla::ui
