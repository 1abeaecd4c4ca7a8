// The places of the window, at its left: icon over label, or icons alone where it is narrow.
#pragma once

#include <QAbstractButton>
#include <vector>

#include "ui/views/bars.h"

class QButtonGroup;

namespace ottla::ui {

class Navigation : public Bar {
  Q_OBJECT

 public:
  explicit Navigation(const Theme& theme, QWidget* parent = nullptr);

  int addPlace(Icon icon, const QString& name);
  void setPlace(int place);
  void setLabels(bool labels);

 signals:
  void placeChosen(int place);
  void helpAsked();

 private:
  class PlaceButton;
  QButtonGroup* group_;
  std::vector<PlaceButton*> places_;
  IconButton* help_;
};

}  // namespace ottla::ui
