// One of a broker's log directories (an entry of log.dirs): its part of the disk, who it is,
// whether it still works, and the checkpoints beside its logs.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "engine/base/uuid.h"
#include "engine/broker/log_dir_places.h"
#include "engine/env/folder_disk.h"
#include "engine/env/probe.h"
#include "engine/env/watched_disk.h"
#include "engine/storage/broker_files.h"

namespace ottla::broker {

class LogDirectory {
 public:
  // Both outlive this.
  LogDirectory(Disk& node_disk, probe::Probe& probe, const LogDirPlace& place);

  // Absolute where the disk is real, otherwise as it is configured.
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] Disk& disk() { return disk_; }
  [[nodiscard]] const Uuid& id() const { return id_; }
  // The process before closed all its logs.
  [[nodiscard]] bool was_closed_cleanly() const { return was_closed_cleanly_; }
  void adopt(const Uuid& id, bool was_closed_cleanly) {
    id_ = id;
    was_closed_cleanly_ = was_closed_cleanly;
  }

  // What failed first on it; nothing while all has gone well.
  [[nodiscard]] const std::optional<std::string>& failure() const { return disk_.failure(); }
  // A file of it is damaged so that Kafka would give the directory up; it is taken as failed.
  void give_up(std::string why) { disk_.give_up(std::move(why)); }
  // Whose records the folder holds, by its partition.metadata; one that cannot be understood fails
  // the directory, for the reason that is returned.
  [[nodiscard]] Result<std::optional<TopicId>, std::string> owner_of(std::string_view folder);
  // Node::on_disk: a sync's result. False when the sync was another directory's.
  bool note_synced(DiskOperationId operation, const DiskResult<void>& result) {
    return disk_.note_synced(operation, result);
  }
  // Nothing is read or written any more once its failure has been dealt with.
  [[nodiscard]] bool is_online() const { return is_online_; }
  void go_offline() { is_online_ = false; }

  // As the files have them; of open partitions, as of the last time they were written.
  struct Checkpoints {
    storage::OffsetCheckpoint watermarks;
    storage::OffsetCheckpoint starts;
    storage::OffsetCheckpoint recovery;
  };
  [[nodiscard]] Checkpoints& checkpoints() { return checkpoints_; }
  // What compaction has been through: cleaner-offset-checkpoint.
  [[nodiscard]] storage::OffsetCheckpoint& cleaned() { return cleaned_; }
  [[nodiscard]] const storage::OffsetCheckpoint& cleaned() const { return cleaned_; }

  // A file that cannot be understood fails the directory (CheckpointFileWithFailureHandler).
  void load_checkpoints();
  void load_cleaned();
  void write_checkpoints();
  void write_cleaned();
  void forget(const storage::TopicPartition& name);

 private:
  [[nodiscard]] storage::OffsetCheckpoint load(std::string_view path);
  void write(std::string_view path, const storage::OffsetCheckpoint& offsets);

  // Constant after construction.
  FolderDisk folder_;
  probe::Probe& probe_;
  std::string path_;

  WatchedDisk disk_{folder_};
  Uuid id_;
  bool was_closed_cleanly_ = false;
  bool is_online_ = true;
  Checkpoints checkpoints_;
  storage::OffsetCheckpoint cleaned_;
};

}  // namespace ottla::broker
