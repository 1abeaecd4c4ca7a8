// FindCoordinator (10), v0-v6. Who leads the partition of __consumer_offsets (or, for a
// transactional id, of
// __transaction_state) that a key hashes to. v1 adds the key type, v4 several keys at once
// (KIP-699).
//
// Where the topic does not exist yet, it is asked for, and the client comes back after
// COORDINATOR_NOT_AVAILABLE.
#include "engine/broker/groups/group_service.h"
#include "engine/coordinator/java_string.h"

namespace ottla::broker {

using protocol::ErrorCode;
using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;

namespace {

constexpr ApiVersion finds_many{4};
constexpr std::int8_t group_key = 0;
constexpr std::int8_t transaction_key = 1;
constexpr std::int8_t share_key = 2;

}  // namespace

FindCoordinatorResponse::Coordinator GroupService::find_coordinator(const std::string& key,
                                                                    std::int8_t key_type) {
  FindCoordinatorResponse::Coordinator answer;
  answer.key = key;
  answer.node_id = no_broker;
  answer.port = -1;
  if (key_type != group_key && key_type != transaction_key) {
    answer.error_code = ErrorCode::invalid_request;
    // A share group's key is looked at by itself; a kind that is none fails the whole request.
    if (key_type != share_key)
      answer.error_message = std::string(protocol::message(ErrorCode::invalid_request));
    return answer;
  }
  const std::string_view topic =
      key_type == group_key ? group_metadata_topic : transaction_state_topic;
  answer.error_code = ErrorCode::coordinator_not_available;
  const std::optional<std::int32_t> partition_count = host_.partition_count(topic);
  if (!partition_count) {
    host_.create_internal_topic(topic);
    return answer;
  }
  const auto leader = host_.leader_of(topic, coordinator::partition_for(key, *partition_count));
  if (!leader) return answer;
  answer.error_code = ErrorCode::none;
  answer.node_id = leader->id;
  answer.host = leader->host;
  answer.port = leader->port;
  return answer;
}

void GroupService::handle(const GroupRequest& from, const FindCoordinatorRequest& request) {
  FindCoordinatorResponse response;
  if (from.version >= finds_many) {
    for (const std::string& key : request.coordinator_keys) {
      response.coordinators.push_back(find_coordinator(key, request.key_type));
    }
    return host_.reply(from.token, std::move(response));
  }
  FindCoordinatorResponse::Coordinator found = find_coordinator(request.key, request.key_type);
  response.error_code = found.error_code;
  response.error_message =
      std::string(found.error_code == ErrorCode::none ? protocol::name(ErrorCode::none)
                                                      : protocol::message(found.error_code));
  response.node_id = found.node_id;
  response.host = std::move(found.host);
  response.port = found.port;
  host_.reply(from.token, std::move(response));
}

}  // namespace ottla::broker
