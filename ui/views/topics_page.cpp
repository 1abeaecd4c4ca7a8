#include "ui/views/topics_page.h"

#include <QAction>
#include <QScopedValueRollback>
#include <QSplitter>
#include <QVBoxLayout>

#include "ui/canvas/fonts.h"
#include "ui/canvas/format.h"
#include "ui/models/text.h"
#include "ui/views/topic_dialogs.h"

namespace ottla::ui {

TopicsPage::TopicsPage(SessionFeed& feed, Selection& selection, const Theme& theme, QWidget* parent)
    : QWidget(parent), feed_(feed), selection_(selection), theme_(&theme) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  buildTopics();
  buildPartitions();
  layout->addWidget(bar_);
  layout->addWidget(error_);
  auto* lower = new QWidget(this);
  auto* lower_layout = new QVBoxLayout(lower);
  lower_layout->setContentsMargins(0, 0, 0, 0);
  lower_layout->setSpacing(0);
  lower_layout->addWidget(partitions_bar_);
  lower_layout->addWidget(partitions_table_, 1);
  auto* splitter = new QSplitter(Qt::Vertical, this);
  splitter->setHandleWidth(1);
  splitter->setChildrenCollapsible(false);
  splitter->addWidget(topics_table_);
  splitter->addWidget(lower);
  splitter->setSizes({180, 540});
  splitter->setStretchFactor(0, 1);
  splitter->setStretchFactor(1, 2);
  layout->addWidget(splitter, 1);

  connect(&selection_, &Selection::changed, this, &TopicsPage::followSelection);
  connect(&feed_, &SessionFeed::commandRefused, error_,
          [this](const QString& reason) { error_->say(reason); });
  new PageRefresh(feed_, this, [this] { refresh(); });
  updateIcons();
  refresh();
  followSelection();
}

void TopicsPage::buildTopics() {
  bar_ = new PageBar(tr("Topics"), *theme_, this);
  search_ = new QLineEdit(bar_);
  search_->setPlaceholderText(tr("Filter topics"));
  search_->setAccessibleName(tr("Filter topics by name"));
  search_->setClearButtonEnabled(true);
  search_->setMaximumWidth(240);
  troubled_only_ = make_button(tr("Under-replicated only"), "chip", bar_);
  troubled_only_->setCheckable(true);
  troubled_only_->setToolTip(tr("Show topics with partitions that are not fully replicated"));
  internal_too_ = make_button(tr("Internal"), "chip", bar_);
  internal_too_->setCheckable(true);
  internal_too_->setChecked(true);
  internal_too_->setToolTip(tr("Show internal topics, such as __consumer_offsets"));
  create_ = make_button(tr("Create topic"), "primary", bar_);
  delete_ = make_button(tr("Delete"), "", bar_);
  auto* controls = bar_->controls();
  controls->addWidget(search_, 1);
  controls->addWidget(troubled_only_);
  controls->addWidget(internal_too_);
  controls->addStretch(1);
  controls->addWidget(delete_);
  controls->addWidget(create_);

  error_ = new ErrorBox(*theme_, this);
  topics_sorted_.setSourceModel(&topics_);
  topics_table_ = new Table(*theme_, this);
  topics_table_->setAccessibleName(tr("Topics"));
  topics_table_->setModel(&topics_sorted_);
  topics_table_->setColumns({190, 140, 84, 74, 74, 126, 74, 84, 100, 90, 90},
                            {TopicsModel::bytes_out_column, TopicsModel::bytes_in_column,
                             TopicsModel::min_isr_column, TopicsModel::replication_factor_column,
                             TopicsModel::size_column, TopicsModel::offline_column});
  // Snapshots are in order of names and numbers: until somebody sorts, nothing needs sorting.
  topics_table_->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
  topics_table_->setSortingEnabled(true);

  connect(search_, &QLineEdit::textChanged, this, &TopicsPage::applyTopicFilter);
  connect(troubled_only_, &QToolButton::toggled, this, &TopicsPage::applyTopicFilter);
  connect(internal_too_, &QToolButton::toggled, this, &TopicsPage::applyTopicFilter);
  connect(create_, &QToolButton::clicked, this, &TopicsPage::createTopic);
  connect(delete_, &QToolButton::clicked, this, &TopicsPage::deleteTopic);
  connect(topics_table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this](const QModelIndex& row) {
            if (following_ || !row.isValid()) return;
            const auto& name = topics_.row(topics_sorted_.mapToSource(row).row()).key();
            showPartitionsOf(name);
            selection_.select(SelectedTopic{name});
          });
}

void TopicsPage::buildPartitions() {
  partitions_bar_ = new PageBar(tr("Partitions"), *theme_, this);
  partitions_bar_->setSection(true);
  all_topics_ = make_button(tr("All topics"), "chip", partitions_bar_);
  all_topics_->setCheckable(true);
  all_topics_->setToolTip(tr("Show the partitions of every topic"));
  partitions_troubled_only_ = make_button(tr("Under-replicated only"), "chip", partitions_bar_);
  partitions_troubled_only_->setCheckable(true);
  partitions_bar_->controls()->addWidget(all_topics_);
  partitions_bar_->controls()->addWidget(partitions_troubled_only_);
  partitions_bar_->controls()->addStretch(1);

  partitions_sorted_.setSourceModel(&partitions_);
  partitions_table_ = new Table(*theme_, this);
  partitions_table_->setAccessibleName(tr("Partitions"));
  partitions_table_->setModel(&partitions_sorted_);
  partitions_table_->setColumns(
      {168, 72, 140, 66, 76, 76, 60, 90, 90, 90, 94, 108, 84, 92},
      {PartitionsModel::size_column, PartitionsModel::start_offset_column,
       PartitionsModel::high_watermark_column, PartitionsModel::records_in_column,
       PartitionsModel::elr_column, PartitionsModel::leader_epoch_column,
       PartitionsModel::replicas_column, PartitionsModel::topic_column});
  partitions_table_->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
  partitions_table_->setSortingEnabled(true);

  connect(all_topics_, &QToolButton::toggled, this,
          [this](bool all) { showPartitionsOf(all ? std::string() : selectedTopic()); });
  connect(partitions_troubled_only_, &QToolButton::toggled, this,
          &TopicsPage::applyPartitionFilter);
  connect(partitions_table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this](const QModelIndex& row) {
            if (following_ || !row.isValid()) return;
            const auto& source = partitions_.row(partitions_sorted_.mapToSource(row).row());
            selection_.select(SelectedPartition{source.topic->name, source.partition().index});
          });
}

void TopicsPage::setTheme(const Theme& theme) {
  theme_ = &theme;
  bar_->setTheme(theme);
  partitions_bar_->setTheme(theme);
  error_->setTheme(theme);
  topics_table_->setTheme(theme);
  partitions_table_->setTheme(theme);
  updateIcons();
}

void TopicsPage::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) updateIcons();
}

void TopicsPage::updateIcons() {
  create_->setIcon(make_icon(Icon::plus, theme_->on_accent, theme_->t4));
  all_topics_->setIcon({});
}

void TopicsPage::refresh() {
  // Rows that go take the current row with them: that is nobody's choice.
  const QScopedValueRollback<bool> quiet(following_, true);
  const auto snapshot = feed_.snapshot();
  topics_.update(*snapshot);
  const std::string& shown = partitions_.shownTopic();
  if (!shown.empty() && !snapshot->topic(shown)) partitions_.setTopic({});
  partitions_.update(*snapshot);
  // Filters that look at values, not at names, must look again.
  if (troubled_only_->isChecked()) topics_sorted_.invalidate();
  if (partitions_troubled_only_->isChecked()) partitions_sorted_.invalidate();

  bar_->setNote(QStringLiteral("%1 of %2")
                    .arg(number(topics_sorted_.rowCount()), number(topics_.rowCount())));
  partitions_bar_->setTitle(partitions_.shownTopic().empty()
                                ? tr("Partitions of all topics")
                                : tr("Partitions of %1").arg(text(partitions_.shownTopic())));
  partitions_bar_->setNote(
      QStringLiteral("%1 of %2")
          .arg(number(partitions_sorted_.rowCount()), number(partitions_.rowCount())));
  topics_table_->setEmptyText(topics_.rowCount() == 0
                                  ? tr("No topics yet. Create one, or let a client create it.")
                                  : tr("No topic matches the filter."));
  partitions_table_->setEmptyText(
      partitions_.rowCount() == 0 ? tr("No partitions.") : tr("No partition is under-replicated."));
  const bool can = snapshot->capabilities.can_create_topics;
  create_->setEnabled(can);
  delete_->setEnabled(can && !selectedTopic().empty());
  create_->setToolTip(can ? tr("Create a topic") : tr("This session cannot change topics"));
  delete_->setToolTip(can ? tr("Delete the selected topic") : create_->toolTip());
}

void TopicsPage::applyTopicFilter() {
  topics_sorted_.setCondition([this](int row) {
    const TopicRow& topic = topics_.row(row);
    if (troubled_only_->isChecked() && !topic.troubled()) return false;
    return internal_too_->isChecked() || !topic.topic->internal;
  });
  topics_sorted_.setWords(search_->text());
  refresh();
}

void TopicsPage::applyPartitionFilter() {
  partitions_sorted_.setCondition([this](int row) {
    const observe::PartitionState& partition = partitions_.row(row).partition();
    return !partitions_troubled_only_->isChecked() || partition.under_replicated() ||
           partition.under_min_isr || partition.offline();
  });
  refresh();
}

void TopicsPage::showPartitionsOf(const std::string& topic) {
  const QSignalBlocker quiet(all_topics_);
  all_topics_->setChecked(topic.empty());
  partitions_.setTopic(topic);
  refresh();
}

std::string TopicsPage::selectedTopic() const {
  const QModelIndex row = topics_table_->currentIndex();
  return row.isValid() ? topics_.row(topics_sorted_.mapToSource(row).row()).key() : std::string();
}

void TopicsPage::followSelection() {
  const auto* topic = std::get_if<SelectedTopic>(&selection_.current());
  const auto* partition = std::get_if<SelectedPartition>(&selection_.current());
  if (!topic && !partition) return;
  const std::string& name = topic ? topic->topic : partition->topic;
  const QScopedValueRollback<bool> quiet(following_, true);
  const int row = topics_.find(name);
  if (row >= 0) {
    topics_table_->showRow(topics_sorted_.mapFromSource(topics_.index(row, 0)).row());
    if (!all_topics_->isChecked() || topic) showPartitionsOf(name);
  }
  if (partition) {
    const int at = partitions_.find({partition->topic, partition->partition.value()});
    if (at >= 0) {
      partitions_table_->showRow(partitions_sorted_.mapFromSource(partitions_.index(at, 0)).row());
    }
  } else {
    partitions_table_->clearSelection();
  }
}

void TopicsPage::createTopic() {
  CreateTopicDialog dialog(feed_, *theme_, this);
  if (dialog.exec() == QDialog::Accepted) selection_.select(SelectedTopic{dialog.topicName()});
}

void TopicsPage::deleteTopic() {
  const std::string name = selectedTopic();
  if (name.empty()) return;
  DeleteTopicDialog dialog(feed_, *theme_, name, this);
  if (dialog.exec() == QDialog::Accepted) selection_.clear();
}

}  // namespace ottla::ui
