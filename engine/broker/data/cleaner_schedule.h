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
#include "engine/broker/data/cleaner_settings.h"
#include "engine/broker/data/log_directories.h"
#include "engine/broker/data/replica.h"
#include "engine/env/node.h"
#include "engine/storage/broker_files.h"
#include "engine/storage/log_cleaner.h"

namespace ottla::broker {

class CleanerSchedule {
 public:
  using Replicas = std::map<PartitionKey, std::unique_ptr<Replica>>;

  // All outlive this.
  CleanerSchedule(Env& env, const BrokerConfig& config, const metadata::Image& image,
                  LogDirectories& directories);
  // Reads the checkpoints. The first round begins after a rest.
  void load();
  // Brokers' dynamic configs have changed: goes by them from now on, and begins anew where they say
  // something else.
  void reconfigure();

  [[nodiscard]] Instant next_deadline() const { return next_; }
  // Does what is due, at most one step. True when a round is over, with or without a log that was
  // worth cleaning: what retention lets go of compacted logs goes then.
  [[nodiscard]] bool on_time(const Replicas& replicas);

  // The log was cut: what comes after its active segment's beginning is dirty again.
  void truncated(const Replica& replica);
  // The partition's log in that directory is no longer this broker's.
  void forget(LogDirectory& directory, const storage::TopicPartition& name);
  // The log is not to be read or written any more: should it be cleaned now, that ends.
  void abandon(const Replica& replica);
  // Nothing is cleaned of a log that is being moved to another directory.
  void pause(const Replica& replica);
  void resume(const Replica& replica);
  // The replica goes on in that directory.
  void moved(Replica& replica, LogDirectory& to);

  [[nodiscard]] bool is_uncleanable(const Replica& replica) const;

 private:
  struct Cleaning {
    Replica& replica;
    storage::TopicPartition name;
    storage::LogCleaner cleaner;
    std::uint64_t bytes_before = 0;  // Read and written, up to the last step.
  };
  // Begins with the filthiest log; false where none is worth it.
  [[nodiscard]] bool begin(const Replicas& replicas);
  [[nodiscard]] std::optional<storage::CleanableLog> measure(Replica& replica);
  [[nodiscard]] bool step();
  [[nodiscard]] Duration time_of_step();
  void rest();
  void set_checkpoint(Replica& replica, Offset cleaned_to);
  void give_up(const storage::TopicPartition& name, storage::StorageError why);

  // Constant after construction.
  Env& env_;
  const BrokerConfig& config_;
  const metadata::Image& image_;
  LogDirectories& directories_;

  CleanerSettings settings_;
  std::set<storage::TopicPartition> uncleanable_;
  std::set<storage::TopicPartition> paused_;
  std::unique_ptr<Cleaning> cleaning_;
  Instant next_;
};

}  // namespace ottla::broker
