#include "engine/protocol/records/record_batch.h"

#include "engine/base/prng.h"
#include "engine/protocol/records/record_batch_builder.h"
#include "engine/protocol/records/record_cursor.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::protocol;

namespace {

Bytes bytes_of(std::string_view text) {
  return Bytes::copy_of(text);
}

Record record(std::int64_t timestamp, std::string_view key, std::string_view value) {
  return {Offset{0}, timestamp, bytes_of(key), bytes_of(value), {}};
}

RecordBatch batch_of(std::initializer_list<Record> records, RecordBatchOptions options = {}) {
  RecordBatchBuilder builder(options);
  for (const Record& each : records) builder.append(each);
  return builder.build();
}

RecordBatch small_batch() {
  return batch_of({record(1000, "a", "1"), record(1003, "b", "2")});
}

// Every shape that a record can have: null and empty fields, headers, timestamps that jump both
// ways.
std::vector<Record> random_records(Prng& prng, Offset base) {
  const auto field = [&]() -> std::optional<Bytes> {
    if (prng.chance(0.2)) return std::nullopt;
    return bytes_of(std::string(prng.below(prng.chance(0.1) ? 3000 : 100), 'x'));
  };
  std::vector<Record> records(1 + prng.below(50));
  for (std::size_t i = 0; i < records.size(); ++i) {
    Record& each = records[i];
    each.offset = base.plus(static_cast<std::int64_t>(i));
    each.timestamp = prng.between(0, std::int64_t{1} << 50);
    each.key = field();
    each.value = field();
    const std::uint64_t header_count = prng.chance(0.3) ? prng.below(5) : 0;
    for (std::uint64_t h = 0; h < header_count; ++h) {
      each.headers.push_back({"header-" + std::to_string(h), field()});
    }
  }
  return records;
}

}  // namespace

class RecordBatchTest : public QObject {
  Q_OBJECT
 private slots:
  void random_batches_of_every_codec_come_back_as_they_were();
  void a_header_is_read_as_it_was_written();
  void every_truncation_is_refused();
  void a_flipped_bit_in_any_checked_byte_shows_in_the_checksum();
  void a_batch_placed_in_a_log_shares_its_body_and_keeps_its_checksum();
  void append_time_replaces_every_timestamp();
  void a_corrected_max_timestamp_has_a_matching_checksum();
  void whole_batches_are_split_and_a_torn_last_one_is_refused();
  void leading_batches_stop_before_a_torn_one();
  void other_versions_and_impossible_lengths_are_refused();
  void decoded_records_share_the_batch_s_memory();
  void a_count_that_is_not_the_records_is_refused();
  void a_huge_count_allocates_no_more_than_the_bytes_allow();
  void timestamps_are_looked_up_to_the_first_record_at_or_after();
  void the_largest_timestamp_is_found_at_its_first_record();
  void compaction_keeps_offsets_gaps_and_the_delete_horizon();
  void sequences_wrap_after_two_to_the_31_less_one();
};

void RecordBatchTest::random_batches_of_every_codec_come_back_as_they_were() {
  Prng prng(1);
  for (int round = 0; round < 300; ++round) {
    RecordBatchOptions options;
    options.compression = static_cast<Compression>(round % 5);
    options.base_offset = Offset{prng.between(0, std::int64_t{1} << 60)};
    const std::vector<Record> records = random_records(prng, options.base_offset);
    RecordBatchBuilder builder(options);
    for (const Record& each : records) builder.append(each);
    const RecordBatch built = builder.build();
    const auto read = RecordBatch::read(built.bytes().flatten());
    QVERIFY(read.has_value());
    QVERIFY(read->crc_matches());
    QVERIFY(read->header() == built.header());
    QVERIFY(read->last_offset() == records.back().offset);
    const auto decoded = read->records();
    QVERIFY(decoded.has_value());
    QVERIFY(*decoded == records);
  }
}

void RecordBatchTest::a_header_is_read_as_it_was_written() {
  BatchHeader header;
  header.base_offset = Offset{0x0102'0304'0506'0708};
  header.batch_length = 0x1112'1314;
  header.partition_leader_epoch = LeaderEpoch{0x2122'2324};
  header.crc = 0xF1F2'F3F4;
  header.attributes = 0x78 | 0x02;
  header.last_offset_delta = 0x3132'3334;
  header.base_timestamp = 0x4142'4344'4546'4748;
  header.max_timestamp = -2;
  header.producer_id = ProducerId{0x6162'6364'6566'6768};
  header.producer_epoch = ProducerEpoch{0x7172};
  header.base_sequence = -3;
  header.record_count = 0x0A0B'0C0D;
  const auto read = BatchHeader::read(header.encoded());
  QVERIFY(read.has_value());
  QVERIFY(*read == header);
  QVERIFY(read->compression() == Compression::snappy);
  QVERIFY(read->timestamp_type() == TimestampType::log_append_time);
  QVERIFY(read->is_transactional() && read->is_control());
  QVERIFY(read->delete_horizon_ms() == header.base_timestamp);
  QVERIFY(!read->is_idempotent());
}

void RecordBatchTest::every_truncation_is_refused() {
  const Bytes whole = small_batch().bytes().flatten();
  for (std::size_t size = 1; size < whole.size(); ++size) {
    const auto split = split_batches(whole.slice(0, size));
    QVERIFY(!split.has_value());
    QCOMPARE(split.error(), RecordError::truncated);
  }
}

void RecordBatchTest::a_flipped_bit_in_any_checked_byte_shows_in_the_checksum() {
  const Bytes whole = small_batch().bytes().flatten();
  for (std::size_t at = BatchHeader::crc_begin - 4; at < whole.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::vector<std::uint8_t> damaged(whole.span().begin(), whole.span().end());
      damaged[at] ^= static_cast<std::uint8_t>(1U << bit);
      const auto batch = RecordBatch::read(Bytes::copy_of(damaged));
      QVERIFY(batch.has_value());
      QVERIFY(!batch->crc_matches());
    }
  }
}

void RecordBatchTest::a_batch_placed_in_a_log_shares_its_body_and_keeps_its_checksum() {
  // Under a kilobyte it is copied instead, which costs less than a second slice.
  RecordBatchBuilder builder;
  const std::vector<std::uint8_t> value(800, 'v');
  builder.append(1, {}, std::span(value));
  builder.append(2, {}, std::span(value));
  const auto read = RecordBatch::read(builder.build().bytes().flatten());
  const RecordBatch placed = read->placed_at(Offset{500}, LeaderEpoch{7});
  QVERIFY(placed.base_offset() == Offset{500});
  QVERIFY(placed.last_offset() == Offset{501});
  QVERIFY(placed.header().partition_leader_epoch == LeaderEpoch{7});
  QCOMPARE(placed.header().crc, read->header().crc);
  QVERIFY(placed.crc_matches());
  const std::uint8_t* body = read->bytes().slices().front().data() + BatchHeader::encoded_size;
  QVERIFY(placed.bytes().slices().back().data() == body);
  QVERIFY(placed.records()->at(1).offset == Offset{501});
  // And what was placed is what a reader of its bytes sees.
  QVERIFY(RecordBatch::read(placed.bytes())->header() == placed.header());
}

void RecordBatchTest::append_time_replaces_every_timestamp() {
  const RecordBatch stamped = small_batch().with_append_time(Instant::from_millis(9999));
  QVERIFY(stamped.crc_matches());
  QVERIFY(stamped.header().timestamp_type() == TimestampType::log_append_time);
  QCOMPARE(stamped.header().base_timestamp, std::int64_t{1000});
  const auto records = stamped.records();
  for (const Record& each : *records) QCOMPARE(each.timestamp, std::int64_t{9999});
}

void RecordBatchTest::a_corrected_max_timestamp_has_a_matching_checksum() {
  const RecordBatch corrected = small_batch().with_max_timestamp(77);
  QCOMPARE(corrected.header().max_timestamp, std::int64_t{77});
  QVERIFY(corrected.crc_matches());
  QCOMPARE(corrected.records()->at(1).timestamp, std::int64_t{1003});
}

void RecordBatchTest::whole_batches_are_split_and_a_torn_last_one_is_refused() {
  ByteChain chain;
  for (std::int64_t offset = 0; offset < 6; offset += 2) {
    chain.append(small_batch().placed_at(Offset{offset}, LeaderEpoch{1}).bytes());
  }
  const auto batches = split_batches(chain);
  QVERIFY(batches.has_value());
  QCOMPARE(batches->size(), std::size_t{3});
  QVERIFY(batches->at(2).base_offset() == Offset{4});
  QVERIFY(split_batches({}).value().empty());
  const auto torn = split_batches(chain.slice(0, chain.size() - 1));
  QVERIFY(!torn.has_value());
  QCOMPARE(torn.error(), RecordError::truncated);
}

void RecordBatchTest::leading_batches_stop_before_a_torn_one() {
  const Bytes one = small_batch().bytes().flatten();
  for (std::size_t torn = 0; torn < one.size(); ++torn) {
    ByteChain chain(one);
    chain.append(one.slice(0, torn));
    const auto leading = leading_batches(chain);
    QVERIFY(leading.has_value());
    QCOMPARE(leading->batches.size(), std::size_t{1});
    QCOMPARE(leading->size_in_bytes, one.size());
  }
}

void RecordBatchTest::other_versions_and_impossible_lengths_are_refused() {
  const Bytes whole = small_batch().bytes().flatten();
  const auto error_with = [&](std::size_t at, std::uint8_t value) {
    std::vector<std::uint8_t> changed(whole.span().begin(), whole.span().end());
    changed[at] = value;
    const auto read = RecordBatch::read(Bytes::copy_of(changed));
    return read.has_value() ? std::nullopt : std::optional(read.error());
  };
  QVERIFY(error_with(16, 1) == RecordError::bad_magic);
  QVERIFY(error_with(16, 3) == RecordError::bad_magic);
  QVERIFY(error_with(11, 48) == RecordError::bad_length);
  QVERIFY(error_with(8, 0xFF) == RecordError::bad_length);
  QVERIFY(error_with(8, 0x7F) == RecordError::truncated);
}

void RecordBatchTest::decoded_records_share_the_batch_s_memory() {
  const Bytes whole = small_batch().bytes().flatten();
  const auto records = RecordBatch::read(whole)->records();
  const std::uint8_t* key = records->at(0).key->data();
  QVERIFY(key > whole.data() && key < whole.data() + whole.size());
}

void RecordBatchTest::a_count_that_is_not_the_records_is_refused() {
  const Bytes whole = small_batch().bytes().flatten();
  for (const std::uint8_t count : std::initializer_list<std::uint8_t>{0, 1, 3, 200}) {
    std::vector<std::uint8_t> changed(whole.span().begin(), whole.span().end());
    changed[60] = count;
    const auto records = RecordBatch::read(Bytes::copy_of(changed))->records();
    QVERIFY(!records.has_value());
    QCOMPARE(records.error(), RecordError::bad_count);
  }
}

void RecordBatchTest::a_huge_count_allocates_no_more_than_the_bytes_allow() {
  const Bytes whole = small_batch().bytes().flatten();
  std::vector<std::uint8_t> changed(whole.span().begin(), whole.span().end());
  changed[57] = 0x7F;
  QVERIFY(!RecordBatch::read(Bytes::copy_of(changed))->records().has_value());
  changed[57] = 0xFF;
  QVERIFY(!RecordBatch::read(Bytes::copy_of(changed))->records().has_value());
}

void RecordBatchTest::timestamps_are_looked_up_to_the_first_record_at_or_after() {
  for (const Compression codec : {Compression::none, Compression::zstd}) {
    RecordBatchOptions options;
    options.compression = codec;
    options.base_offset = Offset{100};
    const RecordBatch batch =
        batch_of({record(10, "", ""), record(30, "", ""), record(20, "", "")}, options);
    QVERIFY(batch.first_at_or_after(5).value() == (TimestampedOffset{Offset{100}, 10}));
    QVERIFY(batch.first_at_or_after(11).value() == (TimestampedOffset{Offset{101}, 30}));
    QVERIFY(batch.first_at_or_after(30).value() == (TimestampedOffset{Offset{101}, 30}));
    QVERIFY(!batch.first_at_or_after(31).value().has_value());
  }
}

void RecordBatchTest::the_largest_timestamp_is_found_at_its_first_record() {
  const RecordBatch batch =
      batch_of({record(10, "", ""), record(30, "", ""), record(30, "", ""), record(20, "", "")});
  QVERIFY(batch.max_timestamp_offset().value() == (TimestampedOffset{Offset{1}, 30}));
  const RecordBatch stamped = batch.with_append_time(Instant::from_millis(50));
  QVERIFY(stamped.max_timestamp_offset().value() == (TimestampedOffset{Offset{0}, 50}));
}

void RecordBatchTest::compaction_keeps_offsets_gaps_and_the_delete_horizon() {
  RecordBatchOptions options;
  options.base_offset = Offset{100};
  options.delete_horizon_ms = 5000;
  RecordBatchBuilder builder(options);
  Record kept = record(1234, "k", "v");
  kept.offset = Offset{103};
  builder.append_at_its_offset(kept);
  builder.extend_to(Offset{109});
  const RecordBatch batch = builder.build();
  QVERIFY(batch.last_offset() == Offset{109});
  QVERIFY(batch.header().delete_horizon_ms() == std::int64_t{5000});
  QCOMPARE(batch.header().max_timestamp, std::int64_t{1234});
  QVERIFY(batch.records().value() == std::vector<Record>{kept});

  RecordBatchBuilder emptied(options);
  emptied.extend_to(Offset{109});
  const RecordBatch empty = emptied.build();
  QVERIFY(empty.last_offset() == Offset{109});
  QVERIFY(empty.records().value().empty());
  QVERIFY(!empty.max_timestamp_offset().value().has_value());
}

void RecordBatchTest::sequences_wrap_after_two_to_the_31_less_one() {
  QCOMPARE(sequence_after(5, 3), 8);
  QCOMPARE(sequence_after(0x7FFF'FFFF, 1), 0);
  QCOMPARE(sequence_after(0x7FFF'FFFE, 5), 3);
  BatchHeader header;
  QCOMPARE(header.last_sequence(), no_sequence);
}

OTTLA_TEST(RecordBatchTest)
#include "record_batch_test.moc"
