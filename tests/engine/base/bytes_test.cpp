#include "engine/base/bytes.h"

#include "tests/support/test_registry.h"

using namespace ottla;

class BytesTest : public QObject {
  Q_OBJECT
 private slots:
  void copies_and_slices_share_memory();
  void a_slice_outlives_what_it_was_cut_from();
  void frozen_bytes_keep_only_what_was_filled();
  void self_assignment_keeps_the_content();
  void a_chain_slices_across_its_parts_without_copying();
  void flattening_one_slice_shares_it();
  void chains_are_equal_by_content_however_they_are_cut();
};

void BytesTest::copies_and_slices_share_memory() {
  const Bytes whole = Bytes::copy_of("hello world");
  const Bytes copy = whole;
  QVERIFY(copy.data() == whole.data());
  QVERIFY(whole.slice(6, 5).data() == whole.data() + 6);
  QCOMPARE(whole.slice(6, 5).text(), std::string_view("world"));
  QVERIFY(whole.slice(11, 0).empty());
}

void BytesTest::a_slice_outlives_what_it_was_cut_from() {
  Bytes part;
  {
    const Bytes whole = Bytes::copy_of(std::string(10'000, 'x') + "tail");
    part = whole.slice(10'000, 4);
  }
  QCOMPARE(part.text(), std::string_view("tail"));
}

void BytesTest::frozen_bytes_keep_only_what_was_filled() {
  MutableBytes memory(100);
  memory.data()[0] = 'a';
  memory.data()[1] = 'b';
  const Bytes frozen = std::move(memory).freeze(2);
  QCOMPARE(frozen.text(), std::string_view("ab"));
  QVERIFY(Bytes::copy_of("ab") == frozen);
}

void BytesTest::self_assignment_keeps_the_content() {
  Bytes bytes = Bytes::copy_of("kept");
  const Bytes& same = bytes;
  bytes = same;
  QCOMPARE(bytes.text(), std::string_view("kept"));
}

void BytesTest::a_chain_slices_across_its_parts_without_copying() {
  const Bytes first = Bytes::copy_of("abcdef");
  const Bytes second = Bytes::copy_of("ghij");
  ByteChain chain(first);
  chain.append(Bytes());
  chain.append(second);
  QCOMPARE(chain.size(), std::size_t{10});
  QCOMPARE(chain.slices().size(), std::size_t{2});
  const ByteChain middle = chain.slice(4, 4);
  QCOMPARE(middle.to_string(), std::string("efgh"));
  QVERIFY(middle.slices()[0].data() == first.data() + 4);
  QVERIFY(middle.slices()[1].data() == second.data());
  QVERIFY(chain.slice(10, 0).empty());
}

void BytesTest::flattening_one_slice_shares_it() {
  const Bytes only = Bytes::copy_of("abc");
  QVERIFY(ByteChain(only).flatten().data() == only.data());
  QVERIFY(ByteChain().flatten().empty());
}

void BytesTest::chains_are_equal_by_content_however_they_are_cut() {
  const Bytes whole = Bytes::copy_of("abcdef");
  ByteChain cut(whole.slice(0, 2));
  cut.append(whole.slice(2, 4));
  QVERIFY(cut == ByteChain(whole));
  QVERIFY(!(cut == ByteChain(Bytes::copy_of("abcdeg"))));
  QVERIFY(!(cut == ByteChain(Bytes::copy_of("abc"))));
}

OTTLA_TEST(BytesTest)
#include "bytes_test.moc"
