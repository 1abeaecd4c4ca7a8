// The partitions that one group reads, with positions, lag, owner and verdict.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/observe/snapshot.h"
#include "ui/models/keyed_rows.h"
#include "ui/models/lag_tracker.h"

namespace ottla::ui {

struct GroupPartitionRow {
  observe::GroupPartitionState state;
  std::string client_id;  // Of the owner; empty when nobody owns it or it is not known.
  std::string host;
  LagVerdict verdict = LagVerdict::unknown;
  std::int32_t age_s = 0;  // Of the end offset.

  [[nodiscard]] std::pair<std::string, std::int32_t> key() const {
    return {state.topic, state.partition.value()};
  }
  bool operator==(const GroupPartitionRow&) const = default;
};

class GroupPartitionsModel : public KeyedRows<GroupPartitionRow> {
  Q_OBJECT

 public:
  enum ColumnOf : int {
    partition_column,
    lag_column,
    lag_time_column,
    owner_column,
    verdict_column,
    committed_column,
    end_column,
    client_id_column,
    host_column
  };
  using KeyedRows::KeyedRows;

  void setGroup(std::string group) { group_ = std::move(group); }
  void update(const observe::Snapshot& snapshot, const LagTracker& tracker);

 protected:
  const std::vector<Column>& columns() const override;
  Cell cell(const GroupPartitionRow& row, int column) const override;

 private:
  std::string group_;
};

}  // namespace ottla::ui
