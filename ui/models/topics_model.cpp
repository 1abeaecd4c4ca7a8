#include "ui/models/topics_model.h"

#include "ui/models/text.h"

namespace ottla::ui {
namespace {

TopicRow row_of(const observe::Shared<observe::TopicState>& topic) {
  TopicRow row{topic};
  for (const observe::PartitionState& partition : topic->partitions) {
    if (partition.under_replicated()) ++row.under_replicated;
    if (partition.under_min_isr) ++row.under_min_isr;
    if (partition.offline()) ++row.offline;
    row.size_bytes += partition.size_bytes;
  }
  return row;
}

Cell state_cell(const TopicRow& row) {
  Cell cell;
  cell.chip = true;
  if (row.offline > 0) {
    cell.text = QStringLiteral("Offline");
    cell.tone = CellTone::err;
    cell.mark = Mark::cross;
    cell.tip = QStringLiteral("%1 partitions have no leader").arg(row.offline);
  } else if (row.under_min_isr > 0) {
    cell.text = QStringLiteral("Under min ISR");
    cell.tone = CellTone::err;
    cell.mark = Mark::cross;
    cell.tip = QStringLiteral("%1 partitions refuse writes with acks=all").arg(row.under_min_isr);
  } else if (row.under_replicated > 0) {
    cell.text = QStringLiteral("Under-replicated");
    cell.tone = CellTone::warn;
    cell.mark = Mark::not_equal;
    cell.tip = QStringLiteral("%1 partitions have replicas out of sync").arg(row.under_replicated);
  } else {
    // Healthy is quiet: no chip, so that what is wrong is the brightest thing in the column.
    cell.text = QStringLiteral("In sync");
    cell.tone = CellTone::muted;
    cell.mark = Mark::check;
    cell.chip = false;
  }
  cell.sort = row.offline * 1'000'000'000LL + row.under_min_isr * 100'000LL + row.under_replicated;
  return cell;
}

Cell count_cell(std::int32_t n, CellTone when_some) {
  Cell cell{number_text(n)};
  cell.tone = n > 0 ? when_some : CellTone::muted;
  cell.sort = n;
  return cell;
}

}  // namespace

void TopicsModel::update(const observe::Snapshot& snapshot) {
  std::vector<TopicRow> next;
  next.reserve(snapshot.topics.size());
  for (const auto& topic : snapshot.topics) {
    // A topic that is the same object is the same row: its partitions need no second look.
    const auto at = next.size();
    const bool same = at < rows().size() && rows()[at].topic == topic;
    next.push_back(same ? rows()[at] : row_of(topic));
  }
  show(std::move(next));
}

const std::vector<Column>& TopicsModel::columns() const {
  static const std::vector<Column> columns{
      {"Topic", "The topic's name", false, true, true},
      {"State", "The worst state of its partitions"},
      {"Partitions", "How many partitions it has", true},
      {"Replicas", "Replication factor", true},
      {"Min ISR", "min.insync.replicas", true},
      {"Under-replicated", "Partitions whose ISR lacks a replica", true},
      {"Offline", "Partitions without a leader", true},
      {"Size", "Bytes in the leaders' logs", true},
      {"Records in/s", "Records appended each second", true},
      {"In/s", "Bytes appended each second", true},
      {"Out/s", "Bytes fetched by consumers each second", true},
  };
  return columns;
}

Cell TopicsModel::cell(const TopicRow& row, int column) const {
  const observe::TopicState& state_of = *row.topic;
  Cell cell;
  switch (column) {
    case topic_column:
      cell.text = text(state_of.name);
      if (state_of.internal) cell.tip = QStringLiteral("Internal topic");
      if (state_of.internal) cell.tone = CellTone::muted;
      break;
    case state_column: return state_cell(row);
    case partitions_column:
      cell.text = number_text(static_cast<std::int64_t>(state_of.partitions.size()));
      cell.sort = static_cast<qlonglong>(state_of.partitions.size());
      break;
    case replication_factor_column:
      cell.text = QString::number(state_of.replication_factor);
      cell.sort = state_of.replication_factor;
      break;
    case min_isr_column:
      cell.text = QString::number(state_of.min_insync_replicas);
      cell.sort = state_of.min_insync_replicas;
      break;
    case under_replicated_column: return count_cell(row.under_replicated, CellTone::warn);
    case offline_column: return count_cell(row.offline, CellTone::err);
    case size_column:
      cell.text = bytes_text(static_cast<double>(row.size_bytes));
      cell.sort = static_cast<qlonglong>(row.size_bytes);
      break;
    case records_in_column:
      cell.text = rate_text(state_of.records_in_per_s);
      cell.sort = state_of.records_in_per_s;
      break;
    case bytes_in_column:
      cell.text = bytes_text(state_of.bytes_in_per_s);
      cell.sort = state_of.bytes_in_per_s;
      break;
    case bytes_out_column:
      cell.text = bytes_text(state_of.bytes_out_per_s);
      cell.sort = state_of.bytes_out_per_s;
      break;
    default: break;
  }
  return cell;
}

}  // namespace ottla::ui
