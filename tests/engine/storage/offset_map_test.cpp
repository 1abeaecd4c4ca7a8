#include "engine/storage/offset_map.h"

#include <QTest>

#include "tests/engine/storage/cleaner_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::storage;
using namespace ottla::storage::test;

class OffsetMapTest : public QObject {
  Q_OBJECT
 private slots:
  void digests_are_siphash_of_128_bits();
  void a_key_is_found_at_its_last_offset();
  void an_unknown_key_is_at_no_offset();
  void the_empty_key_is_a_key();
  void many_keys_are_all_found();
  void it_is_full_at_its_share_of_the_memory();
  void it_takes_one_key_however_little_memory_there_is();
  void the_latest_offset_moves_with_what_is_put_and_what_is_told();
};

// As the algorithm's reference implementation, and `openssl mac SIPHASH`, have them.
void OffsetMapTest::digests_are_siphash_of_128_bits() {
  const std::uint8_t zero = 0;
  const std::uint8_t fifteen[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
  QVERIFY(digest_of({}) == (KeyDigest{0xe6a8'25ba'047f'81a3, 0x9302'55c7'1472'f66d}));
  QVERIFY(digest_of({&zero, 1}) == (KeyDigest{0x44af'996b'd8c1'87da, 0x45fc'229b'1159'7634}));
  QVERIFY(digest_of(fifteen) == (KeyDigest{0x11a8'b033'99e9'9354, 0xd9c3'cf97'0fec'087e}));
}

void OffsetMapTest::a_key_is_found_at_its_last_offset() {
  OffsetMap map({});
  map.put(octets("a"), Offset{3});
  map.put(octets("b"), Offset{4});
  map.put(octets("a"), Offset{9});
  QCOMPARE(map.find(octets("a")).value(), 9);
  QCOMPARE(map.find(octets("b")).value(), 4);
  QCOMPARE(map.size(), 2U);
}

void OffsetMapTest::an_unknown_key_is_at_no_offset() {
  OffsetMap map({});
  map.put(octets("a"), Offset{3});
  QCOMPARE(map.find(octets("c")).value(), -1);
}

void OffsetMapTest::the_empty_key_is_a_key() {
  OffsetMap map({});
  QCOMPARE(map.find({}).value(), -1);
  map.put({}, Offset{0});
  QCOMPARE(map.find({}).value(), 0);
}

void OffsetMapTest::many_keys_are_all_found() {
  OffsetMap map({});
  for (int i = 0; i < 20'000; ++i) map.put(octets("key-" + std::to_string(i)), Offset{i});
  QCOMPARE(map.size(), 20'000U);
  for (int i = 0; i < 20'000; ++i)
    QCOMPARE(map.find(octets("key-" + std::to_string(i))).value(), i);
}

void OffsetMapTest::it_is_full_at_its_share_of_the_memory() {
  OffsetMap map({.memory_bytes = 10 * OffsetMap::entry_bytes, .load_factor = 0.9});
  for (int i = 0; i < 9; ++i) {
    QVERIFY(!map.full());
    map.put(octets(std::to_string(i)), Offset{i});
  }
  QVERIFY(map.full());
  for (int i = 0; i < 9; ++i) QCOMPARE(map.find(octets(std::to_string(i))).value(), i);
  QCOMPARE(map.find(octets("9")).value(), -1);
}

void OffsetMapTest::it_takes_one_key_however_little_memory_there_is() {
  OffsetMap map({.memory_bytes = 0, .load_factor = 0.9});
  QVERIFY(!map.full());
  map.put(octets("a"), Offset{0});
  QVERIFY(map.full());
  QCOMPARE(map.find(octets("b")).value(), -1);
}

void OffsetMapTest::the_latest_offset_moves_with_what_is_put_and_what_is_told() {
  OffsetMap map({});
  QCOMPARE(map.latest().value(), -1);
  map.put(octets("a"), Offset{5});
  QCOMPARE(map.latest().value(), 5);
  map.advance_to(Offset{12});
  QCOMPARE(map.latest().value(), 12);
}

OTTLA_TEST(OffsetMapTest)
#include "offset_map_test.moc"
