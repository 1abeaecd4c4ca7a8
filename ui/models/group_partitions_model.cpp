#include "ui/models/group_partitions_model.h"

#include <map>

#include "ui/models/groups_model.h"
#include "ui/models/text.h"

namespace ottla::ui {
namespace {

Cell offset_cell(const observe::Known<Offset>& offset, std::int32_t age_s, const char* unknown) {
  if (!offset.has_value()) {
    Cell cell{dash(), CellTone::muted};
    cell.sort = static_cast<qlonglong>(-1);
    cell.tip = QString::fromUtf8(unknown);
    return cell;
  }
  Cell cell{number_text(offset.value->value())};
  cell.sort = static_cast<qlonglong>(offset.value->value());
  if (age_s > 0) {
    cell.tone = CellTone::stale;
    cell.mark = Mark::clock;
    cell.tip = QStringLiteral("Last seen as %1, %2 s ago").arg(cell.text).arg(age_s);
    if (Duration::seconds(age_s) > gone_after) cell.text = dash();
  }
  return cell;
}

}  // namespace

void GroupPartitionsModel::update(const observe::Snapshot& snapshot, const LagTracker& tracker) {
  std::vector<GroupPartitionRow> next;
  if (const observe::GroupState* group = snapshot.group(group_)) {
    std::map<std::string, const observe::MemberState*> members;
    for (const auto& member : group->members) members[member.member_id] = &member;
    for (const auto& state : group->partitions) {
      GroupPartitionRow row{state,
                            {},
                            {},
                            tracker.verdict(group_, state.topic, state.partition),
                            stale_seconds(state.end, snapshot.run.now)};
      // When the end was seen is not the row's content, only its age is.
      row.state.end.as_of = {};
      row.state.committed.as_of = {};
      if (const auto at = members.find(state.member_id); at != members.end()) {
        row.client_id = at->second->client_id;
        row.host = at->second->host;
      }
      next.push_back(std::move(row));
    }
  }
  show(std::move(next));
}

const std::vector<Column>& GroupPartitionsModel::columns() const {
  static const std::vector<Column> columns{
      {"Partition", "Topic and partition", false, true},
      {"Lag", "Records: max(end − max(committed, log start), 0), end = high watermark", true},
      {"Lag in s", "How long ago the first unread record was written", true},
      {"Owner", "The member that has it assigned", false, true},
      {"Verdict", "Over the last 30 s"},
      {"Current offset", "The committed offset", true},
      {"Log end offset", "The high watermark", true},
      {"Client id", "Of the owner", false, true},
      {"Host", "Of the owner", false, true},
  };
  return columns;
}

Cell GroupPartitionsModel::cell(const GroupPartitionRow& row, int column) const {
  Cell cell;
  const observe::GroupPartitionState& state = row.state;
  switch (column) {
    case partition_column:
      cell.text = partition_text(state.topic, state.partition);
      cell.sort =
          text(state.topic) + QStringLiteral("%1").arg(state.partition.value(), 10, 10, QChar('0'));
      break;
    case lag_column: return lag_cell(state.lag, row.verdict);
    case lag_time_column: return lag_time_cell(state.lag_time, row.verdict);
    case owner_column:
      cell.text = state.member_id.empty() ? QStringLiteral("none")
                  : row.client_id.empty() ? text(state.member_id)
                                          : text(row.client_id);
      cell.tone = CellTone::muted;
      cell.tip = text(state.member_id);
      break;
    case verdict_column: {
      Cell said = verdict_cell(row.verdict);
      said.chip = false;
      return said;
    }
    case committed_column: return offset_cell(state.committed, 0, "Nothing is committed");
    case end_column: return offset_cell(state.end, row.age_s, "Not known");
    case client_id_column: cell.text = row.client_id.empty() ? dash() : text(row.client_id); break;
    case host_column: cell.text = row.host.empty() ? dash() : text(row.host); break;
    default: break;
  }
  return cell;
}

}  // namespace ottla::ui
