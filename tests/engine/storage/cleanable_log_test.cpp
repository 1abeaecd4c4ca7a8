#include <QTest>

#include "tests/engine/storage/cleaner_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::storage;
using namespace ottla::storage::test;

namespace {

constexpr ProducerId pid{9};

// Three segments of one batch each, at 0, 1 and 2, and an active one with a batch at 3; a second
// apart.
struct ThreeSegments : CleanerFixture {
  std::uint64_t segment_size = 0;

  ThreeSegments() {
    reopen();
    for (int i = 0; i < 3; ++i) {
      put("a", std::to_string(i));
      roll();
      now = now + Duration::seconds(1);
    }
    segment_size = log->segments().front().size;
    put("a", "3");
    log->on_high_watermark(log->log_end());
  }
};

}  // namespace

class CleanableLogTest : public QObject {
  Q_OBJECT
 private slots:
  void a_log_is_dirty_up_to_its_active_segment();
  void what_was_cleaned_is_clean();
  void a_segment_that_is_partly_clean_counts_on_both_sides();
  void a_log_of_one_segment_has_nothing_to_clean();
  void nothing_is_cleaned_at_or_after_the_last_stable_offset();
  void the_segment_that_holds_the_last_stable_offset_is_not_cleaned();
  void nothing_is_cleaned_beyond_an_open_transaction();
  void records_younger_than_the_minimum_lag_are_not_cleaned();
  void a_record_older_than_the_maximum_lag_is_overdue();
  void an_overdue_log_is_cleaned_however_clean_it_is();
  void the_dirty_ratio_decides();
  void a_checkpoint_before_the_log_begins_is_wrong();
  void a_checkpoint_past_the_end_is_wrong();
};

void CleanableLogTest::a_log_is_dirty_up_to_its_active_segment() {
  ThreeSegments f;
  const auto what = *f.measure();
  QCOMPARE(what.first_dirty.value(), 0);
  QCOMPARE(what.first_uncleanable.value(), 3);
  QCOMPARE(what.clean_bytes, 0U);
  QCOMPARE(what.cleanable_bytes, 3 * f.segment_size);
  QCOMPARE(what.dirty_ratio(), 1.0);
  QVERIFY(!what.checkpoint_is_wrong && !what.overdue);
}

void CleanableLogTest::what_was_cleaned_is_clean() {
  ThreeSegments f;
  f.cleaned_to = Offset{2};
  const auto what = *f.measure();
  QCOMPARE(what.first_dirty.value(), 2);
  QCOMPARE(what.clean_bytes, 2 * f.segment_size);
  QCOMPARE(what.cleanable_bytes, f.segment_size);
}

void CleanableLogTest::a_segment_that_is_partly_clean_counts_on_both_sides() {
  CleanerFixture f;
  f.reopen();
  f.put("a", "1");
  f.put("a", "2");
  f.roll();
  f.cleaned_to = Offset{1};
  const auto what = *f.measure();
  QCOMPARE(what.clean_bytes, what.cleanable_bytes);
  QVERIFY(what.clean_bytes > 0);
}

void CleanableLogTest::a_log_of_one_segment_has_nothing_to_clean() {
  CleanerFixture f;
  f.reopen();
  f.put("a", "1");
  const auto what = *f.measure();
  QCOMPARE(what.clean_bytes + what.cleanable_bytes, 0U);
  QVERIFY(!what.worth_cleaning(f.config));
}

void CleanableLogTest::nothing_is_cleaned_at_or_after_the_last_stable_offset() {
  ThreeSegments f;
  const auto what =
      *LogCleaner::measure(*f.log, {.cleaned_to = {}, .last_stable = Offset{1}, .now = f.now});
  QCOMPARE(what.first_uncleanable.value(), 1);
  QCOMPARE(what.cleanable_bytes, f.segment_size);
}

void CleanableLogTest::the_segment_that_holds_the_last_stable_offset_is_not_cleaned() {
  CleanerFixture f;
  f.reopen();
  f.put("a", "0");
  f.roll();
  f.put("a", "1");
  f.put("a", "2");
  f.roll();
  const auto what =
      *LogCleaner::measure(*f.log, {.cleaned_to = {}, .last_stable = Offset{2}, .now = f.now});
  QCOMPARE(what.first_uncleanable.value(), 1);
}

void CleanableLogTest::nothing_is_cleaned_beyond_an_open_transaction() {
  CleanerFixture f;
  f.reopen();
  f.put("a", "0");
  f.roll();
  f.put({{"a", "1"}}, {.producer = pid, .transactional = true});
  f.roll();
  f.put("a", "2");
  f.roll();
  f.log->on_high_watermark(f.log->log_end());
  QCOMPARE(f.measure()->first_uncleanable.value(), 1);
  f.end(pid, true);
  f.log->on_high_watermark(f.log->log_end());
  QCOMPARE(f.measure()->first_uncleanable.value(), 3);
}

void CleanableLogTest::records_younger_than_the_minimum_lag_are_not_cleaned() {
  ThreeSegments f;
  f.config.min_compaction_lag = Duration::millis(1500);
  f.log->set_config(f.config);
  f.now = start + Duration::seconds(3);
  // The batches are 3, 2 and 1 seconds old.
  QCOMPARE(f.measure()->first_uncleanable.value(), 2);
  f.now = f.now + Duration::seconds(1);
  QCOMPARE(f.measure()->first_uncleanable.value(), 3);
}

void CleanableLogTest::a_record_older_than_the_maximum_lag_is_overdue() {
  ThreeSegments f;
  QVERIFY(!f.measure()->overdue);
  f.config.max_compaction_lag = Duration::seconds(3);
  f.log->set_config(f.config);
  f.now = start + Duration::seconds(3);
  QVERIFY(!f.measure()->overdue);
  f.now = f.now + Duration::millis(1);
  QVERIFY(f.measure()->overdue);
  f.cleaned_to = Offset{1};
  QVERIFY(!f.measure()->overdue);
}

void CleanableLogTest::an_overdue_log_is_cleaned_however_clean_it_is() {
  LogConfig config;
  config.min_cleanable_ratio = 1.0;
  CleanableLog what{.first_dirty = Offset{0}, .first_uncleanable = Offset{1}, .cleanable_bytes = 9};
  QVERIFY(!what.worth_cleaning(config));
  what.overdue = true;
  QVERIFY(what.worth_cleaning(config));
  what.cleanable_bytes = 0;
  QVERIFY(!what.worth_cleaning(config));
}

void CleanableLogTest::the_dirty_ratio_decides() {
  LogConfig config;
  CleanableLog what{.first_dirty = Offset{0},
                    .first_uncleanable = Offset{1},
                    .clean_bytes = 50,
                    .cleanable_bytes = 50};
  QVERIFY(!what.worth_cleaning(config));
  what.cleanable_bytes = 51;
  QVERIFY(what.worth_cleaning(config));
}

void CleanableLogTest::a_checkpoint_before_the_log_begins_is_wrong() {
  ThreeSegments f;
  QVERIFY(f.log->advance_log_start(Offset{2}));
  f.cleaned_to = Offset{1};
  const auto what = *f.measure();
  QVERIFY(what.checkpoint_is_wrong);
  QCOMPARE(what.first_dirty.value(), 2);
}

void CleanableLogTest::a_checkpoint_past_the_end_is_wrong() {
  ThreeSegments f;
  f.cleaned_to = Offset{4};
  QVERIFY(!f.measure()->checkpoint_is_wrong);
  f.cleaned_to = Offset{5};
  QVERIFY(f.measure()->checkpoint_is_wrong);
  QCOMPARE(f.measure()->first_dirty.value(), 0);
}

OTTLA_TEST(CleanableLogTest)
#include "cleanable_log_test.moc"
