#include "engine/base/bytes.h"
#include "engine/protocol/records/murmur2.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::protocol;

class RecordMurmur2Test : public QObject {
  Q_OBJECT
 private slots:
  void it_hashes_as_kafka_s_own_test_expects();
  void a_key_chooses_its_partition_by_the_positive_hash();
};

void RecordMurmur2Test::it_hashes_as_kafka_s_own_test_expects() {
  // org.apache.kafka.common.utils.UtilsTest.testMurmur2.
  const auto hash = [](std::string_view text) { return murmur2(Bytes::copy_of(text).span()); };
  QCOMPARE(hash("21"), -973'932'308);
  QCOMPARE(hash("foobar"), -790'332'482);
  QCOMPARE(hash("a-little-bit-long-string"), -985'981'536);
  QCOMPARE(hash("a-little-bit-longer-string"), -1'486'304'829);
  QCOMPARE(hash("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58'897'971);
  QCOMPARE(hash("abc"), 479'470'107);
}

void RecordMurmur2Test::a_key_chooses_its_partition_by_the_positive_hash() {
  const Bytes key = Bytes::copy_of("21");
  QVERIFY(partition_for_key(key.span(), 7) == PartitionIndex{(-973'932'308 & 0x7FFF'FFFF) % 7});
  QVERIFY(partition_for_key(key.span(), 1) == PartitionIndex{0});
}

OTTLA_TEST(RecordMurmur2Test)
#include "record_murmur2_test.moc"
