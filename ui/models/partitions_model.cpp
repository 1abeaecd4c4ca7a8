#include "ui/models/partitions_model.h"

#include <algorithm>

#include "ui/models/text.h"

namespace ottla::ui {
namespace {

using observe::PartitionState;

std::vector<BrokerId> out_of_sync_of(const PartitionState& partition) {
  std::vector<BrokerId> out;
  for (const observe::ReplicaState& replica : partition.replicas) {
    if (std::find(partition.isr.begin(), partition.isr.end(), replica.broker) ==
        partition.isr.end()) {
      out.push_back(replica.broker);
    }
  }
  return out;
}

Cell state_cell(const PartitionState& partition) {
  Cell cell;
  cell.chip = true;
  if (partition.offline()) {
    cell = {QStringLiteral("Offline"), CellTone::err, Mark::cross, true};
    cell.sort = 3;
    cell.tip = QStringLiteral("No replica can lead it: nothing is read or written");
  } else if (partition.under_min_isr) {
    cell = {QStringLiteral("Under min ISR"), CellTone::err, Mark::cross, true};
    cell.sort = 2;
    cell.tip = QStringLiteral("Writes with acks=all get NOT_ENOUGH_REPLICAS");
  } else if (partition.under_replicated()) {
    cell = {QStringLiteral("Under-replicated"), CellTone::warn, Mark::not_equal, true};
    cell.sort = 1;
    cell.tip = QStringLiteral("Out of sync: %1").arg(ids_text(out_of_sync_of(partition)));
  } else {
    // Healthy is quiet: no chip, so that what is wrong is the brightest thing in the column.
    cell = {QStringLiteral("In sync"), CellTone::muted, Mark::check};
    cell.sort = 0;
  }
  return cell;
}

Cell offset_cell(const observe::Known<Offset>& offset, std::int32_t age_s) {
  Cell cell;
  if (!offset.has_value()) {
    cell.text = dash();
    cell.tone = CellTone::muted;
    cell.sort = static_cast<qlonglong>(-1);
    cell.tip = QStringLiteral("Not known");
    return cell;
  }
  cell.text = number_text(offset.value->value());
  cell.sort = static_cast<qlonglong>(offset.value->value());
  if (age_s == 0) return cell;
  cell.tone = CellTone::stale;
  cell.mark = Mark::clock;
  cell.tip = QStringLiteral("Last seen as %1, %2 s ago").arg(cell.text).arg(age_s);
  if (Duration::seconds(age_s) > gone_after) cell.text = dash();
  return cell;
}

Cell leader_cell(const PartitionState& partition) {
  Cell cell;
  if (partition.offline()) {
    cell = {QStringLiteral("none"), CellTone::err, Mark::cross};
    cell.sort = -1;
    return cell;
  }
  cell = {QString::number(partition.leader->value()), CellTone::plain, Mark::leader};
  cell.sort = partition.leader->value();
  const bool preferred =
      !partition.replicas.empty() && partition.replicas.front().broker == *partition.leader;
  if (!preferred && !partition.replicas.empty()) {
    cell.tip =
        QStringLiteral("The preferred leader is %1").arg(partition.replicas.front().broker.value());
  }
  return cell;
}

Cell list_cell(const std::vector<BrokerId>& ids, CellTone tone) {
  Cell cell{ids.empty() ? QStringLiteral("none") : ids_text(ids),
            ids.empty() ? CellTone::muted : tone};
  cell.sort = static_cast<qlonglong>(ids.size());
  return cell;
}

}  // namespace

void PartitionsModel::update(const observe::Snapshot& snapshot) {
  std::vector<PartitionRow> next;
  for (const auto& topic : snapshot.topics) {
    if (!topic_.empty() && topic->name != topic_) continue;
    for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
      next.push_back(
          {topic, i, stale_seconds(topic->partitions[i].log_end_offset, snapshot.run.now)});
    }
  }
  show(std::move(next));
}

const std::vector<Column>& PartitionsModel::columns() const {
  static const std::vector<Column> columns{
      {"Topic", "The topic's name", false, true, true},
      {"Partition", "Its number in the topic", true},
      {"State", "Whether it can be read and written, and is fully replicated"},
      {"Leader", "The broker that serves it", false, true},
      {"Replicas", "In assignment order: the first is the preferred leader", false, true},
      {"ISR", "In-sync replicas", false, true},
      {"ELR", "Eligible leader replicas (KIP-966)", false, true},
      {"Out of sync", "Replicas that are not in the ISR", false, true},
      {"Leader epoch", "Counts its leaders", true},
      {"Start offset", "The first offset that is kept", true},
      {"End offset", "The leader's log end offset", true},
      {"High watermark", "Consumers read up to here", true},
      {"Size", "Bytes in the leader's log", true},
      {"Records in/s", "Records appended each second", true},
  };
  return columns;
}

Cell PartitionsModel::cell(const PartitionRow& row, int column) const {
  const PartitionState& state_of = row.partition();
  Cell cell;
  switch (column) {
    case topic_column: cell.text = text(row.topic->name); break;
    case partition_column:
      cell.text = QString::number(state_of.index.value());
      cell.sort = state_of.index.value();
      break;
    case state_column: return state_cell(state_of);
    case leader_column: return leader_cell(state_of);
    case replicas_column: {
      std::vector<BrokerId> ids;
      for (const auto& replica : state_of.replicas) ids.push_back(replica.broker);
      return list_cell(ids, CellTone::plain);
    }
    case isr_column: return list_cell(state_of.isr, CellTone::plain);
    case elr_column: return list_cell(state_of.elr, CellTone::warn);
    case out_of_sync_column: {
      Cell out = list_cell(out_of_sync_of(state_of), CellTone::warn);
      if (out.tone == CellTone::warn) out.mark = Mark::not_equal;
      return out;
    }
    case leader_epoch_column:
      cell.text = state_of.leader_epoch == no_leader_epoch
                      ? dash()
                      : QString::number(state_of.leader_epoch.value());
      cell.sort = state_of.leader_epoch.value();
      break;
    case start_offset_column: return offset_cell(state_of.log_start_offset, row.age_s);
    case end_offset_column: return offset_cell(state_of.log_end_offset, row.age_s);
    case high_watermark_column: return offset_cell(state_of.high_watermark, row.age_s);
    case size_column:
      cell.text = bytes_text(static_cast<double>(state_of.size_bytes));
      cell.sort = static_cast<qlonglong>(state_of.size_bytes);
      break;
    case records_in_column:
      cell.text = rate_text(state_of.records_in_per_s);
      cell.sort = state_of.records_in_per_s;
      break;
    default: break;
  }
  return cell;
}

}  // namespace ottla::ui
