// One node's file system. Everything but `sync` acts on the page cache and answers at once, as the
// calls of an operating system do; a sync ends with Node::on_disk. A process that is killed keeps
// what was appended; a machine that loses power keeps what was synced.
//
// Paths are relative to the node's own root, with '/' between folders, which come to be with their
// files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/base/strong_id.h"

namespace ottla {

enum class DiskError : std::uint8_t {
  not_found,
  already_exists,
  no_space,      // ENOSPC: nothing of the write was done.
  read_only,     // EROFS, EACCES.
  input_output,  // EIO: the device failed.
};
[[nodiscard]] std::string_view describe(DiskError error);

template <class T>
using DiskResult = Result<T, DiskError>;

using FileId = StrongId<struct FileIdTag, std::uint64_t>;
// Chosen by the caller of `sync`, to know its completion by.
using DiskOperationId = StrongId<struct DiskOperationIdTag, std::uint64_t>;

// What a folder lies on.
struct DiskVolume {
  std::string root;  // The folder's absolute path; empty where the disk is memory.
  std::uint64_t total_bytes = 0;
  std::uint64_t usable_bytes = 0;
};

class Disk {
 public:
  enum class Open : std::uint8_t { existing, create_or_existing, create_new };

  virtual ~Disk() = default;
  [[nodiscard]] virtual DiskResult<FileId> open(std::string_view path, Open mode) = 0;
  virtual void close(FileId file) = 0;
  [[nodiscard]] virtual DiskResult<std::uint64_t> size(FileId file) = 0;
  // Adds to the end, all or nothing. The slices are kept, not copied, where the disk is memory.
  [[nodiscard]] virtual DiskResult<void> append(FileId file, const ByteChain& content) = 0;
  // Up to `length` bytes from `position`; fewer only at the end of the file.
  [[nodiscard]] virtual DiskResult<ByteChain> read(FileId file, std::uint64_t position,
                                                   std::size_t length) = 0;
  [[nodiscard]] virtual DiskResult<void> truncate(FileId file, std::uint64_t size) = 0;
  // Makes all that was written to the file so far survive a power loss, then calls
  // Node::on_disk(operation, result).
  virtual void sync(FileId file, DiskOperationId operation) = 0;
  // Replaces `to` at once, durably with regard to order.
  [[nodiscard]] virtual DiskResult<void> rename(std::string_view from, std::string_view to) = 0;
  [[nodiscard]] virtual DiskResult<void> remove(std::string_view path) = 0;
  // Removes a folder with all that is in it; absent is fine.
  [[nodiscard]] virtual DiskResult<void> remove_folder(std::string_view path) = 0;
  // The names directly inside a folder, sorted; folders end with '/'. Absent is empty.
  [[nodiscard]] virtual DiskResult<std::vector<std::string>> list(std::string_view folder) = 0;
  // A folder may be a device of its own; "" is the root.
  [[nodiscard]] virtual DiskResult<DiskVolume> volume(std::string_view folder) = 0;
  [[nodiscard]] DiskResult<DiskVolume> volume() { return volume({}); }
};

// Replaces a small file's whole content by way of `path.tmp` and a rename, as Kafka writes its
// checkpoints.
[[nodiscard]] DiskResult<void> replace_file(Disk& disk, std::string_view path,
                                            const ByteChain& content);
// A small file's whole content.
[[nodiscard]] DiskResult<Bytes> read_file(Disk& disk, std::string_view path);

}  // namespace ottla
