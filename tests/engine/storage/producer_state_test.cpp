#include "engine/storage/producer_state.h"

#include <limits>

#include "tests/engine/storage/log_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::storage;
using namespace ottla::storage::test;

namespace {

constexpr ProducerId pid{42};
constexpr std::int32_t sequence_max = std::numeric_limits<std::int32_t>::max();

struct Machine {
  ProducerState state;

  Result<std::vector<EndedTransaction>, StorageError> append(
      const protocol::RecordBatch& batch, AppendOrigin origin = AppendOrigin::client,
      std::int16_t marker_version = 0) {
    const protocol::RecordBatch placed = batch.placed_at(state.end(), LeaderEpoch{0});
    ProducerAppend append(state, origin);
    if (auto staged = append.stage(placed, marker_version); !staged) return failure(staged.error());
    return state.commit(std::move(append), placed.header().next_offset());
  }
  Result<std::vector<EndedTransaction>, StorageError> data(std::int32_t sequence, int records = 1,
                                                           std::int16_t epoch = 0,
                                                           ProducerId id = pid) {
    return append(make_batch(
        {.records = records, .producer = id, .epoch = ProducerEpoch{epoch}, .sequence = sequence}));
  }
  Result<std::vector<EndedTransaction>, StorageError> transactional(std::int32_t sequence,
                                                                    ProducerId id,
                                                                    std::int16_t epoch = 0) {
    return append(make_batch({.producer = id,
                              .epoch = ProducerEpoch{epoch},
                              .sequence = sequence,
                              .transactional = true}));
  }
  Result<std::vector<EndedTransaction>, StorageError> marker(ProducerId id, bool committed,
                                                             std::int16_t epoch = 0,
                                                             std::int32_t coordinator = 0,
                                                             std::int16_t version = 0) {
    return append(
        protocol::make_marker_batch({.committed = committed, .coordinator_epoch = coordinator},
                                    {.producer_id = id, .producer_epoch = ProducerEpoch{epoch}}),
        AppendOrigin::coordinator, version);
  }
};

protocol::BatchHeader header_of(std::int32_t sequence, int records = 1, std::int16_t epoch = 0) {
  return make_batch({.records = records,
                     .producer = pid,
                     .epoch = ProducerEpoch{epoch},
                     .sequence = sequence})
      .header();
}

}  // namespace

class ProducerStateTest : public QObject {
  Q_OBJECT
 private slots:
  void sequences_go_on_without_a_gap();
  void sequences_wrap_at_the_largest_number();
  void a_batch_across_the_wrap_has_its_first_sequence();
  void an_unknown_producer_may_begin_anywhere();
  void a_new_epoch_begins_at_zero();
  void an_old_epoch_is_fenced();
  void the_last_five_batches_are_known_again();
  void a_refused_batch_changes_nothing();
  void a_follower_does_not_check_sequences();
  void an_open_transaction_holds_the_stable_offset();
  void an_aborted_transaction_tells_the_stable_offset();
  void a_plain_batch_in_a_transaction_is_refused();
  void a_marker_of_an_old_coordinator_is_fenced();
  void under_version_2_a_marker_has_a_newer_epoch();
  void idle_producers_expire_but_not_in_a_transaction();
  void a_snapshot_holds_what_is_needed_to_go_on();
  void a_snapshot_is_what_kafka_writes();
  void a_damaged_snapshot_is_refused();
};

void ProducerStateTest::sequences_go_on_without_a_gap() {
  Machine m;
  QVERIFY(m.data(0, 3));
  QVERIFY(m.data(3, 2));
  QCOMPARE(m.data(6).error(), StorageError::out_of_order_sequence);
  QCOMPARE(m.data(4).error(), StorageError::out_of_order_sequence);
  QVERIFY(m.data(5));
}

void ProducerStateTest::sequences_wrap_at_the_largest_number() {
  Machine m;
  QVERIFY(m.data(sequence_max - 1, 2));
  QVERIFY(m.data(0));
  QVERIFY(m.data(1));
}

void ProducerStateTest::a_batch_across_the_wrap_has_its_first_sequence() {
  Machine m;
  QVERIFY(m.data(sequence_max, 3));  // 2^31 - 1, 0, 1
  QCOMPARE(m.state.producers().at(pid).last_sequence(), 1);
  QCOMPARE(m.state.producers().at(pid).last().first_sequence(), sequence_max);
  QVERIFY(m.state.duplicate_of(header_of(sequence_max, 3)));
  QVERIFY(m.data(2));
}

void ProducerStateTest::an_unknown_producer_may_begin_anywhere() {
  Machine m;
  QVERIFY(m.data(17));
  QCOMPARE(m.data(19).error(), StorageError::out_of_order_sequence);
}

void ProducerStateTest::a_new_epoch_begins_at_zero() {
  Machine m;
  QVERIFY(m.data(0, 5, 0));
  QCOMPARE(m.data(5, 1, 1).error(), StorageError::out_of_order_sequence);
  QVERIFY(m.data(0, 1, 1));
  QVERIFY(!m.state.duplicate_of(header_of(0, 5, 0)));
}

void ProducerStateTest::an_old_epoch_is_fenced() {
  Machine m;
  QVERIFY(m.data(0, 1, 4));
  QCOMPARE(m.data(0, 1, 3).error(), StorageError::invalid_producer_epoch);
  QCOMPARE(error_code_of(StorageError::invalid_producer_epoch),
           protocol::ErrorCode::invalid_producer_epoch);
}

void ProducerStateTest::the_last_five_batches_are_known_again() {
  Machine m;
  for (int i = 0; i < 7; ++i) QVERIFY(m.data(i * 2, 2));
  for (int i = 2; i < 7; ++i) {
    const auto known = m.state.duplicate_of(header_of(i * 2, 2));
    QVERIFY(known);
    QCOMPARE(known->first_offset().value(), i * 2);
    QCOMPARE(known->last_offset.value(), i * 2 + 1);
  }
  QVERIFY(!m.state.duplicate_of(header_of(2, 2)));
  QVERIFY(!m.state.duplicate_of(header_of(12, 1)));
  QVERIFY(!m.state.duplicate_of(header_of(12, 2, 1)));
}

void ProducerStateTest::a_refused_batch_changes_nothing() {
  Machine m;
  QVERIFY(m.transactional(0, pid));
  const Bytes before = m.state.encode_snapshot();
  QVERIFY(!m.data(1));
  QVERIFY(!m.data(9));
  QVERIFY(m.state.encode_snapshot() == before);
}

void ProducerStateTest::a_follower_does_not_check_sequences() {
  Machine m;
  QVERIFY(m.data(0));
  QVERIFY(m.append(make_batch({.producer = pid, .sequence = 9}), AppendOrigin::replication));
  QCOMPARE(m.state.producers().at(pid).last_sequence(), 9);
}

void ProducerStateTest::an_open_transaction_holds_the_stable_offset() {
  Machine m;
  QVERIFY(m.data(0, 3));
  QVERIFY(!m.state.first_unstable_offset());
  QVERIFY(m.transactional(0, ProducerId{1}));  // 3
  QVERIFY(m.transactional(0, ProducerId{2}));  // 4
  QVERIFY(m.transactional(1, ProducerId{1}));  // 5
  QCOMPARE(m.state.first_unstable_offset()->value(), 3);
  const auto ended = m.marker(ProducerId{1}, true);  // 6
  QCOMPARE(ended->size(), 1U);
  QVERIFY(!ended->front().transaction.aborted);
  // Its marker may not be replicated yet.
  QCOMPARE(m.state.first_unstable_offset()->value(), 3);
  m.state.on_high_watermark(Offset{6});
  QCOMPARE(m.state.first_unstable_offset()->value(), 3);
  m.state.on_high_watermark(Offset{7});
  QCOMPARE(m.state.first_unstable_offset()->value(), 4);
  QVERIFY(m.marker(ProducerId{2}, true));
  m.state.on_high_watermark(Offset{8});
  QVERIFY(!m.state.first_unstable_offset());
  QVERIFY(m.marker(ProducerId{2}, true)->empty());  // Of no transaction here.
}

void ProducerStateTest::an_aborted_transaction_tells_the_stable_offset() {
  Machine m;
  QVERIFY(m.transactional(0, ProducerId{1}));          // 0
  QVERIFY(m.transactional(0, ProducerId{2}));          // 1
  const auto second = m.marker(ProducerId{2}, false);  // 2
  QVERIFY(second->front().transaction.aborted);
  QCOMPARE(second->front().last_stable_offset.value(), 0);
  const auto first = m.marker(ProducerId{1}, false);  // 3
  QCOMPARE(first->front().transaction.first.value(), 0);
  QCOMPARE(first->front().transaction.last.value(), 3);
  QCOMPARE(first->front().last_stable_offset.value(), 4);
}

void ProducerStateTest::a_plain_batch_in_a_transaction_is_refused() {
  Machine m;
  QVERIFY(m.transactional(0, pid));
  QCOMPARE(m.data(1).error(), StorageError::invalid_transaction_state);
}

void ProducerStateTest::a_marker_of_an_old_coordinator_is_fenced() {
  Machine m;
  QVERIFY(m.marker(pid, true, 0, 5));
  QVERIFY(m.transactional(0, pid));
  QCOMPARE(m.marker(pid, true, 0, 4).error(), StorageError::coordinator_fenced);
  QCOMPARE(m.marker(pid, true, -1, 5).error(), StorageError::invalid_producer_epoch);
  QVERIFY(m.marker(pid, true, 0, 5));
}

void ProducerStateTest::under_version_2_a_marker_has_a_newer_epoch() {
  Machine m;
  QVERIFY(m.transactional(0, pid, 3));
  QCOMPARE(m.marker(pid, true, 3, 0, 2).error(), StorageError::invalid_producer_epoch);
  QCOMPARE(m.marker(pid, true, 4, 0, 2)->size(), 1U);
  QVERIFY(m.marker(pid, true, 4, 0, 2)->empty());  // A retry.
  QCOMPARE(m.transactional(1, pid, 3).error(), StorageError::invalid_producer_epoch);
  QVERIFY(m.transactional(0, pid, 4));
  QCOMPARE(m.marker(pid, true, 4, 0, 2).error(), StorageError::invalid_producer_epoch);
}

void ProducerStateTest::idle_producers_expire_but_not_in_a_transaction() {
  Machine m;
  QVERIFY(m.data(0));
  QVERIFY(m.transactional(0, ProducerId{2}));
  const Duration day = Duration::seconds(86'400);
  QCOMPARE(m.state.expire(start + day - Duration::millis(1), day), 0U);
  QCOMPARE(m.state.expire(start + day, day), 1U);
  QVERIFY(m.state.producers().count(ProducerId{2}) == 1);
  QVERIFY(m.data(100));
}

void ProducerStateTest::a_snapshot_holds_what_is_needed_to_go_on() {
  Machine m;
  QVERIFY(m.data(0, 3));
  QVERIFY(m.transactional(0, ProducerId{2}, 1));
  QVERIFY(m.marker(ProducerId{3}, true, 1, 9));
  const auto loaded = ProducerState::parse_snapshot(m.state.encode_snapshot(), m.state.end(), start,
                                                    Duration::seconds(1));
  QVERIFY(loaded);
  Machine again{*loaded};
  QCOMPARE(again.state.first_unstable_offset()->value(), 3);
  QVERIFY(again.state.duplicate_of(header_of(0, 3)));
  QVERIFY(again.data(3));
  QVERIFY(again.marker(ProducerId{2}, false, 1));
  const auto later = ProducerState::parse_snapshot(
      m.state.encode_snapshot(), m.state.end(), start + Duration::seconds(5), Duration::seconds(1));
  QCOMPARE(later->producers().size(), 1U);
}

void ProducerStateTest::a_snapshot_is_what_kafka_writes() {
  Machine m;
  QVERIFY(m.append(make_batch({.records = 2, .timestamp = 1000, .producer = pid, .sequence = 7})));
  const Bytes snapshot = m.state.encode_snapshot();
  QCOMPARE(snapshot.size(), 2U + 4 + 4 + 46);
  const QByteArray fields(reinterpret_cast<const char*>(snapshot.data()) + 6, 50);
  QCOMPARE(fields.toHex(), QByteArray("00000001"             // one producer
                                      "000000000000002a"     // its id
                                      "0000"                 // epoch
                                      "00000008"             // last sequence
                                      "0000000000000001"     // last offset
                                      "00000001"             // offset delta
                                      "00000000000003e9"     // timestamp
                                      "ffffffff"             // coordinator epoch
                                      "ffffffffffffffff"));  // no transaction
}

void ProducerStateTest::a_damaged_snapshot_is_refused() {
  Machine m;
  QVERIFY(m.data(0, 3));
  const Bytes snapshot = m.state.encode_snapshot();
  const auto parse = [](const Bytes& content) {
    return ProducerState::parse_snapshot(content, Offset{3}, start, Duration::seconds(60));
  };
  QVERIFY(parse(snapshot));
  for (std::size_t i = 0; i < snapshot.size(); ++i) {
    std::vector<std::uint8_t> copy(snapshot.data(), snapshot.data() + snapshot.size());
    copy[i] = static_cast<std::uint8_t>(copy[i] ^ 0x10);
    QVERIFY(!parse(Bytes::copy_of(copy)));
    QVERIFY(!parse(snapshot.slice(0, i)));
  }
}

OTTLA_TEST(ProducerStateTest)
#include "producer_state_test.moc"
