// The queue of everything that is to happen: a 4-ary heap ordered by (time, sequence), so that
// events of one moment run in the order in which they were scheduled. Callbacks live inside pooled
// entries: scheduling allocates nothing once the pool has grown. Cancelling is O(1); cancelled
// entries leave the heap when they surface, or all at once when they are the larger half.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/base/assert.h"
#include "engine/base/strong_id.h"
#include "engine/base/time.h"

namespace ottla::world {

// Names one scheduling; never reused within a run in practice (32-bit generation per pool slot),
// never zero.
using EventId = StrongId<struct EventIdTag, std::uint64_t>;

class EventHeap {
 public:
  static constexpr std::size_t callback_bytes_max = 48;

  EventHeap() = default;
  EventHeap(const EventHeap&) = delete;
  EventHeap& operator=(const EventHeap&) = delete;
  ~EventHeap();

  // Runs `callback` once at `at`. Its captures must fit in callback_bytes_max; they may be
  // move-only.
  template <class Callback>
  EventId schedule(Instant at, Callback&& callback) {
    using Stored = std::decay_t<Callback>;
    static_assert(sizeof(Stored) <= callback_bytes_max, "capture less, or a pointer");
    static_assert(alignof(Stored) <= alignof(std::max_align_t));
    const std::uint32_t slot = take_slot();
    Entry& entry = entry_at(slot);
    ::new (static_cast<void*>(entry.storage.data())) Stored(std::forward<Callback>(callback));
    entry.act = [](void* storage, bool run) {
      auto* stored = static_cast<Stored*>(storage);
      if (run) (*stored)();
      stored->~Stored();
    };
    push({at.micros_since_epoch(), (next_sequence_++ << slot_bits) | slot});
    return id_of(slot, entry.generation);
  }

  // False when the event ran already, runs right now, or was cancelled.
  bool cancel(EventId event);

  [[nodiscard]] bool empty() const { return heap_.size() == cancelled_; }
  [[nodiscard]] std::size_t size() const { return heap_.size() - cancelled_; }
  // When the first event is due; nothing when there is none.
  [[nodiscard]] std::optional<Instant> next_time() {
    if (cancelled_ > 0) drop_cancelled_top();
    if (heap_.empty()) return std::nullopt;
    return Instant::from_micros(heap_.front().at);
  }
  // Removes the first event and runs it; the heap must not be empty.
  void run_next();
  // The event whose callback runs right now.
  [[nodiscard]] EventId current() const { return current_; }

 private:
  using Act = void (*)(void* storage, bool run);  // Runs if asked, then destroys.
  struct Entry {
    alignas(std::max_align_t) std::array<std::byte, callback_bytes_max> storage;
    Act act = nullptr;  // Null: free or cancelled.
    std::uint32_t generation = 1;
    std::uint32_t next_free = 0;
  };
  // Sixteen bytes, so that the four children of a node share a cache line or two.
  struct Node {
    std::int64_t at;
    std::uint64_t sequence_and_slot;
    [[nodiscard]] std::uint32_t slot() const {
      return static_cast<std::uint32_t>(sequence_and_slot & (slots_max - 1));
    }
    // As one number, so without branches: which of two events is first is anybody's guess to a
    // branch predictor.
    [[nodiscard]] bool before(const Node& other) const { return rank() < other.rank(); }
    __extension__ using Rank = __int128;
    [[nodiscard]] Rank rank() const {
      return (static_cast<Rank>(at) << 64) | static_cast<Rank>(sequence_and_slot);
    }
  };
  static constexpr unsigned slot_bits = 24;  // 16 million pending; a million million in a run.
  static constexpr std::uint64_t slots_max = std::uint64_t{1} << slot_bits;
  static constexpr std::uint32_t chunk_entries = 1024;
  static constexpr std::uint32_t no_slot = UINT32_MAX;
  static constexpr std::size_t arity = 4;

  static EventId id_of(std::uint32_t slot, std::uint32_t generation) {
    return EventId((static_cast<std::uint64_t>(generation) << 32) | slot);
  }
  Entry& entry_at(std::uint32_t slot) {
    return chunks_[slot / chunk_entries][slot % chunk_entries];
  }
  std::uint32_t take_slot();
  void free_slot(std::uint32_t slot);
  void push(Node node);
  void pop();
  void sift_up(std::size_t at, Node node);
  void sift_down(std::size_t at);
  [[nodiscard]] std::size_t least_child(std::size_t first, std::size_t size) const;
  void drop_cancelled_top();
  void drop_all_cancelled();

  std::vector<Node> heap_;
  std::vector<std::unique_ptr<Entry[]>> chunks_;  // Entries never move: callbacks run in place.
  std::uint32_t first_free_ = no_slot;
  std::uint32_t slots_made_ = 0;
  std::uint64_t next_sequence_ = 0;
  EventId current_{};
  std::size_t cancelled_ = 0;  // Entries of heap_ whose callback is gone.
};

}  // namespace ottla::world
