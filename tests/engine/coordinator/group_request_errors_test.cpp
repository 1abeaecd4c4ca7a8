// What is wrong with a request whoever coordinates its group (GroupCoordinatorService, KafkaApis).
#include "engine/coordinator/group_coordinator.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::coordinator;
using protocol::ErrorCode;

namespace {

class GroupRequestErrorsTest : public QObject {
  Q_OBJECT

  static std::optional<ErrorCode> joined(std::int32_t session_ms, const std::string& group = "g") {
    const GroupConfig config{.session_timeout_min = Duration::millis(100),
                             .session_timeout_max = Duration::millis(200)};
    protocol::JoinGroupRequest request;
    request.group_id = group;
    request.session_timeout_ms = session_ms;
    return join_error(config, request);
  }
  static std::optional<ErrorCode> synced(int version, const protocol::SyncGroupRequest& request) {
    return sync_error(ApiVersion{static_cast<std::int16_t>(version)}, request);
  }

 private slots:
  void a_session_lasts_as_long_as_brokers_allow() {
    QVERIFY(joined(99) == ErrorCode::invalid_session_timeout);
    QVERIFY(!joined(100));
    QVERIFY(!joined(200));
    QVERIFY(joined(201) == ErrorCode::invalid_session_timeout);
    QVERIFY(joined(1, "") == ErrorCode::invalid_group_id);
  }

  void a_protocol_is_named_from_version_5_on() {
    protocol::SyncGroupRequest request{.group_id = "g"};
    QVERIFY(!synced(4, request));
    QVERIFY(synced(5, request) == ErrorCode::inconsistent_group_protocol);
    request.protocol_type = "consumer";
    QVERIFY(synced(5, request) == ErrorCode::inconsistent_group_protocol);
    request.protocol_name = "range";
    QVERIFY(!synced(5, request));
    request.group_id.clear();
    QVERIFY(synced(5, request) == ErrorCode::invalid_group_id);
    QVERIFY(synced(4, protocol::SyncGroupRequest{}) == ErrorCode::invalid_group_id);
  }
};

}  // namespace

OTTLA_TEST(GroupRequestErrorsTest)
#include "group_request_errors_test.moc"
