// A controller for tests: decisions are replayed at once, as the shell does, and every record is
// kept.
#pragma once

#include <QTest>
#include <optional>
#include <string>
#include <vector>

#include "engine/metadata/controller.h"

namespace ottla::metadata::test {

inline constexpr Uuid incarnation_of(int broker, int start = 1) {
  return Uuid(static_cast<std::uint64_t>(broker), static_cast<std::uint64_t>(start));
}

class ControllerFixture {
 public:
  explicit ControllerFixture(ConfigValues settings = {}, FeatureLevels features = {},
                             std::uint64_t seed = 7)
      : config_{"cluster", std::move(settings), std::move(features)},
        controller(config_, Prng(seed)) {
    commit(controller.activation_records(false));
    controller.activate(now);
  }

  template <class Response>
  Response take(ControllerResult<Response>&& result) {
    commit(result.records);
    return std::move(result.response);
  }
  void commit(const Records& records) {
    for (const auto& record : records) {
      controller.replay(record, Offset{static_cast<std::int64_t>(log.size())});
      log.push_back(record);
    }
    last = records;
  }
  [[nodiscard]] ControllerContext context(std::int16_t version = 7) const {
    return {.now = now,
            .next_offset = Offset{static_cast<std::int64_t>(log.size())},
            .version = ApiVersion{version}};
  }
  // The image that replaying the whole log gives.
  [[nodiscard]] Image replayed() const {
    Image image;
    for (std::size_t i = 0; i < log.size(); ++i)
      image.apply(log[i], Offset{static_cast<std::int64_t>(i)});
    return image;
  }

  protocol::BrokerRegistrationRequest registration(int broker, int start = 1) const {
    protocol::BrokerRegistrationRequest request;
    request.broker_id = BrokerId{broker};
    request.cluster_id = "cluster";
    request.incarnation_id = incarnation_of(broker, start);
    request.rack.reset();
    request.log_dirs = {Uuid(100, static_cast<std::uint64_t>(broker))};
    request.features.push_back(
        {.name = "metadata.version", .min_supported_version = 7, .max_supported_version = 27});
    request.features.push_back(
        {.name = "group.version", .min_supported_version = 0, .max_supported_version = 1});
    request.features.push_back({.name = "eligible.leader.replicas.version",
                                .min_supported_version = 0,
                                .max_supported_version = 1});
    request.listeners.push_back(
        {.name = "PLAINTEXT", .host = "b", .port = 9092, .security_protocol = 0});
    return request;
  }
  protocol::BrokerRegistrationResponse start(int broker, int start = 1,
                                             std::optional<std::string> rack = std::nullopt) {
    auto request = registration(broker, start);
    request.rack = std::move(rack);
    return take(controller.register_broker(request, context()));
  }
  protocol::BrokerHeartbeatRequest beat_of(int broker) const {
    protocol::BrokerHeartbeatRequest request;
    request.broker_id = BrokerId{broker};
    request.broker_epoch = controller.image().broker(BrokerId{broker})->epoch;
    request.current_metadata_offset = Offset{static_cast<std::int64_t>(log.size()) - 1};
    return request;
  }
  protocol::BrokerHeartbeatResponse beat(int broker, bool shut_down = false) {
    auto request = beat_of(broker);
    request.want_shut_down = shut_down;
    return take(controller.heartbeat(request, context()));
  }
  // Registered and unfenced.
  void bring_up(std::initializer_list<int> brokers) {
    for (const int broker : brokers) {
      start(broker);
      beat(broker);
    }
  }
  protocol::CreateTopicsResponse::CreatableTopicResult create(const std::string& name,
                                                              int partitions, int replication) {
    protocol::CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = partitions;
    topic.replication_factor = static_cast<std::int16_t>(replication);
    return take(controller.create_topics(request)).topics.at(0);
  }
  // Partition 0 of a topic with these replicas, the first leading.
  void create_assigned(const std::string& name, const std::vector<int>& replicas,
                       const ConfigValues& configs = {}) {
    protocol::CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = -1;
    topic.replication_factor = -1;
    auto& assignment = topic.assignments.emplace_back();
    for (const int replica : replicas) assignment.broker_ids.push_back(BrokerId{replica});
    for (const auto& [key, value] : configs) topic.configs.push_back({.name = key, .value = value});
    const auto result = take(controller.create_topics(request)).topics.at(0);
    QVERIFY2(result.error_code == protocol::ErrorCode::none,
             result.error_message.value_or("").c_str());
  }
  const Partition& partition(const std::string& topic, int index = 0) const {
    return *controller.image().partition(std::string_view(topic), PartitionIndex{index});
  }
  void expire_sessions_of_all_but(std::initializer_list<int> alive) {
    now += Duration::seconds(9);
    for (const int broker : alive) beat(broker);
    for (auto records = controller.fence_expired(now); !records.empty();
         records = controller.fence_expired(now)) {
      commit(records);
    }
  }

 private:
  ControllerConfig config_;

 public:
  Controller controller;
  Instant now = scenario_epoch;
  Records log;
  Records last;
};

// What `from`, the leader, proposes as the in-sync replicas of partition 0.
inline protocol::AlterPartitionRequest proposal(const ControllerFixture& f, int from,
                                                const std::string& topic,
                                                const std::vector<int>& isr) {
  protocol::AlterPartitionRequest request;
  request.broker_id = BrokerId{from};
  request.broker_epoch = f.controller.image().broker(BrokerId{from})->epoch;
  auto& of_topic = request.topics.emplace_back();
  of_topic.topic_id = f.controller.image().topic(std::string_view(topic))->id;
  auto& partition = of_topic.partitions.emplace_back();
  partition.leader_epoch = f.partition(topic).leader_epoch;
  partition.partition_epoch = f.partition(topic).partition_epoch;
  for (const int id : isr) {
    auto& member = partition.new_isr_with_epochs.emplace_back();
    member.broker_id = BrokerId{id};
    const Broker* broker = f.controller.image().broker(BrokerId{id});
    member.broker_epoch = broker != nullptr ? broker->epoch : BrokerEpoch{1};
  }
  return request;
}

inline std::vector<int> ids(const std::vector<BrokerId>& brokers) {
  std::vector<int> plain;
  plain.reserve(brokers.size());
  for (const BrokerId id : brokers) plain.push_back(id.value());
  return plain;
}

}  // namespace ottla::metadata::test
