// What a crash leaves of a swap of segments, and what the next start makes of it.
#include <QTest>

#include "engine/base/prng.h"
#include "tests/engine/storage/cleaner_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::storage;
using namespace ottla::storage::test;

namespace {

constexpr ProducerId pid{9};

// Four segments, with an aborted transaction, that a pass makes one of.
struct BeforeCleaning : CleanerFixture {
  BeforeCleaning() {
    reopen();
    put({{"a", "1"}, {"b", "1"}});
    roll();
    put({{"a", "2"}}, {.producer = pid, .transactional = true});
    end(pid, false);
    roll();
    put({{"b", "2"}, {"c", "1"}});
    roll();
    put("d", "1");
    log->on_high_watermark(log->log_end());
  }
  // The files of the folder, for a message.
  std::string names() {
    std::string text;
    for (const std::string& path : files.paths()) text += path.substr(4) + ' ';
    return text;
  }
  bool has_leftovers() {
    return names().find(".cleaned") != std::string::npos ||
           names().find(".swap") != std::string::npos;
  }
  void copy(std::string_view from, std::string_view to) {
    const std::string target = "t-0/" + std::string(to);
    const auto content = *read_file(*disk, "t-0/" + std::string(from));
    const auto file = *files.open(target, Disk::Open::create_or_existing);
    if (!files.append(*file, content)) qFatal("cannot copy");
  }
};

const std::string untouched = "0:a=1 1:b=1 2:a=2 3:marker 4:b=2 5:c=1 6:d=1";
const std::string cleaned = "0:a=1 2-2: 3:marker 4:b=2 5:c=1 6:d=1";

}  // namespace

class LogSwapTest : public QObject {
  Q_OBJECT
 private slots:
  void a_crash_at_any_change_leaves_the_old_segments_or_the_new();
  void a_power_loss_at_any_change_leaves_the_old_segments_or_the_new();
  void a_disk_that_fails_at_any_change_leaves_a_log_that_can_be_read();
  void segments_that_were_being_cleaned_are_removed();
  void a_segment_about_to_take_its_place_takes_it();
  void a_swap_whose_files_were_not_all_renamed_is_given_up();
  void a_swap_covers_the_old_segments_up_to_its_end();
  void indexes_about_to_take_their_place_take_it();
  void a_swapped_log_without_indexes_has_them_built();
};

void LogSwapTest::a_crash_at_any_change_leaves_the_old_segments_or_the_new() {
  int old_ones = 0;
  int new_ones = 0;
  for (std::uint64_t changes = 0;; ++changes) {
    BeforeCleaning f;
    QCOMPARE(f.contents(), untouched);
    f.files.faults.changes_until_failure = changes;
    const bool whole = f.clean().has_value();
    f.crash();
    f.files.faults = {};
    const std::string left = f.names();
    f.reopen();
    const std::string now = f.contents();
    QVERIFY2(now == untouched || now == cleaned, (left + "-> " + now).c_str());
    QVERIFY2(!f.has_leftovers(), f.names().c_str());
    QCOMPARE(f.log->log_end().value(), 7);
    now == untouched ? ++old_ones : ++new_ones;
    QVERIFY(f.cleans());
    QCOMPARE(f.contents(), cleaned);
    if (whole) break;
  }
  QVERIFY(old_ones > 5 && new_ones > 5);
}

void LogSwapTest::a_power_loss_at_any_change_leaves_the_old_segments_or_the_new() {
  for (std::uint64_t changes = 0;; ++changes) {
    Prng draws(changes + 1);
    BeforeCleaning f;
    QCOMPARE(f.sync(), SyncState::done);
    f.files.faults.changes_until_failure = changes;
    const bool whole = f.clean().has_value();
    f.crash();
    f.files.faults = {};
    f.files.lose_power_tearing(draws);
    const std::string left = f.names();
    f.reopen();
    const std::string now = f.contents();
    QVERIFY2(now == untouched || now == cleaned, (left + "-> " + now).c_str());
    QVERIFY2(!f.has_leftovers(), f.names().c_str());
    if (whole) break;
  }
}

void LogSwapTest::a_disk_that_fails_at_any_change_leaves_a_log_that_can_be_read() {
  for (std::uint64_t changes = 0;; ++changes) {
    BeforeCleaning f;
    f.files.faults.changes_until_failure = changes;
    const bool whole = f.clean().has_value();
    f.files.faults = {};
    const std::string now = f.contents();
    QVERIFY2(now == untouched || now == cleaned, now.c_str());
    f.put("e", "1");
    QCOMPARE(f.latest_values().size(), 5U);
    f.crash();
    f.reopen();
    QCOMPARE(f.latest_values().size(), 5U);
    if (whole) break;
  }
}

void LogSwapTest::segments_that_were_being_cleaned_are_removed() {
  BeforeCleaning f;
  f.crash();
  for (const char* name : {"00000000000000000000.log.cleaned", "00000000000000000002.log.cleaned",
                           "00000000000000000000.index.cleaned"}) {
    QVERIFY(f.files.open("t-0/" + std::string(name), Disk::Open::create_new));
  }
  f.reopen();
  QCOMPARE(f.contents(), untouched);
  QVERIFY(!f.has_leftovers());
}

void LogSwapTest::a_segment_about_to_take_its_place_takes_it() {
  BeforeCleaning f;
  const auto batch = keyed_batch({{"x", "1"}, {"y", "1"}, {"z", "1"}, {"z", "2"}}, f.now);
  f.crash();
  const auto file = *f.files.open("t-0/00000000000000000000.log.swap", Disk::Open::create_new);
  QVERIFY(f.files.append(*file, batch.bytes()));
  f.reopen();
  QCOMPARE(f.contents(), std::string("0:x=1 1:y=1 2:z=1 3:z=2 4:b=2 5:c=1 6:d=1"));
  QCOMPARE(f.segment_bases(), (std::vector<std::int64_t>{0, 4, 6}));
  QVERIFY(!f.has_leftovers());
}

void LogSwapTest::a_swap_whose_files_were_not_all_renamed_is_given_up() {
  BeforeCleaning f;
  const auto batch = keyed_batch({{"x", "1"}}, f.now);
  f.crash();
  const auto file = *f.files.open("t-0/00000000000000000000.log.swap", Disk::Open::create_new);
  QVERIFY(f.files.append(*file, batch.bytes()));
  QVERIFY(f.files.open("t-0/00000000000000000000.index.cleaned", Disk::Open::create_new));
  f.reopen();
  QCOMPARE(f.contents(), untouched);
  QVERIFY(!f.has_leftovers());
}

void LogSwapTest::a_swap_covers_the_old_segments_up_to_its_end() {
  BeforeCleaning f;
  const auto batch = keyed_batch({{"x", "1"}, {"x", "2"}, {"x", "3"}}, f.now);
  f.crash();
  const auto file = *f.files.open("t-0/00000000000000000000.log.swap", Disk::Open::create_new);
  QVERIFY(f.files.append(*file, batch.bytes()));
  f.reopen();
  // It ends at 2, so the segment at 2 goes with its aborted transaction, and the one at 4 stays.
  QCOMPARE(f.segment_bases(), (std::vector<std::int64_t>{0, 4, 6}));
  QCOMPARE(f.log->aborted_transactions(Offset{0}, f.log->log_end())->size(), 0U);
  QVERIFY(!f.has_file("00000000000000000002.snapshot"));
}

void LogSwapTest::indexes_about_to_take_their_place_take_it() {
  BeforeCleaning f;
  f.shut_down_cleanly();
  QVERIFY(f.files.rename("t-0/00000000000000000000.index", "t-0/00000000000000000000.index.swap"));
  f.reopen(true);
  QCOMPARE(f.contents(), untouched);
  QVERIFY(f.has_file("00000000000000000000.index"));
  QVERIFY(!f.has_leftovers());
}

void LogSwapTest::a_swapped_log_without_indexes_has_them_built() {
  BeforeCleaning f;
  f.copy("00000000000000000002.log", "00000000000000000002.log.swap");
  f.crash();
  f.reopen();
  QCOMPARE(f.contents(), untouched);
  QCOMPARE(f.log->aborted_transactions(Offset{0}, f.log->log_end())->size(), 1U);
}

OTTLA_TEST(LogSwapTest)
#include "log_swap_test.moc"
