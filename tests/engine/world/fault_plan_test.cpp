#include "engine/world/fault_plan.h"

#include <QTest>
#include <map>
#include <set>
#include <utility>

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::world;

namespace {

constexpr Duration an_hour = Duration::seconds(3600);

FaultProfile disk_troubles() {
  FaultProfile profile;
  profile.weights = no_faults;
  profile.weights.disk_full = profile.weights.disk_error = 1;
  return profile;
}

FaultTargets three_nodes(std::vector<std::string> folders) {
  return {.nodes = {ProcessId{1}, ProcessId{2}, ProcessId{3}}, .folders = std::move(folders)};
}

// How often each folder is spoiled; what is spoiled and not repaired by the end is left in `open`.
struct Spoilt {
  explicit Spoilt(const FaultPlan& plan) {
    for (const TimedFault& timed : plan) {
      const auto* spoil = std::get_if<fault::SpoilDisk>(&timed.fault);
      if (spoil == nullptr) continue;
      const std::pair what(spoil->process, spoil->folder);
      if (spoil->trouble == fault::DiskTrouble::none) {
        open.erase(what);
      } else {
        open.insert(what);
        ++times[spoil->folder];
      }
    }
  }
  std::map<std::string, int> times;
  std::set<std::pair<ProcessId, std::string>> open;
};

}  // namespace

class FaultPlanTest : public QObject {
  Q_OBJECT
 private slots:
  void the_same_draws_give_the_same_plan();
  void a_disk_without_folders_fails_as_a_whole();
  void each_folder_and_the_whole_disk_fail_and_are_repaired();
  void bits_rot_where_a_start_makes_it_good();
  void what_rots_changes_nothing_else();
};

void FaultPlanTest::the_same_draws_give_the_same_plan() {
  const auto times = [](std::uint64_t seed) {
    std::vector<Duration> all;
    for (const TimedFault& timed : random_plan(Prng(seed), three_nodes({}), an_hour))
      all.push_back(timed.after);
    return all;
  };
  QVERIFY(times(1).size() > 100);
  QVERIFY(times(1) == times(1));
  QVERIFY(times(1) != times(2));
}

void FaultPlanTest::a_disk_without_folders_fails_as_a_whole() {
  const Spoilt spoilt(random_plan(Prng(1), three_nodes({}), an_hour, disk_troubles()));
  QCOMPARE(spoilt.times.size(), std::size_t{1});
  QVERIFY(spoilt.times.at("") > 50);
  QVERIFY(spoilt.open.empty());
}

void FaultPlanTest::each_folder_and_the_whole_disk_fail_and_are_repaired() {
  const Spoilt spoilt(
      random_plan(Prng(1), three_nodes({"disk1", "disk2"}), an_hour, disk_troubles()));
  QCOMPARE(spoilt.times.size(), std::size_t{3});
  for (const auto& [folder, times] : spoilt.times) QVERIFY2(times > 20, folder.c_str());
  QVERIFY(spoilt.times.at("disk1") + spoilt.times.at("disk2") > spoilt.times.at(""));
  QVERIFY(spoilt.open.empty());
}

namespace {

FaultProfile stops(double rot_share) {
  FaultProfile profile;
  profile.weights = no_faults;
  profile.weights.kill = profile.weights.clean_restart = profile.weights.power_loss = 1;
  profile.rot_share = rot_share;
  return profile;
}

}  // namespace

// What a node may have lost, or gets from others, rots where that is so; nothing rots in a node
// that nobody has stopped.
void FaultPlanTest::bits_rot_where_a_start_makes_it_good() {
  FaultTargets targets = three_nodes({});
  targets.observers = {ProcessId{3}};
  const FaultPlan plan = random_plan(Prng(1), targets, an_hour, stops(0.5));
  std::map<std::size_t, std::vector<Fault>> acts;
  for (const TimedFault& timed : plan) acts[timed.act].push_back(timed.fault);
  std::map<RotIn, int> times;
  for (const auto& [act, faults] : acts) {
    QVERIFY(!std::holds_alternative<fault::RotBit>(faults.front()));
    for (const Fault& each : faults) {
      const auto* rot = std::get_if<fault::RotBit>(&each);
      if (rot == nullptr) continue;
      ++times[rot->where];
      if (rot->where == RotIn::log_end)
        QVERIFY(std::holds_alternative<fault::PowerLoss>(faults.front()));
      if (rot->where != RotIn::metadata_log) continue;
      QCOMPARE(rot->process, ProcessId{3});
      const auto* restart = std::get_if<fault::Restart>(&faults.front());
      QVERIFY(restart == nullptr || !restart->clean);
    }
  }
  QCOMPARE(times.size(), std::size_t{4});
  QCOMPARE(times.count(RotIn::any_file), std::size_t{0});
  for (const auto& [where, count] : times) QVERIFY(count > 5);
}

void FaultPlanTest::what_rots_changes_nothing_else() {
  const FaultPlan without = random_plan(Prng(1), three_nodes({}), an_hour, stops(0));
  FaultPlan with = random_plan(Prng(1), three_nodes({}), an_hour, stops(0.5));
  QVERIFY(with.size() > without.size());
  std::erase_if(with, [](const TimedFault& timed) {
    return std::holds_alternative<fault::RotBit>(timed.fault);
  });
  QCOMPARE(with.size(), without.size());
  for (std::size_t n = 0; n < with.size(); ++n) {
    QVERIFY(with[n].after == without[n].after);
    QCOMPARE(with[n].fault.index(), without[n].fault.index());
  }
}

OTTLA_TEST(FaultPlanTest)
#include "fault_plan_test.moc"
