// A file in memory: a rope of the slices that were appended, shared with whoever gave them and
// whoever reads them, and the length of it that is on stable storage.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "engine/base/bytes.h"

namespace ottla {

class MemoryFile {
 public:
  [[nodiscard]] std::uint64_t size() const { return size_; }
  // How much of the front survives a power loss.
  [[nodiscard]] std::uint64_t synced_size() const { return synced_size_; }
  [[nodiscard]] std::uint64_t unsynced_size() const { return size_ - synced_size_; }

  // Keeps the chain's slices; costs as many steps as it has slices.
  void append(const ByteChain& content);
  // Up to `length` bytes from `position` as shared slices; the first is found by binary search.
  [[nodiscard]] ByteChain read(std::uint64_t position, std::size_t length) const;
  // Cuts the file; a size past the end adds zeros, as ftruncate does.
  void truncate(std::uint64_t size);
  // The first `size` bytes are on stable storage from now on.
  void mark_synced(std::uint64_t size);
  // Turns one bit around, synced or not. The slices that were read before stay as they are.
  void flip_bit(std::uint64_t position, unsigned bit);

  // A file that was removed lives on while a process has it open, and takes no space that counts.
  [[nodiscard]] bool is_linked() const { return linked_; }
  void unlink() { linked_ = false; }

  // Which of its file system's mounts it lies on; the file system keeps this true.
  std::size_t mount = 0;

 private:
  struct Slice {
    std::uint64_t start;
    Bytes bytes;
  };
  // The index of the slice that holds `position`, which lies inside the file.
  [[nodiscard]] std::size_t slice_at(std::uint64_t position) const;

  std::deque<Slice>
      slices_;  // Sorted by start, without gaps; a deque, so that growing moves nothing.
  std::uint64_t size_ = 0;
  std::uint64_t synced_size_ = 0;
  bool linked_ = true;
};

}  // namespace ottla
