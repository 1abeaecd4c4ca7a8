// The Groups place: the groups, the assignment and rebalances of the selected one, and its lag.
#pragma once

#include <QWidget>
#include <string>

#include "ui/feed/selection.h"
#include "ui/feed/session_feed.h"
#include "ui/models/group_partitions_model.h"
#include "ui/models/groups_model.h"
#include "ui/models/lag_tracker.h"
#include "ui/models/member_spans.h"
#include "ui/models/members_model.h"
#include "ui/models/rows_proxy.h"
#include "ui/models/time_bands.h"
#include "ui/views/assignment_view.h"
#include "ui/views/chart.h"
#include "ui/views/page_parts.h"
#include "ui/views/rebalance_view.h"
#include "ui/views/table.h"

namespace ottla::ui {

class GroupsPage : public QWidget {
  Q_OBJECT

 public:
  GroupsPage(SessionFeed& feed, Selection& selection, const Theme& theme,
             QWidget* parent = nullptr);
  void setTheme(const Theme& theme);
  // The group whose assignment and lag are shown; empty when there is none.
  [[nodiscard]] const std::string& shownGroup() const { return group_; }

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void buildGroups();
  void buildLag();
  QWidget* section(PageBar* bar, QWidget* body);
  void watch();
  void refresh();
  void showGroup(const std::string& group);
  void followSelection();
  void updateTitles(const observe::GroupState* group);

  SessionFeed& feed_;
  Selection& selection_;
  const Theme* theme_;

  LagTracker tracker_;
  MemberSpans spans_;
  TimeBands bands_;
  GroupsModel groups_;
  RowsProxy groups_sorted_;
  GroupPartitionsModel partitions_;
  RowsProxy partitions_sorted_;
  std::string group_;

  PageBar* bar_;
  Table* groups_table_;
  PageBar* assignment_bar_;
  AssignmentView* assignment_;
  PageBar* rebalance_bar_;
  RebalanceView* rebalance_;
  PageBar* lag_bar_;
  Chart* lag_records_;
  Chart* lag_seconds_;
  Table* partitions_table_;
  QWidget* charts_;
  QWidget* middle_;
  QWidget* rebalance_section_ = nullptr;
  bool following_ = false;
};

}  // namespace ottla::ui
