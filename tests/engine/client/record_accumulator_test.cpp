#include "engine/client/record_accumulator.h"

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::client;

namespace {

constexpr PartitionIndex first{0};
constexpr PartitionIndex second{1};
constexpr PartitionIndex third{2};
const Instant start = Instant::from_micros(1'000'000);

RecordAccumulator::Options options() {
  RecordAccumulator::Options options;
  options.linger = Duration::millis(5);
  options.delivery_timeout = Duration::seconds(120);
  return options;
}

// A producer's batches over three partitions.
struct Filling {
  explicit Filling(bool idempotent = false) : identity(idempotent) {
    accumulator.set_partition_count(3);
  }
  void append(PartitionIndex partition, Instant now) {
    const std::string value = "value";
    QVERIFY(accumulator.append(
        partition,
        {{}, std::span(reinterpret_cast<const std::uint8_t*>(value.data()), value.size())}, now));
  }
  ProducerBatch& drain(PartitionIndex partition, Instant now) {
    return accumulator.drain(accumulator.queue(partition), now);
  }
  std::vector<PartitionIndex> waiting() const {
    std::vector<PartitionIndex> partitions;
    for (auto at = accumulator.next_waiting(first); at; at = accumulator.next_waiting(at->next()))
      partitions.push_back(*at);
    return partitions;
  }

  ProducerIdentity identity;
  RecordAccumulator accumulator{options(), identity};
};

using Partitions = std::vector<PartitionIndex>;

}  // namespace

class RecordAccumulatorTest : public QObject {
  Q_OBJECT
 private slots:
  void partitions_wait_in_order_and_while_they_have_batches();
  void the_oldest_batch_expires_first_wherever_it_is();
  void a_batch_is_sent_under_the_identity_of_the_time();
};

void RecordAccumulatorTest::partitions_wait_in_order_and_while_they_have_batches() {
  Filling f;
  QCOMPARE(f.waiting(), Partitions{});
  f.append(third, start);
  f.append(first, start);
  f.append(first, start);
  QCOMPARE(f.waiting(), (Partitions{first, third}));
  QCOMPARE(f.accumulator.next_waiting(second), std::optional(third));
  const Instant due = start + Duration::millis(5);
  ProducerBatch& sent = f.drain(first, due);
  QCOMPARE(f.waiting(), Partitions{third});
  f.accumulator.reenqueue(sent);
  QCOMPARE(f.waiting(), (Partitions{first, third}));
  f.accumulator.release(sent);
  QCOMPARE(f.waiting(), Partitions{third});
  f.accumulator.release(f.drain(third, due));
  QCOMPARE(f.waiting(), Partitions{});
}

void RecordAccumulatorTest::the_oldest_batch_expires_first_wherever_it_is() {
  Filling f;
  QCOMPARE(f.accumulator.next_expiry(), std::nullopt);
  const Instant later = start + Duration::seconds(1);
  f.append(second, start);
  ProducerBatch& oldest = f.drain(second, later);
  f.append(second, later);
  ProducerBatch& newer = f.drain(second, later + Duration::seconds(1));
  const Instant expiry = start + Duration::seconds(120);
  QCOMPARE(f.accumulator.next_expiry(), std::optional(expiry));
  // Without sequences the one that comes back last is sent first, so the older waits behind it.
  f.accumulator.reenqueue(oldest);
  f.accumulator.reenqueue(newer);
  QCOMPARE(f.accumulator.next_expiry(), std::optional(expiry));
  QCOMPARE(f.accumulator.expired(expiry - Duration::micros(1)).size(), std::size_t{0});
  QCOMPARE(f.accumulator.expired(expiry), std::vector{&oldest});
  f.accumulator.release(oldest);
  QCOMPARE(f.accumulator.next_expiry(), std::optional(expiry + Duration::seconds(1)));
}

void RecordAccumulatorTest::a_batch_is_sent_under_the_identity_of_the_time() {
  Filling f(true);
  f.identity.granted({ProducerId{7}, ProducerEpoch{0}});
  f.append(first, start);
  ProducerBatch& batch = f.drain(first, start + Duration::millis(5));
  const auto header_of = [](const ByteChain& bytes) {
    const auto read = protocol::RecordBatch::read(bytes);
    return read && read->crc_matches() ? read->header() : protocol::BatchHeader();
  };
  QCOMPARE(header_of(batch.stamped()).producer_id, ProducerId{7});
  QCOMPARE(header_of(batch.stamped()).producer_epoch, ProducerEpoch{0});
  QCOMPARE(header_of(batch.stamped()).base_sequence, 0);
  QVERIFY(batch.stamped() == batch.built->bytes());
  f.accumulator.queue(first).start_sequences_at_beginning({ProducerId{7}, ProducerEpoch{1}});
  QCOMPARE(header_of(batch.stamped()).producer_id, ProducerId{7});
  QCOMPARE(header_of(batch.stamped()).producer_epoch, ProducerEpoch{1});
  QCOMPARE(header_of(batch.stamped()).record_count, 1);
}

OTTLA_TEST(RecordAccumulatorTest)
#include "record_accumulator_test.moc"
