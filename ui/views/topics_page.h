// The Topics place: topics above, the partitions of the selected one (or of all) below.
#pragma once

#include <QLineEdit>
#include <QToolButton>
#include <QWidget>

#include "ui/feed/selection.h"
#include "ui/feed/session_feed.h"
#include "ui/models/partitions_model.h"
#include "ui/models/rows_proxy.h"
#include "ui/models/topics_model.h"
#include "ui/views/page_parts.h"
#include "ui/views/table.h"

namespace ottla::ui {

class TopicsPage : public QWidget {
  Q_OBJECT

 public:
  TopicsPage(SessionFeed& feed, Selection& selection, const Theme& theme,
             QWidget* parent = nullptr);
  void setTheme(const Theme& theme);

 public slots:
  void createTopic();
  // Asks first. Nothing when no topic is selected.
  void deleteTopic();

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void buildTopics();
  void buildPartitions();
  void refresh();
  void applyTopicFilter();
  void applyPartitionFilter();
  void followSelection();
  void showPartitionsOf(const std::string& topic);
  [[nodiscard]] std::string selectedTopic() const;
  void updateIcons();

  SessionFeed& feed_;
  Selection& selection_;
  const Theme* theme_;

  TopicsModel topics_;
  RowsProxy topics_sorted_;
  PartitionsModel partitions_;
  RowsProxy partitions_sorted_;

  PageBar* bar_;
  QLineEdit* search_;
  QToolButton* troubled_only_;
  QToolButton* internal_too_;
  QToolButton* create_;
  QToolButton* delete_;
  ErrorBox* error_;
  Table* topics_table_;
  PageBar* partitions_bar_;
  QToolButton* all_topics_;
  QToolButton* partitions_troubled_only_;
  Table* partitions_table_;
  bool following_ = false;  // The tables show a selection made elsewhere.
};

}  // namespace ottla::ui
