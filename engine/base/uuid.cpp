#include "engine/base/uuid.h"

namespace ottla {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::uint8_t byte_of(const Uuid& id, unsigned index) {
  const std::uint64_t half = index < 8 ? id.high() : id.low();
  return static_cast<std::uint8_t>(half >> (56 - 8 * (index % 8)));
}

}  // namespace

Uuid Uuid::version4(std::uint64_t random_high, std::uint64_t random_low) {
  const std::uint64_t high = (random_high & ~std::uint64_t{0xF000}) | 0x4000;
  const std::uint64_t low = (random_low & 0x3FFF'FFFF'FFFF'FFFF) | 0x8000'0000'0000'0000;
  return Uuid(high, low);
}

std::string Uuid::to_string() const {
  std::string text;
  text.reserve(22);
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (unsigned i = 0; i < 16; ++i) {
    bits = (bits << 8) | byte_of(*this, i);
    for (bit_count += 8; bit_count >= 6; bit_count -= 6) {
      text += alphabet[(bits >> (bit_count - 6)) & 63];
    }
  }
  text += alphabet[(bits << (6 - bit_count)) & 63];
  return text;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 22) return std::nullopt;
  std::array<std::uint64_t, 2> halves{};
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  unsigned byte_count = 0;
  for (const char c : text) {
    const auto digit = alphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(digit);
    bit_count += 6;
    if (bit_count < 8 || byte_count == 16) continue;
    bit_count -= 8;
    halves[byte_count / 8] = (halves[byte_count / 8] << 8) | ((bits >> bit_count) & 0xFF);
    ++byte_count;
  }
  if ((bits & 0xF) != 0)
    return std::nullopt;  // The last digit carries two bits of the id and four zeros.
  return Uuid(halves[0], halves[1]);
}

}  // namespace ottla
