// Every file of a partition's folder, damaged in every way, before the log is opened: what is there
// afterwards, what is told, and that the partition beside it is as it was. docs/bad-files.md is the
// table in words.
#include <functional>

#include "engine/storage/log.h"
#include "tests/engine/storage/log_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::storage;
using namespace ottla::storage::test;

namespace {

constexpr ProducerId pid{9};
constexpr int batches = 30;  // Ten a segment.
constexpr int synced = 22;   // Before an unclean stop.
constexpr int second_epoch_at = 12;

enum class Stop : std::uint8_t { clean, unclean };

std::string segment_file(int base, std::string_view of) {
  return offset_file_name(Offset{base}, of);
}

// A log of three segments, stopped, with a partition beside it.
struct Damaged {
  LogFixture f;
  Stop stop;
  LoadReport report;
  std::size_t batch_bytes = 0;
  std::map<std::string, Bytes> neighbour;

  explicit Damaged(Stop how) : stop(how) {
    batch_bytes = make_batch({.producer = pid}).size_in_bytes();
    f.config.segment_bytes = static_cast<std::uint32_t>(10 * batch_bytes);
    f.config.index_interval_bytes = 1;
    f.reopen();
    auto beside = Log::open(*f.disk, "u-0", f.config, {.now = f.now});
    const protocol::RecordBatch batch = make_batch();
    if (!beside || !beside->append_as_leader({&batch, 1}, {.epoch = f.epoch, .now = f.now}))
      qFatal("the neighbour cannot be written");
    for (int i = 0; i < batches; ++i) {
      if (i == second_epoch_at) f.epoch = f.epoch.next();
      if (!f.write({.timestamp = 1000 + i, .producer = pid, .sequence = i})) qFatal("no append");
      if (i + 1 == synced && stop == Stop::unclean && f.sync() != SyncState::done)
        qFatal("no sync");
    }
    if (stop == Stop::clean && f.sync() != SyncState::done) qFatal("no sync");
    stop == Stop::clean ? f.shut_down_cleanly() : f.crash();
    neighbour = contents("u-0/");
  }

  std::map<std::string, Bytes> contents(std::string_view folder) {
    std::map<std::string, Bytes> all;
    for (const std::string& path : f.files.paths()) {
      if (path.starts_with(folder)) all.emplace(path, *read_file(*f.disk, path));
    }
    return all;
  }

  // The damage.
  void put(const std::string& name, std::string_view content) {
    if (!replace_file(*f.disk, "t-0/" + name, Bytes::copy_of(content))) qFatal("no file");
  }
  MemoryFile& file(const std::string& name) {
    const auto found = f.files.find("t-0/" + name);
    if (!found) qFatal("there is no %s", name.c_str());
    return *found;
  }
  void empty(const std::string& name) { file(name).truncate(0); }
  void cut(const std::string& name, std::uint64_t size) { file(name).truncate(size); }
  void garbage(const std::string& name) { put(name, std::string(file(name).size(), '\xff')); }
  void flip(const std::string& name, std::uint64_t position, unsigned bit = 0) {
    file(name).flip_bit(position, bit);
  }
  void remove(const std::string& name) {
    if (!f.files.remove("t-0/" + name)) qFatal("there is no %s", name.c_str());
  }
  void rename(const std::string& from, const std::string& to) {
    if (!f.files.rename("t-0/" + from, "t-0/" + to)) qFatal("there is no %s", from.c_str());
  }
  void remove_producer_snapshots() {
    for (const int taken : {10, 20, 30}) {
      const std::string name = segment_file(taken, suffix::producer_snapshot);
      if (f.has_file(name)) remove(name);
    }
  }
  std::string text(const std::string& name) {
    return std::string(read_file(*f.disk, "t-0/" + name)->text());
  }
  // The byte of batch `offset` in its segment.
  std::uint64_t at(int offset) const {
    return static_cast<std::uint64_t>(offset % 10) * batch_bytes;
  }

  bool open() {
    f.disk.emplace(f.files, f.completions);
    auto opened = Log::open(*f.disk, "t-0", f.config,
                            {.now = f.now,
                             .clean_shutdown = stop == Stop::clean,
                             .recovery_point = f.synced_recovery_point,
                             .report = &report});
    if (opened) f.log.emplace(std::move(*opened));
    return opened.has_value();
  }
  std::string told() const {
    std::string all = report.refusal;
    for (const std::string& each : report.repairs) all += (all.empty() ? "" : "\n") + each;
    return all;
  }
};

struct Row {
  std::string what;
  Stop stop;
  std::function<void(Damaged&)> damage;
  int end;                           // Of the log; -1: it is refused.
  std::string told;                  // All of it.
  std::vector<int> unreadable = {};  // Batches; all others below the end read as they were.
  bool hole = false;                 // They are not there, and a reader passes over them.
};

// Whether the batch can be read as it was written.
bool reads(LogFixture& f, int offset) {
  const auto part = f.read(offset, 1);
  if (!part || part->bytes.empty()) return false;
  const auto whole = protocol::split_batches(part->bytes);
  return whole && whole->front().crc_matches() && whole->front().base_offset() == Offset{offset};
}

// Whether a reader gets what comes after it instead.
bool passes_over(LogFixture& f, int offset) {
  const auto part = f.read(offset, 1);
  return part && (part->bytes.empty() || part->first_offset > Offset{offset});
}

void check(const Row& row) {
  const std::string where = row.what + (row.stop == Stop::clean ? ", clean" : ", unclean");
  const auto say = [&](const std::string& more) { return where + ": " + more; };
  Damaged d(row.stop);
  row.damage(d);
  const bool opened = d.open();
  QVERIFY2(d.told() == row.told, say(d.told()).c_str());
  QVERIFY2(opened == (row.end >= 0), say("opened?").c_str());
  QVERIFY2(d.contents("u-0/") == d.neighbour, say("the partition beside it").c_str());
  if (!opened) return;
  QVERIFY2(d.f.log->log_end() == Offset{row.end},
           say("ends at " + std::to_string(d.f.log->log_end().value())).c_str());
  for (int offset = 0; offset < row.end; ++offset) {
    const bool damaged =
        std::find(row.unreadable.begin(), row.unreadable.end(), offset) != row.unreadable.end();
    QVERIFY2(reads(d.f, offset) != damaged, say("batch " + std::to_string(offset)).c_str());
    QVERIFY2(passes_over(d.f, offset) == (damaged && row.hole),
             say("batch " + std::to_string(offset) + " is passed over").c_str());
  }
  // The producer goes on where the log ends, and is known.
  const BatchSpec next{.producer = pid, .sequence = row.end};
  QVERIFY2(d.f.write(next), say("the next batch").c_str());
  QVERIFY2(reads(d.f, row.end), say("the next batch's records").c_str());
  QVERIFY2(d.f.write(next)->duplicate, say("the next batch again").c_str());
}

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    check(row);
    if (QTest::currentTestFailed()) return;
  }
}

const std::string old_log = segment_file(10, suffix::log);
const std::string last_log = segment_file(20, suffix::log);

std::string corrupt(const std::string& file, std::uint64_t byte, int offset) {
  return "t-0/" + file + " is corrupt at byte " + std::to_string(byte) + ", where offset " +
         std::to_string(offset) + " should be";
}
std::string left(const std::string& file, std::uint64_t byte, int offset) {
  return corrupt(file, byte, offset) + "; it had been synced, and is left as it is";
}
std::string truncated(const std::string& file, std::uint64_t byte, int offset) {
  return "Corruption found in t-0/" + file + " at byte " + std::to_string(byte) +
         ", truncating to offset " + std::to_string(offset);
}
std::string rebuilt(const std::string& file) {
  return "An index file of t-0/" + file + " is missing or corrupt: they are built anew";
}
std::string orphaned(const std::string& file) {
  return "Found an orphaned index file t-0/" + file + ", with no corresponding log file: removed";
}
std::string lost(int end, int synced_to) {
  return "t-0 ends at offset " + std::to_string(end) + ", although all below offset " +
         std::to_string(synced_to) + " had been synced";
}

}  // namespace

class DamagedLogTest : public QObject {
  Q_OBJECT
 private slots:
  void an_older_segment_is_never_cut();
  void the_last_segment_after_a_clean_shutdown_loses_a_torn_batch_at_most();
  void the_last_segment_after_an_unclean_stop_ends_before_the_first_bad_batch();
  void indexes_are_built_anew_or_not_believed();
  void producer_snapshots_are_built_anew();
  void leader_epochs_are_built_anew_or_refused();
  void a_damaged_swap_takes_nobodys_place();
  void what_is_no_part_of_the_log_is_removed_or_left_alone();
};

void DamagedLogTest::an_older_segment_is_never_cut() {
  const std::uint64_t batch = Damaged(Stop::clean).batch_bytes;
  const std::vector<int> all_of_it = {10, 11, 12, 13, 14, 15, 16, 17, 18, 19};
  for (const Stop stop : {Stop::clean, Stop::unclean}) {
    check({{"untouched", stop, [](Damaged&) {}, 30, ""},
           {"a bit of a value",
            stop,
            [](Damaged& d) { d.flip(old_log, d.at(15) + 70); },
            30,
            "",
            {15}},
           {"a bit of a size",
            stop,
            [](Damaged& d) { d.flip(old_log, d.at(15) + 8, 6); },
            30,
            "",
            {15}},
           {"cut",
            stop,
            [](Damaged& d) { d.cut(old_log, d.at(15) + 7); },
            30,
            rebuilt(old_log) + "\n" + left(old_log, batch * 5, 15),
            {15, 16, 17, 18, 19}},
           {"cut between batches",
            stop,
            [](Damaged& d) { d.cut(old_log, d.at(15)); },
            30,
            rebuilt(old_log) + "\n" + left(old_log, batch * 5, 15),
            {15, 16, 17, 18, 19},
            true},
           {"empty", stop, [](Damaged& d) { d.empty(old_log); }, 30,
            rebuilt(old_log) + "\n" + left(old_log, 0, 10), all_of_it, true},
           {"garbage", stop, [](Damaged& d) { d.garbage(old_log); }, 30,
            rebuilt(old_log) + "\n" + left(old_log, 0, 10), all_of_it},
           {"missing", stop, [](Damaged& d) { d.remove(old_log); }, 30,
            orphaned(segment_file(10, suffix::offset_index)) + "\n" +
                orphaned(segment_file(10, suffix::time_index)),
            all_of_it, true},
           {"a bit of a value, no index",
            stop,
            [](Damaged& d) {
              d.flip(old_log, d.at(15) + 70);
              d.remove(segment_file(10, suffix::offset_index));
            },
            30,
            rebuilt(old_log) + "\n" + left(old_log, batch * 5, 15),
            {15, 16, 17, 18, 19}},
           // Who has written what cannot be told.
           {"a bit of a size, no producer snapshot", stop,
            [](Damaged& d) {
              d.flip(old_log, d.at(15) + 8, 6);
              d.remove_producer_snapshots();
            },
            -1, corrupt(old_log, batch * 5, 15)}});
  }
}

void DamagedLogTest::the_last_segment_after_a_clean_shutdown_loses_a_torn_batch_at_most() {
  const std::uint64_t batch = Damaged(Stop::clean).batch_bytes;
  constexpr Stop stop = Stop::clean;
  check({{"a bit of a value",
          stop,
          [](Damaged& d) { d.flip(last_log, d.at(25) + 70); },
          30,
          "",
          {25}},
         {"a bit of a size",
          stop,
          [](Damaged& d) { d.flip(last_log, d.at(25) + 8, 6); },
          30,
          "",
          {25}},
         {"cut", stop, [](Damaged& d) { d.cut(last_log, d.at(29) + 7); }, 29,
          rebuilt(last_log) + "\n" + truncated(last_log, batch * 9, 29) + "\n" + lost(29, 30)},
         {"cut, no index entry there", stop,
          [](Damaged& d) {
            d.cut(segment_file(20, suffix::offset_index), 8 * 5);
            d.cut(segment_file(20, suffix::time_index), 12 * 5);
            d.cut(last_log, d.at(29) + 30);
          },
          29, truncated(last_log, batch * 9, 29) + "\n" + lost(29, 30)},
         {"cut between batches", stop, [](Damaged& d) { d.cut(last_log, d.at(29)); }, 29,
          rebuilt(last_log) + "\n" + lost(29, 30)},
         {"empty", stop, [](Damaged& d) { d.empty(last_log); }, 20, lost(20, 30)},
         {"garbage", stop, [](Damaged& d) { d.garbage(last_log); }, -1,
          corrupt(last_log, 0, 20) + "\n" + rebuilt(last_log)},
         {"garbage after the last batch", stop,
          [](Damaged& d) { d.put(last_log, d.text(last_log) + std::string(100, '\xff')); }, -1,
          corrupt(last_log, batch * 10, 30)},
         {"zeros after the last batch", stop,
          [](Damaged& d) { d.put(last_log, d.text(last_log) + std::string(100, '\0')); }, -1,
          corrupt(last_log, batch * 10, 30)},
         {"missing", stop, [](Damaged& d) { d.remove(last_log); }, 20,
          orphaned(segment_file(20, suffix::offset_index)) + "\n" +
              orphaned(segment_file(20, suffix::time_index)) + "\n" + lost(20, 30)}});
}

void DamagedLogTest::the_last_segment_after_an_unclean_stop_ends_before_the_first_bad_batch() {
  const std::uint64_t batch = Damaged(Stop::clean).batch_bytes;
  constexpr Stop stop = Stop::unclean;
  check(
      {{"a bit of a value", stop, [](Damaged& d) { d.flip(last_log, d.at(25) + 70); }, 25,
        truncated(last_log, batch * 5, 25)},
       {"a bit of a size", stop, [](Damaged& d) { d.flip(last_log, d.at(25) + 8, 6); }, 25,
        truncated(last_log, batch * 5, 25)},
       {"cut", stop, [](Damaged& d) { d.cut(last_log, d.at(29) + 7); }, 29,
        truncated(last_log, batch * 9, 29)},
       {"garbage after the last batch", stop,
        [](Damaged& d) { d.put(last_log, d.text(last_log) + std::string(100, '\xff')); }, 30,
        truncated(last_log, batch * 10, 30)},
       // The segment of the recovery point is checked from its beginning, as Kafka does.
       {"a bit below the recovery point", stop, [](Damaged& d) { d.flip(last_log, d.at(21) + 70); },
        21, truncated(last_log, batch, 21) + "\n" + lost(21, synced)},
       {"garbage", stop, [](Damaged& d) { d.garbage(last_log); }, 20,
        truncated(last_log, 0, 20) + "\n" + lost(20, synced)},
       {"empty", stop, [](Damaged& d) { d.empty(last_log); }, 20, lost(20, synced)},
       {"missing", stop, [](Damaged& d) { d.remove(last_log); }, 20,
        orphaned(segment_file(20, suffix::offset_index)) + "\n" +
            orphaned(segment_file(20, suffix::time_index)) + "\n" + lost(20, synced)},
       {"nothing was ever synced", stop,
        [](Damaged& d) {
          d.f.synced_recovery_point = Offset{0};
          d.flip(old_log, d.at(15) + 70);
        },
        15, truncated(old_log, batch * 5, 15) + " and deleting segments after it: 1"}});
}

void DamagedLogTest::indexes_are_built_anew_or_not_believed() {
  for (const std::string_view of : {suffix::offset_index, suffix::time_index}) {
    const std::string index = segment_file(10, of);
    const std::uint64_t entry = of == suffix::offset_index ? 8 : 12;
    const std::vector<std::pair<std::string, std::function<void(Damaged&)>>> seen = {
        {"cut in an entry", [&](Damaged& d) { d.cut(index, entry * 3 + 1); }},
        {"garbage", [&](Damaged& d) { d.garbage(index); }},
        {"missing", [&](Damaged& d) { d.remove(index); }},
        {"negative", [&](Damaged& d) { d.flip(index, 0, 7); }},
        {"beyond the end",
         [&](Damaged& d) { d.flip(index, entry * 9 - (entry == 8 ? 5 : 1), 4); }}};
    for (const Stop stop : {Stop::clean, Stop::unclean}) {
      for (const auto& [what, damage] : seen) {
        Damaged before(stop);
        const Bytes whole = *read_file(*before.f.disk, "t-0/" + index);
        check(Row{index + " " + what, stop, damage, 30, rebuilt(old_log)});
        if (QTest::currentTestFailed()) return;
        Damaged after(stop);
        damage(after);
        QVERIFY(after.open());
        QVERIFY2(*read_file(*after.f.disk, "t-0/" + index) == whole, what.c_str());
      }
      // These read as indexes do; what they say is checked where it is used.
      for (std::uint64_t byte = 0; byte < entry * 9; ++byte) {
        Damaged d(stop);
        d.flip(index, byte, 0);
        QVERIFY(d.open());
        QCOMPARE(d.f.log->log_end(), Offset{30});
        for (int offset = 0; offset < batches; ++offset)
          QVERIFY2(reads(d.f, offset), ("byte " + std::to_string(byte)).c_str());
      }
      check({{index + " empty", stop, [&](Damaged& d) { d.empty(index); }, 30, ""},
             {index + " cut between entries", stop, [&](Damaged& d) { d.cut(index, entry * 3); },
              30, ""}});
    }
  }
  // The log's end is not taken from an index that is wrong.
  const std::string index = segment_file(20, suffix::offset_index);
  for (std::uint64_t byte = 0; byte < 8 * 9; ++byte) {
    for (const unsigned bit : {0U, 6U}) {
      Damaged d(Stop::clean);
      d.flip(index, byte, bit);
      d.f.config.segment_bytes = 1 << 20;  // The next batch comes behind these.
      QVERIFY(d.open());
      QVERIFY2(d.f.log->log_end() == Offset{30}, ("byte " + std::to_string(byte)).c_str());
      QVERIFY(d.f.write({.timestamp = 2000, .producer = pid, .sequence = 30}));
      QVERIFY(reads(d.f, 30));
    }
  }
}

void DamagedLogTest::producer_snapshots_are_built_anew() {
  const std::string last = segment_file(30, suffix::producer_snapshot);
  const std::string told = "Failed to load producer snapshot from 't-0/" + last + "': removed";
  check(
      {{"empty", Stop::clean, [&](Damaged& d) { d.empty(last); }, 30, told},
       {"cut", Stop::clean, [&](Damaged& d) { d.cut(last, 20); }, 30, told},
       {"garbage", Stop::clean, [&](Damaged& d) { d.garbage(last); }, 30, told},
       {"a bit", Stop::clean, [&](Damaged& d) { d.flip(last, 25); }, 30, told},
       {"a newer version", Stop::clean, [&](Damaged& d) { d.flip(last, 1, 1); }, 30, told},
       {"missing", Stop::clean, [&](Damaged& d) { d.remove(last); }, 30, ""},
       {"all missing", Stop::clean, [](Damaged& d) { d.remove_producer_snapshots(); }, 30, ""},
       {"of a time past the end", Stop::clean,
        [&](Damaged& d) { d.rename(last, segment_file(77, suffix::producer_snapshot)); }, 30, ""}});
  const std::string middle = segment_file(20, suffix::producer_snapshot);
  check({{"garbage", Stop::unclean, [&](Damaged& d) { d.garbage(middle); }, 30,
          "Failed to load producer snapshot from 't-0/" + middle + "': removed"}});
}

void DamagedLogTest::leader_epochs_are_built_anew_or_refused() {
  const std::string name(epoch_checkpoint_name);
  const std::string none =
      "t-0/" + name + " is missing or empty: leader epochs are taken from the batches";
  const std::string malformed = "Malformed line in checkpoint file [t-0/" + name + "]: ";
  const auto put = [&](const char* text) {
    return [&name, text](Damaged& d) { d.put(name, text); };
  };
  const std::vector<EpochStart> epochs = {{LeaderEpoch{0}, Offset{0}},
                                          {LeaderEpoch{1}, Offset{second_epoch_at}}};
  for (const Stop stop : {Stop::clean, Stop::unclean}) {
    const std::vector<Row> accepted = {
        {"missing", stop, [&](Damaged& d) { d.remove(name); }, 30, none},
        {"empty", stop, put(""), 30, none},
        {"a line twice", stop, put("0\n3\n0 0\n1 12\n1 12\n"), 30, ""},
        {"past the log's end", stop, put("0\n3\n0 0\n1 12\n2 31\n"), 30, ""}};
    check(accepted);
    for (const Row& row : accepted) {
      Damaged d(stop);
      row.damage(d);
      QVERIFY(d.open());
      QVERIFY2(d.f.log->epochs().entries() == epochs, row.what.c_str());
    }
    check({{"garbage", stop, put("junk"), -1, malformed + "junk"},
           {"a newer version", stop, put("1\n2\n0 0\n1 12\n"), -1,
            "Unrecognised version:1, expected version: 0 in checkpoint file at: t-0/" + name},
           {"cut", stop, put("0\n2\n0 0\n"), -1,
            "Expected [2] entries in checkpoint file [t-0/" + name + "], but found only [1]"},
           {"cut in a line", stop, put("0\n2\n0 0\n1"), -1, malformed + "1"},
           {"negative", stop, put("0\n1\n-1 0\n"), -1, malformed + "-1 0"},
           {"no number", stop, put("0\n1\n0 x\n"), -1, malformed + "0 x"}});
  }
}

void DamagedLogTest::a_damaged_swap_takes_nobodys_place() {
  const std::string swap = segment_file(10, suffix::log) + ".swap";
  for (const Stop stop : {Stop::clean, Stop::unclean}) {
    Damaged sound(stop);
    sound.put(swap, sound.text(old_log));
    QVERIFY(sound.open());
    QVERIFY(!sound.f.has_file(swap));
    for (int offset = 0; offset < batches; ++offset) QVERIFY(reads(sound.f, offset));
    for (const std::size_t sound_bytes : {std::size_t{0}, sound.batch_bytes}) {
      Damaged d(stop);
      d.put(swap, d.text(old_log).substr(0, sound_bytes) + std::string(200, '\xff'));
      const auto before = d.contents("t-0/");
      QVERIFY(!d.open());
      QCOMPARE(d.told(), "t-0/" + swap + " is corrupt at byte " + std::to_string(sound_bytes) +
                             ", although it was whole once");
      QVERIFY(d.contents("t-0/") == before);
    }
  }
}

void DamagedLogTest::what_is_no_part_of_the_log_is_removed_or_left_alone() {
  const std::vector<std::string> removed = {
      old_log + ".deleted", "leader-epoch-checkpoint.tmp", old_log + ".cleaned",
      segment_file(10, suffix::offset_index) + ".cleaned", segment_file(25, suffix::log) + ".swap"};
  const std::vector<std::string> left_alone = {"notes.txt", "1.log", "orders.index", ".lock"};
  for (const Stop stop : {Stop::clean, Stop::unclean}) {
    Damaged d(stop);
    for (const auto& names : {removed, left_alone}) {
      for (const std::string& name : names) d.put(name, "somebody's");
    }
    QVERIFY(d.open());
    QCOMPARE(d.told(), std::string());
    for (const std::string& name : removed) QVERIFY2(!d.f.has_file(name), name.c_str());
    for (const std::string& name : left_alone) QCOMPARE(d.text(name), std::string("somebody's"));
    for (int offset = 0; offset < batches; ++offset) QVERIFY(reads(d.f, offset));
  }
}

OTTLA_TEST(DamagedLogTest)
#include "damaged_log_test.moc"
