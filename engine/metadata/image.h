// The cluster as the metadata log says: brokers, topics, partitions, configs, features. Built by
// applying committed records in order, by the controller and by every broker alike; two images that
// applied the same records are equal. Containers are ordered, so that whoever walks them does so in
// the same order everywhere.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/uuid.h"
#include "engine/metadata/image_delta.h"
#include "engine/protocol/metadata_record_codec.h"

namespace ottla::metadata {

struct BrokerEndpoint {
  std::string name;  // The listener's.
  std::string host;
  std::uint16_t port = 0;
  std::int16_t security_protocol = 0;
  bool operator==(const BrokerEndpoint&) const = default;
};

struct VersionRange {
  std::int16_t min = 0;
  std::int16_t max = 0;
  bool operator==(const VersionRange&) const = default;
};

// A registration (RegisterBrokerRecord and what changed it since).
struct Broker {
  BrokerId id;
  BrokerEpoch epoch;
  Uuid incarnation;
  std::vector<BrokerEndpoint> endpoints;
  std::map<std::string, VersionRange> features;
  std::optional<std::string> rack;
  bool fenced = true;
  bool in_controlled_shutdown = false;
  std::vector<Uuid> log_dirs;

  // May lead and join in-sync replicas.
  [[nodiscard]] bool active() const { return !fenced && !in_controlled_shutdown; }
  bool operator==(const Broker&) const = default;
};

// In a PartitionChangeRecord: the leader stays, in the epoch it has.
inline constexpr BrokerId no_leader_change{-2};

// Whether a leader elected uncleanly has still to recover (KIP-704).
enum class LeaderRecoveryState : std::int8_t { recovered = 0, recovering = 1 };

struct Partition {
  std::vector<BrokerId> replicas;  // The first is the preferred leader.
  std::vector<BrokerId> isr;
  std::vector<BrokerId> removing_replicas;
  std::vector<BrokerId> adding_replicas;
  std::vector<BrokerId> eligible_leader_replicas;  // KIP-966.
  std::vector<BrokerId> last_known_elr;
  std::vector<Uuid> directories;  // One for each replica.
  BrokerId leader = no_broker;
  LeaderRecoveryState leader_recovery_state = LeaderRecoveryState::recovered;
  LeaderEpoch leader_epoch{};
  PartitionEpoch partition_epoch{};

  [[nodiscard]] bool has_preferred_leader() const {
    return !replicas.empty() && leader == replicas[0];
  }
  bool operator==(const Partition&) const = default;
};

struct Topic {
  std::string name;
  TopicId id;
  std::map<PartitionIndex, Partition> partitions;
  bool operator==(const Topic&) const = default;
};

// org.apache.kafka.common.config.ConfigResource.Type.
enum class ConfigResourceType : std::int8_t {
  unknown = 0,
  topic = 2,
  broker = 4,
  broker_logger = 8,
  client_metrics = 16,
  group = 32,
};

struct ConfigResource {
  ConfigResourceType type = ConfigResourceType::unknown;
  std::string name;  // A broker's is its id; empty is the default of all brokers.
  auto operator<=>(const ConfigResource&) const = default;
};

using ConfigValues = std::map<std::string, std::string, std::less<>>;

// Whose a client quota is: the name of each type ("user", "client-id", "ip"); null is the
// default's.
using QuotaEntity = std::map<std::string, std::optional<std::string>, std::less<>>;

struct ControllerRegistration {
  Uuid incarnation;
  std::vector<BrokerEndpoint> endpoints;
  std::map<std::string, VersionRange> features;
  bool operator==(const ControllerRegistration&) const = default;
};

class Image {
 public:
  // Applies one record that lies at `offset` of the metadata log, and notes in `delta` what it
  // touched.
  void apply(const protocol::MetadataRecord& record, Offset offset, ImageDelta& delta);
  void apply(const protocol::MetadataRecord& record, Offset offset);

  // The image that a snapshot stands for: its records, with `last` as the offset of the last record
  // before it.
  [[nodiscard]] static Image of_snapshot(const std::vector<protocol::MetadataRecord>& records,
                                         Offset last);

  // The offset of the last record applied; no_offset at first.
  [[nodiscard]] Offset applied_offset() const { return applied_offset_; }

  [[nodiscard]] const std::map<BrokerId, Broker>& brokers() const { return brokers_; }
  [[nodiscard]] const Broker* broker(BrokerId id) const;
  [[nodiscard]] bool is_active(BrokerId id) const;

  [[nodiscard]] const std::map<std::string, TopicId, std::less<>>& topic_ids() const {
    return topic_ids_;
  }
  [[nodiscard]] const std::map<TopicId, Topic>& topics() const { return topics_; }
  [[nodiscard]] const Topic* topic(const TopicId& id) const;
  [[nodiscard]] const Topic* topic(std::string_view name) const;
  [[nodiscard]] const Partition* partition(const TopicId& id, PartitionIndex index) const;
  [[nodiscard]] const Partition* partition(std::string_view topic, PartitionIndex index) const;

  // What was set dynamically on the resource; empty when nothing was.
  [[nodiscard]] const ConfigValues& configs(const ConfigResource& resource) const;
  [[nodiscard]] const std::map<ConfigResource, ConfigValues>& all_configs() const {
    return configs_;
  }

  [[nodiscard]] const std::map<std::string, std::int16_t, std::less<>>& features() const {
    return features_;
  }
  // 0 when the feature was never set.
  [[nodiscard]] std::int16_t feature_level(std::string_view name) const;
  [[nodiscard]] ProducerId next_producer_id() const { return next_producer_id_; }
  // By entity and key ("producer_byte_rate").
  [[nodiscard]] const std::map<QuotaEntity, std::map<std::string, double>>& client_quotas() const {
    return client_quotas_;
  }
  [[nodiscard]] const std::map<BrokerId, ControllerRegistration>& controllers() const {
    return controllers_;
  }
  // Records of kinds that this image keeps as they are (ACLs, SCRAM credentials, tokens).
  [[nodiscard]] const std::vector<protocol::MetadataRecord>& kept_verbatim() const {
    return verbatim_;
  }

  bool operator==(const Image&) const = default;

 private:
  struct Applier;  // One overload a record type; image.cpp.

  Offset applied_offset_ = no_offset;
  std::map<BrokerId, Broker> brokers_;
  std::map<std::string, TopicId, std::less<>> topic_ids_;
  std::map<TopicId, Topic> topics_;
  std::map<ConfigResource, ConfigValues> configs_;
  std::map<std::string, std::int16_t, std::less<>> features_;
  ProducerId next_producer_id_{0};
  std::map<QuotaEntity, std::map<std::string, double>> client_quotas_;
  std::map<BrokerId, ControllerRegistration> controllers_;
  std::vector<protocol::MetadataRecord> verbatim_;
};

// `partition` as it is after the change (PartitionRegistration.merge): a leader named in the
// change, even the same one, opens a new leader epoch; every change opens a new partition epoch.
[[nodiscard]] Partition merge(const Partition& partition,
                              const protocol::PartitionChangeRecord& change);

// The directory that the metadata log says the replica lies in; zero for a broker that has none.
[[nodiscard]] Uuid directory_of(const Partition& partition, BrokerId replica);

// Whether `id` is among `ids`.
[[nodiscard]] bool contains(const std::vector<BrokerId>& ids, BrokerId id);
// `ids` without `id`, in order.
[[nodiscard]] std::vector<BrokerId> without(const std::vector<BrokerId>& ids, BrokerId id);

}  // namespace ottla::metadata
