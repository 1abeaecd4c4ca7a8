// The event log: everything that happened, newest at the bottom, with a filter bar. Double-click or
// Enter selects what an event is about; C goes to its cause.
#pragma once

#include <QComboBox>
#include <QLineEdit>
#include <QToolButton>
#include <QWidget>

#include "ui/feed/selection.h"
#include "ui/feed/session_feed.h"
#include "ui/models/events_model.h"
#include "ui/views/page_parts.h"
#include "ui/views/table.h"

namespace ottla::ui {

class EventLogDock : public QWidget {
  Q_OBJECT

 public:
  EventLogDock(SessionFeed& feed, Selection& selection, const Theme& theme,
               QWidget* parent = nullptr);
  void setTheme(const Theme& theme);
  QSize sizeHint() const override { return {800, 220}; }

 public slots:
  void focusFilter();
  void goToCause();
  void copy();

 signals:
  // Somebody wants to see this moment: the timeline shows it.
  void momentChosen(ottla::Instant at);

 protected:
  void changeEvent(QEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void buildBar();
  void takeEvents(int count);
  void applyFilter();
  void updateNote();
  void updateActions();
  void updateIcons();
  void showMenu(const QPoint& at);
  void choose(const QModelIndex& row);
  void showEvent(std::uint64_t number);
  [[nodiscard]] const observe::Event* currentEvent() const;

  SessionFeed& feed_;
  Selection& selection_;
  const Theme* theme_;
  EventsModel events_;
  EventFilterProxy shown_;
  PageBar* bar_;
  QLineEdit* words_;
  QComboBox* kind_;
  QComboBox* severity_;
  QToolButton* cause_;
  QToolButton* copy_;
  Table* table_;
};

}  // namespace ottla::ui
