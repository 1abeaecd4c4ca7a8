#include "ui/views/groups_page.h"

#include <QScopedValueRollback>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/canvas/format.h"
#include "ui/models/text.h"

namespace ottla::ui {
namespace {

constexpr int narrow = 820;  // Under this the Gantt and the second chart give way.
constexpr Duration lag_shown = Duration::seconds(60);

}  // namespace

GroupsPage::GroupsPage(SessionFeed& feed, Selection& selection, const Theme& theme, QWidget* parent)
    : QWidget(parent), feed_(feed), selection_(selection), theme_(&theme) {
  buildGroups();
  assignment_bar_ = new PageBar(tr("Assignment"), theme, this);
  assignment_ = new AssignmentView(selection, theme, this);
  rebalance_bar_ = new PageBar(tr("Rebalances"), theme, this);
  rebalance_ = new RebalanceView(theme, this);
  auto* middle = new QSplitter(Qt::Horizontal, this);
  middle->setHandleWidth(1);
  middle->setChildrenCollapsible(false);
  middle->addWidget(section(assignment_bar_, assignment_));
  rebalance_section_ = section(rebalance_bar_, rebalance_);
  middle->addWidget(rebalance_section_);
  middle->setSizes({513, 543});
  middle_ = middle;
  buildLag();
  auto* lag = new QSplitter(Qt::Horizontal, this);
  lag->setHandleWidth(1);
  lag->setChildrenCollapsible(false);
  lag->addWidget(charts_);
  lag->addWidget(partitions_table_);
  lag->setSizes({680, 376});

  auto* vertical = new QSplitter(Qt::Vertical, this);
  vertical->setHandleWidth(1);
  vertical->setChildrenCollapsible(false);
  vertical->addWidget(groups_table_);
  vertical->addWidget(middle_);
  vertical->addWidget(section(lag_bar_, lag));
  vertical->setStretchFactor(0, 0);
  vertical->setStretchFactor(1, 3);
  vertical->setStretchFactor(2, 3);
  vertical->setSizes({92, 330, 290});
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(bar_);
  layout->addWidget(vertical, 1);

  const auto take = [this](int count) {
    const auto& events = feed_.events();
    for (auto at = events.end() - count; at != events.end(); ++at) bands_.add(*at);
  };
  take(static_cast<int>(feed_.events().size()));
  connect(&feed_, &SessionFeed::eventsAdded, this, take);
  connect(&feed_, &SessionFeed::eventsCleared, this, [this] { bands_.clear(); });
  // The windows of samples fill while another page is looked at.
  connect(&feed_, &SessionFeed::snapshotChanged, this, &GroupsPage::watch);
  connect(&selection_, &Selection::changed, this, &GroupsPage::followSelection);
  connect(&selection_, &Selection::spanChanged, this, &GroupsPage::refresh);
  new PageRefresh(feed_, this, [this] { refresh(); });
  watch();
  refresh();
  followSelection();
}

void GroupsPage::buildGroups() {
  bar_ = new PageBar(tr("Groups"), *theme_, this);
  groups_sorted_.setSourceModel(&groups_);
  groups_table_ = new Table(*theme_, this);
  groups_table_->setAccessibleName(tr("Consumer groups"));
  groups_table_->setModel(&groups_sorted_);
  groups_table_->setColumns({134, 180, 110, 214, 92, 104, 126, 150},
                            {GroupsModel::protocol_column, GroupsModel::coordinator_column,
                             GroupsModel::members_column, GroupsModel::lag_time_column});
  groups_table_->setSortingEnabled(true);
  groups_table_->sortByColumn(GroupsModel::verdict_column, Qt::DescendingOrder);
  groups_table_->setRowsShown(3);
  groups_table_->setEmptyText(tr("No groups yet. One appears when a consumer joins or commits."));
  connect(groups_table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this](const QModelIndex& row) {
            if (following_ || !row.isValid()) return;
            const std::string name = groups_.row(groups_sorted_.mapToSource(row).row()).key();
            showGroup(name);
            selection_.select(SelectedGroup{name});
          });
}

void GroupsPage::buildLag() {
  lag_bar_ = new PageBar(tr("Lag"), *theme_, this);
  const QString empty = tr("Lag appears once the group has committed.");
  charts_ = new QWidget(this);
  lag_records_ =
      new Chart({tr("Records"), {}, ChartUnit::records, {}, false, empty}, *theme_, charts_);
  lag_seconds_ =
      new Chart({tr("Seconds"), {}, ChartUnit::seconds, {}, false, empty}, *theme_, charts_);
  auto* charts = new QHBoxLayout(charts_);
  charts->setContentsMargins(0, 0, 0, 4);
  charts->setSpacing(0);
  for (Chart* chart : {lag_records_, lag_seconds_}) {
    charts->addWidget(chart, 1);
    connect(chart, &Chart::cursorMoved, this, [this](Instant at) {
      lag_records_->setCursor(at);
      lag_seconds_->setCursor(at);
    });
    connect(chart, &Chart::cursorLeft, this, [this] {
      lag_records_->setCursor(std::nullopt);
      lag_seconds_->setCursor(std::nullopt);
    });
  }
  partitions_sorted_.setSourceModel(&partitions_);
  partitions_table_ = new Table(*theme_, this);
  partitions_table_->setAccessibleName(tr("Partitions the group reads"));
  partitions_table_->setModel(&partitions_sorted_);
  partitions_table_->setColumns(
      {104, 72, 70, 96, 86, 100, 106, 96, 90},
      {GroupPartitionsModel::client_id_column, GroupPartitionsModel::host_column,
       GroupPartitionsModel::end_column, GroupPartitionsModel::committed_column,
       GroupPartitionsModel::owner_column});
  partitions_table_->setSortingEnabled(true);
  partitions_table_->sortByColumn(GroupPartitionsModel::lag_column, Qt::DescendingOrder);
  partitions_table_->setEmptyText(tr("The group reads no partition."));
  connect(partitions_table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this](const QModelIndex& row) {
            if (following_ || !row.isValid()) return;
            const auto& state = partitions_.row(partitions_sorted_.mapToSource(row).row()).state;
            selection_.select(SelectedPartition{state.topic, state.partition});
          });
}

QWidget* GroupsPage::section(PageBar* bar, QWidget* body) {
  auto* box = new QWidget(this);
  bar->setSection(true);
  auto* layout = new QVBoxLayout(box);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(bar);
  layout->addWidget(body, 1);
  return box;
}

void GroupsPage::setTheme(const Theme& theme) {
  theme_ = &theme;
  for (PageBar* bar : {bar_, assignment_bar_, rebalance_bar_, lag_bar_}) bar->setTheme(theme);
  groups_table_->setTheme(theme);
  partitions_table_->setTheme(theme);
  assignment_->setTheme(theme);
  rebalance_->setTheme(theme);
  lag_records_->setTheme(theme);
  lag_seconds_->setTheme(theme);
}

void GroupsPage::resizeEvent(QResizeEvent*) {
  rebalance_section_->setVisible(width() >= narrow);
  lag_records_->setVisible(width() >= narrow);
}

void GroupsPage::watch() {
  const auto snapshot = feed_.snapshot();
  tracker_.observe(*snapshot);
  spans_.observe(*snapshot);
}

void GroupsPage::refresh() {
  // Rows that go take the current row with them: that is nobody's choice.
  const QScopedValueRollback<bool> quiet(following_, true);
  const auto snapshot = feed_.snapshot();
  groups_.update(*snapshot, tracker_);
  bar_->setNote(QStringLiteral("%1 of %2")
                    .arg(number(groups_sorted_.rowCount()), number(groups_.rowCount())));
  if (!snapshot->group(group_)) {
    // The one in most trouble is shown first.
    group_.clear();
    if (groups_sorted_.rowCount() > 0) {
      group_ = groups_.row(groups_sorted_.mapToSource(groups_sorted_.index(0, 0)).row()).key();
    }
    return showGroup(group_);
  }
  partitions_.update(*snapshot, tracker_);
  observe::Shared<observe::GroupState> shown;
  for (const auto& group : snapshot->groups) {
    if (group->name == group_) shown = group;
  }
  assignment_->show(shown);
  rebalance_->show(snapshot, group_, spans_, bands_);
  ChartRange range{std::max(snapshot->run.now - lag_shown, snapshot->run.start),
                   std::max(snapshot->run.now, snapshot->run.start + Duration::seconds(1))};
  if (const auto& chosen = selection_.span()) range = {chosen->from, chosen->to};
  lag_records_->update(*snapshot, bands_, range);
  lag_seconds_->update(*snapshot, bands_, range);
  updateTitles(shown.get());
}

void GroupsPage::updateTitles(const observe::GroupState* group) {
  if (!group) return;
  const QString name = text(group->name);
  assignment_bar_->setNote(
      tr("%1, %2 %3, %4")
          .arg(name, group->type == "consumer" ? tr("epoch") : tr("generation"))
          .arg(group->generation.value())
          .arg(counted(static_cast<std::int64_t>(group->members.size()), tr("member"),
                       tr("members"))));
  const Instant now = feed_.snapshot()->run.now;
  rebalance_bar_->setNote(tr("%1, %2 for %3")
                              .arg(counted(group->rebalances, tr("rebalance"), tr("rebalances")),
                                   text(group->state), duration(now - group->state_since)));
  lag_bar_->setNote(
      tr("%1. Lag = max(end − max(committed, log start), 0), end = high watermark").arg(name));
}

void GroupsPage::showGroup(const std::string& group) {
  group_ = group;
  partitions_.setGroup(group);
  const auto series = [&](const char* prefix) {
    return std::vector<ChartSeries>{{text(group), {prefix + group}}};
  };
  ChartSpec records = lag_records_->spec();
  records.series = series("lag.");
  lag_records_->setSpec(std::move(records));
  ChartSpec seconds = lag_seconds_->spec();
  seconds.series = series("lag_seconds.");
  lag_seconds_->setSpec(std::move(seconds));
  const QScopedValueRollback<bool> quiet(following_, true);
  const int row = groups_.find(group);
  if (row >= 0) {
    groups_table_->showRow(groups_sorted_.mapFromSource(groups_.index(row, 0)).row());
  }
  if (!group.empty() && feed_.snapshot()->group(group)) {
    refresh();
  } else {
    assignment_->show(nullptr);
    rebalance_->show(feed_.snapshot(), group, spans_, bands_);
  }
}

void GroupsPage::followSelection() {
  const auto* group = std::get_if<SelectedGroup>(&selection_.current());
  const auto* member = std::get_if<SelectedMember>(&selection_.current());
  if (!group && !member) return;
  const std::string& name = group ? group->group : member->group;
  if (name != group_ && groups_.find(name) >= 0) showGroup(name);
}

}  // namespace ottla::ui
