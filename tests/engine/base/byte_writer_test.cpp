#include "engine/base/byte_writer.h"

#include <algorithm>

#include "tests/support/test_registry.h"

using namespace ottla;

class ByteWriterTest : public QObject {
  Q_OBJECT
 private slots:
  void a_large_slice_is_taken_in_without_copying_and_a_small_one_is_copied();
  void the_writer_is_empty_after_its_content_is_taken();
  void content_beyond_the_first_block_is_kept();
  void room_is_filled_by_the_caller_in_its_place();
  void what_is_sized_has_its_size_in_front_however_long_it_is();
  void sized_parts_nest();
  void a_slice_that_is_taken_in_within_a_sized_part_counts();
};

void ByteWriterTest::a_large_slice_is_taken_in_without_copying_and_a_small_one_is_copied() {
  const Bytes large = Bytes::copy_of(std::string(5000, 'x'));
  ByteWriter writer;
  writer.write_text("head");
  writer.write_chain(large);
  writer.write_chain(Bytes::copy_of("small"));
  writer.write_text("tail");
  QCOMPARE(writer.size(), std::size_t{4 + 5000 + 9});
  const ByteChain chain = writer.take_chain();
  QCOMPARE(chain.slices().size(), std::size_t{3});
  QVERIFY(chain.slices()[1].data() == large.data());
  QCOMPARE(chain.slices()[2].text(), std::string_view("smalltail"));
}

void ByteWriterTest::the_writer_is_empty_after_its_content_is_taken() {
  ByteWriter writer;
  writer.write_int32(7);
  QCOMPARE(writer.take().size(), std::size_t{4});
  QCOMPARE(writer.size(), std::size_t{0});
  QVERIFY(writer.take().empty());
}

void ByteWriterTest::content_beyond_the_first_block_is_kept() {
  ByteWriter writer;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    writer.write_text(std::to_string(i));
    expected += std::to_string(i);
  }
  QCOMPARE(writer.take().text(), std::string_view(expected));
}

void ByteWriterTest::room_is_filled_by_the_caller_in_its_place() {
  const std::string first(250, 'a');
  ByteWriter writer;
  writer.write_text(first);  // The room no longer fits into the first block.
  const std::span<std::uint8_t> room = writer.write_room(300);
  QCOMPARE(room.size(), std::size_t{300});
  std::ranges::fill(room, std::uint8_t{'b'});
  writer.write_text("c");
  QCOMPARE(writer.size(), std::size_t{551});
  QCOMPARE(writer.take().text(), std::string_view(first + std::string(300, 'b') + "c"));
}

void ByteWriterTest::what_is_sized_has_its_size_in_front_however_long_it_is() {
  for (const std::size_t length : {0U, 1U, 127U, 128U, 240U, 16'383U, 16'384U, 70'000U}) {
    ByteWriter plain;
    plain.write_text("head");
    plain.write_unsigned_varlong(length);
    plain.write_text(std::string(length, 'x') + "tail");

    ByteWriter sized;
    sized.write_text("head");
    const std::size_t begin = sized.begin_sized();
    sized.write_text(std::string(length, 'x'));
    sized.end_sized(begin);
    sized.write_text("tail");
    QCOMPARE(sized.size(), plain.size());
    QVERIFY(sized.take() == plain.take());
  }
}

void ByteWriterTest::sized_parts_nest() {
  ByteWriter writer;
  const std::size_t outer = writer.begin_sized();
  writer.write_text("a");
  const std::size_t inner = writer.begin_sized();
  writer.write_text(std::string(200, 'b'));
  writer.end_sized(inner);
  writer.write_text("c");
  writer.end_sized(outer);
  QCOMPARE(writer.take().text(), std::string_view("\xCC\x01"
                                                  "a"
                                                  "\xC8\x01" +
                                                  std::string(200, 'b') + "c"));
}

void ByteWriterTest::a_slice_that_is_taken_in_within_a_sized_part_counts() {
  const Bytes large = Bytes::copy_of(std::string(5000, 'x'));
  ByteWriter writer;
  writer.write_text("head");
  const std::size_t outer = writer.begin_sized();
  const std::size_t inner = writer.begin_sized();
  writer.write_text("a");
  writer.write_chain(large);
  writer.end_sized(inner);
  writer.write_text("b");
  writer.end_sized(outer);
  writer.write_text("tail");
  const ByteChain chain = writer.take_chain();
  const auto slices = chain.slices();
  QVERIFY(std::ranges::any_of(slices,
                              [&](const Bytes& slice) { return slice.data() == large.data(); }));
  // 5,004 = 2 + 5,001 + 1.
  QCOMPARE(chain.flatten().text(), std::string_view("head"
                                                    "\x8C\x27"
                                                    "\x89\x27"
                                                    "a" +
                                                    std::string(5000, 'x') + "btail"));
}

OTTLA_TEST(ByteWriterTest)
#include "byte_writer_test.moc"
