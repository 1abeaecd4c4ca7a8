// OffsetForLeaderEpoch (23), v2-v4. Where a leader epoch ends in the leader's log (KIP-101,
// KIP-320): consumers find out whether their position was truncated away, and so did followers
// before fetch told them.
#include "engine/broker/api/handlers.h"
#include "engine/broker/broker_node.h"
#include "engine/protocol/messages/offset_for_leader_epoch_response.h"

namespace ottla::broker {
namespace {

using protocol::ErrorCode;
using EpochEndOffset = protocol::OffsetForLeaderEpochResponse::EpochEndOffset;

EpochEndOffset answer(
    BrokerNode& broker, const std::string& topic,
    const protocol::OffsetForLeaderEpochRequest::OffsetForLeaderPartition& asked) {
  EpochEndOffset response;
  response.partition = asked.partition;
  if (broker.image().partition(std::string_view(topic), asked.partition) == nullptr) {
    response.error_code = ErrorCode::unknown_topic_or_partition;
    return response;
  }
  const Replica* replica = broker.replicas().find(topic, asked.partition);
  response.error_code = replica == nullptr ? broker.replicas().why_absent(topic, asked.partition)
                                           : replica->check_epoch(asked.current_leader_epoch);
  if (response.error_code != ErrorCode::none) return response;
  if (replica->leader() == nullptr) {
    response.error_code = ErrorCode::not_leader_or_follower;
    return response;
  }
  const replication::EpochEnd end = replica->epoch_end(asked.leader_epoch);
  response.leader_epoch = end.epoch;
  response.end_offset = end.end_offset;
  return response;
}

}  // namespace

void handle_offset_for_leader_epoch(BrokerNode& broker,
                                    const Request<protocol::OffsetForLeaderEpochRequest>& request) {
  protocol::OffsetForLeaderEpochResponse response;
  for (const auto& topic : request.body.topics) {
    auto& answered = response.topics.emplace_back();
    answered.topic = topic.topic;
    for (const auto& partition : topic.partitions) {
      answered.partitions.push_back(answer(broker, topic.topic, partition));
    }
  }
  broker.server().reply(request.context.token, response);
}

}  // namespace ottla::broker
