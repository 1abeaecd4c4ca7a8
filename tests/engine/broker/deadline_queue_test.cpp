#include "engine/broker/data/deadline_queue.h"

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;

class DeadlineQueueTest : public QObject {
  Q_OBJECT
 private slots:
  void what_is_due_first_comes_first_and_stays_until_it_is_removed();
  void those_of_one_moment_come_as_they_were_added();
  void nothing_is_due_before_its_time();
};

namespace {

Instant at(std::int64_t millis) {
  return Instant::from_micros(millis * 1000);
}

}  // namespace

void DeadlineQueueTest::what_is_due_first_comes_first_and_stays_until_it_is_removed() {
  DeadlineQueue queue;
  QVERIFY(!queue.next() && !queue.due(at(1000)));
  queue.add(at(30), RequestToken{1});
  queue.add(at(10), RequestToken{2});
  queue.add(at(20), RequestToken{3});
  QVERIFY(queue.next() == at(10));
  QVERIFY(queue.due(at(100)) == RequestToken{2});
  QVERIFY(queue.due(at(100)) == RequestToken{2});
  queue.remove(at(10), RequestToken{2});
  QVERIFY(queue.due(at(100)) == RequestToken{3});
  queue.remove(at(30), RequestToken{1});
  QVERIFY(queue.next() == at(20));
  queue.remove(at(20), RequestToken{3});
  QVERIFY(!queue.next());
}

void DeadlineQueueTest::those_of_one_moment_come_as_they_were_added() {
  DeadlineQueue queue;
  for (const std::uint64_t token : {5U, 3U, 4U}) queue.add(at(10), RequestToken{token});
  queue.add(at(20), RequestToken{3});
  queue.remove(at(10), RequestToken{3});  // Not that of the other moment.
  QVERIFY(queue.due(at(10)) == RequestToken{5});
  queue.remove(at(10), RequestToken{5});
  QVERIFY(queue.due(at(10)) == RequestToken{4});
  queue.remove(at(10), RequestToken{4});
  QVERIFY(queue.next() == at(20));
}

void DeadlineQueueTest::nothing_is_due_before_its_time() {
  DeadlineQueue queue;
  queue.add(at(10), RequestToken{1});
  QVERIFY(!queue.due(at(9)));
  QVERIFY(queue.due(at(10)) == RequestToken{1});
}

OTTLA_TEST(DeadlineQueueTest)
#include "deadline_queue_test.moc"
