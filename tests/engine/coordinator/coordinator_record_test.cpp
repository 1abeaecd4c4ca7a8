#include "engine/coordinator/coordinator_record.h"

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::coordinator;

namespace {

std::string hex(const Bytes& bytes) {
  return QByteArray(reinterpret_cast<const char*>(bytes.data()), static_cast<int>(bytes.size()))
      .toHex()
      .toStdString();
}

}  // namespace

class CoordinatorRecordTest : public QObject {
  Q_OBJECT
 private slots:
  void an_offset_is_written_byte_for_byte_as_kafka_4_writes_it();
  void an_offset_with_an_expiry_is_written_in_version_1();
  void a_group_is_written_byte_for_byte_as_kafka_4_writes_it();
  void tombstones_have_a_key_and_no_value();
  void records_of_an_unknown_kind_are_known_as_such();
  void torn_records_are_malformed();
};

void CoordinatorRecordTest::an_offset_is_written_byte_for_byte_as_kafka_4_writes_it() {
  const auto record =
      offset_record({"g", "t", PartitionIndex(7)}, {Offset(258), LeaderEpoch(3), "m", 1000, {}});
  QCOMPARE(hex(record.key), std::string("0001"
                                        "000167"
                                        "000174"
                                        "00000007"));
  QCOMPARE(hex(*record.value), std::string("0003"
                                           "0000000000000102"
                                           "00000003"
                                           "00016d"
                                           "00000000000003e8"));
  const auto decoded = std::get<OffsetRecord>(decode_record(record));
  QCOMPARE(decoded.key.topic, std::string("t"));
  QVERIFY(decoded.value == (CommittedOffset{Offset(258), LeaderEpoch(3), "m", 1000, {}}));
}

void CoordinatorRecordTest::an_offset_with_an_expiry_is_written_in_version_1() {
  const auto record =
      offset_record({"g", "t", PartitionIndex(7)}, {Offset(258), LeaderEpoch(3), "m", 1000, 2000});
  QCOMPARE(hex(*record.value), std::string("0001"
                                           "0000000000000102"
                                           "00016d"
                                           "00000000000003e8"
                                           "00000000000007d0"));
  const auto decoded = std::get<OffsetRecord>(decode_record(record));
  QCOMPARE(*decoded.value->expire_timestamp, std::int64_t{2000});
}

void CoordinatorRecordTest::a_group_is_written_byte_for_byte_as_kafka_4_writes_it() {
  protocol::GroupMetadataValue value;
  value.protocol_type = "consumer";
  value.generation = 2;
  value.protocol = "range";
  value.leader = "a";
  value.current_state_timestamp = 1000;
  auto& member = value.members.emplace_back();
  member.member_id = "a";
  member.client_id = "c";
  member.client_host = "/h";
  member.rebalance_timeout = 60000;
  member.session_timeout = 10000;
  member.subscription = Bytes::copy_of(std::string_view("S"));
  member.assignment = Bytes::copy_of(std::string_view("A"));
  const auto record = group_record("g", value);
  QCOMPARE(hex(record.key), std::string("0002"
                                        "000167"));
  QCOMPARE(hex(*record.value), std::string("0003"
                                           "0008636f6e73756d6572"
                                           "00000002"
                                           "000572616e6765"
                                           "000161"
                                           "00000000000003e8"
                                           "00000001"
                                           "000161"
                                           "ffff"
                                           "000163"
                                           "00022f68"
                                           "0000ea60"
                                           "00002710"
                                           "0000000153"
                                           "0000000141"));
  QVERIFY(*std::get<GroupRecord>(decode_record(record)).value == value);
}

void CoordinatorRecordTest::tombstones_have_a_key_and_no_value() {
  const auto offset =
      std::get<OffsetRecord>(decode_record(offset_tombstone({"g", "t", PartitionIndex(0)})));
  QVERIFY(!offset.value);
  QVERIFY(!std::get<GroupRecord>(decode_record(group_tombstone("g"))).value);
}

void CoordinatorRecordTest::records_of_an_unknown_kind_are_known_as_such() {
  const CoordinatorRecord record{Bytes::copy_of(std::string_view("\x00\x63", 2)), {}};
  QCOMPARE(std::get<UnknownRecord>(decode_record(record)).key_version, std::int16_t{99});
}

void CoordinatorRecordTest::torn_records_are_malformed() {
  CoordinatorRecord record =
      offset_record({"g", "t", PartitionIndex(7)}, {Offset(1), {}, "", 0, {}});
  record.value = record.value->slice(0, record.value->size() - 1);
  QVERIFY(std::holds_alternative<MalformedRecord>(decode_record(record)));
  QVERIFY(std::holds_alternative<MalformedRecord>(decode_record({Bytes(), {}})));
}

OTTLA_TEST(CoordinatorRecordTest)
#include "coordinator_record_test.moc"
