#include "ui/models/members_model.h"

#include "ui/models/text.h"

namespace ottla::ui {

Cell member_status_cell(observe::MemberStatus status) {
  using observe::MemberStatus;
  switch (status) {
    case MemberStatus::joining: return {QStringLiteral("joining"), CellTone::warn, Mark::hourglass};
    case MemberStatus::syncing: return {QStringLiteral("syncing"), CellTone::info, Mark::in_sync};
    case MemberStatus::consuming: return {QStringLiteral("consuming"), CellTone::ok, Mark::check};
    case MemberStatus::in_poll: return {QStringLiteral("in poll"), CellTone::warn, Mark::clock};
    case MemberStatus::paused: return {QStringLiteral("paused"), CellTone::warn, Mark::pause};
    case MemberStatus::expired: return {QStringLiteral("expired"), CellTone::err, Mark::cross};
    case MemberStatus::unknown: break;
  }
  return {QStringLiteral("unknown"), CellTone::stale, Mark::clock};
}

void MembersModel::update(const observe::Snapshot& snapshot) {
  std::vector<MemberRow> next;
  if (const observe::GroupState* group = snapshot.group(group_)) {
    for (const auto& state_of : group->members) next.push_back({state_of});
  }
  show(std::move(next));
}

const std::vector<Column>& MembersModel::columns() const {
  static const std::vector<Column> columns{
      {"Member", "The member id that the coordinator gave it", false, true, true},
      {"State", "What it does now"},
      {"Partitions", "How many it has assigned", true},
      {"Records/s", "Records it reads each second", true},
      {"Session left", "Of session.timeout.ms, until the coordinator removes it", true},
      {"Client id", "client.id", false, true},
      {"Host", "Where it connects from", false, true},
      {"Instance id", "group.instance.id of a static member", false, true},
  };
  return columns;
}

Cell MembersModel::cell(const MemberRow& row, int column) const {
  const observe::MemberState& state_of = row.member;
  Cell cell;
  switch (column) {
    case member_column:
      cell.text = text(state_of.member_id);
      if (state_of.leader) cell.tip = QStringLiteral("The group's leader: it computes assignments");
      break;
    case state_column: {
      Cell said = member_status_cell(state_of.status);
      said.sort = static_cast<int>(state_of.status);
      return said;
    }
    case partitions_column:
      cell.text = number_text(static_cast<std::int64_t>(state_of.assignment.size()));
      cell.sort = static_cast<qlonglong>(state_of.assignment.size());
      break;
    case records_column:
      cell.text = rate_text(state_of.records_per_s);
      cell.sort = state_of.records_per_s;
      break;
    case session_column:
      cell.text = state_of.session_left
                      ? QStringLiteral("%1 %").arg(qRound(*state_of.session_left * 100))
                      : dash();
      cell.sort = state_of.session_left.value_or(-1);
      if (state_of.session_left && *state_of.session_left < 0.2) cell.tone = CellTone::err;
      break;
    case client_id_column:
      cell.text = state_of.client_id.empty() ? dash() : text(state_of.client_id);
      break;
    case host_column: cell.text = state_of.host.empty() ? dash() : text(state_of.host); break;
    case instance_column:
      cell.text = state_of.instance_id.empty() ? dash() : text(state_of.instance_id);
      break;
    default: break;
  }
  return cell;
}

}  // namespace ottla::ui
