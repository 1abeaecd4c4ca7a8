#include "engine/coordinator/java_string.h"

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::coordinator;

class JavaStringTest : public QObject {
  Q_OBJECT
 private slots:
  void hash_is_that_of_java_lang_string();
  void length_counts_utf16_units();
  void the_one_hash_without_a_positive_counterpart_goes_to_partition_0();
  void groups_lie_where_kafka_puts_them();
};

void JavaStringTest::hash_is_that_of_java_lang_string() {
  QCOMPARE(java_hash(""), 0);
  QCOMPARE(java_hash("abc"), 96354);
  QCOMPARE(java_hash("console-consumer-12345"), 158455506);
  QCOMPARE(java_hash("\xC3\xA9"), 0xE9);
  // U+1F600 is the pair D83D DE00.
  QCOMPARE(java_hash("\xF0\x9F\x98\x80"), 0xD83D * 31 + 0xDE00);
}

void JavaStringTest::length_counts_utf16_units() {
  QCOMPARE(java_length("abc"), std::size_t{3});
  QCOMPARE(java_length("\xC3\xA9"), std::size_t{1});
  QCOMPARE(java_length("\xF0\x9F\x98\x80"), std::size_t{2});
}

void JavaStringTest::the_one_hash_without_a_positive_counterpart_goes_to_partition_0() {
  QCOMPARE(java_hash("polygenelubricants"), INT32_MIN);
  QCOMPARE(partition_for("polygenelubricants", 50), PartitionIndex(0));
}

void JavaStringTest::groups_lie_where_kafka_puts_them() {
  QCOMPARE(partition_for("abc", 50), PartitionIndex(4));
  QCOMPARE(partition_for("abc", 1), PartitionIndex(0));
  QCOMPARE(partition_for("console-consumer-12345", 50), PartitionIndex(6));
}

OTTLA_TEST(JavaStringTest)
#include "java_string_test.moc"
