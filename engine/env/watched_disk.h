// A node's disk that remembers its first failure. A log directory in which one operation has failed
// is not used again (Kafka's LogDirFailureChannel), so whoever owns the disk asks after each event
// whether it still stands.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "engine/env/disk.h"

namespace ottla {

class WatchedDisk final : public Disk {
 public:
  // `disk` outlives this.
  explicit WatchedDisk(Disk& disk) : disk_(disk) {}

  // What failed first, as a sentence; nothing while all has gone well. A file that is missing, or
  // there already, is no failure of the disk.
  [[nodiscard]] const std::optional<std::string>& failure() const { return failure_; }
  // What is on it cannot be understood; that is as good as a failure.
  void give_up(std::string why) {
    if (!failure_) failure_ = std::move(why);
  }
  // Node::on_disk: a sync's result. False when the sync was another disk's.
  bool note_synced(DiskOperationId operation, const DiskResult<void>& result);

  [[nodiscard]] DiskResult<FileId> open(std::string_view path, Open mode) override {
    return watch(disk_.open(path, mode), "open", path);
  }
  void close(FileId file) override { disk_.close(file); }
  [[nodiscard]] DiskResult<std::uint64_t> size(FileId file) override {
    return watch(disk_.size(file), "read", "the size of a file");
  }
  [[nodiscard]] DiskResult<void> append(FileId file, const ByteChain& content) override {
    return watch(disk_.append(file, content), "write to", "a file");
  }
  [[nodiscard]] DiskResult<ByteChain> read(FileId file, std::uint64_t position,
                                           std::size_t length) override {
    return watch(disk_.read(file, position, length), "read", "a file");
  }
  [[nodiscard]] DiskResult<void> truncate(FileId file, std::uint64_t size) override {
    return watch(disk_.truncate(file, size), "truncate", "a file");
  }
  void sync(FileId file, DiskOperationId operation) override {
    syncs_.insert(operation);
    disk_.sync(file, operation);
  }
  [[nodiscard]] DiskResult<void> rename(std::string_view from, std::string_view to) override {
    return watch(disk_.rename(from, to), "rename", from);
  }
  [[nodiscard]] DiskResult<void> remove(std::string_view path) override {
    return watch(disk_.remove(path), "remove", path);
  }
  [[nodiscard]] DiskResult<void> remove_folder(std::string_view path) override {
    return watch(disk_.remove_folder(path), "remove", path);
  }
  [[nodiscard]] DiskResult<std::vector<std::string>> list(std::string_view folder) override {
    return watch(disk_.list(folder), "list", folder);
  }
  // Nothing depends on the answer.
  using Disk::volume;
  [[nodiscard]] DiskResult<DiskVolume> volume(std::string_view folder) override {
    return disk_.volume(folder);
  }

 private:
  template <class Value>
  DiskResult<Value> watch(DiskResult<Value> result, std::string_view doing, std::string_view what) {
    if (!result && !failure_) note(result.error(), doing, what);
    return result;
  }
  void note(DiskError error, std::string_view doing, std::string_view what);

  Disk& disk_;
  std::set<DiskOperationId> syncs_;  // Under way.
  std::optional<std::string> failure_;
};

}  // namespace ottla
