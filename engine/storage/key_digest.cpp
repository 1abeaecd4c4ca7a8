#include "engine/storage/key_digest.h"

#include <bit>
#include <cstddef>

namespace ottla::storage {
namespace {

constexpr std::size_t word_bytes = 8;

// The key 00 01 .. 0f, which the algorithm's published test vectors are for.
constexpr std::uint64_t key_low = 0x0706'0504'0302'0100;
constexpr std::uint64_t key_high = 0x0f0e'0d0c'0b0a'0908;

std::uint64_t little_endian(std::span<const std::uint8_t> bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) word = (word << 8) | bytes[i];
  return word;
}

class SipState {
 public:
  void absorb(std::uint64_t word) {
    v3_ ^= word;
    rounds(2);
    v0_ ^= word;
  }
  KeyDigest finish() {
    v2_ ^= 0xee;
    rounds(4);
    const std::uint64_t low = folded();
    v1_ ^= 0xdd;
    rounds(4);
    return {low, folded()};
  }

 private:
  [[nodiscard]] std::uint64_t folded() const { return v0_ ^ v1_ ^ v2_ ^ v3_; }
  void rounds(int count) {
    for (; count > 0; --count) {
      v0_ += v1_;
      v1_ = std::rotl(v1_, 13) ^ v0_;
      v0_ = std::rotl(v0_, 32);
      v2_ += v3_;
      v3_ = std::rotl(v3_, 16) ^ v2_;
      v0_ += v3_;
      v3_ = std::rotl(v3_, 21) ^ v0_;
      v2_ += v1_;
      v1_ = std::rotl(v1_, 17) ^ v2_;
      v2_ = std::rotl(v2_, 32);
    }
  }

  std::uint64_t v0_ = key_low ^ 0x736f'6d65'7073'6575;
  std::uint64_t v1_ = key_high ^ 0x646f'7261'6e64'6f6d ^ 0xee;
  std::uint64_t v2_ = key_low ^ 0x6c79'6765'6e65'7261;
  std::uint64_t v3_ = key_high ^ 0x7465'6462'7974'6573;
};

}  // namespace

KeyDigest digest_of(std::span<const std::uint8_t> key) {
  SipState state;
  const auto length = static_cast<std::uint64_t>(key.size());
  for (; key.size() >= word_bytes; key = key.subspan(word_bytes)) {
    state.absorb(little_endian(key.first(word_bytes)));
  }
  state.absorb(little_endian(key) | (length << 56));
  return state.finish();
}

}  // namespace ottla::storage
