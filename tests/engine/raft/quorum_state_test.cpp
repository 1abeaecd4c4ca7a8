#include "engine/raft/quorum_state.h"

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::raft;

class QuorumStateTest : public QObject {
  Q_OBJECT
 private slots:
  void a_static_quorum_is_written_as_kafka_writes_version_0();
  void a_quorum_with_directories_is_written_as_version_1();
  void text_that_is_no_quorum_state_is_refused_with_its_reason();
};

void QuorumStateTest::a_static_quorum_is_written_as_kafka_writes_version_0() {
  const QuorumState state{.data_version = 0,
                          .leader = BrokerId{3000},
                          .leader_epoch = LeaderEpoch{7},
                          .voted = no_broker,
                          .voted_directory = {},
                          .voters = {BrokerId{3000}}};
  const std::string text =
      R"({"clusterId":"","leaderId":3000,"leaderEpoch":7,"votedId":-1,"appliedOffset":0,)"
      R"("currentVoters":[{"voterId":3000}],"data_version":0})";
  QCOMPARE(encode_quorum_state(state), text);
  QVERIFY(decode_quorum_state(text) == state);
}

void QuorumStateTest::a_quorum_with_directories_is_written_as_version_1() {
  const QuorumState state{.data_version = 1,
                          .leader = no_broker,
                          .leader_epoch = LeaderEpoch{2},
                          .voted = BrokerId{1},
                          .voted_directory = Uuid(0, 1),
                          .voters = {}};
  const std::string text = R"({"leaderId":-1,"leaderEpoch":2,"votedId":1,)"
                           R"("votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAQ","data_version":1})";
  QCOMPARE(encode_quorum_state(state), text);
  QVERIFY(decode_quorum_state(text) == state);
}

void QuorumStateTest::text_that_is_no_quorum_state_is_refused_with_its_reason() {
  QVERIFY(decode_quorum_state("").error() == QuorumStateError::not_json);
  QVERIFY(decode_quorum_state("[1]").error() == QuorumStateError::not_json);
  QVERIFY(decode_quorum_state("{}").error() == QuorumStateError::missing_field);
  QVERIFY(decode_quorum_state(R"({"data_version":9})").error() ==
          QuorumStateError::unknown_version);
  QVERIFY(decode_quorum_state(R"({"leaderId":"x","leaderEpoch":2,"votedId":1,"data_version":0})")
              .error() == QuorumStateError::missing_field);
  const std::string whole = R"({"leaderId":-1,"leaderEpoch":2,"votedId":1,)"
                            R"("votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAQ","data_version":1})";
  for (std::size_t size = 1; size < whole.size(); ++size)
    QVERIFY(decode_quorum_state(whole.substr(0, size)).error() == QuorumStateError::not_json);
  // Kafka reads one line.
  QVERIFY(decode_quorum_state(whole + "\njunk").has_value());
  for (const char* epoch : {"4294967298", "-4294967298", "18446744073709551615", "2.5", "null"}) {
    std::string text = whole;
    text.replace(text.find("\"leaderEpoch\":2") + 14, 1, epoch);
    QVERIFY2(decode_quorum_state(text).error() == QuorumStateError::missing_field, epoch);
  }
  for (const char* version : {"-1", "2"}) {
    std::string text = whole;
    text.replace(text.find("\"data_version\":1") + 15, 1, version);
    QVERIFY2(decode_quorum_state(text).error() == QuorumStateError::unknown_version, version);
  }
}

OTTLA_TEST(QuorumStateTest)
#include "quorum_state_test.moc"
