#include "engine/protocol/error_code.h"

#include "tests/support/test_registry.h"

using ottla::protocol::all_error_codes;
using ottla::protocol::ErrorCode;

class ErrorCodeTest : public QObject {
  Q_OBJECT
 private slots:
  void names_messages_and_retriability_are_kafkas();
  void every_code_has_facts_of_its_own();
  void a_code_that_kafka_lacks_reads_as_an_unknown_server_error();
};

void ErrorCodeTest::names_messages_and_retriability_are_kafkas() {
  QCOMPARE(name(ErrorCode::not_leader_or_follower), std::string_view("NOT_LEADER_OR_FOLLOWER"));
  QCOMPARE(message(ErrorCode::unknown_topic_or_partition),
           std::string_view("This server does not host this topic-partition."));
  QVERIFY(is_retriable(ErrorCode::not_enough_replicas));
  QVERIFY(!is_retriable(ErrorCode::message_too_large));
  QCOMPARE(static_cast<int>(ErrorCode::unsupported_version), 35);
  QCOMPARE(static_cast<int>(ErrorCode::fenced_member_epoch), 110);
}

void ErrorCodeTest::every_code_has_facts_of_its_own() {
  std::string_view previous;
  for (const ErrorCode code : all_error_codes()) {
    QVERIFY(!name(code).empty() && name(code) != previous);
    QCOMPARE(message(code).empty(), code == ErrorCode::none);
    previous = name(code);
  }
  QVERIFY(all_error_codes().front() == ErrorCode::unknown_server_error);
}

void ErrorCodeTest::a_code_that_kafka_lacks_reads_as_an_unknown_server_error() {
  QCOMPARE(name(static_cast<ErrorCode>(-2)), std::string_view("UNKNOWN_SERVER_ERROR"));
  QCOMPARE(name(static_cast<ErrorCode>(9999)), std::string_view("UNKNOWN_SERVER_ERROR"));
}

OTTLA_TEST(ErrorCodeTest)
#include "error_code_test.moc"
