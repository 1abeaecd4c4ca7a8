#include "engine/storage/batch_compactor.h"

#include <QTest>

#include "tests/engine/storage/cleaner_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::storage;
using namespace ottla::storage::test;

namespace {

constexpr ProducerId pid{9};
constexpr Duration retention = Duration::seconds(10);

// Batches are compacted one by one, as if the dirty section had ended at offset 99.
struct Compacting {
  OffsetMap latest{{}};
  std::map<ProducerId, ProducerEntry> producers;
  Instant now = start;
  Offset end{100};
  std::vector<AbortedTransaction> aborted;

  Compacting() { latest.advance_to(Offset{99}); }
  void know(std::string_view key, std::int64_t offset) {
    latest.put(octets(key), Offset{offset});
    latest.advance_to(Offset{99});
  }
  void know_producer(std::int64_t last_offset) {
    producers[pid].add(ProducerEpoch{0}, {.last_sequence = 0,
                                          .last_offset = Offset{last_offset},
                                          .offset_delta = 0,
                                          .timestamp = 0});
  }
  std::optional<protocol::RecordBatch> compact(const protocol::RecordBatch& batch) {
    BatchCompactor compactor(latest, producers,
                             {.now = now, .delete_retention = retention, .end = end});
    compactor.add_aborted(aborted);
    auto outcome = compactor.compact(batch);
    if (!outcome) qFatal("cannot compact");
    return outcome->batch;
  }
};

protocol::RecordBatch at(std::int64_t base, const protocol::RecordBatch& batch) {
  return batch.placed_at(Offset{base}, LeaderEpoch{4});
}

protocol::RecordBatch marker(std::int64_t base) {
  return protocol::make_marker_batch({.committed = true, .coordinator_epoch = 0},
                                     {.producer_id = pid,
                                      .producer_epoch = ProducerEpoch{0},
                                      .timestamp = start.millis_since_epoch(),
                                      .base_offset = Offset{base}});
}

}  // namespace

class BatchCompactorTest : public QObject {
  Q_OBJECT
 private slots:
  void a_batch_without_obsolete_records_stays_as_it_is();
  void an_obsolete_record_goes();
  void what_is_left_keeps_offsets_timestamps_and_headers();
  void what_is_left_keeps_its_producer_and_sequences();
  void what_is_left_is_compressed_as_before();
  void append_time_stays();
  void a_batch_without_any_record_goes();
  void a_record_without_a_key_goes();
  void records_past_the_map_stay();
  void a_tombstone_is_given_a_delete_horizon();
  void a_tombstone_stays_until_its_horizon();
  void a_tombstone_goes_at_its_horizon();
  void a_horizon_once_given_does_not_move();
  void a_producers_last_batch_stays_as_a_header();
  void a_producer_that_is_forgotten_keeps_nothing();
  void the_rounds_last_batch_stays_as_a_header();
  void an_aborted_batch_goes_whatever_its_keys();
  void a_marker_without_a_transaction_is_given_a_delete_horizon();
  void a_marker_without_a_transaction_goes_at_its_horizon();
  void a_fenced_producers_marker_stays();
  void records_that_cannot_be_read_are_corrupt();
  void a_cleaned_batch_has_these_bytes();
  void a_header_without_records_has_these_bytes();
};

void BatchCompactorTest::a_batch_without_obsolete_records_stays_as_it_is() {
  Compacting c;
  const auto batch = at(10, keyed_batch({{"a", "1"}, {"b", "2"}}, start));
  QVERIFY(c.compact(batch) == batch);
  c.know("a", 10);
  c.know("b", 4);
  QVERIFY(c.compact(batch) == batch);
}

void BatchCompactorTest::an_obsolete_record_goes() {
  Compacting c;
  c.know("a", 12);
  const auto left = c.compact(at(10, keyed_batch({{"a", "1"}, {"b", "2"}}, start)));
  const auto records = *left->records();
  QCOMPARE(records.size(), 1U);
  QCOMPARE(records[0].key->text(), std::string_view("b"));
}

void BatchCompactorTest::what_is_left_keeps_offsets_timestamps_and_headers() {
  Compacting c;
  c.know("a", 50);
  c.know("c", 50);
  protocol::RecordBatchBuilder builder;
  const std::vector<protocol::RecordHeader> headers{{"h", Bytes::copy_of("x")}};
  builder.append(1000, octets("a"), octets("1"));
  builder.append(1500, octets("b"), octets("2"), headers);
  builder.append(1700, octets("c"), octets("3"));
  const auto left = c.compact(at(10, builder.build()));
  QVERIFY(left->crc_matches());
  QCOMPARE(left->base_offset().value(), 10);
  QCOMPARE(left->last_offset().value(), 12);
  QCOMPARE(left->header().partition_leader_epoch.value(), 4);
  QCOMPARE(left->header().max_timestamp, 1500);
  const auto records = *left->records();
  QCOMPARE(records.size(), 1U);
  QCOMPARE(records[0].offset.value(), 11);
  QCOMPARE(records[0].timestamp, 1500);
  QVERIFY(records[0].headers == headers);
}

void BatchCompactorTest::what_is_left_keeps_its_producer_and_sequences() {
  Compacting c;
  c.know("b", 50);
  const Writer writer{.producer = pid, .epoch = ProducerEpoch{2}, .sequence = 7};
  const auto left = c.compact(at(10, keyed_batch({{"a", "1"}, {"b", "2"}}, start, writer)));
  QCOMPARE(left->header().producer_id.value(), 9);
  QCOMPARE(left->header().producer_epoch.value(), 2);
  QCOMPARE(left->header().base_sequence, 7);
  QCOMPARE(left->header().last_sequence(), 8);
  QCOMPARE(left->header().record_count, 1);
}

void BatchCompactorTest::what_is_left_is_compressed_as_before() {
  Compacting c;
  c.know("a", 50);
  const auto batch = keyed_batch({{"a", "1"}, {"b", "2"}}, start, {}, protocol::Compression::zstd);
  const auto left = c.compact(at(10, batch));
  QCOMPARE(left->header().compression(), protocol::Compression::zstd);
  QCOMPARE(left->records()->at(0).value->text(), std::string_view("2"));
}

void BatchCompactorTest::append_time_stays() {
  Compacting c;
  c.know("a", 50);
  const Instant appended = Instant::from_millis(5000);
  const auto batch =
      keyed_batch({{"a", "1"}, {"b", "2"}}, Instant::from_millis(1)).with_append_time(appended);
  const auto left = c.compact(at(10, batch));
  QCOMPARE(left->header().timestamp_type(), protocol::TimestampType::log_append_time);
  QCOMPARE(left->header().max_timestamp, 5000);
  QCOMPARE(left->records()->at(0).timestamp, 5000);
}

void BatchCompactorTest::a_batch_without_any_record_goes() {
  Compacting c;
  c.know("a", 50);
  QVERIFY(!c.compact(at(10, keyed_batch({{"a", "1"}}, start))));
}

void BatchCompactorTest::a_record_without_a_key_goes() {
  Compacting c;
  QVERIFY(!c.compact(at(10, make_batch())));
}

void BatchCompactorTest::records_past_the_map_stay() {
  Compacting c;
  c.know("a", 50);
  const auto keyless = at(99, make_batch({.records = 2}));
  const auto left = c.compact(keyless);
  QCOMPARE(left->records()->size(), 1U);
  QCOMPARE(left->records()->at(0).offset.value(), 100);
}

void BatchCompactorTest::a_tombstone_is_given_a_delete_horizon() {
  Compacting c;
  const auto left = c.compact(at(10, keyed_batch({{"a", std::nullopt}}, start)));
  QCOMPARE(left->header().delete_horizon_ms(), (start + retention).millis_since_epoch());
  QCOMPARE(left->records()->at(0).timestamp, start.millis_since_epoch());
  QVERIFY(!left->records()->at(0).value);
}

void BatchCompactorTest::a_tombstone_stays_until_its_horizon() {
  Compacting c;
  const auto waiting = c.compact(at(10, keyed_batch({{"a", std::nullopt}}, start)));
  c.now = start + retention - Duration::millis(1);
  QVERIFY(c.compact(*waiting) == waiting);
}

void BatchCompactorTest::a_tombstone_goes_at_its_horizon() {
  Compacting c;
  const auto batch = at(10, keyed_batch({{"a", std::nullopt}, {"b", "2"}}, start));
  const auto waiting = c.compact(batch);
  c.now = start + retention;
  const auto left = c.compact(*waiting);
  QCOMPARE(left->records()->size(), 1U);
  QCOMPARE(left->records()->at(0).key->text(), std::string_view("b"));
}

void BatchCompactorTest::a_horizon_once_given_does_not_move() {
  Compacting c;
  const auto batch = at(10, keyed_batch({{"a", std::nullopt}, {"b", "2"}}, start));
  const auto waiting = c.compact(batch);
  c.now = start + Duration::seconds(5);
  c.know("b", 50);
  const auto later = c.compact(*waiting);
  QCOMPARE(later->header().record_count, 1);
  QCOMPARE(later->header().delete_horizon_ms(), waiting->header().delete_horizon_ms());
  QCOMPARE(later->records()->at(0).timestamp, start.millis_since_epoch());
}

void BatchCompactorTest::a_producers_last_batch_stays_as_a_header() {
  Compacting c;
  c.know("a", 50);
  c.know_producer(11);
  const Writer writer{.producer = pid, .sequence = 5};
  const auto batch = at(10, keyed_batch({{"a", "1"}, {"a", "2"}}, start, writer));
  const auto left = c.compact(batch);
  QCOMPARE(left->size_in_bytes(), 61U);
  QVERIFY(left->crc_matches());
  QCOMPARE(left->header().record_count, 0);
  QCOMPARE(left->base_offset().value(), 10);
  QCOMPARE(left->last_offset().value(), 11);
  QCOMPARE(left->header().last_sequence(), 6);
  QCOMPARE(left->header().max_timestamp, start.millis_since_epoch());
  QVERIFY(c.compact(*left) == left);
}

void BatchCompactorTest::a_producer_that_is_forgotten_keeps_nothing() {
  Compacting c;
  c.know("a", 50);
  const Writer writer{.producer = pid};
  QVERIFY(!c.compact(at(10, keyed_batch({{"a", "1"}}, start, writer))));
  c.know_producer(40);
  QVERIFY(!c.compact(at(10, keyed_batch({{"a", "1"}}, start, writer))));
}

void BatchCompactorTest::the_rounds_last_batch_stays_as_a_header() {
  Compacting c;
  c.know("a", 50);
  c.end = Offset{11};
  const auto left = c.compact(at(10, keyed_batch({{"a", "1"}}, start)));
  QCOMPARE(left->header().record_count, 0);
  QCOMPARE(left->header().next_offset().value(), 11);
}

void BatchCompactorTest::an_aborted_batch_goes_whatever_its_keys() {
  Compacting c;
  c.aborted = {{pid, Offset{10}, Offset{12}, Offset{13}}};
  const Writer writer{.producer = pid, .transactional = true};
  QVERIFY(!c.compact(at(10, keyed_batch({{"a", "1"}}, start, writer))));
}

void BatchCompactorTest::a_marker_without_a_transaction_is_given_a_delete_horizon() {
  Compacting c;
  const auto left = c.compact(marker(10));
  QCOMPARE(left->header().delete_horizon_ms(), (start + retention).millis_since_epoch());
  QVERIFY(left->header().is_control() && left->header().is_transactional());
  QVERIFY(protocol::read_marker(left->records()->at(0).key->span(),
                                left->records()->at(0).value->span())
              ->committed);
}

void BatchCompactorTest::a_marker_without_a_transaction_goes_at_its_horizon() {
  Compacting c;
  const auto waiting = c.compact(marker(10));
  c.now = start + retention - Duration::millis(1);
  QVERIFY(c.compact(*waiting));
  c.now = start + retention;
  QVERIFY(!c.compact(*waiting));
}

void BatchCompactorTest::a_fenced_producers_marker_stays() {
  Compacting c;
  const auto waiting = c.compact(marker(10));
  c.now = start + retention;
  c.producers[pid].epoch = ProducerEpoch{1};
  QVERIFY(!c.compact(*waiting));
  c.producers[pid].epoch = ProducerEpoch{0};
  const auto left = c.compact(*waiting);
  QVERIFY(left && left->header().is_control());
  QCOMPARE(left->header().record_count, 0);
}

void BatchCompactorTest::records_that_cannot_be_read_are_corrupt() {
  Compacting c;
  auto bytes = at(10, keyed_batch({{"a", "1"}}, start)).bytes().flatten();
  std::vector<std::uint8_t> damaged(bytes.span().begin(), bytes.span().end());
  damaged[61] = 0x7f;  // The first record's length.
  const auto batch =
      protocol::RecordBatch::read(Bytes::copy_of(std::span<const std::uint8_t>(damaged)));
  BatchCompactor compactor(c.latest, c.producers,
                           {.now = start, .delete_retention = retention, .end = c.end});
  QCOMPARE(compactor.compact(*batch).error(), StorageError::corrupt);
}

// 10:a=1 11:b= 12:a=2 of producer 9: the first "a" goes, "b" is a tombstone that waits, so the
// base timestamp is the horizon, 12 s, and the timestamps are 11 s before it. The same as
// MemoryRecords.filterTo of kafka-clients 4.0.0 writes, and so is the next.
void BatchCompactorTest::a_cleaned_batch_has_these_bytes() {
  Compacting c;
  c.know("a", 12);
  const Writer writer{.producer = pid, .epoch = ProducerEpoch{2}, .sequence = 7};
  const auto batch = at(10, keyed_batch({{"a", "1"}, {"b", std::nullopt}, {"a", "2"}},
                                        Instant::from_millis(1000), writer));
  c.now = Instant::from_millis(2000);
  const auto left = c.compact(batch);
  const QByteArray bytes(reinterpret_cast<const char*>(left->bytes().flatten().data()),
                         static_cast<qsizetype>(left->size_in_bytes()));
  QCOMPARE(bytes.toHex(' '),
           QByteArray("00 00 00 00 00 00 00 0a 00 00 00 46 00 00 00 04 02 96 c7 72 8e 00 40 00 00 "
                      "00 02 00 00 00 00 00 00 2e e0 00 00 00 00 00 00 03 e8 00 00 00 00 00 00 00 "
                      "09 00 02 00 00 00 07 00 00 00 02 12 00 ef ab 01 02 02 62 01 00 14 00 ef ab "
                      "01 04 02 61 02 32 00"));
}

void BatchCompactorTest::a_header_without_records_has_these_bytes() {
  const Writer writer{.producer = pid, .epoch = ProducerEpoch{2}, .sequence = 7};
  const auto batch = at(10, keyed_batch({{"a", "1"}, {"b", "2"}}, Instant::from_millis(1000),
                                        writer, protocol::Compression::gzip));
  const auto empty = protocol::RecordBatch::without_records(batch.header());
  const QByteArray bytes(reinterpret_cast<const char*>(empty.bytes().flatten().data()),
                         static_cast<qsizetype>(empty.size_in_bytes()));
  QCOMPARE(bytes.toHex(' '),
           QByteArray("00 00 00 00 00 00 00 0a 00 00 00 31 00 00 00 04 02 90 7a df 52 00 00 00 00 "
                      "00 01 ff ff ff ff ff ff ff ff 00 00 00 00 00 00 03 e8 00 00 00 00 00 00 00 "
                      "09 00 02 00 00 00 07 00 00 00 00"));
}

OTTLA_TEST(BatchCompactorTest)
#include "batch_compactor_test.moc"
