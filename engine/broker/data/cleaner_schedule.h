// Which log is compacted when: Kafka's LogCleaner thread and LogCleanerManager, as steps on the
// broker's timer. One log is cleaned at a time, the filthiest first; when none is worth it, the
// cleaner rests for log.cleaner.backoff.ms.
//
// What was cleaned is remembered in cleaner-offset-checkpoint. A partition whose cleaning failed is
// uncleanable until the broker restarts.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>

#include "engine/broker/broker_config.h"
#include "engine/broker/data/replica.h"
#include "engine/env/node.h"
#include "engine/storage/broker_files.h"
#include "engine/storage/log_cleaner.h"

namespace ottla::broker {

class CleanerSchedule {
 public:
  using Replicas = std::map<PartitionKey, std::unique_ptr<Replica>>;

  // Both outlive this.
  CleanerSchedule(Env& env, const BrokerConfig& config);
  // Reads the checkpoint. The first round begins after a rest.
  void load();

  [[nodiscard]] Instant next_deadline() const { return next_; }
  // Does what is due, at most one step. True when a round is over, with or without a log that was
  // worth cleaning: what retention lets go of compacted logs goes then.
  [[nodiscard]] bool on_time(const Replicas& replicas);

  // The log was cut: what comes after its active segment's beginning is dirty again.
  void truncated(const Replica& replica);
  // The partition's log is no longer this broker's.
  void forget(const storage::TopicPartition& name);

  // What is below was cleaned; nothing where that is not known.
  [[nodiscard]] std::optional<Offset> cleaned_to(const storage::TopicPartition& name) const;
  [[nodiscard]] bool is_uncleanable(const Replica& replica) const;

 private:
  struct Cleaning {
    storage::TopicPartition name;
    storage::LogCleaner cleaner;
    std::uint64_t bytes_before = 0;  // Read and written, up to the last step.
  };
  // Begins with the filthiest log; false where none is worth it.
  [[nodiscard]] bool begin(const Replicas& replicas);
  [[nodiscard]] std::optional<storage::CleanableLog> measure(Replica& replica);
  [[nodiscard]] bool step();
  [[nodiscard]] Duration time_of_step();
  void set_checkpoint(const storage::TopicPartition& name, Offset cleaned_to);
  void write_checkpoint();
  void give_up(const storage::TopicPartition& name, storage::StorageError why);

  // Constant after construction.
  Env& env_;
  const BrokerConfig& config_;
  bool enabled_;
  storage::OffsetMap::Limits limits_;

  storage::OffsetCheckpoint checkpoint_;
  std::set<storage::TopicPartition> uncleanable_;
  std::unique_ptr<Cleaning> cleaning_;
  Instant next_;
};

}  // namespace ottla::broker
