// A machine's file system in memory, with the faults that a disk has. It outlives the processes
// that use it: a killed process leaves all that it wrote; a power loss leaves what was synced.
//
// The folder tree is journalled, as ext4 keeps it: files that were created, renamed, removed or cut
// are so after a power loss too, and a file that was renamed has its content on stable storage by
// then. What may be lost is content that was appended and not synced.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/prng.h"
#include "engine/env/disk.h"
#include "engine/env/memory_file.h"

namespace ottla {

// What is wrong with a disk. Each may change at any time.
struct DiskFaults {
  std::uint64_t capacity_bytes = std::numeric_limits<std::uint64_t>::max();  // no_space beyond it.
  bool read_only = false;   // Every change: read_only.
  bool reads_fail = false;  // input_output.
  bool writes_fail = false;
  bool syncs_fail = false;
  // After so many more changes every change fails with input_output.
  std::optional<std::uint64_t> changes_until_failure;
};

// Bytes of a file.
struct FileRange {
  std::string path;
  std::uint64_t begin;
  std::uint64_t end;  // After the last of them.
  bool operator==(const FileRange&) const = default;
};

class MemoryFileSystem {
 public:
  using FilePointer = std::shared_ptr<MemoryFile>;

  // While one lives, reads succeed whatever is wrong with the disk: for who looks at files from
  // outside the machine, whose disk must not be said to fail for that.
  class Inspection {
   public:
    explicit Inspection(const MemoryFileSystem& files) : files_(files) { ++files_.inspections_; }
    ~Inspection() { --files_.inspections_; }
    Inspection(const Inspection&) = delete;

   private:
    const MemoryFileSystem& files_;
  };

  DiskFaults faults;
  // What is wrong, besides, with the disk that is mounted at `folder`, which holds the files below
  // it; its capacity is of those.
  [[nodiscard]] DiskFaults& faults_below(std::string_view folder);

  [[nodiscard]] DiskResult<FilePointer> open(std::string_view path, Disk::Open mode);
  [[nodiscard]] DiskResult<void> append(MemoryFile& file, const ByteChain& content);
  [[nodiscard]] DiskResult<ByteChain> read(const MemoryFile& file, std::uint64_t position,
                                           std::size_t length) const;
  [[nodiscard]] DiskResult<void> truncate(MemoryFile& file, std::uint64_t size);
  // A file, or a folder with all that is in it. A file replaces the one that is at `to`; a folder
  // does not.
  [[nodiscard]] DiskResult<void> rename(std::string_view from, std::string_view to);
  [[nodiscard]] DiskResult<void> remove(std::string_view path);
  [[nodiscard]] DiskResult<void> remove_folder(std::string_view path);
  [[nodiscard]] DiskResult<std::vector<std::string>> list(std::string_view folder) const;

  [[nodiscard]] bool fails_syncs(const MemoryFile& file) const {
    return faults.syncs_fail || mounts_[file.mount].faults.syncs_fail;
  }
  [[nodiscard]] DiskResult<DiskVolume> volume(std::string_view folder) const;

  // The sum of all files' sizes; and of those below a folder.
  [[nodiscard]] std::uint64_t used_bytes() const { return used_bytes_; }
  [[nodiscard]] std::uint64_t used_bytes(std::string_view folder) const;
  // Null when there is no such file.
  [[nodiscard]] FilePointer find(std::string_view path) const;
  // Every file's path, sorted.
  [[nodiscard]] std::vector<std::string> paths() const;

  // Every file falls back to its synced content.
  void lose_power();
  // The same, but the disk was at work: of each unsynced tail nothing, a part, or a part that ends
  // in zeros (blocks that were allocated and not written) is there.
  void lose_power_tearing(Prng& draws);
  // Turns a random bit of those places around, which are there. Tells in which file; nothing where
  // all are empty.
  std::optional<std::string> rot_bit(Prng& draws, const std::vector<FileRange>& places);

 private:
  // A disk of its own in a folder. The first is for the files that are on none, and has no faults.
  struct Mount {
    std::string prefix;
    DiskFaults faults;
  };
  // The mount of a path: the one that is nearest above it.
  [[nodiscard]] std::size_t mount_of(std::string_view path) const;
  [[nodiscard]] bool fails_reads(std::size_t mount) const {
    return inspections_ == 0 && (faults.reads_fail || mounts_[mount].faults.reads_fail);
  }
  // A change is about to happen on `mount` that adds `added` bytes: may it?
  [[nodiscard]] DiskResult<void> allow_change(std::size_t mount, std::uint64_t added = 0);
  void link(std::string path, FilePointer file);
  void unlink(MemoryFile& file);
  void recount();

  std::map<std::string, FilePointer, std::less<>> files_;
  std::uint64_t used_bytes_ = 0;
  std::vector<Mount> mounts_{Mount{}};
  mutable int inspections_ = 0;
};

}  // namespace ottla
