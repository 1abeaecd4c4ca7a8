// The line at the bottom: the newest event, and how the run goes.
#pragma once

#include <QElapsedTimer>
#include <QWidget>

#include "ui/canvas/theme.h"
#include "ui/feed/session_feed.h"

namespace ottla::ui {

class StatusLine : public QWidget {
  Q_OBJECT

 public:
  StatusLine(SessionFeed& feed, const Theme& theme, QWidget* parent = nullptr);

  // Words that stand in the event's place for some seconds, such as why a command was refused.
  void say(const QString& words, Tone tone);
  [[nodiscard]] QString said() const { return words_; }

 signals:
  void eventLogAsked();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;

 private:
  SessionFeed& feed_;
  const Theme& theme_;
  QString words_;
  Tone tone_ = Tone::neutral;
  QElapsedTimer since_said_;
  QElapsedTimer since_painted_;
};

}  // namespace ottla::ui
