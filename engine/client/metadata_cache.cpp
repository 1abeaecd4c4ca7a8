#include "engine/client/metadata_cache.h"

#include <algorithm>
#include <utility>

#include "engine/client/latest.h"
#include "engine/protocol/messages/metadata_request.h"

namespace ottla::client {

using protocol::ErrorCode;
using protocol::MetadataRequest;
using protocol::MetadataResponse;

bool is_stale_metadata(ErrorCode error) {
  switch (error) {
    case ErrorCode::unknown_topic_or_partition:
    case ErrorCode::leader_not_available:
    case ErrorCode::not_leader_or_follower:
    case ErrorCode::replica_not_available:
    case ErrorCode::kafka_storage_error:
    case ErrorCode::listener_not_found:
    case ErrorCode::fenced_leader_epoch:
    case ErrorCode::unknown_topic_id:
    case ErrorCode::inconsistent_topic_id: return true;
    default: return false;
  }
}

MetadataCache::MetadataCache(std::vector<Endpoint> bootstrap, std::set<std::string> topics,
                             wire::RequestToken token, Random& random, Options options)
    : bootstrap_(std::move(bootstrap)),
      token_(token),
      random_(random),
      options_(options),
      wanted_(std::move(topics)) {}

void MetadataCache::add_topics(const std::vector<std::string>& topics) {
  for (const std::string& topic : topics) {
    if (wanted_.insert(topic).second) request_update();
  }
}

Instant MetadataCache::next_due() const {
  constexpr Instant never = Instant::from_micros(std::numeric_limits<std::int64_t>::max());
  if (in_flight_) return never;
  return update_requested_ ? not_before_ : std::max(not_before_, refresh_due_);
}

void MetadataCache::poll(wire::ChannelPool& channels, Instant now) {
  if (in_flight_ || now < next_due()) return;
  wire::Channel* channel = least_loaded(channels, now);
  if (channel == nullptr) {
    // Nobody answers: after a while the brokers may all be others, at the addresses that were
    // given in the beginning (metadata.recovery.strategy=rebootstrap).
    if (!unreachable_since_) unreachable_since_ = now;
    if (now - *unreachable_since_ >= options_.rebootstrap_trigger) brokers_.clear();
    return;
  }
  MetadataRequest request;
  request.allow_auto_topic_creation = false;
  for (const std::string& name : wanted_) {
    MetadataRequest::MetadataRequestTopic topic;
    topic.name = name;
    request.topics->push_back(std::move(topic));
  }
  in_flight_ = send_latest(*channel, request, version_ceiling, token_, now);
}

void MetadataCache::on_completion(const wire::Completion& completion, Instant now) {
  in_flight_ = false;
  const auto response = wire::decode_response<MetadataResponse>(completion);
  if (!response || response->error_code != ErrorCode::none) return fail(now);
  take_in(*response, now);
}

void MetadataCache::fail(Instant now) {
  update_requested_ = true;
  not_before_ = now + options_.backoff.after(failures_++, random_);
}

void MetadataCache::take_in(const MetadataResponse& response, Instant now) {
  if (response.brokers.empty()) return fail(now);
  unreachable_since_.reset();
  brokers_.clear();
  for (const auto& broker : response.brokers) {
    brokers_[broker.node_id] = Endpoint{broker.host, static_cast<std::uint16_t>(broker.port)};
  }
  bool incomplete = false;
  for (const auto& topic : response.topics) {
    take_in_topic(topic);
    incomplete = incomplete || topic.error_code != ErrorCode::none ||
                 std::ranges::any_of(topic.partitions, [](const auto& partition) {
                   return is_stale_metadata(partition.error_code);
                 });
  }
  ++updates_;
  refresh_due_ = now + options_.max_age;
  // What was asked for is not all there: once more, after a growing wait.
  if (incomplete) return fail(now);
  update_requested_ = false;
  failures_ = 0;
  not_before_ = now + options_.backoff.after(0, random_);
}

void MetadataCache::take_in_topic(const MetadataResponse::MetadataResponseTopic& topic) {
  if (!topic.name) return;
  errors_[*topic.name] = topic.error_code;
  if (topic.error_code == ErrorCode::unknown_topic_or_partition) {
    topics_.erase(*topic.name);
    return;
  }
  if (topic.error_code != ErrorCode::none) return;
  TopicMetadata& known = topics_[*topic.name];
  // A topic that was deleted and made again counts its leader epochs from the beginning.
  if (known.id != topic.topic_id) {
    names_.erase(known.id);
    known = TopicMetadata{topic.topic_id, {}};
  }
  names_[topic.topic_id] = *topic.name;
  known.partitions.resize(std::max(known.partitions.size(), topic.partitions.size()));
  for (const auto& partition : topic.partitions) {
    const auto index = static_cast<std::size_t>(partition.partition_index.value());
    if (index >= known.partitions.size()) continue;
    PartitionLeader& leader = known.partitions[index];
    // A broker whose image is behind must not take back what is known (KIP-320).
    if (partition.leader_epoch < leader.epoch) continue;
    leader = {partition.leader_id, partition.leader_epoch};
  }
}

wire::Channel* MetadataCache::least_loaded(wire::ChannelPool& channels, Instant now) {
  std::vector<Endpoint> candidates;
  for (const auto& [broker, endpoint] : brokers_) candidates.push_back(endpoint);
  if (candidates.empty()) candidates = bootstrap_;
  if (candidates.empty()) return nullptr;
  wire::Channel* best = nullptr;
  wire::Channel* to_try = nullptr;
  bool connecting = false;
  const std::size_t first = static_cast<std::size_t>(random_.next() % candidates.size());
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    wire::Channel& channel = channels.to(candidates[(first + i) % candidates.size()]);
    switch (channel.state()) {
      case wire::Channel::State::ready:
        if (!channel.prepare(now)) break;
        if (best == nullptr || channel.in_flight() < best->in_flight()) best = &channel;
        break;
      case wire::Channel::State::connecting:
      case wire::Channel::State::negotiating: connecting = true; break;
      case wire::Channel::State::idle:
        if (to_try == nullptr || channel.connect_not_before() < to_try->connect_not_before()) {
          to_try = &channel;
        }
        break;
    }
  }
  if (best == nullptr && !connecting && to_try != nullptr) to_try->prepare(now);
  return best;
}

const TopicMetadata* MetadataCache::topic(const std::string& name) const {
  const auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : &found->second;
}

const std::string* MetadataCache::topic_name(const TopicId& id) const {
  const auto found = names_.find(id);
  return found == names_.end() ? nullptr : &found->second;
}

PartitionLeader MetadataCache::leader_of(const std::string& name, PartitionIndex partition) const {
  const TopicMetadata* known = topic(name);
  const auto index = static_cast<std::size_t>(partition.value());
  if (known == nullptr || index >= known->partitions.size()) return {};
  return known->partitions[index];
}

const Endpoint* MetadataCache::endpoint_of(BrokerId broker) const {
  const auto found = brokers_.find(broker);
  return found == brokers_.end() ? nullptr : &found->second;
}

ErrorCode MetadataCache::topic_error(const std::string& name) const {
  const auto found = errors_.find(name);
  return found == errors_.end() ? ErrorCode::none : found->second;
}

bool MetadataCache::learn_leader(const std::string& name, PartitionIndex partition,
                                 PartitionLeader leader,
                                 const std::map<BrokerId, Endpoint>& endpoints) {
  const auto found = topics_.find(name);
  const auto index = static_cast<std::size_t>(partition.value());
  if (found == topics_.end() || index >= found->second.partitions.size()) return false;
  PartitionLeader& known = found->second.partitions[index];
  if (leader.leader == no_broker || leader.epoch <= known.epoch) return false;
  const auto endpoint = endpoints.find(leader.leader);
  if (endpoint != endpoints.end()) brokers_[leader.leader] = endpoint->second;
  if (!brokers_.contains(leader.leader)) return false;
  known = leader;
  return true;
}

}  // namespace ottla::client
