#include "engine/base/crc32c.h"

#include <vector>

#include "engine/base/prng.h"
#include "tests/support/test_registry.h"

using namespace ottla;

namespace {

std::vector<std::uint8_t> noise(std::size_t size, std::uint64_t seed) {
  Prng prng(seed);
  std::vector<std::uint8_t> bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(prng.next());
  return bytes;
}

// One bit at a time, as the polynomial is written.
std::uint32_t by_bits(std::span<const std::uint8_t> content) {
  std::uint32_t crc = 0xFFFF'FFFF;
  for (const std::uint8_t byte : content) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F6'3B78 : 0);
  }
  return ~crc;
}

}  // namespace

class Crc32cTest : public QObject {
  Q_OBJECT
 private slots:
  void known_vectors_of_rfc_3720();
  void the_portable_one_agrees_with_the_polynomial_bit_by_bit();
  void both_implementations_agree_at_every_alignment_and_around_every_block_size();
  void extending_in_parts_is_the_same_as_at_once();
  void a_chain_is_summed_across_its_slices();
};

void Crc32cTest::known_vectors_of_rfc_3720() {
  const auto check = [](std::span<const std::uint8_t> content, std::uint32_t expected) {
    QCOMPARE(crc32c(content), expected);
    QCOMPARE(crc32c_extend_portable(0, content), expected);
  };
  check({}, 0);
  check(Bytes::copy_of("123456789").span(), 0xE306'9283);
  check(std::vector<std::uint8_t>(32, 0x00), 0x8A91'36AA);
  check(std::vector<std::uint8_t>(32, 0xFF), 0x62A8'AB43);
  std::vector<std::uint8_t> counting(32);
  for (std::size_t i = 0; i < 32; ++i) counting[i] = static_cast<std::uint8_t>(i);
  check(counting, 0x46DD'794E);
}

void Crc32cTest::the_portable_one_agrees_with_the_polynomial_bit_by_bit() {
  for (const std::size_t size : std::initializer_list<std::size_t>{1, 7, 8, 9, 100, 5000, 70'001}) {
    const auto bytes = noise(size, size);
    QCOMPARE(crc32c_extend_portable(0, bytes), by_bits(bytes));
  }
}

void Crc32cTest::both_implementations_agree_at_every_alignment_and_around_every_block_size() {
  const auto bytes = noise(200'000, 1);
  const std::span<const std::uint8_t> all(bytes);
  // The blocks that the fast one runs side by side are of 3 x 256 and 3 x 8192 bytes.
  for (const std::size_t size : std::initializer_list<std::size_t>{
           0, 5, 255, 767, 768, 769, 1536, 24'575, 24'576, 24'577, 25'344, 50'000, 190'000}) {
    for (std::size_t offset = 0; offset < 16; ++offset) {
      const auto part = all.subspan(offset, size);
      QCOMPARE(crc32c(part), crc32c_extend_portable(0, part));
      QCOMPARE(crc32c_extend(0x1234'5678, part), crc32c_extend_portable(0x1234'5678, part));
    }
  }
}

void Crc32cTest::extending_in_parts_is_the_same_as_at_once() {
  const auto bytes = noise(60'000, 2);
  const std::span<const std::uint8_t> all(bytes);
  const std::uint32_t whole = crc32c(all);
  for (const std::size_t cut :
       std::initializer_list<std::size_t>{0, 1, 333, 30'001, 59'999, 60'000}) {
    QCOMPARE(crc32c_extend(crc32c(all.first(cut)), all.subspan(cut)), whole);
  }
}

void Crc32cTest::a_chain_is_summed_across_its_slices() {
  const Bytes whole = Bytes::copy_of(noise(30'000, 3));
  ByteChain chain;
  for (std::size_t at = 0; at < whole.size(); at += 700) {
    chain.append(whole.slice(at, std::min<std::size_t>(700, whole.size() - at)));
  }
  QCOMPARE(crc32c(chain), crc32c(whole.span()));
}

OTTLA_TEST(Crc32cTest)
#include "crc32c_test.moc"
