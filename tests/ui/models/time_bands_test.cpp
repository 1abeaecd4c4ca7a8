#include "ui/models/time_bands.h"

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::ui;
using observe::Event;
using observe::EventKind;
using observe::Severity;

namespace {

Instant second(int s) {
  return scenario_epoch + Duration::seconds(s);
}

class Script {
 public:
  Event& at(int s, EventKind kind, const char* node, const char* peer = "") {
    flush();
    pending_.number = ++number_;
    pending_.at = second(s);
    pending_.kind = kind;
    pending_.node = node;
    pending_.peer = peer;
    return pending_;
  }
  const TimeBands& bands() {
    flush();
    return bands_;
  }

 private:
  void flush() {
    if (pending_.number > 0) bands_.add(pending_);
    pending_ = {};
  }
  TimeBands bands_;
  Event pending_;
  std::uint64_t number_ = 0;
};

}  // namespace

class TimeBandsTest : public QObject {
  Q_OBJECT
 private slots:
  void a_kill_lasts_until_its_process_starts();
  void a_cut_is_healed_from_either_end();
  void a_killed_process_is_no_longer_paused();
  void a_hot_key_lasts_until_the_producer_is_itself_again();
  void a_group_is_in_one_state_at_a_time();
  void bands_that_overlap_are_stacked();
};

void TimeBandsTest::a_kill_lasts_until_its_process_starts() {
  Script script;
  script.at(90, EventKind::process_killed, "4");
  script.at(92, EventKind::process_started, "5");
  script.at(98, EventKind::process_started, "4");
  script.at(99, EventKind::process_started, "4");
  const auto& faults = script.bands().faults();
  QCOMPARE(faults.size(), std::size_t{1});
  QCOMPARE(faults[0].label, std::string("Kill broker 4"));
  QVERIFY(faults[0].start == second(90));
  QVERIFY(faults[0].end == second(98));
}

void TimeBandsTest::a_cut_is_healed_from_either_end() {
  Script script;
  script.at(1, EventKind::link_cut, "4", "6");
  script.at(2, EventKind::link_cut, "1", "2");
  script.at(3, EventKind::link_healed, "6", "4");
  const auto& faults = script.bands().faults();
  QVERIFY(faults[0].end == second(3));
  QVERIFY(!faults[1].end);
  QCOMPARE(faults[0].label, std::string("Cut 4 \u2013 6"));
}

void TimeBandsTest::a_killed_process_is_no_longer_paused() {
  Script script;
  script.at(1, EventKind::process_paused, "2");
  script.at(5, EventKind::process_killed, "2");
  const auto& faults = script.bands().faults();
  QVERIFY(faults[0].end == second(5));
  QVERIFY(!faults[1].end);
}

void TimeBandsTest::a_hot_key_lasts_until_the_producer_is_itself_again() {
  Script script;
  Event& hot = script.at(1, EventKind::producer_changed, "web-1");
  hot.severity = Severity::warning;
  hot.text = "Hot key on clicks-7, share 61 %";
  script.at(9, EventKind::producer_changed, "web-1");
  const auto& faults = script.bands().faults();
  QCOMPARE(faults.size(), std::size_t{1});
  QVERIFY(faults[0].end == second(9));
  QCOMPARE(faults[0].label, std::string("Hot key on clicks-7, share 61 %"));
}

void TimeBandsTest::a_group_is_in_one_state_at_a_time() {
  Script script;
  script.at(1, EventKind::group_rebalance, "").group = "billing";
  script.at(2, EventKind::group_rebalance, "").group = "billing";
  script.at(4, EventKind::group_stable, "").group = "billing";
  script.at(6, EventKind::group_rebalance, "").group = "billing";
  const auto& bands = script.bands().groups().at("billing");
  QCOMPARE(bands.size(), std::size_t{3});
  QVERIFY(bands[0].start == second(1) && bands[0].end == second(4));
  QVERIFY(bands[1].end == second(6));
  QVERIFY(!bands[2].end);
}

void TimeBandsTest::bands_that_overlap_are_stacked() {
  Band bands[4];
  bands[0].start = second(0);
  bands[1].start = second(2), bands[1].end = second(4);
  bands[2].start = second(4), bands[2].end = second(5);
  bands[3].start = second(4);
  const auto rows = stack_rows({&bands[0], &bands[1], &bands[2], &bands[3]}, second(10), 2);
  QCOMPARE(rows, (std::vector<int>{0, 1, 1, 1}));
}

OTTLA_TEST(TimeBandsTest)
#include "time_bands_test.moc"
