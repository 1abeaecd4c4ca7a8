#include "engine/base/crc32c.h"

#include <array>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace ottla {
namespace {

constexpr std::uint32_t polynomial = 0x82F6'3B78;  // Castagnoli's, bits reversed.

// Slicing by 8: table k is the effect of a byte that k more bytes follow.
using SlicingTables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr SlicingTables make_slicing_tables() {
  SlicingTables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? polynomial : 0);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t crc = tables[k - 1][byte];
      tables[k][byte] = (crc >> 8) ^ tables[0][crc & 0xFF];
    }
  }
  return tables;
}

constexpr SlicingTables slicing = make_slicing_tables();

std::uint32_t step(std::uint32_t crc, std::uint8_t byte) {
  return (crc >> 8) ^ slicing[0][(crc ^ byte) & 0xFF];
}

std::uint32_t load_little_endian(const std::uint8_t* from) {
  return static_cast<std::uint32_t>(from[0]) | static_cast<std::uint32_t>(from[1]) << 8 |
         static_cast<std::uint32_t>(from[2]) << 16 | static_cast<std::uint32_t>(from[3]) << 24;
}

#if defined(__x86_64__)

// The crc32 instruction has a latency of three cycles and starts one a cycle, so three lanes run
// side by side over neighbouring blocks. Joining two lanes needs the first one's checksum as if a
// block of zeros followed it: a linear map over GF(2), tabulated by byte for the two block sizes
// (after Mark Adler's crc32c.c).
constexpr std::size_t long_block = 8192;
constexpr std::size_t short_block = 256;

using BitMatrix = std::array<std::uint32_t, 32>;
using ShiftTable = std::array<std::array<std::uint32_t, 256>, 4>;

constexpr std::uint32_t apply(const BitMatrix& matrix, std::uint32_t vector) {
  std::uint32_t sum = 0;
  for (std::size_t bit = 0; vector != 0; ++bit, vector >>= 1) {
    if ((vector & 1) != 0) sum ^= matrix[bit];
  }
  return sum;
}

constexpr BitMatrix squared(const BitMatrix& matrix) {
  BitMatrix square{};
  for (std::size_t bit = 0; bit < 32; ++bit) square[bit] = apply(matrix, matrix[bit]);
  return square;
}

// The effect of `block_size` zero bytes; a power of two.
constexpr ShiftTable make_shift_table(std::size_t block_size) {
  BitMatrix zeros{};  // One zero bit, then squared once for every doubling.
  zeros[0] = polynomial;
  for (std::size_t bit = 1; bit < 32; ++bit) zeros[bit] = std::uint32_t{1} << (bit - 1);
  for (std::size_t bits = 1; bits < block_size * 8; bits *= 2) zeros = squared(zeros);
  ShiftTable table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    for (unsigned place = 0; place < 4; ++place)
      table[place][byte] = apply(zeros, byte << (8 * place));
  }
  return table;
}

constexpr ShiftTable long_shift = make_shift_table(long_block);
constexpr ShiftTable short_shift = make_shift_table(short_block);

std::uint32_t shifted(const ShiftTable& table, std::uint32_t crc) {
  return table[0][crc & 0xFF] ^ table[1][(crc >> 8) & 0xFF] ^ table[2][(crc >> 16) & 0xFF] ^
         table[3][crc >> 24];
}

std::uint64_t load_word(const std::uint8_t* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// Takes as many times three blocks as there are from `at`, and moves it on.
template <std::size_t block>
__attribute__((target("sse4.2"))) std::uint32_t extend_by_lanes(std::uint32_t crc,
                                                                const ShiftTable& shift,
                                                                const std::uint8_t*& at,
                                                                const std::uint8_t* end) {
  while (static_cast<std::size_t>(end - at) >= 3 * block) {
    std::uint64_t first = crc;
    std::uint64_t second = 0;
    std::uint64_t third = 0;
    for (const std::uint8_t* stop = at + block; at != stop; at += 8) {
      first = _mm_crc32_u64(first, load_word(at));
      second = _mm_crc32_u64(second, load_word(at + block));
      third = _mm_crc32_u64(third, load_word(at + 2 * block));
    }
    crc = shifted(shift, static_cast<std::uint32_t>(first)) ^ static_cast<std::uint32_t>(second);
    crc = shifted(shift, crc) ^ static_cast<std::uint32_t>(third);
    at += 2 * block;
  }
  return crc;
}

__attribute__((target("sse4.2"))) std::uint32_t extend_by_instruction(
    std::uint32_t crc, std::span<const std::uint8_t> content) {
  const std::uint8_t* at = content.data();
  const std::uint8_t* end = at + content.size();
  crc = ~crc;
  crc = extend_by_lanes<long_block>(crc, long_shift, at, end);
  crc = extend_by_lanes<short_block>(crc, short_shift, at, end);
  std::uint64_t wide = crc;
  // Most of what is checked is shorter than three blocks: four words at a time.
  for (; end - at >= 32; at += 32) {
    wide = _mm_crc32_u64(wide, load_word(at));
    wide = _mm_crc32_u64(wide, load_word(at + 8));
    wide = _mm_crc32_u64(wide, load_word(at + 16));
    wide = _mm_crc32_u64(wide, load_word(at + 24));
  }
  for (; end - at >= 8; at += 8) wide = _mm_crc32_u64(wide, load_word(at));
  crc = static_cast<std::uint32_t>(wide);
  for (; at != end; ++at) crc = _mm_crc32_u8(crc, *at);
  return ~crc;
}

#endif

using Extend = std::uint32_t (*)(std::uint32_t, std::span<const std::uint8_t>);

Extend fastest() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2") != 0) return extend_by_instruction;
#endif
  return crc32c_extend_portable;
}

}  // namespace

std::uint32_t crc32c_extend_portable(std::uint32_t crc, std::span<const std::uint8_t> content) {
  const std::uint8_t* at = content.data();
  const std::uint8_t* end = at + content.size();
  crc = ~crc;
  for (; end - at >= 8; at += 8) {
    const std::uint32_t low = crc ^ load_little_endian(at);
    const std::uint32_t high = load_little_endian(at + 4);
    crc = slicing[7][low & 0xFF] ^ slicing[6][(low >> 8) & 0xFF] ^ slicing[5][(low >> 16) & 0xFF] ^
          slicing[4][low >> 24] ^ slicing[3][high & 0xFF] ^ slicing[2][(high >> 8) & 0xFF] ^
          slicing[1][(high >> 16) & 0xFF] ^ slicing[0][high >> 24];
  }
  for (; at != end; ++at) crc = step(crc, *at);
  return ~crc;
}

std::uint32_t crc32c_extend(std::uint32_t crc, std::span<const std::uint8_t> content) {
  static const Extend chosen = fastest();
  return chosen(crc, content);
}

std::uint32_t crc32c(const ByteChain& chain) {
  std::uint32_t crc = 0;
  for (const Bytes& slice : chain.slices()) crc = crc32c_extend(crc, slice.span());
  return crc;
}

}  // namespace ottla
