// The part of BrokerNode that speaks with the controller: registration, heartbeats, in-sync
// proposals, producer ids and forwarded requests.
#include <fmt/format.h>

#include <utility>

#include "engine/broker/broker_node.h"
#include "engine/metadata/features.h"
#include "engine/protocol/messages/allocate_producer_ids_request.h"
#include "engine/protocol/messages/allocate_producer_ids_response.h"
#include "engine/protocol/messages/alter_partition_request.h"
#include "engine/protocol/messages/alter_partition_response.h"
#include "engine/protocol/messages/broker_heartbeat_request.h"
#include "engine/protocol/messages/broker_heartbeat_response.h"
#include "engine/protocol/messages/broker_registration_request.h"
#include "engine/protocol/messages/broker_registration_response.h"
#include "engine/protocol/messages/init_producer_id_response.h"

namespace ottla::broker {
namespace {

using protocol::ErrorCode;

constexpr ApiVersion registration_version{4};
constexpr ApiVersion heartbeat_version{1};
constexpr ApiVersion alter_partition_version{3};
constexpr ApiVersion allocate_ids_version{0};
constexpr ApiVersion create_topics_version{7};
constexpr std::int16_t plaintext = 0;
constexpr Duration proposal_retry = Duration::millis(50);

// How long the client of a forwarded request is to wait: the first field after the answer's head,
// but for DescribeQuorum, which has none.
struct ThrottleTime {
  std::size_t position = 0;
  Duration wait;
};

std::optional<ThrottleTime> throttle_time_of(const protocol::RequestHead& asked,
                                             const ByteChain& answer) {
  ByteReader reader(answer);
  if (asked.key == protocol::ApiKey::describe_quorum ||
      !protocol::read_response_head(reader, asked.key, asked.version))
    return std::nullopt;
  const std::size_t position = reader.position();
  const std::int32_t millis = reader.read_int32();
  if (!reader.ok()) return std::nullopt;
  return ThrottleTime{position, Duration::millis(millis)};
}

ByteChain with_throttle_time(const ByteChain& answer, const ThrottleTime& time) {
  ByteWriter wait;
  wait.write_int32(static_cast<std::int32_t>(time.wait.count_millis()));
  const std::size_t rest = time.position + sizeof(std::int32_t);
  ByteChain changed = answer.slice(0, time.position);
  changed.append(wait.take_chain());
  changed.append(answer.slice(rest, answer.size() - rest));
  return changed;
}

}  // namespace

bool BrokerNode::settle_controller() {
  if (!controller_.has_news() && !producer_ids_.needs_block()) return false;
  const auto ended = controller_.take_ended();
  for (const ControllerLink::Ended& call : ended) take_ended_call(call);
  const auto forwarded = controller_.take_forwarded();
  for (const ControllerLink::Forwarded& answer : forwarded) answer_forwarded(answer);
  if (producer_ids_.needs_block() && controller_.has_leader() &&
      !controller_.is_under_way(ControllerCall::allocate_producer_ids)) {
    protocol::AllocateProducerIdsRequest request;
    request.broker_id = config_.node_id;
    request.broker_epoch = lifecycle_.epoch();
    controller_.send(ControllerCall::allocate_producer_ids, request, allocate_ids_version,
                     config_.millis("request.timeout.ms"));
  }
  return !ended.empty() || !forwarded.empty();
}

// The controller says how long a client is to wait; to mute its connection is the broker's part.
void BrokerNode::answer_forwarded(const ControllerLink::Forwarded& forwarded) {
  const RequestContext* request = server_.find(forwarded.request);
  if (request == nullptr) return;
  ByteChain answer = config_refusals_.complete(forwarded.request, forwarded.answer);
  const Duration charged = server_.charge_time(forwarded.request);
  if (auto time = throttle_time_of(request->head, answer)) {
    server_.mute(forwarded.request, time->wait);
    if (charged > time->wait) answer = with_throttle_time(answer, {time->position, charged});
  }
  server_.reply_with_frame(forwarded.request, std::move(answer));
}

void BrokerNode::take_ended_call(const ControllerLink::Ended& ended) {
  switch (ended.call) {
    case ControllerCall::register_broker: {
      const auto response =
          wire::decode_response<protocol::BrokerRegistrationResponse>(ended.completion);
      if (!response) return lifecycle_.not_answered(env_.clock.now());
      lifecycle_.registration_answered(response->error_code, response->broker_epoch,
                                       env_.clock.now());
      for (auto& [id, fetcher] : fetchers_) fetcher->set_broker_epoch(lifecycle_.epoch());
      return;
    }
    case ControllerCall::heartbeat: return take_heartbeat(ended.completion);
    case ControllerCall::alter_partition: return take_alter_partition(ended.completion);
    case ControllerCall::allocate_producer_ids: return take_producer_ids(ended.completion);
    case ControllerCall::assign_replicas_to_dirs: return take_assignments(ended.completion);
    case ControllerCall::create_topics:                // The metadata log will tell.
    case ControllerCall::register_controller: return;  // A controller's.
  }
}

void BrokerNode::drive_lifecycle() {
  if (lifecycle_.state() == BrokerLifecycle::State::stopped && ready_ && !stopped_)
    return begin_closing();
  give_up_untold_directory();
  if (!controller_.has_leader()) return;
  if (assignments_.next_deadline()) send_assignments();
  switch (lifecycle_.next(env_.clock.now())) {
    case BrokerLifecycle::Send::nothing: return;
    case BrokerLifecycle::Send::registration: return send_registration();
    case BrokerLifecycle::Send::heartbeat: return send_heartbeat();
  }
}

void BrokerNode::send_registration() {
  protocol::BrokerRegistrationRequest request;
  request.broker_id = config_.node_id;
  request.cluster_id = config_.cluster_id;
  request.incarnation_id = incarnation_;
  if (!config_.rack.empty()) request.rack = config_.rack;
  request.log_dirs = directories_.claimed_ids();
  request.previous_broker_epoch = epoch_before_start_;
  request.listeners.push_back({.name = "PLAINTEXT",
                               .host = config_.listener.host,
                               .port = config_.listener.port,
                               .security_protocol = plaintext});
  for (const metadata::FeatureRange& feature : metadata::supported_features()) {
    request.features.push_back({.name = std::string(feature.name),
                                .min_supported_version = feature.min,
                                .max_supported_version = feature.max});
  }
  controller_.send(ControllerCall::register_broker, request, registration_version,
                   config_.millis("broker.session.timeout.ms"));
}

void BrokerNode::send_heartbeat() {
  protocol::BrokerHeartbeatRequest request;
  request.broker_id = config_.node_id;
  request.broker_epoch = lifecycle_.epoch();
  request.current_metadata_offset = metadata_.image().applied_offset();
  request.want_fence = lifecycle_.wants_fence();
  request.want_shut_down = lifecycle_.wants_shutdown();
  request.offline_log_dirs = lifecycle_.offline_directories();
  controller_.send(ControllerCall::heartbeat, request, heartbeat_version,
                   config_.millis("broker.session.timeout.ms"));
}

void BrokerNode::take_heartbeat(const wire::Completion& completion) {
  const auto response = wire::decode_response<protocol::BrokerHeartbeatResponse>(completion);
  if (!response) return lifecycle_.not_answered(env_.clock.now());
  lifecycle_.heartbeat_answered({.error = response->error_code,
                                 .is_caught_up = response->is_caught_up,
                                 .is_fenced = response->is_fenced,
                                 .should_shut_down = response->should_shut_down},
                                env_.clock.now());
}

void BrokerNode::send_proposals() {
  if (proposals_.empty() || !proposals_sent_.empty() || !controller_.has_leader()) return;
  if (proposals_not_before_ && env_.clock.now() < *proposals_not_before_) return;
  proposals_not_before_.reset();
  proposals_sent_ = std::exchange(proposals_, {});
  protocol::AlterPartitionRequest request;
  request.broker_id = config_.node_id;
  request.broker_epoch = lifecycle_.epoch();
  for (const auto& [key, proposal] : proposals_sent_) {
    if (request.topics.empty() || request.topics.back().topic_id != key.topic) {
      request.topics.emplace_back().topic_id = key.topic;
    }
    auto& partition = request.topics.back().partitions.emplace_back();
    partition.partition_index = key.index;
    partition.leader_epoch = proposal.leader_epoch;
    partition.partition_epoch = proposal.partition_epoch;
    for (const BrokerId id : proposal.isr) {
      const metadata::Broker* broker = image().broker(id);
      partition.new_isr_with_epochs.push_back(
          {.broker_id = id, .broker_epoch = broker == nullptr ? no_broker_epoch : broker->epoch});
    }
  }
  controller_.send(ControllerCall::alter_partition, request, alter_partition_version,
                   config_.millis("request.timeout.ms"));
}

void BrokerNode::refuse_alter_partition(ErrorCode error) {
  for (const auto& [key, proposal] : std::exchange(proposals_sent_, {})) {
    replicas_.proposal_answered(key, error, {}, PartitionEpoch{});
  }
  proposals_not_before_ = env_.clock.now() + proposal_retry;
}

void BrokerNode::take_alter_partition(const wire::Completion& completion) {
  const auto response = wire::decode_response<protocol::AlterPartitionResponse>(completion);
  if (!response) return refuse_alter_partition(ErrorCode::network_exception);
  if (response->error_code != ErrorCode::none) return refuse_alter_partition(response->error_code);
  auto sent = std::exchange(proposals_sent_, {});
  for (const auto& topic : response->topics) {
    for (const auto& partition : topic.partitions) {
      const PartitionKey key{topic.topic_id, partition.partition_index};
      if (sent.erase(key) == 0) continue;
      replicas_.proposal_answered(key, partition.error_code, partition.isr,
                                  partition.partition_epoch);
    }
  }
  for (const auto& [key, proposal] : sent) {
    replicas_.proposal_answered(key, ErrorCode::unknown_server_error, {}, PartitionEpoch{});
  }
}

void BrokerNode::take_producer_ids(const wire::Completion& completion) {
  const auto response = wire::decode_response<protocol::AllocateProducerIdsResponse>(completion);
  if (!response || response->error_code != ErrorCode::none) return;  // needs_block() asks again.
  for (const ProducerIds::Granted& granted :
       producer_ids_.add_block(response->producer_id_start, response->producer_id_len)) {
    protocol::InitProducerIdResponse answer;
    answer.producer_id = granted.id;
    answer.producer_epoch = ProducerEpoch{0};
    server_.reply(granted.request, answer);
  }
}

void BrokerNode::auto_create_topics(const std::set<std::string>& names) {
  to_create_.insert(names.begin(), names.end());
  if (to_create_.empty() || controller_.is_under_way(ControllerCall::create_topics)) return;
  protocol::CreateTopicsRequest request;
  request.timeout_ms = config_.int32("request.timeout.ms");
  for (const std::string& name : std::exchange(to_create_, {})) {
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = config_.int32("num.partitions");
    topic.replication_factor =
        static_cast<std::int16_t>(config_.int32("default.replication.factor"));
  }
  controller_.send(ControllerCall::create_topics, request, create_topics_version,
                   config_.millis("request.timeout.ms"));
}

}  // namespace ottla::broker
