#include "engine/protocol/error_code.h"

#include <array>

namespace ottla::protocol {
namespace {

struct ErrorFacts {
  std::string_view name;
  std::string_view message;
  bool retriable;
};

constexpr std::int16_t first_code = -1;

// Indexed by code - first_code: the codes have no gap.
constexpr ErrorFacts facts[] = {
    {"UNKNOWN_SERVER_ERROR",
     "The server experienced an unexpected error when processing the request.", false},
    {"NONE", "", false},
    {"OFFSET_OUT_OF_RANGE",
     "The requested offset is not within the range of offsets maintained by the server.", false},
    {"CORRUPT_MESSAGE",
     "This message has failed its CRC checksum, exceeds the valid size, has a null key for a "
     "compacted topic, or is otherwise corrupt.",
     true},
    {"UNKNOWN_TOPIC_OR_PARTITION", "This server does not host this topic-partition.", true},
    {"INVALID_FETCH_SIZE", "The requested fetch size is invalid.", false},
    {"LEADER_NOT_AVAILABLE",
     "There is no leader for this topic-partition as we are in the middle of a leadership "
     "election.",
     true},
    {"NOT_LEADER_OR_FOLLOWER",
     "For requests intended only for the leader, this error indicates that the broker is not "
     "the current leader. For requests intended for any replica, this error indicates that the "
     "broker is not a replica of the topic partition.",
     true},
    {"REQUEST_TIMED_OUT", "The request timed out.", true},
    {"BROKER_NOT_AVAILABLE", "The broker is not available.", false},
    {"REPLICA_NOT_AVAILABLE",
     "The replica is not available for the requested topic-partition. Produce/Fetch requests "
     "and other requests intended only for the leader or follower return NOT_LEADER_OR_FOLLOWER"
     " if the broker is not a replica of the topic-partition.",
     true},
    {"MESSAGE_TOO_LARGE",
     "The request included a message larger than the max message size the server will accept.",
     false},
    {"STALE_CONTROLLER_EPOCH", "The controller moved to another broker.", false},
    {"OFFSET_METADATA_TOO_LARGE", "The metadata field of the offset request was too large.", false},
    {"NETWORK_EXCEPTION", "The server disconnected before a response was received.", true},
    {"COORDINATOR_LOAD_IN_PROGRESS", "The coordinator is loading and hence can't process requests.",
     true},
    {"COORDINATOR_NOT_AVAILABLE", "The coordinator is not available.", true},
    {"NOT_COORDINATOR", "This is not the correct coordinator.", true},
    {"INVALID_TOPIC_EXCEPTION",
     "The request attempted to perform an operation on an invalid topic.", false},
    {"RECORD_LIST_TOO_LARGE",
     "The request included message batch larger than the configured segment size on the server.",
     false},
    {"NOT_ENOUGH_REPLICAS",
     "Messages are rejected since there are fewer in-sync replicas than required.", true},
    {"NOT_ENOUGH_REPLICAS_AFTER_APPEND",
     "Messages are written to the log, but to fewer in-sync replicas than required.", true},
    {"INVALID_REQUIRED_ACKS", "Produce request specified an invalid value for required acks.",
     false},
    {"ILLEGAL_GENERATION", "Specified group generation id is not valid.", false},
    {"INCONSISTENT_GROUP_PROTOCOL",
     "The group member's supported protocols are incompatible with those of existing members or"
     " first group member tried to join with empty protocol type or empty protocol list.",
     false},
    {"INVALID_GROUP_ID", "The group id is invalid.", false},
    {"UNKNOWN_MEMBER_ID", "The coordinator is not aware of this member.", false},
    {"INVALID_SESSION_TIMEOUT",
     "The session timeout is not within the range allowed by the broker (as configured by "
     "group.min.session.timeout.ms and group.max.session.timeout.ms).",
     false},
    {"REBALANCE_IN_PROGRESS", "The group is rebalancing, so a rejoin is needed.", false},
    {"INVALID_COMMIT_OFFSET_SIZE", "The committing offset data size is not valid.", false},
    {"TOPIC_AUTHORIZATION_FAILED", "Topic authorization failed.", false},
    {"GROUP_AUTHORIZATION_FAILED", "Group authorization failed.", false},
    {"CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed.", false},
    {"INVALID_TIMESTAMP", "The timestamp of the message is out of acceptable range.", false},
    {"UNSUPPORTED_SASL_MECHANISM", "The broker does not support the requested SASL mechanism.",
     false},
    {"ILLEGAL_SASL_STATE", "Request is not valid given the current SASL state.", false},
    {"UNSUPPORTED_VERSION", "The version of API is not supported.", false},
    {"TOPIC_ALREADY_EXISTS", "Topic with this name already exists.", false},
    {"INVALID_PARTITIONS", "Number of partitions is below 1.", false},
    {"INVALID_REPLICATION_FACTOR",
     "Replication factor is below 1 or larger than the number of available brokers.", false},
    {"INVALID_REPLICA_ASSIGNMENT", "Replica assignment is invalid.", false},
    {"INVALID_CONFIG", "Configuration is invalid.", false},
    {"NOT_CONTROLLER", "This is not the correct controller for this cluster.", true},
    {"INVALID_REQUEST",
     "This most likely occurs because of a request being malformed by the client library or the"
     " message was sent to an incompatible broker. See the broker logs for more details.",
     false},
    {"UNSUPPORTED_FOR_MESSAGE_FORMAT",
     "The message format version on the broker does not support the request.", false},
    {"POLICY_VIOLATION", "Request parameters do not satisfy the configured policy.", false},
    {"OUT_OF_ORDER_SEQUENCE_NUMBER", "The broker received an out of order sequence number.", false},
    {"DUPLICATE_SEQUENCE_NUMBER", "The broker received a duplicate sequence number.", false},
    {"INVALID_PRODUCER_EPOCH", "Producer attempted to produce with an old epoch.", false},
    {"INVALID_TXN_STATE", "The producer attempted a transactional operation in an invalid state.",
     false},
    {"INVALID_PRODUCER_ID_MAPPING",
     "The producer attempted to use a producer id which is not currently assigned to its "
     "transactional id.",
     false},
    {"INVALID_TRANSACTION_TIMEOUT",
     "The transaction timeout is larger than the maximum value allowed by the broker (as "
     "configured by transaction.max.timeout.ms).",
     false},
    {"CONCURRENT_TRANSACTIONS",
     "The producer attempted to update a transaction while another concurrent operation on the "
     "same transaction was ongoing.",
     true},
    {"TRANSACTION_COORDINATOR_FENCED",
     "Indicates that the transaction coordinator sending a WriteTxnMarker is no longer the "
     "current coordinator for a given producer.",
     false},
    {"TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "Transactional Id authorization failed.", false},
    {"SECURITY_DISABLED", "Security features are disabled.", false},
    {"OPERATION_NOT_ATTEMPTED",
     "The broker did not attempt to execute this operation. This may happen for batched RPCs "
     "where some operations in the batch failed, causing the broker to respond without trying "
     "the rest.",
     false},
    {"KAFKA_STORAGE_ERROR", "Disk error when trying to access log file on the disk.", true},
    {"LOG_DIR_NOT_FOUND", "The user-specified log directory is not found in the broker config.",
     false},
    {"SASL_AUTHENTICATION_FAILED", "SASL Authentication failed.", false},
    {"UNKNOWN_PRODUCER_ID",
     "This exception is raised by the broker if it could not locate the producer metadata "
     "associated with the producerId in question. This could happen if, for instance, the "
     "producer's records were deleted because their retention time had elapsed. Once the last "
     "records of the producerId are removed, the producer's metadata is removed from the "
     "broker, and future appends by the producer will return this exception.",
     false},
    {"REASSIGNMENT_IN_PROGRESS", "A partition reassignment is in progress.", false},
    {"DELEGATION_TOKEN_AUTH_DISABLED", "Delegation Token feature is not enabled.", false},
    {"DELEGATION_TOKEN_NOT_FOUND", "Delegation Token is not found on server.", false},
    {"DELEGATION_TOKEN_OWNER_MISMATCH", "Specified Principal is not valid Owner/Renewer.", false},
    {"DELEGATION_TOKEN_REQUEST_NOT_ALLOWED",
     "Delegation Token requests are not allowed on PLAINTEXT/1-way SSL channels and on "
     "delegation token authenticated channels.",
     false},
    {"DELEGATION_TOKEN_AUTHORIZATION_FAILED", "Delegation Token authorization failed.", false},
    {"DELEGATION_TOKEN_EXPIRED", "Delegation Token is expired.", false},
    {"INVALID_PRINCIPAL_TYPE", "Supplied principalType is not supported.", false},
    {"NON_EMPTY_GROUP", "The group is not empty.", false},
    {"GROUP_ID_NOT_FOUND", "The group id does not exist.", false},
    {"FETCH_SESSION_ID_NOT_FOUND", "The fetch session ID was not found.", true},
    {"INVALID_FETCH_SESSION_EPOCH", "The fetch session epoch is invalid.", true},
    {"LISTENER_NOT_FOUND",
     "There is no listener on the leader broker that matches the listener on which metadata "
     "request was processed.",
     true},
    {"TOPIC_DELETION_DISABLED", "Topic deletion is disabled.", false},
    {"FENCED_LEADER_EPOCH",
     "The leader epoch in the request is older than the epoch on the broker.", true},
    {"UNKNOWN_LEADER_EPOCH",
     "The leader epoch in the request is newer than the epoch on the broker.", true},
    {"UNSUPPORTED_COMPRESSION_TYPE",
     "The requesting client does not support the compression type of given partition.", false},
    {"STALE_BROKER_EPOCH", "Broker epoch has changed.", false},
    {"OFFSET_NOT_AVAILABLE",
     "The leader high watermark has not caught up from a recent leader election so the offsets "
     "cannot be guaranteed to be monotonically increasing.",
     true},
    {"MEMBER_ID_REQUIRED",
     "The group member needs to have a valid member id before actually entering a consumer "
     "group.",
     false},
    {"PREFERRED_LEADER_NOT_AVAILABLE", "The preferred leader was not available.", true},
    {"GROUP_MAX_SIZE_REACHED", "The group has reached its maximum size.", false},
    {"FENCED_INSTANCE_ID",
     "The broker rejected this static consumer since another consumer with the same "
     "group.instance.id has registered with a different member.id.",
     false},
    {"ELIGIBLE_LEADERS_NOT_AVAILABLE", "Eligible topic partition leaders are not available.", true},
    {"ELECTION_NOT_NEEDED", "Leader election not needed for topic partition.", true},
    {"NO_REASSIGNMENT_IN_PROGRESS", "No partition reassignment is in progress.", false},
    {"GROUP_SUBSCRIBED_TO_TOPIC",
     "Deleting offsets of a topic is forbidden while the consumer group is actively subscribed "
     "to it.",
     false},
    {"INVALID_RECORD",
     "This record has failed the validation on broker and hence will be rejected.", false},
    {"UNSTABLE_OFFSET_COMMIT", "There are unstable offsets that need to be cleared.", true},
    {"THROTTLING_QUOTA_EXCEEDED", "The throttling quota has been exceeded.", true},
    {"PRODUCER_FENCED",
     "There is a newer producer with the same transactionalId which fences the current one.",
     false},
    {"RESOURCE_NOT_FOUND", "A request illegally referred to a resource that does not exist.",
     false},
    {"DUPLICATE_RESOURCE", "A request illegally referred to the same resource twice.", false},
    {"UNACCEPTABLE_CREDENTIAL", "Requested credential would not meet criteria for acceptability.",
     false},
    {"INCONSISTENT_VOTER_SET",
     "Indicates that the either the sender or recipient of a voter-only request is not one of "
     "the expected voters.",
     false},
    {"INVALID_UPDATE_VERSION", "The given update version was invalid.", false},
    {"FEATURE_UPDATE_FAILED",
     "Unable to update finalized features due to an unexpected server error.", false},
    {"PRINCIPAL_DESERIALIZATION_FAILURE",
     "Request principal deserialization failed during forwarding. This indicates an internal "
     "error on the broker cluster security setup.",
     false},
    {"SNAPSHOT_NOT_FOUND", "Requested snapshot was not found.", false},
    {"POSITION_OUT_OF_RANGE",
     "Requested position is not greater than or equal to zero, and less than the size of the "
     "snapshot.",
     false},
    {"UNKNOWN_TOPIC_ID", "This server does not host this topic ID.", true},
    {"DUPLICATE_BROKER_REGISTRATION", "This broker ID is already in use.", false},
    {"BROKER_ID_NOT_REGISTERED", "The given broker ID was not registered.", false},
    {"INCONSISTENT_TOPIC_ID", "The log's topic ID did not match the topic ID in the request.",
     true},
    {"INCONSISTENT_CLUSTER_ID",
     "The clusterId in the request does not match that found on the server.", false},
    {"TRANSACTIONAL_ID_NOT_FOUND", "The transactionalId could not be found.", false},
    {"FETCH_SESSION_TOPIC_ID_ERROR", "The fetch session encountered inconsistent topic ID usage.",
     true},
    {"INELIGIBLE_REPLICA", "The new ISR contains at least one ineligible replica.", false},
    {"NEW_LEADER_ELECTED",
     "The AlterPartition request successfully updated the partition state but the leader has "
     "changed.",
     false},
    {"OFFSET_MOVED_TO_TIERED_STORAGE", "The requested offset is moved to tiered storage.", false},
    {"FENCED_MEMBER_EPOCH",
     "The member epoch is fenced by the group coordinator. The member must abandon all its "
     "partitions and rejoin.",
     false},
    {"UNRELEASED_INSTANCE_ID",
     "The instance ID is still used by another member in the consumer group. That member must "
     "leave first.",
     false},
    {"UNSUPPORTED_ASSIGNOR",
     "The assignor or its version range is not supported by the consumer group.", false},
    {"STALE_MEMBER_EPOCH",
     "The member epoch is stale. The member must retry after receiving its updated member epoch"
     " via the ConsumerGroupHeartbeat API.",
     false},
    {"MISMATCHED_ENDPOINT_TYPE", "The request was sent to an endpoint of the wrong type.", false},
    {"UNSUPPORTED_ENDPOINT_TYPE", "This endpoint type is not supported yet.", false},
    {"UNKNOWN_CONTROLLER_ID", "This controller ID is not known.", false},
    {"UNKNOWN_SUBSCRIPTION_ID",
     "Client sent a push telemetry request with an invalid or outdated subscription ID.", false},
    {"TELEMETRY_TOO_LARGE",
     "Client sent a push telemetry request larger than the maximum size the broker will accept.",
     false},
    {"INVALID_REGISTRATION", "The controller has considered the broker registration to be invalid.",
     false},
    {"TRANSACTION_ABORTABLE",
     "The server encountered an error with the transaction. The client can abort the "
     "transaction to continue using this transactional ID.",
     false},
    {"INVALID_RECORD_STATE",
     "The record state is invalid. The acknowledgement of delivery could not be completed.", false},
    {"SHARE_SESSION_NOT_FOUND", "The share session was not found.", true},
    {"INVALID_SHARE_SESSION_EPOCH", "The share session epoch is invalid.", true},
    {"FENCED_STATE_EPOCH",
     "The share coordinator rejected the request because the share-group state epoch did not "
     "match.",
     false},
    {"INVALID_VOTER_KEY", "The voter key doesn't match the receiving replica's key.", false},
    {"DUPLICATE_VOTER", "The voter is already part of the set of voters.", false},
    {"VOTER_NOT_FOUND", "The voter is not part of the set of voters.", false},
    {"INVALID_REGULAR_EXPRESSION", "The regular expression is not valid.", false},
    {"REBOOTSTRAP_REQUIRED",
     "Client metadata is stale. The client should rebootstrap to obtain new metadata.", false},
    {"STREAMS_INVALID_TOPOLOGY", "The supplied topology is invalid.", false},
    {"STREAMS_INVALID_TOPOLOGY_EPOCH", "The supplied topology epoch is invalid.", false},
    {"STREAMS_TOPOLOGY_FENCED", "The supplied topology epoch is outdated.", false},
    {"SHARE_SESSION_LIMIT_REACHED", "The limit of share sessions has been reached.", true},
};

constexpr std::size_t code_count = std::size(facts);

constexpr std::array<ErrorCode, code_count> codes = [] {
  std::array<ErrorCode, code_count> all{};
  for (std::size_t i = 0; i < code_count; ++i) {
    all[i] = static_cast<ErrorCode>(static_cast<std::int16_t>(i) + first_code);
  }
  return all;
}();

const ErrorFacts& facts_of(ErrorCode code) {
  const int index = static_cast<std::int16_t>(code) - first_code;
  return index >= 0 && index < static_cast<int>(code_count) ? facts[index] : facts[0];
}

}  // namespace

std::string_view name(ErrorCode code) {
  return facts_of(code).name;
}
std::string_view message(ErrorCode code) {
  return facts_of(code).message;
}
bool is_retriable(ErrorCode code) {
  return facts_of(code).retriable;
}
std::span<const ErrorCode> all_error_codes() {
  return codes;
}

}  // namespace ottla::protocol
