// The members of one group.
#pragma once

#include <string>
#include <vector>

#include "engine/observe/snapshot.h"
#include "ui/models/keyed_rows.h"

namespace ottla::ui {

struct MemberRow {
  observe::MemberState member;
  [[nodiscard]] const std::string& key() const { return member.member_id; }
  bool operator==(const MemberRow&) const = default;
};

class MembersModel : public KeyedRows<MemberRow> {
  Q_OBJECT

 public:
  enum ColumnOf : int {
    member_column,
    state_column,
    partitions_column,
    records_column,
    session_column,
    client_id_column,
    host_column,
    instance_column
  };
  using KeyedRows::KeyedRows;

  void setGroup(std::string group) { group_ = std::move(group); }
  void update(const observe::Snapshot& snapshot);

 protected:
  const std::vector<Column>& columns() const override;
  Cell cell(const MemberRow& row, int column) const override;

 private:
  std::string group_;
};

// "joining", "in poll", ... with its mark and tone.
[[nodiscard]] Cell member_status_cell(observe::MemberStatus status);

}  // namespace ottla::ui
