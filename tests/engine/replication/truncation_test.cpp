#include "engine/replication/truncation.h"

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::replication;

namespace {

EpochEnd end_of(int epoch, std::int64_t offset) {
  return {LeaderEpoch{epoch}, Offset{offset}};
}

}  // namespace

class TruncationTest : public QObject {
  Q_OBJECT
 private slots:
  void in_an_epoch_both_know_the_shorter_history_decides();
  void an_epoch_the_follower_lacks_is_cut_back_to_its_older_one();
  void a_follower_without_epochs_takes_the_leaders_word();
  void nothing_is_cut_beyond_the_end_of_the_log();
};

void TruncationTest::in_an_epoch_both_know_the_shorter_history_decides() {
  const TruncationPoint leader_shorter = truncation_point(end_of(3, 5), end_of(3, 8), Offset{8});
  QCOMPARE(leader_shorter.offset.value(), 5);
  QVERIFY(leader_shorter.final);
  const TruncationPoint own_shorter = truncation_point(end_of(3, 9), end_of(3, 6), Offset{8});
  QCOMPARE(own_shorter.offset.value(), 6);
  QVERIFY(own_shorter.final);
}

void TruncationTest::an_epoch_the_follower_lacks_is_cut_back_to_its_older_one() {
  const TruncationPoint point = truncation_point(end_of(4, 9), end_of(2, 5), Offset{8});
  QCOMPARE(point.offset.value(), 5);
  QVERIFY(!point.final);
}

void TruncationTest::a_follower_without_epochs_takes_the_leaders_word() {
  const TruncationPoint point = truncation_point(end_of(4, 6), EpochEnd(), Offset{8});
  QCOMPARE(point.offset.value(), 6);
  QVERIFY(point.final);
}

void TruncationTest::nothing_is_cut_beyond_the_end_of_the_log() {
  QCOMPARE(truncation_point(end_of(4, 20), EpochEnd(), Offset{8}).offset.value(), 8);
  QCOMPARE(truncation_point(end_of(4, 20), end_of(4, 20), Offset{8}).offset.value(), 8);
  QCOMPARE(truncation_point(end_of(4, 20), end_of(3, 20), Offset{8}).offset.value(), 8);
}

OTTLA_TEST(TruncationTest)
#include "truncation_test.moc"
