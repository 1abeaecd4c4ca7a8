#include "tests/engine/storage/log_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::storage;
using namespace ottla::storage::test;

namespace {

using Names = std::vector<std::string>;

// The segments' files in the log's folder, sorted.
Names segment_files(LogFixture& f) {
  Names names;
  const auto listed = f.disk->list("t-0");
  for (const std::string& name : *listed) {
    if (name.starts_with("0000") && !name.ends_with(".snapshot")) names.push_back(name);
  }
  return names;
}

Names files_of(std::initializer_list<std::string> bases) {
  Names names;
  for (const std::string& base : bases) {
    for (const char* suffix : {".index", ".log", ".timeindex"})
      names.push_back("000000000000000000" + base + suffix);
  }
  return names;
}

}  // namespace

class SegmentFilesTest : public QObject {
  Q_OBJECT
 private slots:
  void a_segment_has_its_indexes_from_the_beginning();
  void they_are_there_again_after_a_crash_without_them();
  void a_log_that_begins_anew_has_them();
  void what_an_unfinished_creation_left_in_them_is_not_kept();
};

void SegmentFilesTest::a_segment_has_its_indexes_from_the_beginning() {
  LogFixture f;
  f.reopen();
  QCOMPARE(segment_files(f), files_of({"00"}));
  QVERIFY(f.write({.records = 7}));
  QVERIFY(f.log->roll(f.now));
  QCOMPARE(segment_files(f), files_of({"00", "07"}));
}

void SegmentFilesTest::they_are_there_again_after_a_crash_without_them() {
  LogFixture f;
  f.reopen();
  QVERIFY(f.write({.records = 7}));
  f.crash();
  QVERIFY(f.files.remove("t-0/00000000000000000000.index"));
  QVERIFY(f.files.remove("t-0/00000000000000000000.timeindex"));
  f.reopen();
  QCOMPARE(segment_files(f), files_of({"00"}));
  QCOMPARE(f.log->log_end().value(), 7);
}

void SegmentFilesTest::a_log_that_begins_anew_has_them() {
  LogFixture f;
  f.reopen();
  QVERIFY(f.write({.records = 7}));
  QVERIFY(f.log->truncate_fully_and_start_at(Offset{42}, f.now));
  QCOMPARE(segment_files(f), files_of({"42"}));
}

void SegmentFilesTest::what_an_unfinished_creation_left_in_them_is_not_kept() {
  LogFixture f;
  f.reopen();
  QVERIFY(f.write({.records = 7}));
  const auto stale = f.disk->open("t-0/00000000000000000007.index", Disk::Open::create_new);
  QVERIFY(f.disk->append(*stale, Bytes::copy_of("12345678")));
  f.disk->close(*stale);
  QVERIFY(f.log->roll(f.now));
  QCOMPARE(f.files.find("t-0/00000000000000000007.index")->size(), 0U);
}

OTTLA_TEST(SegmentFilesTest)
#include "segment_files_test.moc"
