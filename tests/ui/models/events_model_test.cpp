#include "ui/models/events_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::ui;
using observe::Event;
using observe::EventKind;
using observe::Severity;

namespace {

Event event_of(std::uint64_t number, EventKind kind = EventKind::note, std::string text = {}) {
  Event made;
  made.number = number;
  made.kind = kind;
  made.text = std::move(text);
  return made;
}

}  // namespace

class EventsModelTest : public QObject {
  Q_OBJECT
 private slots:
  void events_are_appended_and_the_oldest_go();
  void a_burst_beyond_the_bound_keeps_its_newest();
  void the_filter_shows_what_passes_and_follows_new_events();
  void words_are_looked_for_in_everything_an_event_names();
};

void EventsModelTest::events_are_appended_and_the_oldest_go() {
  EventsModel model(nullptr, 100);
  QAbstractItemModelTester tester(&model);
  QSignalSpy resets(&model, &EventsModel::modelReset);
  std::deque<Event> all;
  for (std::uint64_t n = 1; n <= 1000; ++n) {
    all.push_back(event_of(n));
    if (n % 7 == 0) model.append(all, 7);
  }
  QVERIFY(model.rowCount() <= 100);
  QVERIFY(model.rowCount() > 80);
  QCOMPARE(model.event(model.rowCount() - 1).number, std::uint64_t{994});
  QCOMPARE(model.rowOf(994), model.rowCount() - 1);
  QCOMPARE(model.rowOf(1), -1);
  QCOMPARE(resets.count(), 0);
}

void EventsModelTest::a_burst_beyond_the_bound_keeps_its_newest() {
  EventsModel model(nullptr, 10);
  QAbstractItemModelTester tester(&model);
  std::deque<Event> all;
  for (std::uint64_t n = 1; n <= 50; ++n) all.push_back(event_of(n));
  model.append(all, 50);
  QCOMPARE(model.rowCount(), 10);
  QCOMPARE(model.event(0).number, std::uint64_t{41});
}

void EventsModelTest::the_filter_shows_what_passes_and_follows_new_events() {
  EventsModel model;
  EventFilterProxy proxy;
  proxy.setSourceModel(&model);
  QAbstractItemModelTester tester(&proxy);
  std::deque<Event> all{event_of(1, EventKind::leader_elected, "Leader 4 to 6"),
                        event_of(2, EventKind::isr_shrank, "ISR shrank to 6, 1")};
  all.back().severity = Severity::warning;
  model.append(all, 2);
  proxy.setFilter({"leader", std::nullopt, Severity::info});
  QCOMPARE(proxy.rowCount(), 1);
  all.push_back(event_of(3, EventKind::leader_elected, "Leader 1 to 2"));
  model.append(all, 1);
  QCOMPARE(proxy.rowCount(), 2);
  proxy.setFilter({"", EventKind::isr_shrank, Severity::info});
  QCOMPARE(proxy.rowCount(), 1);
  proxy.setFilter({"", std::nullopt, Severity::warning});
  QCOMPARE(proxy.rowCount(), 1);
  proxy.setFilter({});
  QCOMPARE(proxy.rowCount(), 3);
}

void EventsModelTest::words_are_looked_for_in_everything_an_event_names() {
  Event shrank = event_of(1, EventKind::isr_shrank, "ISR shrank to 6, 1");
  shrank.topic = "orders";
  shrank.partition = PartitionIndex(3);
  shrank.node = "6";
  const auto passes = [&](const char* words) {
    return EventFilter{words, std::nullopt, Severity::info}.passes(shrank);
  };
  QVERIFY(passes("orders-3"));
  QVERIFY(passes("isr orders"));
  QVERIFY(passes("isr_shrank"));
  QVERIFY(passes("  shrank  "));
  QVERIFY(!passes("orders-4"));
  QVERIFY(!passes("isr payments"));
}

OTTLA_TEST(EventsModelTest)
#include "events_model_test.moc"
