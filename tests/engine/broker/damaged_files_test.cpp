// Every file that a node reads as it starts, beside its logs' own, damaged: what it says, and what
// it takes with it. docs/bad-files.md is the table in words.
#include <fmt/format.h>

#include "engine/broker/controller/metadata_log.h"
#include "engine/storage/broker_files.h"
#include "engine/storage/partition_folder.h"
#include "tests/engine/broker/data_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;
using namespace ottla::broker::test;
using protocol::ErrorCode;

namespace {

const metadata::ConfigValues one_dir{{"log.dirs", "/a"}};
const metadata::ConfigValues two_dirs{{"log.dirs", "/a,/b"}};
const std::string segment = "orders-0/00000000000000000000.log";

struct Damage {
  std::string content;
  std::string why;
};

void put(BrokerEnv& env, const std::string& path, std::string_view content) {
  if (!replace_file(env.env.disk, path, Bytes::copy_of(content))) qFatal("%s", path.c_str());
}
std::string text(BrokerEnv& env, const std::string& path) {
  return std::string(read_file(env.env.disk, path)->text());
}

// What a node of cluster c says as it claims its directories.
struct Claim {
  explicit Claim(BrokerEnv& env, const metadata::ConfigValues& settings)
      : directories(env.env.disk, env.env.probe, settings) {
    env.notes.clear();
    const auto claimed = directories.claim(env.env.random, {"c", BrokerId{1}});
    if (!claimed) refusal = claimed.error();
  }
  LogDirectories directories;
  std::string refusal;
};

// Broker 1 with a log of three batches of `orders` and whatever else a test puts there before the
// metadata log tells of the topic.
struct Restart : DataFixture {
  explicit Restart(const metadata::ConfigValues& settings = one_dir) : DataFixture(settings) {
    std::string log;
    for (int i = 0; i < 3; ++i) {
      const auto batch = make_batch().placed_at(Offset{i}, first_epoch);
      const Bytes bytes = batch.bytes().flatten();
      batch_bytes = bytes.size();
      log += bytes.text();
    }
    put(env, segment, log);
    put(env, "orders-0/partition.metadata",
        "version: 0\ntopic_id: " + orders_id.to_string() + "\n");
  }
  // The metadata log tells of the topic; another one is beside it.
  void start() {
    create_orders({1});
    create_topic("payments", TopicId{9, 9}, {1});
  }
  [[nodiscard]] std::string failure() { return directories.all().front()->failure().value_or(""); }
  [[nodiscard]] bool is_open() { return replicas.find(orders_0) != nullptr; }
  [[nodiscard]] bool was_told(std::string_view what) {
    return std::any_of(env.notes.begin(), env.notes.end(), [&](const std::string& note) {
      return note.find(what) != std::string::npos;
    });
  }
  std::size_t batch_bytes = 0;
};

}  // namespace

class DamagedFilesTest : public QObject {
  Q_OBJECT
 private slots:
  void meta_properties_take_their_directory();
  void offset_checkpoints_take_their_directory();
  void offsets_out_of_range_are_brought_into_it();
  void folders_that_are_no_logs_are_refused();
  void partition_metadata_takes_its_directory();
  void a_folder_without_partition_metadata_is_a_stray();
  void a_log_that_cannot_be_opened_takes_its_directory();
  void what_is_lost_below_the_high_watermark_is_told();
  void quorum_state_is_refused();
  void metadata_snapshots_are_refused();
  void only_the_latest_metadata_snapshot_counts();
  void a_bootstrap_checkpoint_is_not_read();
  void a_metadata_log_without_its_beginning_is_refused();
  void a_damaged_metadata_log_is_cut_and_tells_so();
  void a_metadata_log_has_no_gaps();
};

void DamagedFilesTest::meta_properties_take_their_directory() {
  const std::vector<Damage> damages = {
      {"", "broker.id was not found."},
      {"\xff\xfe\x01garbage", "broker.id was not found."},
      {"version=1\nnode.id=1\nclust", "cluster.id was not found."},
      {"version=2\nnode.id=1\ncluster.id=c\n", "Unknown meta.properties version number 2"}};
  for (const Damage& damage : damages) {
    const std::string why = "Error while reading meta.properties file ";
    {
      BrokerEnv env;
      put(env, "meta.properties", damage.content);
      const Claim claim(env, one_dir);
      QCOMPARE(claim.refusal, std::string("No readable meta.properties files found."));
      QCOMPARE(env.notes, std::vector{why + "/a/meta.properties: " + damage.why});
      QCOMPARE(text(env, "meta.properties"), damage.content);
    }
    for (const std::string folder : {"a", "b"}) {
      BrokerEnv env;
      QCOMPARE(Claim(env, two_dirs).refusal, std::string());
      put(env, folder + "/meta.properties", damage.content);
      const Claim claim(env, two_dirs);
      const bool is_metadata = folder == "a";
      QCOMPARE(claim.refusal,
               std::string(is_metadata ? "Encountered I/O error in metadata log directory /a. "
                                         "Cannot continue."
                                       : ""));
      QCOMPARE(env.notes,
               std::vector{fmt::format("{}/{}/meta.properties: {}", why, folder, damage.why)});
      QCOMPARE(claim.directories.find("/b")->is_online(), is_metadata);
      QCOMPARE(text(env, folder + "/meta.properties"), damage.content);
    }
  }
}

void DamagedFilesTest::offset_checkpoints_take_their_directory() {
  for (const std::string_view name :
       {storage::recovery_point_checkpoint, storage::high_watermark_checkpoint,
        storage::log_start_checkpoint, storage::cleaner_checkpoint}) {
    const std::string file(name);
    const std::string malformed = "Malformed line in checkpoint file [" + file + "]: ";
    const std::vector<Damage> damages = {
        {"\xff\xff", malformed + "\xff\xff"},
        {"1\n0\n", "Unrecognised version:1, expected version: 0 in checkpoint file at: " + file},
        {"0\n2\norders 0 1\n",
         "Expected [2] entries in checkpoint file [" + file + "], but found only [1]"},
        {"0\n1\norders 0\n", malformed + "orders 0"},
        {"0\n1\norders 0 1.5\n", malformed + "orders 0 1.5"}};
    for (const Damage& damage : damages) {
      DataFixture f(two_dirs);
      put(f.env, "b/" + file, damage.content);
      f.replicas.load();
      QVERIFY(!f.directories.find("/a")->failure());
      QCOMPARE(f.directories.find("/b")->failure(),
               std::optional("Error while reading checkpoint file /b/" + file + ": " + damage.why));
      QVERIFY(f.directories.take_failed() == f.directories.find("/b"));
      QCOMPARE(text(f.env, "b/" + file), damage.content);
    }
    for (const char* accepted : {"", "0\n", "0\n0\n", "0\n2\norders 0 0\norders 0 0\n"}) {
      DataFixture f(two_dirs);
      put(f.env, "b/" + file, accepted);
      f.replicas.load();
      QVERIFY(!f.directories.find("/b")->failure());
    }
  }
}

void DamagedFilesTest::offsets_out_of_range_are_brought_into_it() {
  for (const char* offset : {"-7", "9000000000"}) {
    for (const std::string_view name :
         {storage::recovery_point_checkpoint, storage::high_watermark_checkpoint,
          storage::cleaner_checkpoint}) {
      Restart f;
      put(f.env, std::string(name), "0\n1\norders 0 " + std::string(offset) + "\n");
      f.replicas.load();
      f.start();
      QVERIFY(f.is_open());
      QCOMPARE(f.orders().log_start(), Offset{0});
      QCOMPARE(f.orders().log_end(), Offset{3});
      QVERIFY(f.orders().high_watermark() <= Offset{3});
    }
  }
  // A log start is believed, as Kafka does.
  Restart f;
  put(f.env, std::string(storage::log_start_checkpoint), "0\n1\norders 0 50\n");
  f.replicas.load();
  f.start();
  QCOMPARE(f.orders().log_start(), Offset{50});
  QCOMPARE(f.orders().log_end(), Offset{50});
  QVERIFY(
      f.was_told("In /a: Deleting all segments of orders-0 because logEndOffset (3) is smaller "
                 "than logStartOffset 50"));
  Restart negative;
  put(negative.env, std::string(storage::log_start_checkpoint),
      "0\n2\norders 0 -7\npayments 0 -7\n");
  negative.replicas.load();
  negative.start();
  QCOMPARE(negative.orders().log_start(), Offset{0});
  QCOMPARE(negative.orders().log_end(), Offset{3});
  QCOMPARE(negative.replicas.find({TopicId{9, 9}, PartitionIndex{0}})->log_start(), Offset{0});
}

void DamagedFilesTest::folders_that_are_no_logs_are_refused() {
  for (const std::string name : {"lost+found", "orders", "orders-x", "orders-0-stray",
                                 "orders-0.-delete", "orders.17-future"}) {
    DataFixture f(one_dir);
    put(f.env, name + "/file", "somebody's");
    f.replicas.load();
    QCOMPARE(f.replicas.broken(),
             std::optional(fmt::format("Found directory /a/{}, '{}' is not in the form of "
                                       "topic-partition or topic-partition.uniqueId-delete (if "
                                       "marked for deletion). Kafka's log directories (and "
                                       "children) should only contain Kafka topic data.",
                                       name, name)));
    QCOMPARE(text(f.env, name + "/file"), std::string("somebody's"));
  }
  DataFixture f(one_dir);
  const std::string id = "0123456789abcdef0123456789abcdef";
  for (const std::string& name :
       {"orders-0." + id + "-stray", "orders-0." + id + "-future", "orders-0." + id + "-delete",
        std::string("remote-log-index-cache"), std::string("__cluster_metadata-0")})
    put(f.env, name + "/file", "somebody's");
  put(f.env, "lost+found", "A file is not looked at.");
  f.replicas.load();
  QVERIFY(!f.replicas.broken());
  QVERIFY(f.env.env.disk.list("orders-0." + id + "-delete")->empty());
  QCOMPARE(text(f.env, "orders-0." + id + "-stray/file"), std::string("somebody's"));
}

void DamagedFilesTest::partition_metadata_takes_its_directory() {
  const std::string file = "orders-0/partition.metadata";
  const std::string malformed = "Malformed line in checkpoint file [" + file + "]: ";
  const std::string id = orders_id.to_string();
  const std::vector<Damage> damages = {
      {"", malformed},
      {"junk\n", malformed + "junk"},
      {"version: 0\ntopic_id: " + id.substr(0, 9), malformed + "topic_id: " + id.substr(0, 9)},
      {"version: -1\ntopic_id: " + id + "\n",
       "Unrecognized version of partition metadata file + (" + file + "): -1"}};
  for (const Damage& damage : damages) {
    Restart f;
    const std::string log = text(f.env, segment);
    put(f.env, file, damage.content);
    f.start();
    QVERIFY(!f.is_open());
    QCOMPARE(f.failure(),
             "Error while reading partition metadata file /a/" + file + ": " + damage.why);
    QCOMPARE(f.replicas.offline().at(orders_0), f.failure());
    QCOMPARE(text(f.env, file), damage.content);
    QCOMPARE(text(f.env, segment), log);
  }
  Restart newer;
  put(newer.env, file, "version: 5\ntopic_id: " + id + "\n");
  newer.start();
  QVERIFY(newer.is_open());
  QCOMPARE(newer.orders().log_end(), Offset{3});
}

void DamagedFilesTest::a_folder_without_partition_metadata_is_a_stray() {
  Restart f;
  const std::string log = text(f.env, segment);
  QVERIFY(f.env.files.remove("orders-0/partition.metadata"));
  f.start();
  QVERIFY(f.is_open());
  QCOMPARE(f.orders().log_end(), Offset{0});
  QVERIFY(
      f.was_told("orders-0 is a stray log: it has no partition.metadata, so it may be any "
                 "topic's. It was moved to orders-0."));
  const auto paths = f.env.files.paths();
  const auto kept = std::find_if(paths.begin(), paths.end(), [](const std::string& path) {
    return path.ends_with("-stray/00000000000000000000.log");
  });
  QVERIFY(kept != paths.end());
  QCOMPARE(text(f.env, *kept), log);
}

void DamagedFilesTest::a_log_that_cannot_be_opened_takes_its_directory() {
  Restart f;
  put(f.env, "orders-0/leader-epoch-checkpoint", "junk");
  const std::string log = text(f.env, segment);
  f.start();
  QVERIFY(!f.is_open());
  QCOMPARE(f.failure(),
           std::string("Error while loading log dir /a: Malformed line in checkpoint file "
                       "[orders-0/leader-epoch-checkpoint]: junk"));
  QCOMPARE(f.replicas.offline().at(orders_0), f.failure());
  QCOMPARE(text(f.env, segment), log);

  Restart clean;
  const std::size_t end = clean.batch_bytes * 3;
  put(clean.env, segment, text(clean.env, segment) + std::string(100, '\0'));
  LogDirectory& directory = *clean.directories.all().front();
  directory.adopt(directory.id(), true);
  clean.start();
  QCOMPARE(clean.failure(), "Error while loading log dir /a: " + segment + " is corrupt at byte " +
                                std::to_string(end) + ", where offset 3 should be");
  QCOMPARE(text(clean.env, segment).size(), end + 100);
}

void DamagedFilesTest::what_is_lost_below_the_high_watermark_is_told() {
  for (const std::int64_t watermark : {2, 3}) {
    Restart f;
    put(f.env, std::string(storage::high_watermark_checkpoint),
        "0\n1\norders 0 " + std::to_string(watermark) + "\n");
    f.env.files.find(segment)->truncate(f.batch_bytes * 2 + 5);
    f.replicas.load();
    f.start();
    QCOMPARE(f.orders().log_end(), Offset{2});
    QVERIFY(f.was_told("In /a: Corruption found in " + segment + " at byte " +
                       std::to_string(f.batch_bytes * 2) + ", truncating to offset 2"));
    QCOMPARE(f.was_told("orders-0 ends at offset 2, below its high watermark 3: what was committed "
                        "in between is not on this broker any more"),
             watermark == 3);
    QVERIFY(f.replicas.find({TopicId{9, 9}, PartitionIndex{0}}) != nullptr);
  }
}

namespace {

const std::string metadata_folder = "__cluster_metadata-0/";
const std::string metadata_segment = metadata_folder + "00000000000000000000.log";

// A metadata log of four batches in two segments' worth of epochs, and what opening it says.
struct MetadataFiles {
  BrokerEnv env;
  std::size_t batch_bytes = 0;

  MetadataFiles() {
    std::string content;
    for (int i = 0; i < 4; ++i) {
      const Bytes bytes = batch(i).bytes().flatten();
      batch_bytes = bytes.size();
      content += bytes.text();
    }
    put(env, metadata_segment, content);
  }
  static protocol::RecordBatch batch(int offset) {
    protocol::TopicRecord topic;
    topic.name = "topic";
    topic.topic_id = Uuid{1, 1};
    const protocol::MetadataRecord record(topic);
    return metadata_batch({&record, 1}, {Offset{offset}, LeaderEpoch{1}, scenario_epoch});
  }
  std::string open() {
    log.emplace(env.env.disk);
    const auto opened = log->open(env.time, false);
    return opened ? "" : opened.error();
  }
  std::optional<MetadataLog> log;
};

}  // namespace

void DamagedFilesTest::quorum_state_is_refused() {
  const std::string file = metadata_folder + "quorum-state";
  const std::string why = "Error while reading the Quorum status from the file " + file + ": ";
  const std::string whole =
      R"({"clusterId":"","leaderId":1,"leaderEpoch":2,"votedId":-1,"appliedOffset":0,)"
      R"("currentVoters":[{"voterId":1}],"data_version":0})";
  std::string too_large = whole;
  too_large.replace(too_large.find("Epoch\":2") + 7, 1, "99999999999");
  std::string newer = whole;
  newer.replace(newer.find("version\":0") + 9, 1, "7");
  const std::vector<Damage> damages = {
      {"", "the file is not a JSON object"},
      {"\xff\xff", "the file is not a JSON object"},
      {whole.substr(0, whole.size() / 2), "the file is not a JSON object"},
      {too_large, "a field is missing, of the wrong type or out of range"},
      {newer, "its data_version is unknown"}};
  MetadataFiles f;
  QCOMPARE(f.open(), std::string());
  for (const Damage& damage : damages) {
    put(f.env, file, damage.content);
    const auto state = f.log->read_quorum_state();
    QVERIFY(!state);
    QCOMPARE(state.error(), why + damage.why);
    QCOMPARE(text(f.env, file), damage.content);
  }
  put(f.env, file, whole);
  QCOMPARE((*f.log->read_quorum_state())->leader_epoch, LeaderEpoch{2});
  QVERIFY(f.env.files.remove(file));
  QVERIFY(!*f.log->read_quorum_state());
}

void DamagedFilesTest::metadata_snapshots_are_refused() {
  const raft::OffsetAndEpoch id{Offset{2}, LeaderEpoch{1}};
  const std::string file = metadata_folder + "00000000000000000002-0000000001.checkpoint";
  MetadataFiles whole;
  QCOMPARE(whole.open(), std::string());
  MetadataSnapshots::Content content;
  protocol::TopicRecord topic;
  topic.name = "topic";
  content.records.emplace_back(topic);
  QVERIFY(whole.log->snapshots().write(id, content).has_value());
  const std::string sound = text(whole.env, file);
  const auto batches = protocol::split_batches(Bytes::copy_of(std::string_view(sound)));
  QCOMPARE(batches->size(), std::size_t{3});
  const std::size_t header = batches->at(0).size_in_bytes();
  const std::size_t footer = sound.size() - batches->at(2).size_in_bytes();
  std::string rotten = sound;
  rotten[header + 70] = static_cast<char>(rotten[header + 70] ^ 1);
  const std::vector<Damage> damages = {
      {rotten, " is damaged at byte " + std::to_string(header) + ", offset 1"},
      {sound.substr(0, footer), " has no footer: its end is missing"},
      {sound.substr(0, footer + 9), " holds no whole batch at byte " + std::to_string(footer)},
      {sound + std::string(80, '\xff'),
       " holds no whole batch at byte " + std::to_string(sound.size())},
      {sound + sound, " is damaged at byte " + std::to_string(sound.size()) + ", offset 0"},
      {sound.substr(header), " has no header: its first batch is another"}};
  for (const Damage& damage : damages) {
    MetadataFiles f;
    put(f.env, file, damage.content);
    QCOMPARE(f.open(), std::string());
    const auto read = f.log->snapshots().read(id);
    QVERIFY(!read);
    QCOMPARE(read.error(), file + damage.why);
    QCOMPARE(text(f.env, file), damage.content);
  }
  for (const std::string& headless : {std::string(), std::string(200, '\xff')}) {
    MetadataFiles f;
    put(f.env, file, headless);
    QCOMPARE(f.open(), file + " has no sound header");
  }
}

void DamagedFilesTest::only_the_latest_metadata_snapshot_counts() {
  const raft::OffsetAndEpoch older{Offset{2}, LeaderEpoch{1}};
  const raft::OffsetAndEpoch latest{Offset{3}, LeaderEpoch{1}};
  MetadataFiles f;
  QCOMPARE(f.open(), std::string());
  QVERIFY(f.log->snapshots().write(older, {}).has_value());
  const std::string older_file = f.log->snapshots().path_of(older);
  const std::string sound = text(f.env, older_file);
  put(f.env, older_file, "\xff garbage");
  QVERIFY(f.log->snapshots().write(latest, {}).has_value());
  QCOMPARE(f.open(), std::string());
  QVERIFY(f.log->snapshots().latest() == latest);
  QCOMPARE(text(f.env, older_file), std::string("\xff garbage"));
  // Without it the older one counts, and the log after that.
  QVERIFY(f.env.files.remove(f.log->snapshots().path_of(latest)));
  QCOMPARE(f.open(), older_file + " has no sound header");
  put(f.env, older_file, sound);
  QCOMPARE(f.open(), std::string());
  QVERIFY(f.log->snapshots().latest() == older);
  QVERIFY(f.log->snapshots().read(older).has_value());
  QCOMPARE(f.log->end_offset(), Offset{4});
}

void DamagedFilesTest::a_bootstrap_checkpoint_is_not_read() {
  BrokerEnv env;
  put(env, "bootstrap.checkpoint", "\xff garbage");
  QCOMPARE(Claim(env, one_dir).refusal, std::string());
  QVERIFY(env.notes.empty());
  QCOMPARE(text(env, "bootstrap.checkpoint"), std::string("\xff garbage"));
}

void DamagedFilesTest::a_metadata_log_without_its_beginning_is_refused() {
  MetadataFiles f;
  QVERIFY(f.env.files.rename(metadata_segment, metadata_folder + "00000000000000000004.log"));
  std::string later;
  later += MetadataFiles::batch(4).bytes().flatten().text();
  put(f.env, metadata_folder + "00000000000000000004.log", later);
  const std::string why =
      "Inconsistent snapshot state: there must be a snapshot at an offset larger then the current "
      "log start offset 4, but the latest snapshot is None";
  QCOMPARE(f.open(), why);
  // One of before is no help, and goes.
  const std::string old = metadata_folder + "00000000000000000002-0000000001.checkpoint";
  put(f.env, old, "old");
  QCOMPARE(f.open(), why);
  QVERIFY(f.env.files.find(old) == nullptr);
}

void DamagedFilesTest::a_damaged_metadata_log_is_cut_and_tells_so() {
  MetadataFiles f;
  f.env.files.find(metadata_segment)->flip_bit(f.batch_bytes * 2 + 70, 0);
  const std::string at = std::to_string(f.batch_bytes * 2);
  QCOMPARE(f.open(), std::string());
  QCOMPARE(f.log->end_offset(), Offset{2});
  QCOMPARE(f.log->load_report().repairs.back(), "Corruption found in " + metadata_segment +
                                                    " at byte " + at + ", truncating to offset 2");
  MetadataFiles untouched;
  QCOMPARE(untouched.open(), std::string());
  QCOMPARE(untouched.log->end_offset(), Offset{4});
}

// A base offset is under no checksum.
void DamagedFilesTest::a_metadata_log_has_no_gaps() {
  MetadataFiles f;
  f.env.files.find(metadata_segment)->flip_bit(f.batch_bytes * 3 + 6, 0);
  QCOMPARE(f.open(), std::string());
  QCOMPARE(f.log->end_offset(), Offset{3});
  QCOMPARE(f.log->load_report().repairs.back(),
           "Corruption found in " + metadata_segment + " at byte " +
               std::to_string(f.batch_bytes * 3) + ", truncating to offset 3");
}

OTTLA_TEST(DamagedFilesTest)
#include "damaged_files_test.moc"
