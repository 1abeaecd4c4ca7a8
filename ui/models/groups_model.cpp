#include "ui/models/groups_model.h"

#include "ui/models/text.h"

namespace ottla::ui {
namespace {

CellTone tone_of(LagVerdict verdict) {
  switch (verdict) {
    case LagVerdict::warn: return CellTone::warn;
    case LagVerdict::rewind:
    case LagVerdict::stall:
    case LagVerdict::stop: return CellTone::err;
    default: return CellTone::plain;
  }
}

}  // namespace

Cell group_state_cell(const std::string& state) {
  Cell cell{text(state), CellTone::stale, Mark::clock, true};
  if (state == "Stable") {
    cell.tone = CellTone::ok;
    cell.mark = Mark::check;
    cell.sort = 0;
  } else if (state == "CompletingRebalance") {
    cell.tone = CellTone::ok;
    cell.mark = Mark::hourglass;
    cell.sort = 1;
  } else if (state == "PreparingRebalance" || state == "Assigning" || state == "Reconciling") {
    cell.tone = CellTone::warn;
    cell.mark = Mark::turning;
    cell.sort = 2;
  } else if (state == "Empty") {
    cell.tone = CellTone::warn;
    cell.mark = Mark::ring;
    cell.sort = 3;
  } else if (state == "Dead") {
    cell.tone = CellTone::err;
    cell.mark = Mark::cross;
    cell.sort = 4;
  } else {
    if (state.empty()) cell.text = QStringLiteral("unknown");
    cell.sort = 5;
  }
  return cell;
}

Cell verdict_cell(LagVerdict verdict) {
  Cell cell{QString::fromUtf8(name(verdict)), tone_of(verdict), Mark::none, true};
  cell.sort = static_cast<int>(verdict);
  switch (verdict) {
    case LagVerdict::unknown:
      cell.chip = false;
      cell.tone = CellTone::muted;
      cell.tip = QStringLiteral("Too few samples to judge");
      break;
    case LagVerdict::ok:
      cell.tone = CellTone::ok;
      cell.mark = Mark::check;
      cell.tip = QStringLiteral("It was caught up within the last 30 s");
      break;
    case LagVerdict::warn:
      cell.mark = Mark::warning;
      cell.tip = QStringLiteral("It commits, and was not caught up once in 30 s");
      break;
    case LagVerdict::rewind:
      cell.mark = Mark::rewind;
      cell.tip = QStringLiteral("Its committed offset went back");
      break;
    case LagVerdict::stall:
      cell.mark = Mark::pause;
      cell.tip = QStringLiteral("A member owns it and commits nothing new");
      break;
    case LagVerdict::stop:
      cell.mark = Mark::square;
      cell.tip = QStringLiteral("Nobody reads it, and records are left");
      break;
  }
  return cell;
}

Cell lag_cell(std::int64_t lag, LagVerdict verdict) {
  Cell cell{number_text(lag), tone_of(verdict)};
  cell.sort = static_cast<qlonglong>(lag);
  return cell;
}

Cell lag_time_cell(const std::optional<Duration>& lag_time, LagVerdict verdict) {
  if (!lag_time) {
    Cell cell{dash(), CellTone::muted};
    cell.sort = static_cast<qlonglong>(-1);
    cell.tip = QStringLiteral("Not known");
    return cell;
  }
  Cell cell{span_text(*lag_time), tone_of(verdict)};
  cell.sort = static_cast<qlonglong>(lag_time->count_micros());
  return cell;
}

QString protocol_text(const observe::GroupState& group) {
  const QString kind =
      group.type == "consumer" ? QStringLiteral("consumer protocol") : text(group.type);
  if (group.assignor.empty()) return kind.isEmpty() ? dash() : kind;
  return kind.isEmpty() ? text(group.assignor) : kind + QStringLiteral(", ") + text(group.assignor);
}

void GroupsModel::update(const observe::Snapshot& snapshot, const LagTracker& tracker) {
  std::vector<GroupRow> next;
  next.reserve(snapshot.groups.size());
  for (const auto& state_of : snapshot.groups) {
    next.push_back({state_of, tracker.verdict(state_of->name)});
  }
  show(std::move(next));
}

const std::vector<Column>& GroupsModel::columns() const {
  static const std::vector<Column> columns{
      {"Group", "The group's id", false, true, true},
      {"State", "As the coordinator has it"},
      {"Coordinator", "The broker that leads the group's partition of __consumer_offsets", false,
       true},
      {"Protocol, assignor", "How members join, and who divides the partitions"},
      {"Members", "How many members it has", true},
      {"Lag", "Records: max(end − max(committed, log start), 0), end = high watermark", true},
      {"Lag in seconds", "How long ago the first unread record was written", true},
      {"Verdict over 30 s", "Whether it keeps up, from how its committed offsets moved"},
  };
  return columns;
}

Cell GroupsModel::cell(const GroupRow& row, int column) const {
  const observe::GroupState& state_of = *row.group;
  Cell cell;
  switch (column) {
    case group_column: cell.text = text(state_of.name); break;
    case state_column: {
      Cell chip = group_state_cell(state_of.state);
      chip.tip = text(state_of.why);
      return chip;
    }
    case coordinator_column:
      cell.text = state_of.coordinator
                      ? QStringLiteral("broker %1").arg(state_of.coordinator->value())
                      : QStringLiteral("none");
      if (!state_of.coordinator) cell.tone = CellTone::warn;
      cell.sort = state_of.coordinator ? state_of.coordinator->value() : -1;
      break;
    case protocol_column: cell.text = protocol_text(state_of); break;
    case members_column:
      cell.text = number_text(static_cast<std::int64_t>(state_of.members.size()));
      cell.sort = static_cast<qlonglong>(state_of.members.size());
      break;
    case lag_column: return lag_cell(state_of.lag, row.verdict);
    case lag_time_column: return lag_time_cell(state_of.lag_time, row.verdict);
    case verdict_column: return verdict_cell(row.verdict);
    default: break;
  }
  return cell;
}

}  // namespace ottla::ui
