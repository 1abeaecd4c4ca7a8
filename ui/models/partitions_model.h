// Partitions, one a row, with the columns that Kafka people know: of one topic, or of all.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/observe/snapshot.h"
#include "ui/models/keyed_rows.h"

namespace ottla::ui {

struct PartitionRow {
  observe::Shared<observe::TopicState> topic;
  std::size_t at = 0;      // In the topic's partitions.
  std::int32_t age_s = 0;  // How old the log end offset is; 0 while it is fresh.

  [[nodiscard]] const observe::PartitionState& partition() const { return topic->partitions[at]; }
  [[nodiscard]] std::pair<std::string, std::int32_t> key() const {
    return {topic->name, partition().index.value()};
  }
  bool operator==(const PartitionRow& other) const {
    return age_s == other.age_s && at == other.at &&
           (topic == other.topic ||
            (topic->name == other.topic->name && partition() == other.partition()));
  }
};

class PartitionsModel : public KeyedRows<PartitionRow> {
  Q_OBJECT

 public:
  enum ColumnOf : int {
    topic_column,
    partition_column,
    state_column,
    leader_column,
    replicas_column,
    isr_column,
    elr_column,
    out_of_sync_column,
    leader_epoch_column,
    start_offset_column,
    end_offset_column,
    high_watermark_column,
    size_column,
    records_in_column
  };
  using KeyedRows::KeyedRows;

  // Shows the partitions of this topic alone; of all when it is empty.
  void setTopic(std::string topic) { topic_ = std::move(topic); }
  [[nodiscard]] const std::string& shownTopic() const { return topic_; }
  void update(const observe::Snapshot& snapshot);

 protected:
  const std::vector<Column>& columns() const override;
  Cell cell(const PartitionRow& row, int column) const override;

 private:
  std::string topic_;
};

}  // namespace ottla::ui
