// The inspector at the right: whatever is selected, all its fields, what waits and why, and its
// recent events.
#pragma once

#include <QElapsedTimer>
#include <QScrollArea>
#include <QTimer>
#include <QWidget>
#include <vector>

#include "ui/canvas/theme.h"
#include "ui/feed/session_feed.h"
#include "ui/views/inspector_content.h"

class QHBoxLayout;

namespace ottla::ui {

class Inspector : public QWidget {
  Q_OBJECT

 public:
  Inspector(SessionFeed& feed, Selection& selection, const Theme& theme, QWidget* parent = nullptr);
  [[nodiscard]] const InspectorContent& content() const { return content_; }
  [[nodiscard]] QSize sizeHint() const override { return {312, 600}; }

 private:
  class Body;
  void refresh();
  void refreshSoon();

  SessionFeed& feed_;
  Selection& selection_;
  const Theme& theme_;
  InspectorContent content_;
  QScrollArea* scroll_;
  Body* body_;
  QElapsedTimer since_;
  QTimer later_;
};

}  // namespace ottla::ui
