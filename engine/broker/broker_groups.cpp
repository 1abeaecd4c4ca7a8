#include "engine/broker/broker_groups.h"

#include <algorithm>

#include "engine/protocol/messages/create_topics_request.h"

namespace ottla::broker {
namespace {

using protocol::ErrorCode;

constexpr ApiVersion create_topics_version{7};
constexpr std::size_t read_bytes_max = std::size_t{1} << 20;

protocol::CreateTopicsRequest::CreatableTopic internal_topic(const BrokerConfig& config,
                                                             std::string_view name) {
  protocol::CreateTopicsRequest::CreatableTopic topic;
  topic.name = std::string(name);
  const std::string_view prefix =
      name == group_metadata_topic ? "offsets.topic." : "transaction.state.log.";
  topic.num_partitions = config.int32(std::string(prefix) + "num.partitions");
  topic.replication_factor =
      static_cast<std::int16_t>(config.int32(std::string(prefix) + "replication.factor"));
  // As Kafka's GroupCoordinatorService.groupMetadataTopicConfigs.
  topic.configs.push_back({.name = "cleanup.policy", .value = "compact"});
  topic.configs.push_back({.name = "compression.type", .value = "producer"});
  topic.configs.push_back(
      {.name = "segment.bytes",
       .value = std::to_string(config.integer(std::string(prefix) + "segment.bytes"))});
  return topic;
}

// A refusal names no protocol: that is null where the version has it, the empty text before.
void name_protocol(protocol::JoinGroupResponse& joined, ApiVersion version) {
  constexpr ApiVersion nullable_protocol_name{7};
  if (version >= nullable_protocol_name && joined.protocol_name == "") joined.protocol_name.reset();
  if (version < nullable_protocol_name && !joined.protocol_name) joined.protocol_name = "";
}

}  // namespace

void BrokerGroups::reply(coordinator::RequestToken token, GroupApiResponse response) {
  const RequestToken request{token.value()};
  if (auto* joined = std::get_if<protocol::JoinGroupResponse>(&response)) {
    if (const RequestContext* asked = server_.find(request))
      name_protocol(*joined, asked->head.version);
  }
  std::visit([&](const auto& message) { server_.reply(request, message); }, response);
}

void BrokerGroups::tell(const coordinator::GroupChange& change) {
  env_.probe.tell(probe::GroupChanged{.group = change.group,
                                      .state = coordinator::name(change.state),
                                      .generation = change.generation,
                                      .members = change.members,
                                      .reason = change.reason});
}

Uuid BrokerGroups::random_id() {
  const std::uint64_t high = env_.random.next();
  return Uuid::version4(high, env_.random.next());
}

bool BrokerGroups::topic_exists(std::string_view topic) const {
  return image_.topic(topic) != nullptr;
}

Uuid BrokerGroups::topic_id(std::string_view topic) const {
  const metadata::Topic* known = image_.topic(topic);
  return known == nullptr ? Uuid() : known->id;
}

std::optional<std::string> BrokerGroups::topic_name(const Uuid& id) const {
  const metadata::Topic* known = image_.topic(id);
  return known == nullptr ? std::nullopt : std::optional(known->name);
}

std::optional<std::int32_t> BrokerGroups::partition_count(std::string_view topic) const {
  const metadata::Topic* known = image_.topic(topic);
  return known == nullptr ? std::nullopt
                          : std::optional(static_cast<std::int32_t>(known->partitions.size()));
}

std::optional<GroupHost::CoordinatorNode> BrokerGroups::leader_of(std::string_view topic,
                                                                  PartitionIndex partition) const {
  const metadata::Partition* known = image_.partition(topic, partition);
  const metadata::Broker* leader = known == nullptr ? nullptr : image_.broker(known->leader);
  if (leader == nullptr || leader->fenced || leader->endpoints.empty()) return std::nullopt;
  const metadata::BrokerEndpoint& at = leader->endpoints.front();
  return CoordinatorNode{leader->id, at.host, at.port};
}

void BrokerGroups::create_internal_topic(std::string_view topic) {
  if (controller_.is_under_way(ControllerCall::create_topics)) return;
  protocol::CreateTopicsRequest request;
  request.timeout_ms = config_.int32("request.timeout.ms");
  request.topics.push_back(internal_topic(config_, topic));
  controller_.send(ControllerCall::create_topics, request, create_topics_version,
                   config_.millis("request.timeout.ms"));
}

Result<Offset, ErrorCode> BrokerGroups::append(PartitionIndex partition,
                                               protocol::RecordBatch batch) {
  Replica* replica = replicas_.find(group_metadata_topic, partition);
  if (replica == nullptr || replica->leader() == nullptr)
    return failure(ErrorCode::not_leader_or_follower);
  if (const ErrorCode error = replica->leader()->admits_acks_all(); error != ErrorCode::none)
    return failure(error);
  const auto appended = replicas_.append_own(*replica, batch);
  if (!appended) return failure(appended.error().error);
  return appended->last.next();
}

OffsetsLog::Bounds BrokerGroups::bounds(PartitionIndex partition) const {
  const Replica* replica = replicas_.find(group_metadata_topic, partition);
  if (replica == nullptr) return {Offset{0}, Offset{0}, Offset{0}};
  return {replica->log_start(), replica->log_end(), replica->high_watermark()};
}

Result<std::vector<protocol::RecordBatch>, ErrorCode> BrokerGroups::read(PartitionIndex partition,
                                                                         Offset from) const {
  Replica* replica = replicas_.find(group_metadata_topic, partition);
  if (replica == nullptr) return failure(ErrorCode::not_leader_or_follower);
  if (from >= replica->log_end()) return std::vector<protocol::RecordBatch>{};
  const auto records = replica->read(from, read_bytes_max, replica->log_end(), true);
  if (!records) return failure(records.error());
  auto batches = protocol::split_batches(*records);
  if (!batches) return failure(protocol::error_code_of(batches.error()));
  return *std::move(batches);
}

}  // namespace ottla::broker
