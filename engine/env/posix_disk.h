// A Disk in a folder of the machine's file system, for --data-dir. The folder is held by a lock on
// its `.lock` file, as Kafka holds its log.dirs. Paths that would leave the folder are refused.
//
// Descriptors are bounded: of the files that a node has open, the least recently used are closed
// underneath and opened again when they are wanted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "engine/env/disk.h"
#include "engine/env/sync_scheduler.h"

namespace ottla {

class PosixDisk final : public Disk {
 public:
  static constexpr std::size_t default_descriptors_max = 512;

  // Makes the folder if it is not there. Fails with a sentence for a person: no such place, no
  // permission, or another process holds it. `scheduler` outlives the disk.
  [[nodiscard]] static Result<std::unique_ptr<PosixDisk>, std::string> open_folder(
      const std::string& root, SyncScheduler& scheduler,
      std::size_t descriptors_max = default_descriptors_max);
  ~PosixDisk() override;
  PosixDisk(const PosixDisk&) = delete;
  PosixDisk& operator=(const PosixDisk&) = delete;

  [[nodiscard]] DiskResult<FileId> open(std::string_view path, Open mode) override;
  void close(FileId file) override;
  [[nodiscard]] DiskResult<std::uint64_t> size(FileId file) override;
  [[nodiscard]] DiskResult<void> append(FileId file, const ByteChain& content) override;
  [[nodiscard]] DiskResult<ByteChain> read(FileId file, std::uint64_t position,
                                           std::size_t length) override;
  [[nodiscard]] DiskResult<void> truncate(FileId file, std::uint64_t size) override;
  // Waits for the device, then tells the scheduler.
  void sync(FileId file, DiskOperationId operation) override;
  [[nodiscard]] DiskResult<void> rename(std::string_view from, std::string_view to) override;
  [[nodiscard]] DiskResult<void> remove(std::string_view path) override;
  [[nodiscard]] DiskResult<void> remove_folder(std::string_view path) override;
  [[nodiscard]] DiskResult<std::vector<std::string>> list(std::string_view folder) override;
  using Disk::volume;
  [[nodiscard]] DiskResult<DiskVolume> volume(std::string_view folder) override;

  // Descriptors of files in use now; never more than the bound.
  [[nodiscard]] std::size_t descriptors() const { return recent_.size(); }

 private:
  // A file that is open, once for all its ids.
  struct File {
    std::string path;
    std::uint64_t size = 0;
    std::size_t users = 0;
    int descriptor = -1;
    bool folder_unsynced = false;  // Its name may not be on stable storage yet.
    bool removed = false;
    std::list<File*>::iterator recent;  // Valid while there is a descriptor.
  };

  PosixDisk(std::string root, int lock, SyncScheduler& scheduler, std::size_t descriptors_max)
      : root_(std::move(root)),
        lock_(lock),
        scheduler_(scheduler),
        descriptors_max_(descriptors_max) {}

  [[nodiscard]] std::string full(std::string_view path) const {
    return root_ + "/" + std::string(path);
  }
  [[nodiscard]] DiskResult<File*> at(FileId file);
  // The file with a descriptor, opened again if need be, as the most recently used one.
  [[nodiscard]] DiskResult<File*> ready(FileId file);
  [[nodiscard]] DiskResult<void> give_descriptor(File& file, int flags);
  void take_descriptor(File& file);
  // The open files at `path` or below it were removed, or are called something else now.
  void forget_below(std::string_view path);
  void move_below(std::string_view from, std::string_view to);
  [[nodiscard]] DiskResult<void> sync_now(FileId file);
  [[nodiscard]] DiskResult<void> sync_folders_of(std::string_view path);

  // Constant after construction.
  const std::string root_;
  const int lock_;
  SyncScheduler& scheduler_;
  const std::size_t descriptors_max_;

  std::unordered_map<FileId, std::shared_ptr<File>> ids_;  // Looked up only, never walked.
  std::map<std::string, std::shared_ptr<File>, std::less<>>
      files_;                // By path; the removed are not here.
  std::list<File*> recent_;  // Those with a descriptor, most recently used first.
  FileId last_id_{0};
};

}  // namespace ottla
