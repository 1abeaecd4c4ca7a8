#include "ui/views/navigation.h"

#include <QButtonGroup>
#include <QPainter>
#include <QVBoxLayout>

#include "ui/canvas/fonts.h"
#include "ui/canvas/paint.h"

namespace ottla::ui {
namespace {

constexpr int wide = 72;
constexpr int narrow = 44;

}  // namespace

class Navigation::PlaceButton : public QAbstractButton {
 public:
  PlaceButton(Icon icon, const QString& name, const Theme& theme, QWidget* parent)
      : QAbstractButton(parent), icon_(icon), theme_(theme) {
    setText(name);
    setToolTip(name);
    setAccessibleName(name);
    setCheckable(true);
    setFocusPolicy(Qt::TabFocus);
    setAttribute(Qt::WA_Hover);
    setLabel(true);
  }
  void setLabel(bool label) {
    label_ = label;
    setFixedSize(label ? QSize(60, 56) : QSize(36, 36));
    update();
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    const QRectF box = QRectF(rect());
    if (isChecked())
      draw_box(painter, box, 6, theme_.accent_bg);
    else if (underMouse())
      draw_box(painter, box, 6, theme_.hover);
    const QColor colour = isChecked() ? theme_.t1 : theme_.t3;
    draw_icon(painter, icon_, {box.center().x(), label_ ? 20.0 : box.center().y()}, 22,
              isChecked() ? theme_.accent : colour);
    if (label_) {
      draw_text(painter, {0, 34, box.width(), 18}, text(), words(11, isChecked() ? 600 : 500),
                colour, Qt::AlignHCenter | Qt::AlignVCenter);
    }
    if (hasFocus()) draw_box(painter, box.adjusted(1, 1, -1, -1), 6, {}, theme_.accent, 2);
  }

 private:
  Icon icon_;
  const Theme& theme_;
  bool label_ = true;
};

Navigation::Navigation(const Theme& theme, QWidget* parent)
    : Bar(theme, Edge::right, parent), group_(new QButtonGroup(this)) {
  setAccessibleName(tr("Places"));
  setFixedWidth(wide);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 8, 0, 8);
  column->setSpacing(4);
  column->setAlignment(Qt::AlignHCenter);
  column->addStretch(1);
  help_ = new IconButton(Icon::help, {}, theme, this);
  help_->setToolTip(tr("Shortcuts (?)"));
  help_->setAccessibleName(tr("Shortcuts"));
  connect(help_, &QToolButton::clicked, this, &Navigation::helpAsked);
  column->addWidget(help_, 0, Qt::AlignHCenter);
  connect(group_, &QButtonGroup::idClicked, this, &Navigation::placeChosen);
}

int Navigation::addPlace(Icon icon, const QString& name) {
  auto* button = new PlaceButton(icon, name, theme_, this);
  const int id = static_cast<int>(places_.size());
  group_->addButton(button, id);
  static_cast<QVBoxLayout*>(layout())->insertWidget(id, button, 0, Qt::AlignHCenter);
  places_.push_back(button);
  if (id == 0) button->setChecked(true);
  return id;
}

void Navigation::setPlace(int place) {
  if (place >= 0 && place < static_cast<int>(places_.size())) {
    places_[static_cast<std::size_t>(place)]->setChecked(true);
  }
}

void Navigation::setLabels(bool labels) {
  setFixedWidth(labels ? wide : narrow);
  for (PlaceButton* button : places_) button->setLabel(labels);
}

}  // namespace ottla::ui
