// A running 64-bit hash over everything that happens in a world. Two runs with the same hash did
// the same things in the same order; it is the same in every build and with every compiler.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/env/probe.h"

namespace ottla::world {

class TraceHash {
 public:
  void mix(std::uint64_t word) {
    // One round of a multiply-rotate hash: order matters, every bit reaches the whole word in two
    // rounds.
    state_ ^= word * 0x9E37'79B9'7F4A'7C15;
    state_ = ((state_ << 27) | (state_ >> 37)) * 0xBF58'476D'1CE4'E5B9 + 0x52DC'E729;
  }
  void mix(std::int64_t word) { mix(static_cast<std::uint64_t>(word)); }
  void mix(std::string_view text);
  // By content, however it is sliced.
  void mix(const ByteChain& content);
  void mix(const probe::Fact& fact);

  [[nodiscard]] std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0;
};

}  // namespace ottla::world
