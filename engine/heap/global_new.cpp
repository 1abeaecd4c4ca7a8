// The program's `new` and `delete`: what is aligned to more than malloc aligns is left as it is.
#include <new>

#include "engine/heap/recycled_blocks.h"

namespace ottla::heap {
namespace {

thread_local constinit RecycledBlocks blocks;

// Begins to exist when it is first named, and ends with the thread.
struct GivesBack {
  GivesBack() = default;
  ~GivesBack() { blocks.end(); }
};
thread_local GivesBack gives_back;

void* make(std::size_t size) {
  (void)gives_back;
  while (true) {
    if (void* block = blocks.make(size)) return block;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

}  // namespace

RecycledBlocks& recycled_blocks() noexcept {
  return blocks;
}

}  // namespace ottla::heap

void* operator new(std::size_t size) {
  void* block = ottla::heap::blocks.take_kept(size);
  return block != nullptr ? block : ottla::heap::make(size);
}

void operator delete(void* block) noexcept {
  if (block != nullptr) ottla::heap::blocks.give(block);
}

void operator delete(void* block, std::size_t size) noexcept {
  if (block != nullptr) ottla::heap::blocks.give(block, size);
}
