// A folder of a disk as a disk of its own: what is asked of it is asked of the disk, below the
// folder. Files and syncs keep the ids that the disk gives them.
#pragma once

#include <string>

#include "engine/env/disk.h"

namespace ottla {

class FolderDisk final : public Disk {
 public:
  // `disk` outlives this. An empty folder is the disk itself.
  FolderDisk(Disk& disk, std::string folder) : disk_(disk), folder_(std::move(folder)) {}

  [[nodiscard]] DiskResult<FileId> open(std::string_view path, Open mode) override {
    return disk_.open(below(path), mode);
  }
  void close(FileId file) override { disk_.close(file); }
  [[nodiscard]] DiskResult<std::uint64_t> size(FileId file) override { return disk_.size(file); }
  [[nodiscard]] DiskResult<void> append(FileId file, const ByteChain& content) override {
    return disk_.append(file, content);
  }
  [[nodiscard]] DiskResult<ByteChain> read(FileId file, std::uint64_t position,
                                           std::size_t length) override {
    return disk_.read(file, position, length);
  }
  [[nodiscard]] DiskResult<void> truncate(FileId file, std::uint64_t size) override {
    return disk_.truncate(file, size);
  }
  void sync(FileId file, DiskOperationId operation) override { disk_.sync(file, operation); }
  [[nodiscard]] DiskResult<void> rename(std::string_view from, std::string_view to) override {
    return disk_.rename(below(from), below(to));
  }
  [[nodiscard]] DiskResult<void> remove(std::string_view path) override {
    return disk_.remove(below(path));
  }
  [[nodiscard]] DiskResult<void> remove_folder(std::string_view path) override {
    return disk_.remove_folder(below(path));
  }
  [[nodiscard]] DiskResult<std::vector<std::string>> list(std::string_view folder) override {
    return disk_.list(below(folder));
  }
  using Disk::volume;
  [[nodiscard]] DiskResult<DiskVolume> volume(std::string_view folder) override {
    return disk_.volume(below(folder));
  }

 private:
  [[nodiscard]] std::string below(std::string_view path) const {
    if (folder_.empty() || path.empty()) return folder_.empty() ? std::string(path) : folder_;
    return folder_ + "/" + std::string(path);
  }

  // Constant after construction.
  Disk& disk_;
  const std::string folder_;
};

}  // namespace ottla
