// A drawer over the right side of a page, for a window too narrow to give what it holds a place of
// its own. Opens and closes with a short slide; Esc closes it.
#pragma once

#include <QPropertyAnimation>
#include <QVBoxLayout>
#include <QWidget>

#include "ui/canvas/theme.h"

namespace ottla::ui {

class Drawer : public QWidget {
  Q_OBJECT

 public:
  // `over` is the widget whose right side it covers; it follows its size.
  Drawer(const Theme& theme, QWidget* over);

  // Takes in what it shows; whoever wants it back gives it another parent.
  void hold(QWidget* inside);
  void setOpen(bool open);
  [[nodiscard]] bool isOpen() const { return isVisible(); }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  [[nodiscard]] QRect place() const;

  const Theme& theme_;
  QVBoxLayout* column_;
  QPropertyAnimation* slide_;
};

}  // namespace ottla::ui
