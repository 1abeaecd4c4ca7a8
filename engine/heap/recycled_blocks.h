// Blocks of memory that were given back, kept for whoever asks for as much next. What a simulation
// needs for an event is mostly what it gave back after the event before, so that the C library's
// heap is asked for what stays (records, histories) and for little else.
//
// Every block comes from malloc and may go back to free, at any time and from any thread: a block
// that one thread asked for and another gave back is kept by the other. So what is kept is bounded,
// for each thread by `kept_max` blocks of a size, and goes back when the thread ends.
#pragma once

#include <malloc.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>

namespace ottla::heap {

// The sizes that glibc's malloc gives: 24, 40, 56, ... bytes. A block's class can so be told from
// its usable size, where the size that was asked for is not known.
constexpr std::size_t size_step = 16;
constexpr std::size_t usable_size(std::size_t which) {
  return 24 + size_step * which;
}
constexpr std::size_t size_class(std::size_t size) {
  return size <= usable_size(0) ? 0 : (size - usable_size(0) + size_step - 1) / size_step;
}

class RecycledBlocks {
 public:
  static constexpr std::size_t size_max = 1032;  // Bytes; what is larger is malloc's alone.
  static_assert(usable_size(size_class(size_max)) == size_max);
  static constexpr std::size_t kept_max = 1024;  // Blocks of one size.

  // A block of at least this many bytes, or null if none is kept.
  [[nodiscard]] void* take_kept(std::size_t size) noexcept {
    if (size > size_max) return nullptr;
    List& list = lists_[size_class(size)];
    if (list.first == nullptr) return nullptr;
    ++list.room;
    return std::exchange(list.first, list.first->next);
  }
  // One from malloc; null if there is no memory.
  [[nodiscard]] void* make(std::size_t size) noexcept {
    ++made_;
    return std::malloc(size > size_max ? size : usable_size(size_class(size)));
  }

  // `size` is what was asked for, or any size of the same class.
  void give(void* memory, std::size_t size) noexcept {
    if (size > size_max) return release(memory);
    keep(memory, size_class(size));
  }
  void give(void* memory) noexcept {
    const std::size_t usable = malloc_usable_size(memory);
    if (usable > size_max || usable < usable_size(0)) return release(memory);
    keep(memory, (usable - usable_size(0)) / size_step);
  }

  // How many blocks malloc was asked for, and how many free was given, so far.
  [[nodiscard]] std::uint64_t made() const noexcept { return made_; }
  [[nodiscard]] std::uint64_t released() const noexcept { return released_; }
  // How many blocks are kept for this size.
  [[nodiscard]] std::size_t kept(std::size_t size) const noexcept {
    std::size_t count = 0;
    if (size > size_max) return count;
    for (const Kept* block = lists_[size_class(size)].first; block != nullptr; block = block->next)
      ++count;
    return count;
  }

  // Keeps none from now on.
  void end() noexcept {
    for (List& list : lists_) {
      while (list.first != nullptr) release(std::exchange(list.first, list.first->next));
      list.room = 0;
    }
  }

 private:
  struct Kept {
    Kept* next;
  };
  struct List {
    Kept* first = nullptr;
    std::size_t room = kept_max;
  };

  void release(void* memory) noexcept {
    ++released_;
    std::free(memory);
  }
  void keep(void* memory, std::size_t which) noexcept {
    List& list = lists_[which];
    if (list.room == 0) return release(memory);
    list.first = new (memory) Kept{list.first};
    --list.room;
  }

  std::array<List, size_class(size_max) + 1> lists_{};
  std::uint64_t made_ = 0;
  std::uint64_t released_ = 0;
};

// This thread's.
[[nodiscard]] RecycledBlocks& recycled_blocks() noexcept;

}  // namespace ottla::heap
