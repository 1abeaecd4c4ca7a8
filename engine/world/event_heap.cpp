#include "engine/world/event_heap.h"

#include <algorithm>

namespace ottla::world {

EventHeap::~EventHeap() {
  for (const Node& node : heap_) {
    Entry& entry = entry_at(node.slot());
    if (entry.act != nullptr) entry.act(entry.storage.data(), false);
  }
}

bool EventHeap::cancel(EventId event) {
  const auto slot = static_cast<std::uint32_t>(event.value());
  const auto generation = static_cast<std::uint32_t>(event.value() >> 32);
  if (slot >= slots_made_) return false;
  Entry& entry = entry_at(slot);
  if (entry.generation != generation || entry.act == nullptr) return false;
  std::exchange(entry.act, nullptr)(entry.storage.data(), false);
  ++entry.generation;
  ++cancelled_;
  if (cancelled_ > 64 && cancelled_ > heap_.size() / 2) drop_all_cancelled();
  return true;
}

void EventHeap::run_next() {
  if (cancelled_ > 0) drop_cancelled_top();
  OTTLA_ASSERT(!heap_.empty());
  const std::uint32_t slot = heap_.front().slot();
  pop();
  Entry& entry = entry_at(slot);
  current_ = id_of(slot, entry.generation);
  // From here on the event's id is stale, so that a callback cannot cancel itself. The slot is
  // freed last: what the callback schedules goes elsewhere.
  ++entry.generation;
  std::exchange(entry.act, nullptr)(entry.storage.data(), true);
  free_slot(slot);
}

std::uint32_t EventHeap::take_slot() {
  if (first_free_ != no_slot) {
    const std::uint32_t slot = first_free_;
    first_free_ = entry_at(slot).next_free;
    return slot;
  }
  OTTLA_ASSERT(slots_made_ < slots_max);
  if (slots_made_ % chunk_entries == 0) {
    chunks_.push_back(std::make_unique<Entry[]>(chunk_entries));
  }
  return slots_made_++;
}

void EventHeap::free_slot(std::uint32_t slot) {
  entry_at(slot).next_free = first_free_;
  first_free_ = slot;
}

void EventHeap::push(Node node) {
  heap_.push_back(node);
  sift_up(heap_.size() - 1, node);
}

void EventHeap::sift_up(std::size_t at, Node node) {
  while (at > 0) {
    const std::size_t parent = (at - 1) / arity;
    if (!node.before(heap_[parent])) break;
    heap_[at] = heap_[parent];
    at = parent;
  }
  heap_[at] = node;
}

// The last node nearly always belongs near the bottom: the hole goes all the way down first, and
// the node up from there, which spares a comparison at each level.
void EventHeap::pop() {
  const Node last = heap_.back();
  heap_.pop_back();
  const std::size_t size = heap_.size();
  if (size == 0) return;
  std::size_t hole = 0;
  for (std::size_t first = 1; first < size; first = hole * arity + 1) {
    const std::size_t least = least_child(first, size);
    heap_[hole] = heap_[least];
    hole = least;
  }
  sift_up(hole, last);
}

std::size_t EventHeap::least_child(std::size_t first, std::size_t size) const {
  const std::size_t end = std::min(first + arity, size);
  std::size_t least = first;
  for (std::size_t child = first + 1; child < end; ++child) {
    least = heap_[child].before(heap_[least]) ? child : least;
  }
  return least;
}

void EventHeap::sift_down(std::size_t at) {
  const Node node = heap_[at];
  const std::size_t size = heap_.size();
  while (true) {
    const std::size_t first = at * arity + 1;
    if (first >= size) break;
    const std::size_t least = least_child(first, size);
    if (!heap_[least].before(node)) break;
    heap_[at] = heap_[least];
    at = least;
  }
  heap_[at] = node;
}

void EventHeap::drop_cancelled_top() {
  while (cancelled_ > 0 && entry_at(heap_.front().slot()).act == nullptr) {
    free_slot(heap_.front().slot());
    --cancelled_;
    pop();
  }
}

void EventHeap::drop_all_cancelled() {
  std::erase_if(heap_, [this](const Node& node) {
    if (entry_at(node.slot()).act != nullptr) return false;
    free_slot(node.slot());
    return true;
  });
  cancelled_ = 0;
  // Leaves are heaps already; (time, sequence) is a total order, so the result runs in the same
  // order.
  for (std::size_t at = heap_.size() / arity + 1; at-- > 0;) {
    if (at < heap_.size()) sift_down(at);
  }
}

}  // namespace ottla::world
