#include "engine/base/byte_reader.h"

#include <limits>

#include "engine/base/byte_writer.h"
#include "tests/support/test_registry.h"

using namespace ottla;

namespace {

Bytes octets(std::initializer_list<std::uint8_t> values) {
  return Bytes::copy_of(std::span(values.begin(), values.size()));
}

ByteChain chopped(const Bytes& whole, std::size_t size) {
  ByteChain chain;
  for (std::size_t at = 0; at < whole.size(); at += size) {
    chain.append(whole.slice(at, std::min(size, whole.size() - at)));
  }
  return chain;
}

// One of each type, with values that would show a wrong sign or order.
Bytes one_of_each() {
  ByteWriter writer;
  writer.write_int8(-2);
  writer.write_int16(-300);
  writer.write_uint16(65'000);
  writer.write_int32(-70'000);
  writer.write_uint32(4'000'000'000);
  writer.write_int64(-5'000'000'000);
  writer.write_float64(-1.5);
  writer.write_bool(true);
  writer.write_uuid(Uuid(1, 2));
  writer.write_unsigned_varint(300);
  writer.write_varint(-12'345'678);
  writer.write_varlong(std::numeric_limits<std::int64_t>::min());
  writer.write_text("text");
  return writer.take();
}

void check_one_of_each(ByteReader& reader) {
  QCOMPARE(reader.read_int8(), std::int8_t{-2});
  QCOMPARE(reader.read_int16(), std::int16_t{-300});
  QCOMPARE(reader.read_uint16(), std::uint16_t{65'000});
  QCOMPARE(reader.read_int32(), -70'000);
  QCOMPARE(reader.read_uint32(), 4'000'000'000U);
  QCOMPARE(reader.read_int64(), std::int64_t{-5'000'000'000});
  QCOMPARE(reader.read_float64(), -1.5);
  QVERIFY(reader.read_bool());
  QVERIFY(reader.read_uuid() == Uuid(1, 2));
  QCOMPARE(reader.read_unsigned_varint(), 300U);
  QCOMPARE(reader.read_varint(), -12'345'678);
  QCOMPARE(reader.read_varlong(), std::numeric_limits<std::int64_t>::min());
  QCOMPARE(reader.read_text(4), std::string("text"));
}

}  // namespace

class ByteReaderTest : public QObject {
  Q_OBJECT
 private slots:
  void integers_are_big_endian();
  void values_are_read_across_slices_of_any_size();
  void every_truncation_fails_and_stays_failed();
  void varints_at_their_limits();
  void an_overlong_varint_is_malformed();
  void a_chain_read_shares_memory();
  void an_impossible_length_allocates_nothing_and_fails();
};

void ByteReaderTest::integers_are_big_endian() {
  ByteReader reader(octets({0x01, 0x02, 0x03, 0x04, 0xFF, 0xFE}));
  QCOMPARE(reader.read_int32(), 0x0102'0304);
  QCOMPARE(reader.read_int16(), std::int16_t{-2});
  QVERIFY(reader.ok());
  QCOMPARE(reader.remaining(), std::size_t{0});
}

void ByteReaderTest::values_are_read_across_slices_of_any_size() {
  const Bytes whole = one_of_each();
  for (std::size_t size = 1; size <= whole.size(); ++size) {
    ByteReader reader(chopped(whole, size));
    check_one_of_each(reader);
    QVERIFY(reader.ok());
    QCOMPARE(reader.position(), whole.size());
  }
}

void ByteReaderTest::every_truncation_fails_and_stays_failed() {
  const Bytes whole = one_of_each();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ByteReader reader(chopped(whole.slice(0, size), 3));
    reader.skip(whole.size() - 4);
    reader.read_text(4);
    QVERIFY(!reader.ok());
    QCOMPARE(reader.read_int8(), std::int8_t{0});
    QCOMPARE(reader.remaining(), std::size_t{0});
  }
}

void ByteReaderTest::varints_at_their_limits() {
  const auto min32 = std::numeric_limits<std::int32_t>::min();
  const auto max64 = std::numeric_limits<std::int64_t>::max();
  for (const std::int32_t value : {0, -1, 1, 63, -64, 64, -65, 8191, -8192, 8192, ~min32, min32}) {
    ByteWriter writer;
    writer.write_varint(value);
    QCOMPARE(writer.size(), varint_size(value));
    ByteReader reader(writer.take());
    QCOMPARE(reader.read_varint(), value);
    QVERIFY(reader.ok() && reader.remaining() == 0);
  }
  for (const std::int64_t value : {std::int64_t{0}, max64, ~max64, std::int64_t{1} << 40}) {
    ByteWriter writer;
    writer.write_varlong(value);
    QCOMPARE(writer.size(), varint_size(value));
    ByteReader reader(writer.take());
    QCOMPARE(reader.read_varlong(), value);
    QVERIFY(reader.ok() && reader.remaining() == 0);
  }
  // Kafka's ByteUtilsTest.
  ByteReader known(octets({0x7F, 0x80, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F}));
  QCOMPARE(known.read_varint(), -64);
  QCOMPARE(known.read_varint(), 64);
  QCOMPARE(known.read_varint(), min32);
}

void ByteReaderTest::an_overlong_varint_is_malformed() {
  ByteReader eleven(octets({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}));
  eleven.read_varlong();
  QVERIFY(!eleven.ok());
  ByteReader over_64_bits(octets({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02}));
  over_64_bits.read_varlong();
  QVERIFY(!over_64_bits.ok());
  ByteReader over_32_bits(octets({0xFF, 0xFF, 0xFF, 0xFF, 0x1F}));
  over_32_bits.read_unsigned_varint();
  QVERIFY(!over_32_bits.ok());
}

void ByteReaderTest::a_chain_read_shares_memory() {
  const Bytes whole = Bytes::copy_of("abcdefgh");
  ByteReader reader(chopped(whole, 3));
  reader.skip(1);
  const ByteChain part = reader.read_chain(4);
  QCOMPARE(part.to_string(), std::string("bcde"));
  QVERIFY(part.slices().front().data() == whole.data() + 1);
  QCOMPARE(reader.read_bytes(3).text(), std::string_view("fgh"));
}

void ByteReaderTest::an_impossible_length_allocates_nothing_and_fails() {
  ByteReader reader(Bytes::copy_of("ab"));
  QVERIFY(reader.read_text(std::numeric_limits<std::size_t>::max()).empty());
  QVERIFY(!reader.ok());
}

OTTLA_TEST(ByteReaderTest)
#include "byte_reader_test.moc"
