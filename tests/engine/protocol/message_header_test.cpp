#include "engine/protocol/message_catalogue.h"
#include "engine/protocol/request_frame.h"
#include "tests/support/test_registry.h"

using namespace ottla::protocol;
using ottla::ApiVersion;
using ottla::ByteReader;
using ottla::Bytes;
using ottla::ByteWriter;
using ottla::CorrelationId;

class MessageHeaderTest : public QObject {
  Q_OBJECT
 private slots:
  void request_heads_of_every_api_and_version_come_back();
  void the_client_id_may_be_null_and_tags_are_kept();
  void an_unknown_api_or_version_still_says_whom_to_answer();
  void a_head_cut_off_anywhere_is_refused();
  void responses_have_tags_from_flexible_versions_on_except_api_versions();
};

void MessageHeaderTest::request_heads_of_every_api_and_version_come_back() {
  for (const ApiEntry& api : all_apis()) {
    for (ApiVersion version = api.min_version; version <= api.max_version;
         version = version.next()) {
      const RequestHead head{.key = api.key,
                             .version = version,
                             .correlation_id = CorrelationId(77),
                             .client_id = "till"};
      ByteWriter writer;
      write_request_head(writer, head);
      QCOMPARE(writer.size(), api.is_flexible(version) ? std::size_t{15} : std::size_t{14});
      ByteReader reader(writer.take());
      const auto read = read_request_head(reader);
      QVERIFY(read && *read == head);
      QCOMPARE(reader.remaining(), std::size_t{0});
    }
  }
}

void MessageHeaderTest::the_client_id_may_be_null_and_tags_are_kept() {
  RequestHead head{
      .key = ApiKey::fetch, .version = ApiVersion(12), .correlation_id = CorrelationId(-5)};
  head.unknown_tagged_fields = {{4, Bytes::copy_of("four")}};
  ByteWriter writer;
  write_request_head(writer, head);
  ByteReader reader(writer.take());
  const auto read = read_request_head(reader);
  QVERIFY(read && *read == head);
}

void MessageHeaderTest::an_unknown_api_or_version_still_says_whom_to_answer() {
  ByteWriter writer;
  writer.write_int16(18);
  writer.write_int16(99);
  writer.write_int32(41);
  ByteReader reader(writer.take());
  const auto version = read_request_head(reader);
  QVERIFY(!version);
  QVERIFY(version.error().reason == DecodeError::Reason::unsupported_version);
  QCOMPARE(version.error().api_key, std::int16_t{18});
  QVERIFY(version.error().version == ApiVersion(99));
  QVERIFY(version.error().correlation_id == CorrelationId(41));
  QCOMPARE(describe(version.error()), std::string("unsupported version 99 of key 18"));

  writer.write_int16(4);  // LeaderAndIsr is gone.
  writer.write_int16(7);
  writer.write_int32(42);
  ByteReader unknown(writer.take());
  const auto api = read_request_head(unknown);
  QVERIFY(!api && api.error().reason == DecodeError::Reason::unknown_api);
  QVERIFY(api.error().correlation_id == CorrelationId(42));
}

void MessageHeaderTest::a_head_cut_off_anywhere_is_refused() {
  ByteWriter writer;
  write_request_head(writer,
                     {.key = ApiKey::fetch, .version = ApiVersion(12), .client_id = "till"});
  const Bytes whole = writer.take();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    ByteReader reader(Bytes::copy_of(whole.span().first(length)));
    const auto read = read_request_head(reader);
    QVERIFY(!read && read.error().reason == DecodeError::Reason::malformed);
  }
}

void MessageHeaderTest::responses_have_tags_from_flexible_versions_on_except_api_versions() {
  const auto size_of = [](ApiKey key, ApiVersion version) {
    ByteWriter writer;
    write_response_head(writer, key, version, CorrelationId(9));
    const Bytes bytes = writer.take();
    ByteReader reader(bytes);
    const auto read = read_response_head(reader, key, version);
    return read && read->correlation_id == CorrelationId(9) ? bytes.size() : 0;
  };
  QCOMPARE(size_of(ApiKey::fetch, ApiVersion(11)), std::size_t{4});
  QCOMPARE(size_of(ApiKey::fetch, ApiVersion(12)), std::size_t{5});
  QCOMPARE(size_of(ApiKey::api_versions, ApiVersion(3)), std::size_t{4});
  QCOMPARE(size_of(ApiKey::api_versions, ApiVersion(4)), std::size_t{4});
}

OTTLA_TEST(MessageHeaderTest)
#include "message_header_test.moc"
