// A broker of three finds a file damaged as it comes back: it makes it good, gives up a disk, or
// does not start; the others go on, and nothing that was acknowledged is lost. docs/bad-files.md
// has the whole table.
#include <fmt/format.h>

#include <algorithm>

#include "engine/world/faults.h"
#include "tests/simulation/scene.h"
#include "tests/support/test_registry.h"

using namespace ottla;

namespace {

constexpr BrokerId victim_id{1};

struct Damaged : test::Scene {
  explicit Damaged(const world::ClusterSpec& spec = test::small_segments(7)) : Scene(spec) {}

  [[nodiscard]] world::ProcessId victim() { return cluster.brokers().front(); }
  [[nodiscard]] const broker::BrokerNode* broker() { return cluster.broker(victim()); }
  void stop(bool cleanly) {
    if (cleanly) {
      cluster.world().shutdown(victim());
    } else {
      cluster.world().kill(victim());
    }
    run(Duration::seconds(3));
    QVERIFY(broker() == nullptr);
  }
  void start() {
    (void)cluster.take_events();
    cluster.world().start(victim());
    run(Duration::seconds(15));
    for (const observe::Event& event : cluster.take_events()) told += event.text + "\n";
  }
  [[nodiscard]] MemoryFile& file(const std::string& path) {
    const auto found = cluster.world().sim_disk(victim())->files().find(path);
    if (!found) qFatal("there is no %s", path.c_str());
    return *found;
  }
  void put(const std::string& path, std::string_view content) {
    file(path).truncate(0);
    file(path).append(ByteChain(Bytes::copy_of(content)));
  }
  // The last segment in the folder.
  [[nodiscard]] std::string last_log(const std::string& folder) {
    std::string last;
    for (const std::string& path : cluster.world().sim_disk(victim())->files().paths())
      if (path.starts_with(folder) && path.ends_with(".log")) last = path;
    return last;
  }
  [[nodiscard]] bool was_told(std::string_view what) const {
    return told.find(what) != std::string::npos;
  }
  // Whether broker 1 is in the in-sync set of the partition of orders.
  [[nodiscard]] bool in_sync(int index) {
    const auto* partition =
        cluster.newest_image()->partition(std::string_view("orders"), PartitionIndex{index});
    return metadata::contains(partition->isr, victim_id);
  }
  [[nodiscard]] bool goes_on() {
    const std::int64_t before = acknowledged();
    run(Duration::seconds(2));
    return acknowledged() > before + 2000;
  }

  std::string told;
};

}  // namespace

class BadFilesTest : public QObject {
  Q_OBJECT
 private slots:
  void a_broker_that_cannot_understand_its_only_directory_stops();
  void a_broker_loses_the_disk_whose_file_it_cannot_understand();
  void a_broker_gets_back_what_its_log_lost();
  void a_broker_starts_with_what_it_can_make_good();
  void a_start_makes_good_what_rots_in_random_plans();
};

void BadFilesTest::a_broker_that_cannot_understand_its_only_directory_stops() {
  const std::string only = "Shutting down, since the only log directory has failed: ";
  const std::vector<std::array<std::string, 3>> rows = {
      {"meta.properties", "junk", "No readable meta.properties files found."},
      {"__cluster_metadata-0/quorum-state", "{", "Error while reading the Quorum status"},
      {"recovery-point-offset-checkpoint", "7\n", only + "Error while reading checkpoint file"},
      {"replication-offset-checkpoint", "7\n", only + "Error while reading checkpoint file"},
      {"orders-0/partition.metadata", "", only + "Error while reading partition metadata file"},
      {"orders-0/leader-epoch-checkpoint", "x", only + "Error while loading log dir"}};
  for (const auto& [path, content, why] : rows) {
    Damaged scene;
    scene.stop(true);
    scene.put(path, content);
    scene.start();
    QVERIFY2(scene.broker() == nullptr, path.c_str());
    QVERIFY2(scene.was_told(why), (path + ": " + scene.told).c_str());
    QVERIFY2(!scene.in_sync(0) && !scene.in_sync(1), path.c_str());
    QVERIFY2(scene.goes_on(), path.c_str());
    QCOMPARE(scene.violations(), std::string());
  }
}

void BadFilesTest::a_broker_loses_the_disk_whose_file_it_cannot_understand() {
  world::ClusterSpec spec = test::small_segments(7);
  spec.settings["log.dirs"] = "/disk1,/disk2";
  for (const std::string name : {"partition.metadata", "leader-epoch-checkpoint"}) {
    Damaged scene(spec);
    int lost = -1;
    for (const auto& [key, replica] : scene.broker()->replicas().all()) {
      if (replica->topic() == "orders" && replica->directory().path() == "/disk2")
        lost = key.index.value();
    }
    QVERIFY(lost >= 0);
    scene.stop(true);
    scene.put(fmt::format("disk2/orders-{}/{}", lost, name), "junk");
    scene.start();
    QVERIFY(scene.broker() != nullptr);
    QVERIFY2(scene.was_told("Stopping serving replicas in dir /disk2"), scene.told.c_str());
    QVERIFY(!scene.broker()->directories().find("/disk2")->is_online());
    QVERIFY(!scene.in_sync(lost));
    QVERIFY(scene.broker()->directories().find("/disk1")->is_online());
    QVERIFY(scene.in_sync(1 - lost));
    QVERIFY(scene.goes_on());
    QCOMPARE(scene.violations(), std::string());
  }
}

void BadFilesTest::a_broker_gets_back_what_its_log_lost() {
  for (const bool cleanly : {true, false}) {
    Damaged scene;
    scene.stop(cleanly);
    const std::string log = scene.last_log("orders-0/");
    MemoryFile& file = scene.file(log);
    file.truncate(file.size() / 2);
    scene.start();
    QVERIFY(scene.broker() != nullptr);
    QVERIFY2(scene.was_told("Corruption found in " + log), scene.told.c_str());
    QVERIFY2(scene.was_told("below its high watermark"), scene.told.c_str());
    QVERIFY(scene.healthy());
    QVERIFY(scene.goes_on());
    QCOMPARE(scene.violations(), std::string());
  }
}

void BadFilesTest::a_broker_starts_with_what_it_can_make_good() {
  const auto index = [](const std::string& log) {
    return log.substr(0, log.size() - 4) + ".index";
  };
  Damaged scene;
  scene.stop(true);
  scene.put(".kafka_cleanshutdown", "junk");
  scene.put(index(scene.last_log("orders-0/")), "junk");
  scene.put("orders-1/leader-epoch-checkpoint", "");
  scene.put("log-start-offset-checkpoint", "");
  const std::string metadata_log = scene.last_log("__cluster_metadata-0/");
  scene.file(metadata_log).truncate(scene.file(metadata_log).size() - 5);
  scene.start();
  QVERIFY(scene.broker() != nullptr);
  QVERIFY2(scene.was_told("An index file of orders-0/"), scene.told.c_str());
  QVERIFY2(scene.was_told("orders-1/leader-epoch-checkpoint is missing or empty"),
           scene.told.c_str());
  QVERIFY2(scene.was_told("Corruption found in " + metadata_log), scene.told.c_str());
  QVERIFY2(!scene.was_told("below its high watermark"), scene.told.c_str());
  QVERIFY(scene.healthy());
  QVERIFY(scene.goes_on());
  QCOMPARE(scene.violations(), std::string());
}

// The kinds of file that exploring draws, many bits of each: not every one is noticed, since a
// clock in an index may be a little off.
void BadFilesTest::a_start_makes_good_what_rots_in_random_plans() {
  using world::RotIn;
  const std::vector<std::pair<RotIn, std::string>> rows = {
      {RotIn::index, "built anew"},
      {RotIn::producer_snapshot, ".snapshot"},
      {RotIn::log_end, "Corruption found in orders-"},
      {RotIn::metadata_log, "Corruption found in __cluster_metadata-0/"}};
  for (const auto& [where, what] : rows) {
    Damaged scene;
    scene.stop(where == RotIn::index || where == RotIn::producer_snapshot);
    for (int bit = 0; bit < 30; ++bit)
      world::apply_fault(scene.cluster.world(), world::fault::RotBit{scene.victim(), {}, where});
    scene.start();
    QVERIFY(scene.broker() != nullptr);
    QVERIFY2(scene.was_told(what), scene.told.c_str());
    QVERIFY(scene.healthy());
    QVERIFY(scene.goes_on());
    QCOMPARE(scene.violations(), std::string());
  }
}

OTTLA_TEST(BadFilesTest)
#include "bad_files_test.moc"
