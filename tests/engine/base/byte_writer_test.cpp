#include "engine/base/byte_writer.h"

#include "tests/support/test_registry.h"

using namespace ottla;

class ByteWriterTest : public QObject {
  Q_OBJECT
 private slots:
  void a_large_slice_is_taken_in_without_copying_and_a_small_one_is_copied();
  void the_writer_is_empty_after_its_content_is_taken();
  void content_beyond_the_first_block_is_kept();
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

OTTLA_TEST(ByteWriterTest)
#include "byte_writer_test.moc"
