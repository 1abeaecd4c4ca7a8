// What the records of a metadata transaction stand for, and what a new active controller does about
// one that is open (KIP-868).
#include "engine/metadata/metadata_transactions.h"

#include "tests/engine/metadata/controller_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::metadata;
using namespace ottla::metadata::test;

namespace {

protocol::MetadataRecord feature(const char* name, int level) {
  protocol::FeatureLevelRecord record;
  record.name = name;
  record.feature_level = static_cast<std::int16_t>(level);
  return record;
}

struct Replayed {
  bool take(const protocol::MetadataRecord& record) {
    const auto done = transactions.take(
        record, Offset{next++}, [&](const auto& each, Offset at) { image.apply(each, at); });
    if (!done) error = done.error();
    return done.has_value();
  }
  MetadataTransactions transactions;
  Image image;
  std::string error;
  std::int64_t next = 0;
};

template <class Record>
bool holds(const Records& records, std::size_t place) {
  return std::holds_alternative<Record>(records.at(place));
}

}  // namespace

class MetadataTransactionsTest : public QObject {
  Q_OBJECT
 private slots:
  void records_of_a_transaction_count_at_its_end();
  void an_aborted_transaction_leaves_no_trace();
  void markers_out_of_place_are_refused();
  void an_empty_log_begins_with_a_transaction_where_the_level_knows_them_data();
  void an_empty_log_begins_with_a_transaction_where_the_level_knows_them();
  void an_open_transaction_is_aborted_by_the_next_controller();
};

void MetadataTransactionsTest::records_of_a_transaction_count_at_its_end() {
  Replayed log;
  QVERIFY(log.take(feature("before", 1)));
  QVERIFY(log.take(protocol::BeginTransactionRecord{}));
  QVERIFY(log.take(feature("within", 2)));
  QVERIFY(log.transactions.is_open());
  QCOMPARE(log.image.features().size(), 1U);
  QCOMPARE(log.image.applied_offset(), Offset{0});
  QVERIFY(log.take(protocol::EndTransactionRecord{}));
  QVERIFY(!log.transactions.is_open());
  QCOMPARE(int{log.image.feature_level("within")}, 2);
  QCOMPARE(log.image.applied_offset(), Offset{3});
}

void MetadataTransactionsTest::an_aborted_transaction_leaves_no_trace() {
  Replayed log;
  QVERIFY(log.take(protocol::BeginTransactionRecord{}));
  QVERIFY(log.take(feature("within", 2)));
  QVERIFY(log.take(protocol::AbortTransactionRecord{}));
  QVERIFY(log.image.features().empty());
  QCOMPARE(log.image.applied_offset(), Offset{2});
  QVERIFY(log.take(feature("after", 3)));
  QCOMPARE(int{log.image.feature_level("after")}, 3);
}

void MetadataTransactionsTest::markers_out_of_place_are_refused() {
  Replayed log;
  QVERIFY(!log.take(protocol::EndTransactionRecord{}));
  QCOMPARE(log.error, std::string("Encountered EndTransactionRecord without having seen a "
                                  "BeginTransactionRecord"));
  QVERIFY(!log.take(protocol::AbortTransactionRecord{}));
  QVERIFY(log.take(protocol::BeginTransactionRecord{}));
  QVERIFY(!log.take(protocol::BeginTransactionRecord{}));
  QCOMPARE(log.error,
           std::string("Encountered BeginTransactionRecord while already in a transaction"));
}

void MetadataTransactionsTest::
    an_empty_log_begins_with_a_transaction_where_the_level_knows_them_data() {
  QTest::addColumn<int>("level");
  QTest::addColumn<bool>("in_transaction");
  QTest::addRow("3.6-IV0") << 12 << false;
  QTest::addRow("3.6-IV1") << 13 << true;
}

void MetadataTransactionsTest::an_empty_log_begins_with_a_transaction_where_the_level_knows_them() {
  QFETCH(int, level);
  QFETCH(bool, in_transaction);
  const FeatureLevels levels{{"metadata.version", static_cast<std::int16_t>(level)},
                             {"eligible.leader.replicas.version", 0}};
  const Controller controller(ControllerConfig{"cluster", {}, levels}, Prng(1));
  const Records records = controller.activation_records(false);
  QCOMPARE(holds<protocol::BeginTransactionRecord>(records, 0), in_transaction);
  QCOMPARE(holds<protocol::EndTransactionRecord>(records, records.size() - 1), in_transaction);
  QVERIFY(holds<protocol::FeatureLevelRecord>(records, in_transaction ? 1 : 0));
}

void MetadataTransactionsTest::an_open_transaction_is_aborted_by_the_next_controller() {
  ControllerFixture f;
  QVERIFY(f.controller.activation_records(false).empty());
  const Records abort = f.controller.activation_records(true);
  QCOMPARE(abort.size(), 1U);
  QCOMPARE(std::get<protocol::AbortTransactionRecord>(abort[0]).reason.value(),
           std::string("Controller failover"));
  const Controller empty(ControllerConfig{"cluster", {}, {}}, Prng(1));
  const Records again = empty.activation_records(true);
  QVERIFY(holds<protocol::AbortTransactionRecord>(again, 0));
  QVERIFY(holds<protocol::BeginTransactionRecord>(again, 1));
  QVERIFY(holds<protocol::EndTransactionRecord>(again, again.size() - 1));
}

OTTLA_TEST(MetadataTransactionsTest)
#include "metadata_transactions_test.moc"
