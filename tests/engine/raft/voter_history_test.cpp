// Which set of voters counts, as the log grows, is cut back, and lets go of its beginning.
#include "engine/raft/voter_history.h"

#include "tests/engine/raft/test_voters.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::raft;
using namespace ottla::raft::test;

class VoterHistoryTest : public QObject {
  Q_OBJECT
 private slots:
  void the_last_set_counts_until_it_is_truncated();
  void what_counted_before_the_logs_start_is_kept();
  void a_record_at_the_logs_start_can_still_be_taken_back();
};

namespace {

const VoterSet one = voters_of({BrokerId{1}});
const VoterSet two = voters_of({BrokerId{1}, BrokerId{2}});
const VoterSet three = voters_of({BrokerId{1}, BrokerId{2}, BrokerId{3}});

VoterHistory history_of_three() {
  VoterHistory history;
  history.add(no_offset, first_with_voters_in_log);
  history.add(no_offset, one);
  history.add(Offset{10}, two);
  history.add(Offset{20}, three);
  return history;
}

}  // namespace

void VoterHistoryTest::the_last_set_counts_until_it_is_truncated() {
  VoterHistory history = history_of_three();
  QVERIFY(*history.last() == three);
  QVERIFY(*history.voters_at(Offset{19}) == two);
  history.truncate(Offset{20});
  QVERIFY(*history.last() == two);
  QCOMPARE(*history.last_offset(), Offset{10});
}

void VoterHistoryTest::what_counted_before_the_logs_start_is_kept() {
  VoterHistory history = history_of_three();
  history.forget_before(Offset{15});
  QVERIFY(history.voters_at(Offset{9}) == nullptr);
  history.truncate(Offset{15});
  QVERIFY(*history.last() == two);
  QCOMPARE(int{history.kraft_version()}, 1);
}

// A snapshot may end at the high watermark, and the record there not be committed.
void VoterHistoryTest::a_record_at_the_logs_start_can_still_be_taken_back() {
  VoterHistory history = history_of_three();
  history.forget_before(Offset{20});
  history.truncate(Offset{20});
  QVERIFY(history.last() != nullptr);
  QVERIFY(*history.last() == two);
}

OTTLA_TEST(VoterHistoryTest)
#include "voter_history_test.moc"
