#include "engine/broker/data/log_directories.h"

#include "engine/metadata/directory_id.h"
#include "tests/engine/broker/broker_env.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;
using broker::test::BrokerEnv;

namespace {

const metadata::ConfigValues two_dirs{{"log.dirs", "/a, /b"}};

struct Machine {
  BrokerEnv env;

  // What a node of that cluster and id says as it starts.
  std::string claim(const metadata::ConfigValues& settings = {}, const std::string& cluster = "c",
                    int node = 1) {
    directories = std::make_unique<LogDirectories>(env.env.disk, env.env.probe, settings);
    const auto claimed = directories->claim(env.env.random, {cluster, BrokerId{node}});
    return claimed ? std::string() : claimed.error();
  }
  const Uuid& id(std::size_t place) const { return directories->all().at(place)->id(); }
  storage::MetaProperties properties(std::string_view folder) {
    FolderDisk disk(env.env.disk, std::string(folder));
    return storage::read_meta_properties(disk)->value();
  }
  void write(std::string_view folder, const storage::MetaProperties& properties) {
    FolderDisk disk(env.env.disk, std::string(folder));
    QVERIFY(storage::write_meta_properties(disk, properties).has_value());
  }
  // Leaves the broker epochs in the directories' clean shutdown markers.
  void close(std::initializer_list<std::pair<const char*, int>> epochs) {
    for (const auto& [folder, epoch] : epochs) {
      FolderDisk disk(env.env.disk, folder);
      QVERIFY(storage::write_clean_shutdown(disk, {BrokerEpoch{epoch}}).has_value());
    }
  }

  std::unique_ptr<LogDirectories> directories;
};

}  // namespace

class LogDirectoriesTest : public QObject {
  Q_OBJECT
 private slots:
  void a_new_nodes_directory_keeps_its_id();
  void one_directory_has_the_whole_disk_and_several_have_folders();
  void a_directory_of_another_node_or_cluster_is_refused();
  void a_meta_properties_that_cannot_be_understood_is_refused_and_left_alone();
  void an_id_that_two_directories_have_is_refused();
  void a_directory_that_came_later_is_refused_until_it_is_formatted();
  void a_directory_that_is_named_twice_is_refused();
  void a_directory_without_an_id_gets_one();
  void a_directory_that_cannot_be_read_is_offline();
  void without_the_metadata_directory_nothing_goes();
  void a_metadata_log_in_another_directory_is_refused();
  void the_metadata_log_may_have_a_directory_of_its_own();
  void the_process_before_stopped_cleanly_where_all_directories_say_so();
  void a_failed_directory_is_taken_once();
};

void LogDirectoriesTest::a_new_nodes_directory_keeps_its_id() {
  Machine machine;
  QCOMPARE(machine.claim(), std::string());
  const Uuid first = machine.id(0);
  QVERIFY(!first.is_zero());
  QCOMPARE(machine.claim(), std::string());
  QVERIFY(machine.id(0) == first);
}

void LogDirectoriesTest::one_directory_has_the_whole_disk_and_several_have_folders() {
  Machine one;
  QCOMPARE(one.claim({{"log.dirs", "/a"}}), std::string());
  QCOMPARE(one.env.files.paths(), std::vector<std::string>{"meta.properties"});

  Machine two;
  QCOMPARE(two.claim(two_dirs), std::string());
  QCOMPARE(two.env.files.paths(),
           (std::vector<std::string>{"a/meta.properties", "b/meta.properties"}));
  QVERIFY(two.id(0) != two.id(1));
  QCOMPARE(two.directories->all().at(1)->path(), std::string("/b"));
  QVERIFY(two.directories->claimed_ids() == metadata::sorted_directories({two.id(0), two.id(1)}));
}

void LogDirectoriesTest::a_directory_of_another_node_or_cluster_is_refused() {
  Machine machine;
  QCOMPARE(machine.claim(two_dirs), std::string());
  QCOMPARE(machine.claim(two_dirs, "c", 2),
           std::string("Stored node id 1 doesn't match previous node id 2 in /a/meta.properties. "
                       "If you moved your data, make sure your configured node id matches. If you "
                       "intend to create a new node, you should remove all data in your data "
                       "directories."));
  storage::MetaProperties strange = machine.properties("b");
  strange.cluster_id = "d";
  machine.write("b", strange);
  QCOMPARE(machine.claim(two_dirs),
           std::string("Invalid cluster.id in: /b/meta.properties. Expected c, but read d"));
}

void LogDirectoriesTest::a_meta_properties_that_cannot_be_understood_is_refused_and_left_alone() {
  Machine machine;
  const Bytes torn = Bytes::copy_of("version=1\ncluster");
  QVERIFY(replace_file(machine.env.env.disk, storage::meta_properties_name, torn).has_value());
  QVERIFY(machine.claim() != std::string());
  QVERIFY(read_file(machine.env.env.disk, storage::meta_properties_name) == torn);
}

void LogDirectoriesTest::an_id_that_two_directories_have_is_refused() {
  Machine machine;
  QCOMPARE(machine.claim(two_dirs), std::string());
  machine.write("b", machine.properties("a"));
  QCOMPARE(machine.claim(two_dirs), "Duplicate directory ID Optional[" +
                                        machine.properties("a").directory_id.to_string() +
                                        "] found. It was the ID of /a, but also of /b");
}

void LogDirectoriesTest::a_directory_that_came_later_is_refused_until_it_is_formatted() {
  Machine machine;
  QCOMPARE(machine.claim(two_dirs), std::string());
  QCOMPARE(machine.claim({{"log.dirs", "/a,/b,/new"}}),
           std::string("No `meta.properties` found in /new (have you run `kafka-storage.sh` to "
                       "format the directory?)"));
  machine.write("new", {"c", BrokerId{1}, Uuid(5, 5)});
  QCOMPARE(machine.claim({{"log.dirs", "/a,/b,/new"}}), std::string());
  QVERIFY(machine.id(2) == Uuid(5, 5));
}

void LogDirectoriesTest::a_directory_that_is_named_twice_is_refused() {
  Machine machine;
  QVERIFY(machine.claim({{"log.dirs", "/a,/b,/a"}}).starts_with("Duplicate log directory found"));
}

void LogDirectoriesTest::a_directory_without_an_id_gets_one() {
  Machine machine;
  machine.write("", {"c", BrokerId{1}, Uuid()});
  QCOMPARE(machine.claim(), std::string());
  QVERIFY(!machine.id(0).is_zero());
  QVERIFY(machine.properties("").directory_id == machine.id(0));
}

void LogDirectoriesTest::a_directory_that_cannot_be_read_is_offline() {
  Machine machine;
  QCOMPARE(machine.claim(two_dirs), std::string());
  const Uuid kept = machine.id(0);
  machine.env.files.faults_below("b").reads_fail = true;
  QCOMPARE(machine.claim(two_dirs), std::string());
  QVERIFY(machine.directories->has_offline());
  QVERIFY(!machine.directories->find("/b")->is_online());
  QVERIFY(machine.directories->claimed_ids() == std::vector{kept});
}

void LogDirectoriesTest::without_the_metadata_directory_nothing_goes() {
  Machine machine;
  QCOMPARE(machine.claim(two_dirs), std::string());
  machine.env.files.faults_below("a").reads_fail = true;
  QCOMPARE(machine.claim(two_dirs),
           std::string("Encountered I/O error in metadata log directory /a. Cannot continue."));
  machine.env.files.faults.reads_fail = true;
  QCOMPARE(machine.claim(two_dirs), std::string("No readable meta.properties files found."));
}

void LogDirectoriesTest::a_metadata_log_in_another_directory_is_refused() {
  Machine machine;
  QCOMPARE(machine.claim(two_dirs), std::string());
  (void)machine.env.env.disk.open("b/__cluster_metadata-0/log", Disk::Open::create_new);
  QCOMPARE(machine.claim(two_dirs),
           std::string("Found unexpected metadata location in data directory "
                       "`/b/__cluster_metadata-0` (the configured metadata directory is /a)."));
}

void LogDirectoriesTest::the_metadata_log_may_have_a_directory_of_its_own() {
  Machine machine;
  QCOMPARE(machine.claim({{"log.dirs", "/a"}, {"metadata.log.dir", "/m"}}), std::string());
  QCOMPARE(machine.directories->all().size(), std::size_t{1});
  QCOMPARE(machine.directories->metadata().path(), std::string("/m"));
  QCOMPARE(machine.env.files.paths(),
           (std::vector<std::string>{"a/meta.properties", "m/meta.properties"}));
}

void LogDirectoriesTest::the_process_before_stopped_cleanly_where_all_directories_say_so() {
  const auto epoch_after = [](std::initializer_list<std::pair<const char*, int>> epochs) {
    Machine machine;
    (void)machine.claim(two_dirs);
    machine.close(epochs);
    const auto epoch = machine.directories->take_clean_shutdowns();
    return epoch ? epoch->value() : -2;
  };
  QCOMPARE(epoch_after({{"a", 7}, {"b", 7}}), 7);
  QCOMPARE(epoch_after({{"a", 7}, {"b", 8}}), -1);
  QCOMPARE(epoch_after({{"a", 7}}), -1);
  QCOMPARE(epoch_after({{"b", 7}}), -1);
}

void LogDirectoriesTest::a_failed_directory_is_taken_once() {
  Machine machine;
  QCOMPARE(machine.claim(two_dirs), std::string());
  QVERIFY(machine.directories->take_failed() == nullptr);
  machine.env.files.faults_below("b").writes_fail = true;
  LogDirectory* b = machine.directories->find("/b");
  QVERIFY(!b->disk().open("file", Disk::Open::create_new).has_value());
  QVERIFY(machine.directories->take_failed() == b);
  QVERIFY(machine.directories->take_failed() == nullptr);
  QVERIFY(machine.directories->online() == std::vector{machine.directories->find("/a")});
}

OTTLA_TEST(LogDirectoriesTest)
#include "log_directories_test.moc"
