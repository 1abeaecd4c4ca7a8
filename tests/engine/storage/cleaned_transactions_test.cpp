#include "engine/storage/cleaned_transactions.h"

#include <QTest>

#include "tests/engine/storage/cleaner_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::storage;
using namespace ottla::storage::test;

namespace {

constexpr ProducerId pid{9};

protocol::BatchHeader data(std::int64_t base, bool transactional = true,
                           ProducerId producer = pid) {
  return make_batch({.producer = producer, .transactional = transactional, .base = Offset{base}})
      .header();
}

protocol::RecordBatch marker(std::int64_t base, bool committed, ProducerId producer = pid) {
  return protocol::make_marker_batch({.committed = committed, .coordinator_epoch = 0},
                                     {.producer_id = producer,
                                      .producer_epoch = ProducerEpoch{0},
                                      .timestamp = 1,
                                      .base_offset = Offset{base}});
}

AbortedTransaction aborted(std::int64_t first, std::int64_t last, ProducerId producer = pid) {
  return {producer, Offset{first}, Offset{last}, Offset{last + 1}};
}

}  // namespace

class CleanedTransactionsTest : public QObject {
  Q_OBJECT
 private slots:
  void a_batch_of_an_aborted_transaction_may_go();
  void a_batch_of_a_committed_transaction_stays();
  void a_batch_outside_of_transactions_stays();
  void another_producers_batch_stays();
  void a_marker_with_batches_before_it_stays();
  void a_marker_without_batches_may_go();
  void an_abort_with_batches_before_it_keeps_its_index_entry();
  void an_abort_without_batches_loses_its_index_entry();
  void a_transaction_that_is_told_twice_counts_once();
  void the_next_transaction_of_a_producer_is_judged_by_itself();
  void an_emptied_marker_may_go();
};

void CleanedTransactionsTest::a_batch_of_an_aborted_transaction_may_go() {
  CleanedTransactions transactions;
  transactions.add_aborted({aborted(3, 8)});
  QVERIFY(transactions.on_batch(data(3)));
  QVERIFY(transactions.on_batch(data(5)));
}

void CleanedTransactionsTest::a_batch_of_a_committed_transaction_stays() {
  CleanedTransactions transactions;
  transactions.add_aborted({aborted(3, 8)});
  QVERIFY(!transactions.on_batch(data(1)));
}

void CleanedTransactionsTest::a_batch_outside_of_transactions_stays() {
  CleanedTransactions transactions;
  transactions.add_aborted({aborted(3, 8)});
  QVERIFY(!transactions.on_batch(data(4, false)));
}

void CleanedTransactionsTest::another_producers_batch_stays() {
  CleanedTransactions transactions;
  transactions.add_aborted({aborted(3, 8)});
  QVERIFY(!transactions.on_batch(data(4, true, ProducerId{10})));
}

void CleanedTransactionsTest::a_marker_with_batches_before_it_stays() {
  CleanedTransactions transactions;
  QVERIFY(!transactions.on_batch(data(1)));
  QVERIFY(!transactions.on_control_batch(marker(2, true))->discardable);
}

void CleanedTransactionsTest::a_marker_without_batches_may_go() {
  CleanedTransactions transactions;
  QVERIFY(transactions.on_control_batch(marker(2, true))->discardable);
  QVERIFY(!transactions.on_batch(data(3)));
  QVERIFY(transactions.on_control_batch(marker(4, true, ProducerId{10}))->discardable);
}

void CleanedTransactionsTest::an_abort_with_batches_before_it_keeps_its_index_entry() {
  CleanedTransactions transactions;
  transactions.add_aborted({aborted(3, 8)});
  QVERIFY(transactions.on_batch(data(3)));
  const auto fate = transactions.on_control_batch(marker(8, false));
  QVERIFY(!fate->discardable);
  QVERIFY(fate->aborted == aborted(3, 8));
}

void CleanedTransactionsTest::an_abort_without_batches_loses_its_index_entry() {
  CleanedTransactions transactions;
  transactions.add_aborted({aborted(3, 8)});
  const auto fate = transactions.on_control_batch(marker(8, false));
  QVERIFY(fate->discardable);
  QVERIFY(!fate->aborted);
}

void CleanedTransactionsTest::a_transaction_that_is_told_twice_counts_once() {
  CleanedTransactions transactions;
  transactions.add_aborted({aborted(3, 8)});
  QVERIFY(transactions.on_batch(data(3)));
  transactions.add_aborted({aborted(3, 8)});
  QVERIFY(!transactions.on_control_batch(marker(8, false))->discardable);
  QVERIFY(!transactions.on_batch(data(9)));
}

void CleanedTransactionsTest::the_next_transaction_of_a_producer_is_judged_by_itself() {
  CleanedTransactions transactions;
  transactions.add_aborted({aborted(0, 2)});
  QVERIFY(transactions.on_batch(data(0)));
  QVERIFY(!transactions.on_control_batch(marker(2, false))->discardable);
  QVERIFY(!transactions.on_batch(data(3)));
  QVERIFY(!transactions.on_control_batch(marker(4, true))->discardable);
  QVERIFY(transactions.on_control_batch(marker(5, true))->discardable);
}

void CleanedTransactionsTest::an_emptied_marker_may_go() {
  CleanedTransactions transactions;
  const auto empty = protocol::RecordBatch::without_records(marker(2, true).header());
  QVERIFY(!transactions.on_batch(data(1)));
  QVERIFY(transactions.on_control_batch(empty)->discardable);
}

OTTLA_TEST(CleanedTransactionsTest)
#include "cleaned_transactions_test.moc"
