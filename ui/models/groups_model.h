// Consumer groups, one a row, with the verdict on their lag; and the words and marks of a group's
// state, which other views share.
#pragma once

#include <string>
#include <vector>

#include "engine/observe/snapshot.h"
#include "ui/models/keyed_rows.h"
#include "ui/models/lag_tracker.h"

namespace ottla::ui {

struct GroupRow {
  observe::Shared<observe::GroupState> group;
  LagVerdict verdict = LagVerdict::unknown;

  [[nodiscard]] const std::string& key() const { return group->name; }
  bool operator==(const GroupRow& other) const {
    return verdict == other.verdict && (group == other.group || *group == *other.group);
  }
};

class GroupsModel : public KeyedRows<GroupRow> {
  Q_OBJECT

 public:
  enum ColumnOf : int {
    group_column,
    state_column,
    coordinator_column,
    protocol_column,
    members_column,
    lag_column,
    lag_time_column,
    verdict_column
  };
  using KeyedRows::KeyedRows;

  void update(const observe::Snapshot& snapshot, const LagTracker& tracker);

 protected:
  const std::vector<Column>& columns() const override;
  Cell cell(const GroupRow& row, int column) const override;
};

// The state as a chip: "Stable" green with a check, and so on.
[[nodiscard]] Cell group_state_cell(const std::string& state);
[[nodiscard]] Cell verdict_cell(LagVerdict verdict);
// Lag in the tone of its verdict.
[[nodiscard]] Cell lag_cell(std::int64_t lag, LagVerdict verdict);
[[nodiscard]] Cell lag_time_cell(const std::optional<Duration>& lag_time, LagVerdict verdict);
// "classic, cooperative-sticky"; a dash when neither is known.
[[nodiscard]] QString protocol_text(const observe::GroupState& group);

}  // namespace ottla::ui
