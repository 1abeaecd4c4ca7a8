#include <QFile>
#include <array>

#include "engine/protocol/records/control_record.h"
#include "engine/protocol/records/produced_batch.h"
#include "engine/protocol/records/record_batch.h"
#include "engine/protocol/records/record_batch_builder.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::protocol;

namespace {

constexpr std::int64_t first_timestamp = 1'767'225'600'000;

Bytes bytes_of(const std::string& text) {
  return Bytes::copy_of(std::string_view(text));
}

Record record(std::int64_t offset, std::int64_t delay, std::optional<std::string> key,
              std::optional<std::string> value) {
  Record made{Offset{offset}, first_timestamp + delay, std::nullopt, std::nullopt, {}};
  if (key) made.key = bytes_of(*key);
  if (value) made.value = bytes_of(*value);
  return made;
}

// What every client was asked to send.
std::vector<Record> expected_records() {
  std::vector<Record> records = {record(0, 0, "k0", "hello"), record(1, 1, std::nullopt, "world"),
                                 record(2, 2, "k2", std::nullopt), record(3, 5, "", "")};
  records[0].headers = {{"a", bytes_of("b")}, {"trace", Bytes()}};
  for (int i = 0; i < 40; ++i) {
    std::string value;
    for (int n = 0; n < 20; ++n) value += "value " + std::to_string(i) + " ";
    records.push_back(record(4 + i, 10 + i, "key-" + std::to_string(i), value));
  }
  std::string big;
  for (int i = 0; i < 40'000; ++i) big += static_cast<char>('a' + (i * 7 + i / 13) % 26);
  records.push_back(record(44, 1000, "big", big));
  return records;
}

Bytes golden(const QString& name) {
  QFile file(QFINDTESTDATA("../../golden/records/" + name + ".bin"));
  if (!file.open(QIODevice::ReadOnly)) return {};
  return bytes_of(file.readAll().toStdString());
}

// The same bytes in slices of `size`.
ByteChain chopped(const Bytes& whole, std::size_t size) {
  ByteChain chain;
  for (std::size_t at = 0; at < whole.size(); at += size) {
    chain.append(whole.slice(at, std::min(size, whole.size() - at)));
  }
  return chain;
}

}  // namespace

class RecordGoldenTest : public QObject {
  Q_OBJECT
 private slots:
  void each_client_s_batch_of_each_codec_decodes_to_the_same_records_data();
  void each_client_s_batch_of_each_codec_decodes_to_the_same_records();
  void an_uncompressed_batch_is_rebuilt_byte_for_byte_data();
  void an_uncompressed_batch_is_rebuilt_byte_for_byte();
  void a_transactional_batch_is_rebuilt_byte_for_byte();
  void transaction_markers_are_read_and_rebuilt_byte_for_byte();
};

void RecordGoldenTest::each_client_s_batch_of_each_codec_decodes_to_the_same_records_data() {
  QTest::addColumn<QString>("name");
  QTest::addColumn<int>("codec");
  const std::array<const char*, 5> codecs = {"none", "gzip", "snappy", "lz4", "zstd"};
  for (const char* client :
       {"java-4.0.0", "librdkafka-2.0.2", "kafka-python-2.0.2", "kafkajs-2.2.4"}) {
    for (int codec = 0; codec < 5; ++codec) {
      const QString name = QString("%1-%2").arg(client, codecs[static_cast<std::size_t>(codec)]);
      if (name == "kafkajs-2.2.4-zstd") continue;  // kafkajs brings no zstd codec.
      QTest::newRow(qPrintable(name)) << name << codec;
    }
  }
}

void RecordGoldenTest::each_client_s_batch_of_each_codec_decodes_to_the_same_records() {
  QFETCH(QString, name);
  QFETCH(int, codec);
  const Bytes bytes = golden(name);
  QVERIFY(!bytes.empty());
  for (const std::size_t slice_size : {bytes.size(), std::size_t{1000}, std::size_t{7}}) {
    const auto batches = split_batches(chopped(bytes, slice_size));
    QVERIFY(batches.has_value());
    QCOMPARE(batches->size(), std::size_t{1});
    const RecordBatch& batch = batches->front();
    QCOMPARE(static_cast<int>(batch.header().compression()), codec);
    QVERIFY(batch.crc_matches());
    QVERIFY(validate_produced(batch, {}).has_value());
    const auto records = batch.records();
    QVERIFY(records.has_value());
    QVERIFY(*records == expected_records());
  }
}

void RecordGoldenTest::an_uncompressed_batch_is_rebuilt_byte_for_byte_data() {
  QTest::addColumn<QString>("name");
  QTest::addColumn<int>("leader_epoch");
  QTest::newRow("Java") << "java-4.0.0-none" << -1;
  QTest::newRow("librdkafka") << "librdkafka-2.0.2-none" << 0;
  QTest::newRow("kafka-python") << "kafka-python-2.0.2-none" << 0;
  QTest::newRow("kafkajs") << "kafkajs-2.2.4-none" << 0;
}

void RecordGoldenTest::an_uncompressed_batch_is_rebuilt_byte_for_byte() {
  QFETCH(QString, name);
  QFETCH(int, leader_epoch);
  RecordBatchOptions options;
  options.partition_leader_epoch = LeaderEpoch{leader_epoch};
  RecordBatchBuilder builder(options);
  for (const Record& each : expected_records()) builder.append(each);
  const std::size_t estimate = builder.size_estimate();
  const RecordBatch batch = builder.build();
  QCOMPARE(batch.size_in_bytes(), estimate);
  QVERIFY(batch.bytes().flatten() == golden(name));
}

void RecordGoldenTest::a_transactional_batch_is_rebuilt_byte_for_byte() {
  RecordBatchOptions options;
  options.partition_leader_epoch = LeaderEpoch{6};
  options.producer_id = ProducerId{4321};
  options.producer_epoch = ProducerEpoch{3};
  options.base_sequence = 17;
  options.transactional = true;
  RecordBatchBuilder builder(options);
  builder.append(record(0, 0, "k", "v"));
  QVERIFY(builder.build().bytes().flatten() == golden("java-4.0.0-transactional"));
}

void RecordGoldenTest::transaction_markers_are_read_and_rebuilt_byte_for_byte() {
  MarkerOrigin origin{ProducerId{4321}, ProducerEpoch{3}, first_timestamp, Offset{77},
                      LeaderEpoch{5}};
  for (const bool committed : {true, false}) {
    origin.base_offset = Offset{committed ? 77 : 78};
    const Bytes bytes = golden(committed ? "java-4.0.0-commit" : "java-4.0.0-abort");
    const EndTransactionMarker marker{committed, 9};
    QVERIFY(make_marker_batch(marker, origin).bytes().flatten() == bytes);
    const auto batch = RecordBatch::read(bytes);
    QVERIFY(batch.has_value());
    QVERIFY(batch->header().is_control() && batch->header().is_transactional());
    const auto records = batch->records();
    QVERIFY(records.has_value());
    QVERIFY(read_marker(records->at(0).key->span(), records->at(0).value->span()) == marker);
  }
}

OTTLA_TEST(RecordGoldenTest)
#include "record_golden_test.moc"
