#include "engine/broker/api/config_refusals.h"

#include <QTest>

#include "engine/base/byte_writer.h"
#include "engine/protocol/messages/incremental_alter_configs_response.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;
using protocol::IncrementalAlterConfigsResponse;

namespace {

RequestContext context_of(std::uint64_t token) {
  RequestContext context;
  context.token = RequestToken{token};
  context.head.key = protocol::ApiKey::incremental_alter_configs;
  context.head.version = ApiVersion{1};
  context.head.correlation_id = CorrelationId{77};
  return context;
}

ByteChain frame_of(const RequestContext& context, const IncrementalAlterConfigsResponse& response) {
  ByteWriter writer;
  protocol::write_response_head(writer, context.head.key, context.head.version,
                                context.head.correlation_id);
  response.encode(writer, context.head.version);
  return writer.take_chain();
}

}  // namespace

class ConfigRefusalsTest : public QObject {
  Q_OBJECT
 private slots:
  void the_controllers_answer_is_completed_in_the_order_asked();
  void other_answers_pass_as_they_are();
};

void ConfigRefusalsTest::the_controllers_answer_is_completed_in_the_order_asked() {
  const RequestContext context = context_of(5);
  ConfigRefusals refusals;
  refusals.hold(context, {{0, 4, "8", {protocol::ErrorCode::invalid_request, "not me"}},
                          {2, 4, "9", {protocol::ErrorCode::invalid_request, "nor me"}}});
  IncrementalAlterConfigsResponse decided;
  decided.responses.emplace_back().resource_name = "orders";
  decided.responses.emplace_back().resource_name = "returns";
  const ByteChain completed = refusals.complete(context.token, frame_of(context, decided));
  ByteReader reader(completed.flatten());
  const auto head = protocol::read_response_head(reader, context.head.key, context.head.version);
  QVERIFY(head && head->correlation_id == context.head.correlation_id);
  const auto response = IncrementalAlterConfigsResponse::decode(reader, context.head.version);
  QVERIFY(response && response->responses.size() == 4);
  const std::vector<std::string> expected{"8", "orders", "9", "returns"};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    QCOMPARE(response->responses[i].resource_name, expected[i]);
    QVERIFY(response->responses[i].error_code ==
            (i % 2 == 0 ? protocol::ErrorCode::invalid_request : protocol::ErrorCode::none));
  }
  QCOMPARE(*response->responses[2].error_message, std::string("nor me"));
}

void ConfigRefusalsTest::other_answers_pass_as_they_are() {
  const RequestContext context = context_of(5);
  ConfigRefusals refusals;
  refusals.hold(context_of(6), {{0, 4, "8", {protocol::ErrorCode::invalid_request, "not me"}}});
  const ByteChain frame = frame_of(context, {});
  QVERIFY(refusals.complete(context.token, frame).flatten() == frame.flatten());
}

OTTLA_TEST(ConfigRefusalsTest)
#include "config_refusals_test.moc"
