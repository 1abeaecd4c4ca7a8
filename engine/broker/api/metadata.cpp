// Metadata (3), v0-v13. Brokers, topics and partitions as this broker's image of the metadata log
// has them. v4 lets a client ask that missing topics be created (auto.create.topics.enable); v10
// adds topic ids, v12 takes them. The controller named is a random live broker, since clients do
// not speak to KRaft controllers.
#include <set>

#include "engine/broker/api/describe_topic.h"
#include "engine/broker/api/handlers.h"
#include "engine/broker/broker_node.h"
#include "engine/metadata/topic_name.h"
#include "engine/protocol/messages/metadata_response.h"

namespace ottla::broker {
namespace {

using protocol::ErrorCode;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using TopicResponse = MetadataResponse::MetadataResponseTopic;

TopicResponse describe(const metadata::Image& image, const metadata::Topic& topic,
                       bool operations) {
  TopicResponse response;
  response.name = topic.name;
  response.topic_id = topic.id;
  response.is_internal = metadata::is_internal_topic(topic.name);
  if (operations) response.topic_authorized_operations = all_topic_operations;
  for (const auto& [index, partition] : topic.partitions) {
    const LeaderView view = leader_view(image, partition);
    MetadataResponse::MetadataResponsePartition described;
    described.error_code = view.error;
    described.partition_index = index;
    described.leader_id = view.leader;
    described.leader_epoch = partition.leader_epoch;
    described.replica_nodes = partition.replicas;
    described.isr_nodes = partition.isr;
    described.offline_replicas = offline_replicas(image, partition);
    response.partitions.push_back(std::move(described));
  }
  return response;
}

TopicResponse unknown_id(const TopicId& id) {
  TopicResponse response;
  response.error_code = ErrorCode::unknown_topic_id;
  response.name.reset();
  response.topic_id = id;
  return response;
}

TopicResponse describe_asked(BrokerNode& broker, const MetadataRequest& request,
                             const MetadataRequest::MetadataRequestTopic& asked,
                             std::set<std::string>& to_create) {
  const metadata::Image& image = broker.image();
  const bool operations = request.include_topic_authorized_operations;
  if (!asked.topic_id.is_zero() || !asked.name) {
    const metadata::Topic* topic = image.topic(asked.topic_id);
    return topic != nullptr ? describe(image, *topic, operations) : unknown_id(asked.topic_id);
  }
  if (const metadata::Topic* topic = image.topic(std::string_view(*asked.name))) {
    return describe(image, *topic, operations);
  }
  TopicResponse missing;
  missing.error_code = ErrorCode::unknown_topic_or_partition;
  missing.name = asked.name;
  missing.is_internal = metadata::is_internal_topic(*asked.name);
  if (operations) missing.topic_authorized_operations = all_topic_operations;
  if (metadata::refuse_topic_name(*asked.name)) {
    missing.error_code = ErrorCode::invalid_topic_exception;
  } else if (request.allow_auto_topic_creation &&
             broker.config().boolean("auto.create.topics.enable")) {
    to_create.insert(*asked.name);
  }
  return missing;
}

}  // namespace

void handle_metadata(BrokerNode& broker, const Request<MetadataRequest>& request) {
  const metadata::Image& image = broker.image();
  const ApiVersion version = request.context.head.version;
  MetadataResponse response;
  response.cluster_id = broker.config().cluster_id;
  response.controller_id = broker.random_live_broker();
  if (version < ApiVersion{11} && request.body.include_cluster_authorized_operations) {
    response.cluster_authorized_operations = all_cluster_operations;
  }
  for (const auto& [id, live] : image.brokers()) {
    if (live.fenced || live.endpoints.empty()) continue;
    const metadata::BrokerEndpoint& at = live.endpoints.front();
    response.brokers.push_back(
        {.node_id = id, .host = at.host, .port = at.port, .rack = live.rack});
  }
  // In version 0 an empty list asks for all topics; later a null one does.
  const auto& topics = request.body.topics;
  if (!topics || (version == ApiVersion{0} && topics->empty())) {
    for (const auto& [name, id] : image.topic_ids()) {
      response.topics.push_back(
          describe(image, *image.topic(id), request.body.include_topic_authorized_operations));
    }
    return broker.server().reply(request.context.token, response);
  }
  std::set<std::string> to_create;
  std::set<std::pair<std::optional<std::string>, Uuid>> seen;  // Who asks twice is told once.
  for (const auto& asked : *topics) {
    if (!seen.emplace(asked.name, asked.topic_id).second) continue;
    response.topics.push_back(describe_asked(broker, request.body, asked, to_create));
  }
  broker.auto_create_topics(to_create);
  broker.server().reply(request.context.token, response);
}

}  // namespace ottla::broker
