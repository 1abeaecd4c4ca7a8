#include "ui/feed/selection.h"

#include <QSignalSpy>

#include "tests/support/test_registry.h"

using namespace ottla::ui;
using ottla::BrokerId;
using ottla::PartitionIndex;
using ottla::observe::Event;
using ottla::observe::EventKind;

class SelectionTest : public QObject {
  Q_OBJECT
 private slots:
  void the_same_thing_again_is_no_change();
  void an_event_is_about_the_most_particular_thing_it_names();
};

void SelectionTest::the_same_thing_again_is_no_change() {
  Selection selection;
  QSignalSpy changed(&selection, &Selection::changed);
  selection.select(SelectedBroker{BrokerId(4)});
  selection.select(SelectedBroker{BrokerId(4)});
  QCOMPARE(changed.count(), 1);
  selection.select(SelectedController{BrokerId(4)});
  QCOMPARE(changed.count(), 2);
  selection.clear();
  QVERIFY(std::holds_alternative<std::monostate>(selection.current()));
}

void SelectionTest::an_event_is_about_the_most_particular_thing_it_names() {
  const EventSubjects known{{BrokerId(4), BrokerId(6)}, {BrokerId(101), BrokerId(6)}};
  const auto subject = [&](auto fill) {
    Event event;
    fill(event);
    return subject_of(event, known);
  };
  QVERIFY(subject([](Event&) {}) == SelectedThing{});
  QVERIFY(subject([](Event& e) { e.node = "4"; }) == SelectedThing(SelectedBroker{BrokerId(4)}));
  QVERIFY(subject([](Event& e) { e.node = "6"; }) == SelectedThing(SelectedBroker{BrokerId(6)}));
  QVERIFY(subject([](Event& e) { e.node = "101"; }) ==
          SelectedThing(SelectedController{BrokerId(101)}));
  QVERIFY(subject([](Event& e) { e.node = "77"; }) == SelectedThing{});
  QVERIFY(subject([](Event& e) { e.node = "checkout"; }) ==
          SelectedThing(SelectedProducer{"checkout"}));
  QVERIFY(subject([](Event& e) { e.node = "6", e.topic = "orders"; }) ==
          SelectedThing(SelectedTopic{"orders"}));
  QVERIFY(subject([](Event& e) {
            e.node = "6", e.topic = "orders", e.partition = PartitionIndex(3);
          }) == SelectedThing(SelectedPartition{"orders", PartitionIndex(3)}));
  QVERIFY(subject([](Event& e) { e.group = "billing", e.node = "1"; }) ==
          SelectedThing(SelectedGroup{"billing"}));
  QVERIFY(subject([](Event& e) { e.group = "billing", e.node = "billing-2"; }) ==
          SelectedThing(SelectedMember{"billing", "billing-2"}));
  QVERIFY(subject([](Event& e) { e.kind = EventKind::link_cut, e.node = "4", e.peer = "6"; }) ==
          SelectedThing(SelectedLink{"4", "6"}));
}

OTTLA_TEST(SelectionTest)
#include "selection_test.moc"
