#include "engine/base/byte_writer.h"
#include "engine/base/crc32c.h"
#include "engine/protocol/error_code.h"
#include "engine/protocol/records/produced_batch.h"
#include "engine/protocol/records/record_batch_builder.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::protocol;

namespace {

Record record(std::string_view value) {
  return {Offset{0}, 1000, Bytes::copy_of("k"), Bytes::copy_of(value), {}};
}

RecordBatch two_records(RecordBatchOptions options = {}) {
  RecordBatchBuilder builder(options);
  builder.append(record("a"));
  builder.append(record("b"));
  return builder.build();
}

// A batch of one to many records whose bytes a test wrote itself, under a header that fits and a
// right checksum.
RecordBatch of_body(const Bytes& body, std::int32_t record_count, std::int16_t attributes = 0) {
  BatchHeader header;
  header.batch_length += static_cast<std::int32_t>(body.size());
  header.attributes = attributes;
  header.record_count = record_count;
  header.last_offset_delta = record_count - 1;
  const auto unsealed = header.encoded();
  header.crc = crc32c(std::span(unsealed).subspan(BatchHeader::crc_begin));
  header.crc = crc32c_extend(header.crc, body.span());
  ByteChain chain(Bytes::copy_of(header.encoded()));
  chain.append(body);
  return RecordBatch::read(chain).value();
}

Bytes octets(std::initializer_list<int> values) {
  ByteWriter writer;
  for (const int value : values) writer.write_int8(static_cast<std::int8_t>(value));
  return writer.take();
}

std::optional<RecordError> error_of(const RecordBatch& batch, const ProduceLimits& limits = {}) {
  const auto result = validate_produced(batch, limits);
  return result ? std::nullopt : std::optional(result.error());
}

}  // namespace

class RecordValidationTest : public QObject {
  Q_OBJECT
 private slots:
  void a_sound_batch_passes_with_every_codec();
  void a_wrong_checksum_is_corrupt();
  void a_batch_over_max_message_bytes_is_too_large();
  void a_batch_that_inflates_past_the_limit_is_too_large();
  void control_batches_are_refused();
  void unknown_codecs_are_refused();
  void an_offset_other_than_zero_is_refused();
  void counts_that_disagree_are_refused();
  void offset_deltas_out_of_order_are_refused();
  void malformed_records_are_refused_data();
  void malformed_records_are_refused();
  void a_producer_id_needs_a_sequence();
  void records_without_keys_are_named_for_a_compacted_topic();
  void timestamps_out_of_range_are_named_unless_the_broker_sets_them();
  void the_largest_timestamp_is_the_records_own();
  void each_error_has_its_kafka_code();
  void a_recompressed_batch_keeps_its_records_and_its_producer();
};

void RecordValidationTest::a_sound_batch_passes_with_every_codec() {
  for (int codec = 0; codec <= 4; ++codec) {
    RecordBatchOptions options;
    options.compression = static_cast<Compression>(codec);
    QVERIFY(!error_of(two_records(options)));
  }
}

void RecordValidationTest::a_wrong_checksum_is_corrupt() {
  const Bytes whole = two_records().bytes().flatten();
  std::vector<std::uint8_t> damaged(whole.span().begin(), whole.span().end());
  damaged.back() ^= 1;
  QVERIFY(error_of(RecordBatch::read(Bytes::copy_of(damaged)).value()) == RecordError::bad_crc);
}

void RecordValidationTest::a_batch_over_max_message_bytes_is_too_large() {
  const RecordBatch batch = two_records();
  ProduceLimits limits;
  limits.batch_bytes_max = batch.size_in_bytes();
  QVERIFY(!error_of(batch, limits));
  --limits.batch_bytes_max;
  QVERIFY(error_of(batch, limits) == RecordError::batch_too_large);
}

void RecordValidationTest::a_batch_that_inflates_past_the_limit_is_too_large() {
  RecordBatchOptions options;
  options.compression = Compression::gzip;
  RecordBatchBuilder builder(options);
  builder.append(record(std::string(100'000, 'x')));
  ProduceLimits limits;
  limits.inflated_bytes_max = 50'000;
  QVERIFY(error_of(builder.build(), limits) == RecordError::inflated_too_large);
}

void RecordValidationTest::control_batches_are_refused() {
  RecordBatchOptions options;
  options.control = true;
  QVERIFY(error_of(two_records(options)) == RecordError::control_batch);
}

void RecordValidationTest::unknown_codecs_are_refused() {
  for (std::int16_t codec = 5; codec <= 7; ++codec) {
    const Bytes body = two_records().body(0).value();
    QVERIFY(error_of(of_body(body, 2, codec)) == RecordError::unknown_codec);
  }
}

void RecordValidationTest::an_offset_other_than_zero_is_refused() {
  const RecordBatch placed = two_records().placed_at(Offset{1}, no_leader_epoch);
  QVERIFY(error_of(placed) == RecordError::bad_base_offset);
}

void RecordValidationTest::counts_that_disagree_are_refused() {
  const Bytes body = two_records().body(0).value();
  QVERIFY(!error_of(of_body(body, 2)));
  for (const std::int32_t count : {-1, 0, 1, 3}) {
    QVERIFY(error_of(of_body(body, count)) == RecordError::bad_count);
  }
  RecordBatchBuilder gap;
  gap.append(record("a"));
  gap.extend_to(Offset{5});
  QVERIFY(error_of(gap.build()) == RecordError::bad_count);
}

void RecordValidationTest::offset_deltas_out_of_order_are_refused() {
  // Two records of length 6, both with offset delta 0, then with 1 and 0.
  QVERIFY(!error_of(of_body(octets({12, 0, 0, 0, 1, 1, 0, 12, 0, 0, 2, 1, 1, 0}), 2)));
  QVERIFY(error_of(of_body(octets({12, 0, 0, 0, 1, 1, 0, 12, 0, 0, 0, 1, 1, 0}), 2)) ==
          RecordError::bad_offset_delta);
  QVERIFY(error_of(of_body(octets({12, 0, 0, 2, 1, 1, 0, 12, 0, 0, 0, 1, 1, 0}), 2)) ==
          RecordError::bad_offset_delta);
}

void RecordValidationTest::malformed_records_are_refused_data() {
  QTest::addColumn<QByteArray>("body");
  const auto row = [](const char* what, std::initializer_list<int> values) {
    QByteArray body;
    for (const int value : values) body.append(static_cast<char>(value));
    QTest::newRow(what) << body;
  };
  // Length 6 (zigzag 12): attributes, timestamp delta, offset delta, null key, null value, no
  // headers.
  row("length past the end", {14, 0, 0, 0, 1, 1, 0});
  row("negative length", {1, 0, 0, 0, 1, 1, 0});
  row("length too short for the fields", {10, 0, 0, 0, 1, 1, 0});
  row("key past the record", {12, 0, 0, 0, 20, 1, 0});
  row("value past the record", {12, 0, 0, 0, 1, 20, 0});
  row("negative header count", {12, 0, 0, 0, 1, 1, 1});
  row("more headers than bytes", {12, 0, 0, 0, 1, 1, 2});
  row("a header without a key", {16, 0, 0, 0, 1, 1, 2, 1, 1});
  row("a header whose value is missing", {14, 0, 0, 0, 1, 1, 2, 0});
  row("bytes left in the record", {14, 0, 0, 0, 1, 1, 0, 0});
  row("an endless varint", {12, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF});
  row("an overlong offset delta",
      {32, 0, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 1, 1, 0, 0});
}

void RecordValidationTest::malformed_records_are_refused() {
  QFETCH(QByteArray, body);
  const auto text = body.toStdString();
  QVERIFY(error_of(of_body(Bytes::copy_of(std::string_view(text)), 1)) == RecordError::bad_record);
}

void RecordValidationTest::a_producer_id_needs_a_sequence() {
  RecordBatchOptions options;
  options.producer_id = ProducerId{5};
  QVERIFY(error_of(two_records(options)) == RecordError::bad_sequence);
  options.base_sequence = 0;
  QVERIFY(!error_of(two_records(options)));
}

void RecordValidationTest::records_without_keys_are_named_for_a_compacted_topic() {
  RecordBatchBuilder builder;
  builder.append(record("a"));
  builder.append(1000, NullableView(), NullableView());
  const RecordBatch batch = builder.build();
  QVERIFY(!error_of(batch));
  ProduceLimits limits;
  limits.keys_required = true;
  QVERIFY(error_of(batch, limits) == RecordError::missing_key);
  const auto found = check_records(batch, limits);
  QVERIFY(found.has_value());
  QVERIFY(found->refused == (std::vector<RefusedRecord>{{1, RecordError::missing_key}}));
}

void RecordValidationTest::timestamps_out_of_range_are_named_unless_the_broker_sets_them() {
  const RecordBatch batch = two_records();
  ProduceLimits limits;
  limits.timestamp_min = 1001;
  QVERIFY(error_of(batch, limits) == RecordError::bad_timestamp);
  QCOMPARE(check_records(batch, limits)->refused.size(), std::size_t{2});
  QVERIFY(!error_of(batch.with_append_time(Instant::from_millis(5)), limits));
  limits = {};
  limits.timestamp_max = 999;
  QVERIFY(error_of(batch, limits) == RecordError::bad_timestamp);
}

void RecordValidationTest::the_largest_timestamp_is_the_records_own() {
  const RecordBatch lying = two_records().with_max_timestamp(123'456);
  QCOMPARE(check_records(lying, {})->max_timestamp, std::int64_t{1000});
}

void RecordValidationTest::each_error_has_its_kafka_code() {
  QCOMPARE(error_code_of(RecordError::bad_crc), ErrorCode::corrupt_message);
  QCOMPARE(error_code_of(RecordError::bad_length), ErrorCode::corrupt_message);
  QCOMPARE(error_code_of(RecordError::batch_too_large), ErrorCode::message_too_large);
  QCOMPARE(error_code_of(RecordError::unknown_codec), ErrorCode::unsupported_compression_type);
  QCOMPARE(error_code_of(RecordError::bad_timestamp), ErrorCode::invalid_timestamp);
  QCOMPARE(error_code_of(RecordError::bad_magic), ErrorCode::invalid_record);
  QCOMPARE(error_code_of(RecordError::bad_record), ErrorCode::invalid_record);
  QCOMPARE(error_code_of(RecordError::control_batch), ErrorCode::invalid_record);
  // What Kafka 4.0 answers, whose KafkaException "Failed to decompress record stream" is no
  // ApiException.
  QCOMPARE(error_code_of(RecordError::bad_codec_data), ErrorCode::unknown_server_error);
}

void RecordValidationTest::a_recompressed_batch_keeps_its_records_and_its_producer() {
  RecordBatchOptions options;
  options.producer_id = ProducerId{9};
  options.producer_epoch = ProducerEpoch{2};
  options.base_sequence = 5;
  options.transactional = true;
  const RecordBatch plain = two_records(options);
  for (const Compression codec : {Compression::gzip, Compression::zstd}) {
    const auto packed = recompressed(plain, codec, default_compression_level);
    QVERIFY(packed.has_value());
    QVERIFY(packed->header().compression() == codec);
    QVERIFY(packed->crc_matches());
    QVERIFY(packed->header().producer_id == options.producer_id);
    QVERIFY(packed->header().producer_epoch == options.producer_epoch);
    QCOMPARE(packed->header().base_sequence, 5);
    QVERIFY(packed->header().is_transactional());
    QVERIFY(packed->records().value() == plain.records().value());
  }
}

OTTLA_TEST(RecordValidationTest)
#include "record_validation_test.moc"
