// What a client knows of the cluster: brokers, and the leaders of the topics it is interested in.
// Behaves as the Java client's Metadata and NetworkClient.DefaultMetadataUpdater: refreshed after
// metadata.max.age.ms, and sooner when somebody asks for it, with a back-off between tries.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/base/uuid.h"
#include "engine/env/network.h"
#include "engine/env/random.h"
#include "engine/protocol/error_code.h"
#include "engine/protocol/messages/metadata_response.h"
#include "engine/wire/channel_pool.h"

namespace ottla::client {

struct PartitionLeader {
  BrokerId leader = no_broker;
  LeaderEpoch epoch = no_leader_epoch;
  bool operator==(const PartitionLeader&) const = default;
};

// The error says that what the client knows of the cluster is out of date
// (InvalidMetadataException).
[[nodiscard]] bool is_stale_metadata(protocol::ErrorCode error);

struct TopicMetadata {
  TopicId id;
  std::vector<PartitionLeader> partitions;  // By partition index.
};

class MetadataCache {
 public:
  static constexpr ApiVersion version_ceiling{12};

  struct Options {
    Duration max_age = Duration::millis(300'000);                          // metadata.max.age.ms
    wire::Backoff backoff{Duration::millis(100), Duration::millis(1000)};  // retry.backoff[.max].ms
    Duration rebootstrap_trigger = Duration::millis(300'000);              // KIP-1102
  };

  // `token` names the cache's requests among its owner's. The seams outlive the cache.
  MetadataCache(std::vector<Endpoint> bootstrap, std::set<std::string> topics,
                wire::RequestToken token, Random& random)
      : MetadataCache(std::move(bootstrap), std::move(topics), token, random, Options()) {}
  MetadataCache(std::vector<Endpoint> bootstrap, std::set<std::string> topics,
                wire::RequestToken token, Random& random, Options options);

  // Asks for fresh metadata as soon as the back-off allows.
  void request_update() { update_requested_ = true; }
  // Adds topics; new ones request an update.
  void add_topics(const std::vector<std::string>& topics);

  // Sends a Metadata request when one is due and a broker can be reached.
  void poll(wire::ChannelPool& channels, Instant now);
  // Takes a completion with this cache's token.
  void on_completion(const wire::Completion& completion, Instant now);
  // When poll() has something to do next, apart from connections that open.
  [[nodiscard]] Instant next_due() const;

  // The channel over which any broker can be asked: of the ready ones that may send, the least
  // loaded. Null while there is none; then a connection is being tried
  // (NetworkClient.leastLoadedNode).
  [[nodiscard]] wire::Channel* least_loaded(wire::ChannelPool& channels, Instant now);

  // Null while the topic is unknown.
  [[nodiscard]] const TopicMetadata* topic(const std::string& name) const;
  [[nodiscard]] const std::string* topic_name(const TopicId& id) const;
  // `leader` is no_broker while the partition has none, or is unknown.
  [[nodiscard]] PartitionLeader leader_of(const std::string& topic, PartitionIndex partition) const;
  [[nodiscard]] const Endpoint* endpoint_of(BrokerId broker) const;
  [[nodiscard]] const std::map<BrokerId, Endpoint>& brokers() const { return brokers_; }
  // Grows with each update that was taken in.
  [[nodiscard]] std::int64_t updates() const { return updates_; }
  // The error that the last response had for the topic; none when it was fine or not answered.
  [[nodiscard]] protocol::ErrorCode topic_error(const std::string& name) const;

  // A leader that a Produce or Fetch response told of (KIP-951). True when that was news.
  bool learn_leader(const std::string& topic, PartitionIndex partition, PartitionLeader leader,
                    const std::map<BrokerId, Endpoint>& endpoints);

 private:
  void take_in(const protocol::MetadataResponse& response, Instant now);
  void take_in_topic(const protocol::MetadataResponse::MetadataResponseTopic& topic);
  void fail(Instant now);

  // Constant after construction.
  std::vector<Endpoint> bootstrap_;
  wire::RequestToken token_;
  Random& random_;
  Options options_;

  std::set<std::string> wanted_;
  std::map<BrokerId, Endpoint> brokers_;
  std::map<std::string, TopicMetadata> topics_;
  std::map<TopicId, std::string> names_;
  std::map<std::string, protocol::ErrorCode> errors_;

  bool update_requested_ = true;
  bool in_flight_ = false;
  unsigned failures_ = 0;
  std::int64_t updates_ = 0;
  Instant not_before_;   // The back-off after the last try.
  Instant refresh_due_;  // metadata.max.age.ms after the last success.
  std::optional<Instant> unreachable_since_;
};

}  // namespace ottla::client
