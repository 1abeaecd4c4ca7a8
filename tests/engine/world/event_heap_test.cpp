#include "engine/world/event_heap.h"

#include <algorithm>
#include <memory>

#include "engine/base/prng.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::world;

namespace {
Instant at(std::int64_t micros) {
  return Instant::from_micros(micros);
}
}  // namespace

class EventHeapTest : public QObject {
  Q_OBJECT
 private slots:
  void events_run_by_time_and_within_a_moment_in_the_order_they_were_scheduled();
  void a_cancelled_event_does_not_run_and_its_captures_are_freed();
  void an_id_stays_stale_when_its_slot_is_used_again();
  void cancelling_most_events_leaves_the_order_of_the_others();
  void a_callback_may_schedule_and_may_not_cancel_itself();
  void captures_of_events_that_never_ran_are_freed_with_the_heap();
};

void EventHeapTest::events_run_by_time_and_within_a_moment_in_the_order_they_were_scheduled() {
  Prng prng(7);
  EventHeap heap;
  std::vector<std::pair<std::int64_t, int>> expected;
  std::vector<std::pair<std::int64_t, int>> ran;
  for (int i = 0; i < 5000; ++i) {
    const auto time = static_cast<std::int64_t>(prng.below(300));
    expected.emplace_back(time, i);
    heap.schedule(at(time), [&ran, time, i] { ran.emplace_back(time, i); });
  }
  std::sort(expected.begin(), expected.end());
  while (const auto next = heap.next_time()) {
    heap.run_next();
    QCOMPARE(next->micros_since_epoch(), ran.back().first);
  }
  QVERIFY(ran == expected);
}

void EventHeapTest::a_cancelled_event_does_not_run_and_its_captures_are_freed() {
  EventHeap heap;
  auto witness = std::make_shared<int>(0);
  const EventId event = heap.schedule(at(1), [witness] { ++*witness; });
  QCOMPARE(witness.use_count(), 2L);
  QVERIFY(heap.cancel(event));
  QCOMPARE(witness.use_count(), 1L);
  QVERIFY(!heap.cancel(event));
  QVERIFY(heap.empty());
  QVERIFY(!heap.next_time());
  QCOMPARE(*witness, 0);
}

void EventHeapTest::an_id_stays_stale_when_its_slot_is_used_again() {
  EventHeap heap;
  int runs = 0;
  const EventId first = heap.schedule(at(1), [&runs] { ++runs; });
  heap.run_next();
  const EventId second = heap.schedule(at(2), [&runs] { ++runs; });
  QVERIFY(first != second);
  QVERIFY(!heap.cancel(first));
  heap.run_next();
  QCOMPARE(runs, 2);
}

void EventHeapTest::cancelling_most_events_leaves_the_order_of_the_others() {
  Prng prng(11);
  EventHeap heap;
  std::vector<std::pair<std::int64_t, int>> expected;
  std::vector<std::pair<std::int64_t, int>> ran;
  std::vector<EventId> doomed;
  for (int i = 0; i < 3000; ++i) {
    const auto time = static_cast<std::int64_t>(prng.below(500));
    const EventId event = heap.schedule(at(time), [&ran, time, i] { ran.emplace_back(time, i); });
    if (prng.chance(0.9)) {
      doomed.push_back(event);
    } else {
      expected.emplace_back(time, i);
    }
  }
  for (const EventId event : doomed) QVERIFY(heap.cancel(event));
  QCOMPARE(heap.size(), expected.size());
  std::sort(expected.begin(), expected.end());
  while (!heap.empty()) heap.run_next();
  QVERIFY(ran == expected);
}

void EventHeapTest::a_callback_may_schedule_and_may_not_cancel_itself() {
  EventHeap heap;
  EventId self{};
  bool cancelled = true;
  int chained = 0;
  self = heap.schedule(at(1), [&] {
    QCOMPARE(heap.current(), self);
    cancelled = heap.cancel(self);
    for (int i = 0; i < 3000; ++i) heap.schedule(at(1), [&chained] { ++chained; });
  });
  while (!heap.empty()) heap.run_next();
  QVERIFY(!cancelled);
  QCOMPARE(chained, 3000);
}

void EventHeapTest::captures_of_events_that_never_ran_are_freed_with_the_heap() {
  auto witness = std::make_shared<int>(0);
  {
    EventHeap heap;
    heap.schedule(at(1), [witness] {});
    heap.schedule(at(1), [owned = std::make_unique<int>(1), witness] {});
    QCOMPARE(witness.use_count(), 3L);
  }
  QCOMPARE(witness.use_count(), 1L);
}

OTTLA_TEST(EventHeapTest)
#include "event_heap_test.moc"
