// One process's Disk over a MemoryFileSystem: its open files and its syncs under way. It goes with
// the process; the file system stays.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>

#include "engine/env/disk.h"
#include "engine/env/memory_file_system.h"
#include "engine/env/sync_scheduler.h"

namespace ottla {

class MemoryDisk final : public Disk {
 public:
  // When the bytes of a sync are on stable storage: as it is called, or when finish_sync() says
  // that its time has passed. A power loss in between then loses them, as it should.
  enum class Syncs : std::uint8_t { at_once, when_finished };

  // Both outlive this.
  MemoryDisk(MemoryFileSystem& files, SyncScheduler& scheduler, Syncs syncs = Syncs::at_once)
      : files_(files), scheduler_(scheduler), syncs_(syncs) {}

  [[nodiscard]] DiskResult<FileId> open(std::string_view path, Open mode) override;
  void close(FileId file) override;
  [[nodiscard]] DiskResult<std::uint64_t> size(FileId file) override;
  [[nodiscard]] DiskResult<void> append(FileId file, const ByteChain& content) override;
  [[nodiscard]] DiskResult<ByteChain> read(FileId file, std::uint64_t position,
                                           std::size_t length) override;
  [[nodiscard]] DiskResult<void> truncate(FileId file, std::uint64_t size) override;
  void sync(FileId file, DiskOperationId operation) override;
  [[nodiscard]] DiskResult<void> rename(std::string_view from, std::string_view to) override;
  [[nodiscard]] DiskResult<void> remove(std::string_view path) override;
  [[nodiscard]] DiskResult<void> remove_folder(std::string_view path) override;
  [[nodiscard]] DiskResult<std::vector<std::string>> list(std::string_view folder) override;
  using Disk::volume;
  [[nodiscard]] DiskResult<DiskVolume> volume(std::string_view folder) override;

  // The bytes that a sync under way writes; 0 when there is none of that id.
  [[nodiscard]] std::uint64_t bytes_of_sync(DiskOperationId operation) const;
  // A sync's time has passed: what the file held when it was called is on stable storage now.
  // Unknown ids are ignored, and so is every id of a disk that syncs at once.
  void finish_sync(DiskOperationId operation);
  [[nodiscard]] std::size_t open_files() const { return open_.size(); }

 private:
  struct PendingSync {
    MemoryFileSystem::FilePointer file;
    std::uint64_t size;
    std::uint64_t bytes;
  };
  // The open file; null when the id is not of one.
  [[nodiscard]] MemoryFile* at(FileId file) const;

  MemoryFileSystem& files_;
  SyncScheduler& scheduler_;
  Syncs syncs_;
  std::unordered_map<FileId, MemoryFileSystem::FilePointer> open_;  // Looked up only, never walked.
  std::map<DiskOperationId, PendingSync> pending_;
  FileId last_id_{0};
};

}  // namespace ottla
