#include "engine/base/uuid.h"

#include "tests/support/test_registry.h"

using ottla::Uuid;

class UuidTest : public QObject {
  Q_OBJECT
 private slots:
  void text_is_url_safe_base64_as_kafka_prints_it();
  void text_that_is_no_uuid_is_refused();
};

void UuidTest::text_is_url_safe_base64_as_kafka_prints_it() {
  // org.apache.kafka.common.Uuid.METADATA_TOPIC_ID is (0, 1).
  QCOMPARE(Uuid(0, 1).to_string(), std::string("AAAAAAAAAAAAAAAAAAAAAQ"));
  const Uuid id = Uuid::version4(0x0123456789ABCDEF, 0xFEDCBA9876543210);
  QVERIFY(Uuid::parse(id.to_string()) == id);
}

void UuidTest::text_that_is_no_uuid_is_refused() {
  QVERIFY(!Uuid::parse("AAAAAAAAAAAAAAAAAAAAA"));
  QVERIFY(!Uuid::parse("AAAAAAAAAAAAAAAAAAAA+Q"));
  QVERIFY(!Uuid::parse("AAAAAAAAAAAAAAAAAAAAAR"));
}

OTTLA_TEST(UuidTest)
#include "uuid_test.moc"
