// The small widgets that bars are made of: a ground with a hairline, a divider, an icon button that
// follows the theme.
#pragma once

#include <QToolButton>
#include <QWidget>

#include "ui/canvas/icons.h"
#include "ui/canvas/theme.h"

namespace ottla::ui {

class Bar : public QWidget {
  Q_OBJECT

 public:
  enum class Edge : std::uint8_t { none, top, bottom, left, right };
  Bar(const Theme& theme, Edge edge, QWidget* parent = nullptr);

 protected:
  void paintEvent(QPaintEvent* event) override;
  const Theme& theme_;

 private:
  Edge edge_;
};

class Divider : public QWidget {
  Q_OBJECT

 public:
  Divider(const Theme& theme, QWidget* parent = nullptr);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  const Theme& theme_;
};

// Icon, words or both; flat unless its `kind` says otherwise.
class IconButton : public QToolButton {
  Q_OBJECT

 public:
  IconButton(Icon icon, const QString& text, const Theme& theme, QWidget* parent = nullptr);
  void setGlyphIcon(Icon icon);
  // The ground is the accent colour, so the icon is drawn to be read on it.
  void setOnAccent();

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void refresh();

  Icon icon_;
  const Theme& theme_;
  bool on_accent_ = false;
};

}  // namespace ottla::ui
