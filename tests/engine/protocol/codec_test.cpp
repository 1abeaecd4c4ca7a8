#include <lz4frame.h>
#include <snappy.h>

#include "engine/base/prng.h"
#include "engine/protocol/records/compression.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::protocol;

namespace {

constexpr std::size_t plenty = std::size_t{1} << 28;

// Text that compresses, with noise that does not.
Bytes content(std::size_t size, std::uint64_t seed) {
  Prng prng(seed);
  MutableBytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    const bool noise = (i / 500) % 3 == 0;
    bytes.data()[i] = static_cast<std::uint8_t>(noise ? prng.below(256) : 'a' + i % 20);
  }
  return std::move(bytes).freeze();
}

// Words at random, so that a longer search finds longer matches.
Bytes words(std::size_t size, std::uint64_t seed) {
  constexpr std::string_view said[] = {"partition ", "leader ", "follower ", "offset ", "epoch "};
  Prng prng(seed);
  std::string text;
  while (text.size() < size) text += said[prng.below(std::size(said))];
  return Bytes::copy_of(
      {reinterpret_cast<const std::uint8_t*>(text.data()), size});  // NOLINT: text is bytes.
}

ByteChain chopped(const Bytes& whole, std::size_t size) {
  ByteChain chain;
  for (std::size_t at = 0; at < whole.size(); at += size) {
    chain.append(whole.slice(at, std::min(size, whole.size() - at)));
  }
  return chain;
}

void each_codec_as_data() {
  QTest::addColumn<int>("codec");
  for (int codec = 1; codec <= 4; ++codec) {
    QTest::newRow(name(static_cast<Compression>(codec)).data()) << codec;
  }
}

}  // namespace

class CodecTest : public QObject {
  Q_OBJECT
 private slots:
  void what_is_compressed_inflates_to_itself_data() { each_codec_as_data(); }
  void what_is_compressed_inflates_to_itself();
  void every_level_inflates_data() { each_codec_as_data(); }
  void every_level_inflates();
  void lz4_is_fast_at_its_default_level_and_searches_at_others();
  void output_of_exactly_the_limit_passes_and_one_byte_more_does_not_data() {
    each_codec_as_data();
  }
  void output_of_exactly_the_limit_passes_and_one_byte_more_does_not();
  void a_bomb_is_refused_at_the_limit_data() { each_codec_as_data(); }
  void a_bomb_is_refused_at_the_limit();
  void every_truncation_is_refused_or_shorter_data() { each_codec_as_data(); }
  void every_truncation_is_refused_or_shorter();
  void bytes_after_the_end_are_refused_data() { each_codec_as_data(); }
  void bytes_after_the_end_are_refused();
  void damaged_bytes_never_pass_the_limit_data() { each_codec_as_data(); }
  void damaged_bytes_never_pass_the_limit();
  void unknown_codecs_are_refused();
  void a_bare_snappy_block_is_read();
  void joined_xerial_streams_are_read();
  void a_snappy_block_that_declares_more_than_it_can_hold_is_refused();
  void lz4_frames_with_linked_blocks_and_checksums_are_read();
  void uncompressed_bytes_are_shared();
};

void CodecTest::what_is_compressed_inflates_to_itself() {
  QFETCH(int, codec);
  const auto used = static_cast<Compression>(codec);
  for (const std::size_t size :
       std::initializer_list<std::size_t>{0, 1, 100, 32'768, 32'769, 65'536, 300'000}) {
    const Bytes original = content(size, size);
    const Bytes compressed = compress(used, original.span());
    for (const std::size_t slice : {compressed.size() + 1, std::size_t{1000}, std::size_t{1}}) {
      const auto inflated = decompress(used, chopped(compressed, slice), plenty);
      QVERIFY2(inflated.has_value(), qPrintable(QString::number(size)));
      QVERIFY(*inflated == original);
    }
  }
}

void CodecTest::every_level_inflates() {
  QFETCH(int, codec);
  const auto used = static_cast<Compression>(codec);
  const Bytes original = content(70'000, 1);
  for (int level = -7; level <= 24; ++level) {
    const auto inflated = decompress(used, compress(used, original.span(), level), plenty);
    QVERIFY(inflated.has_value());
    QVERIFY(*inflated == original);
  }
}

void CodecTest::lz4_is_fast_at_its_default_level_and_searches_at_others() {
  const Bytes original = words(20'000, 1);
  const Bytes fast = compress(Compression::lz4, original.span());
  QVERIFY(compress(Compression::lz4, original.span(), 9) == fast);
  for (const int level : {1, 2, 3, 8, 10, 17}) {
    const Bytes searched = compress(Compression::lz4, original.span(), level);
    QVERIFY2(searched.size() < fast.size(), qPrintable(QString::number(level)));
  }
}

void CodecTest::output_of_exactly_the_limit_passes_and_one_byte_more_does_not() {
  QFETCH(int, codec);
  const auto used = static_cast<Compression>(codec);
  for (const std::size_t size : std::initializer_list<std::size_t>{1, 1000, 100'000}) {
    const Bytes compressed = compress(used, content(size, 3).span());
    QVERIFY(decompress(used, compressed, size).has_value());
    const auto refused = decompress(used, compressed, size - 1);
    QVERIFY(!refused.has_value());
    QCOMPARE(refused.error(), RecordError::inflated_too_large);
  }
}

void CodecTest::a_bomb_is_refused_at_the_limit() {
  QFETCH(int, codec);
  const auto used = static_cast<Compression>(codec);
  const std::vector<std::uint8_t> zeros(std::size_t{50} << 20);
  const Bytes bomb = compress(used, zeros);
  QVERIFY(bomb.size() < zeros.size() / 10);
  const auto refused = decompress(used, bomb, std::size_t{1} << 20);
  QVERIFY(!refused.has_value());
  QCOMPARE(refused.error(), RecordError::inflated_too_large);
}

void CodecTest::every_truncation_is_refused_or_shorter() {
  QFETCH(int, codec);
  const auto used = static_cast<Compression>(codec);
  const Bytes original = content(1200, 4);
  const Bytes compressed = compress(used, original.span());
  for (std::size_t size = 0; size < compressed.size(); ++size) {
    const auto inflated = decompress(used, compressed.slice(0, size), plenty);
    // A xerial stream may end after any block, and its header alone is an empty stream.
    QVERIFY(!inflated.has_value() || (used == Compression::snappy && inflated->size() < 1200));
  }
}

void CodecTest::bytes_after_the_end_are_refused() {
  QFETCH(int, codec);
  const auto used = static_cast<Compression>(codec);
  ByteChain chain(compress(used, content(500, 5).span()));
  chain.append(Bytes::copy_of("xyz"));
  QVERIFY(!decompress(used, chain, plenty).has_value());
}

void CodecTest::damaged_bytes_never_pass_the_limit() {
  QFETCH(int, codec);
  const auto used = static_cast<Compression>(codec);
  Prng prng(6);
  const Bytes compressed = compress(used, content(3000, 6).span());
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::uint8_t> damaged(compressed.span().begin(), compressed.span().end());
    for (int flips = 0; flips < 3; ++flips) {
      damaged[prng.below(damaged.size())] ^= static_cast<std::uint8_t>(1U << prng.below(8));
    }
    const auto inflated = decompress(used, Bytes::copy_of(damaged), 5000);
    QVERIFY(!inflated.has_value() || inflated->size() <= 5000);
  }
}

void CodecTest::unknown_codecs_are_refused() {
  for (int codec = 5; codec <= 7; ++codec) {
    QVERIFY(!is_known(static_cast<Compression>(codec)));
    const auto refused = decompress(static_cast<Compression>(codec), Bytes::copy_of("abc"), plenty);
    QVERIFY(!refused.has_value());
    QCOMPARE(refused.error(), RecordError::unknown_codec);
  }
}

void CodecTest::a_bare_snappy_block_is_read() {
  const Bytes original = content(100'000, 7);
  std::string block;
  snappy::Compress(reinterpret_cast<const char*>(original.data()), original.size(), &block);
  const auto inflated = decompress(Compression::snappy,
                                   chopped(Bytes::copy_of(std::string_view(block)), 333), plenty);
  QVERIFY(inflated.has_value());
  QVERIFY(*inflated == original);
}

void CodecTest::joined_xerial_streams_are_read() {
  const Bytes first = content(40'000, 8);
  const Bytes second = content(100, 9);
  ByteChain chain(compress(Compression::snappy, first.span()));
  chain.append(compress(Compression::snappy, second.span()));
  const auto inflated = decompress(Compression::snappy, chain, plenty);
  QVERIFY(inflated.has_value());
  QVERIFY(inflated->text() == std::string(first.text()) + std::string(second.text()));
}

void CodecTest::a_snappy_block_that_declares_more_than_it_can_hold_is_refused() {
  // The length 0xFFFFFFF as a varint, and one literal byte.
  const std::vector<std::uint8_t> lying = {0xFF, 0xFF, 0xFF, 0x7F, 0x00, 'a'};
  const auto refused = decompress(Compression::snappy, Bytes::copy_of(lying), plenty * 4);
  QVERIFY(!refused.has_value());
  QCOMPARE(refused.error(), RecordError::bad_codec_data);
}

void CodecTest::lz4_frames_with_linked_blocks_and_checksums_are_read() {
  const Bytes original = content(200'000, 10);
  LZ4F_preferences_t wanted{};
  wanted.frameInfo.blockMode = LZ4F_blockLinked;
  wanted.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
  wanted.frameInfo.blockChecksumFlag = LZ4F_blockChecksumEnabled;
  wanted.frameInfo.contentSize = original.size();
  std::vector<std::uint8_t> frame(LZ4F_compressFrameBound(original.size(), &wanted));
  frame.resize(
      LZ4F_compressFrame(frame.data(), frame.size(), original.data(), original.size(), &wanted));
  const auto inflated = decompress(Compression::lz4, Bytes::copy_of(frame), plenty);
  QVERIFY(inflated.has_value());
  QVERIFY(*inflated == original);
  frame[6] ^= 0xFF;  // In the header that its checksum covers.
  QVERIFY(!decompress(Compression::lz4, Bytes::copy_of(frame), plenty).has_value());
}

void CodecTest::uncompressed_bytes_are_shared() {
  const Bytes original = content(5000, 11);
  const auto same = decompress(Compression::none, original, 0);
  QVERIFY(same.has_value());
  QVERIFY(same->data() == original.data());
}

OTTLA_TEST(CodecTest)
#include "codec_test.moc"
