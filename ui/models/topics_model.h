// The topics of a cluster, one a row.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/observe/snapshot.h"
#include "ui/models/keyed_rows.h"

namespace ottla::ui {

struct TopicRow {
  observe::Shared<observe::TopicState> topic;
  std::int32_t under_replicated = 0;
  std::int32_t under_min_isr = 0;
  std::int32_t offline = 0;
  std::int64_t size_bytes = 0;  // Of the leaders' logs.

  [[nodiscard]] const std::string& key() const { return topic->name; }
  [[nodiscard]] bool troubled() const { return under_replicated + under_min_isr + offline > 0; }
  bool operator==(const TopicRow& other) const {
    return topic == other.topic || *topic == *other.topic;
  }
};

class TopicsModel : public KeyedRows<TopicRow> {
  Q_OBJECT

 public:
  enum ColumnOf : int {
    topic_column,
    state_column,
    partitions_column,
    replication_factor_column,
    min_isr_column,
    under_replicated_column,
    offline_column,
    size_column,
    records_in_column,
    bytes_in_column,
    bytes_out_column
  };
  using KeyedRows::KeyedRows;

  void update(const observe::Snapshot& snapshot);

 protected:
  const std::vector<Column>& columns() const override;
  Cell cell(const TopicRow& row, int column) const override;
};

}  // namespace ottla::ui
