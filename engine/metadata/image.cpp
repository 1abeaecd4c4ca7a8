#include "engine/metadata/image.h"

#include <algorithm>

#include "engine/base/assert.h"
#include "engine/base/planted.h"

namespace ottla::metadata {

using namespace protocol;

bool contains(const std::vector<BrokerId>& ids, BrokerId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

std::vector<BrokerId> without(const std::vector<BrokerId>& ids, BrokerId id) {
  std::vector<BrokerId> rest;
  std::copy_if(ids.begin(), ids.end(), std::back_inserter(rest),
               [id](BrokerId i) { return i != id; });
  return rest;
}

Uuid directory_of(const Partition& partition, BrokerId replica) {
  const auto& replicas = partition.replicas;
  const auto at = std::find(replicas.begin(), replicas.end(), replica);
  const auto place = static_cast<std::size_t>(at - replicas.begin());
  return place < partition.directories.size() ? partition.directories[place] : Uuid{};
}

namespace {

template <class Endpoints>
std::vector<BrokerEndpoint> endpoints_of(const Endpoints& listed) {
  std::vector<BrokerEndpoint> endpoints;
  for (const auto& endpoint : listed) {
    endpoints.push_back({endpoint.name, endpoint.host, endpoint.port, endpoint.security_protocol});
  }
  return endpoints;
}

template <class Features>
std::map<std::string, VersionRange> features_of(const Features& listed) {
  std::map<std::string, VersionRange> features;
  for (const auto& feature : listed) {
    features[feature.name] = {feature.min_supported_version, feature.max_supported_version};
  }
  return features;
}

Partition partition_of(const PartitionRecord& record) {
  Partition partition;
  partition.replicas = record.replicas;
  partition.isr = record.isr;
  partition.removing_replicas = record.removing_replicas;
  partition.adding_replicas = record.adding_replicas;
  if (record.eligible_leader_replicas) {
    partition.eligible_leader_replicas = *record.eligible_leader_replicas;
  }
  if (record.last_known_elr) partition.last_known_elr = *record.last_known_elr;
  partition.directories = record.directories;
  partition.directories.resize(partition.replicas.size());
  partition.leader = record.leader;
  partition.leader_recovery_state = static_cast<LeaderRecoveryState>(record.leader_recovery_state);
  partition.leader_epoch = record.leader_epoch;
  partition.partition_epoch = record.partition_epoch;
  return partition;
}

}  // namespace

Partition merge(const Partition& partition, const PartitionChangeRecord& change) {
  Partition merged = partition;
  if (change.replicas) {
    // A replica keeps its directory across a reassignment; a new one has none yet.
    std::vector<Uuid> directories;
    for (const BrokerId replica : *change.replicas) {
      directories.push_back(directory_of(partition, replica));
    }
    merged.replicas = *change.replicas;
    merged.directories = std::move(directories);
  }
  if (change.directories) merged.directories = *change.directories;
  if (change.isr) merged.isr = *change.isr;
  if (change.removing_replicas) merged.removing_replicas = *change.removing_replicas;
  if (change.adding_replicas) merged.adding_replicas = *change.adding_replicas;
  if (change.eligible_leader_replicas) {
    merged.eligible_leader_replicas = *change.eligible_leader_replicas;
  }
  if (change.last_known_elr) merged.last_known_elr = *change.last_known_elr;
  if (change.leader != no_leader_change) {
    merged.leader = change.leader;
    if (!planted(Plant::keep_leader_epoch)) merged.leader_epoch = partition.leader_epoch.next();
  }
  if (change.leader_recovery_state >= 0) {
    merged.leader_recovery_state = static_cast<LeaderRecoveryState>(change.leader_recovery_state);
  }
  merged.partition_epoch = partition.partition_epoch.next();
  return merged;
}

// Applies one kind of record an overload. The log is the controller's own and was checked when it
// was read, so a record that fits nothing (a change to an unknown partition) is a broken invariant.
struct Image::Applier {
  Image& image;
  ImageDelta& delta;

  void operator()(const RegisterBrokerRecord& record) {
    Broker broker{.id = record.broker_id,
                  .epoch = record.broker_epoch,
                  .incarnation = record.incarnation_id,
                  .endpoints = endpoints_of(record.end_points),
                  .features = features_of(record.features),
                  .rack = record.rack,
                  .fenced = record.fenced,
                  .in_controlled_shutdown = record.in_controlled_shutdown,
                  .log_dirs = record.log_dirs};
    delta.changed_brokers.insert(record.broker_id);
    image.brokers_.insert_or_assign(record.broker_id, std::move(broker));
  }

  void operator()(const UnregisterBrokerRecord& record) {
    image.brokers_.erase(record.broker_id);
    delta.changed_brokers.insert(record.broker_id);
  }

  Broker* registered(BrokerId id, BrokerEpoch epoch) {
    const auto found = image.brokers_.find(id);
    OTTLA_ASSERT(found != image.brokers_.end() && found->second.epoch == epoch);
    delta.changed_brokers.insert(id);
    return &found->second;
  }

  void operator()(const FenceBrokerRecord& record) {
    registered(record.id, BrokerEpoch{record.epoch})->fenced = true;
  }
  void operator()(const UnfenceBrokerRecord& record) {
    registered(record.id, BrokerEpoch{record.epoch})->fenced = false;
  }
  void operator()(const BrokerRegistrationChangeRecord& record) {
    Broker* broker = registered(record.broker_id, record.broker_epoch);
    // BrokerRegistrationFencingChange: 1 fences, -1 unfences. A controlled shutdown only begins.
    if (record.fenced != 0) broker->fenced = record.fenced > 0;
    if (record.in_controlled_shutdown > 0) broker->in_controlled_shutdown = true;
    if (!record.log_dirs.empty()) broker->log_dirs = record.log_dirs;
  }

  void operator()(const TopicRecord& record) {
    image.topic_ids_[record.name] = record.topic_id;
    image.topics_[record.topic_id] =
        Topic{.name = record.name, .id = record.topic_id, .partitions = {}};
    delta.created_topics[record.topic_id] = record.name;
  }

  void operator()(const RemoveTopicRecord& record) {
    const auto topic = image.topics_.find(record.topic_id);
    OTTLA_ASSERT(topic != image.topics_.end());
    const std::string& name = topic->second.name;
    if (delta.created_topics.erase(record.topic_id) == 0) {
      auto& deleted = delta.deleted_topics[record.topic_id];
      deleted.name = name;
      for (const auto& [index, partition] : topic->second.partitions)
        deleted.partitions.insert(index);
    }
    delta.changed_partitions.erase(record.topic_id);
    image.configs_.erase({ConfigResourceType::topic, name});
    image.topic_ids_.erase(name);
    image.topics_.erase(topic);
  }

  std::map<PartitionIndex, Partition>& partitions(const TopicId& id, PartitionIndex index) {
    const auto topic = image.topics_.find(id);
    OTTLA_ASSERT(topic != image.topics_.end());
    delta.changed_partitions[id].insert(index);
    return topic->second.partitions;
  }
  void operator()(const PartitionRecord& record) {
    partitions(record.topic_id, record.partition_id)[record.partition_id] = partition_of(record);
  }
  void operator()(const PartitionChangeRecord& record) {
    auto& all = partitions(record.topic_id, record.partition_id);
    const auto found = all.find(record.partition_id);
    OTTLA_ASSERT(found != all.end());
    found->second = merge(found->second, record);
  }

  void operator()(const ConfigRecord& record) {
    const ConfigResource resource{static_cast<ConfigResourceType>(record.resource_type),
                                  record.resource_name};
    if (resource.type == ConfigResourceType::topic)
      delta.changed_topic_configs.insert(resource.name);
    if (resource.type == ConfigResourceType::broker) delta.broker_configs_changed = true;
    ConfigValues& values = image.configs_[resource];
    if (record.value) {
      values[record.name] = *record.value;
    } else {
      values.erase(record.name);
    }
    if (values.empty()) image.configs_.erase(resource);
  }

  void operator()(const FeatureLevelRecord& record) {
    delta.features_changed = true;
    if (record.feature_level == 0) {
      image.features_.erase(record.name);
    } else {
      image.features_[record.name] = record.feature_level;
    }
  }

  void operator()(const ProducerIdsRecord& record) {
    image.next_producer_id_ = ProducerId{record.next_producer_id};
  }

  void operator()(const ClientQuotaRecord& record) {
    delta.client_quotas_changed = true;
    QuotaEntity entity;
    for (const auto& part : record.entity) entity[part.entity_type] = part.entity_name;
    auto& quotas = image.client_quotas_[entity];
    if (record.remove) {
      quotas.erase(record.key);
    } else {
      quotas[record.key] = record.value;
    }
    if (quotas.empty()) image.client_quotas_.erase(entity);
  }

  void operator()(const RegisterControllerRecord& record) {
    image.controllers_.insert_or_assign(
        BrokerId{record.controller_id},
        ControllerRegistration{record.incarnation_id, endpoints_of(record.end_points),
                               features_of(record.features)});
  }

  // One topic's eligible leader replicas, or every topic's where the name is empty.
  void operator()(const ClearElrRecord& record) {
    for (auto& [id, topic] : image.topics_) {
      if (!record.topic_name.empty() && record.topic_name != topic.name) continue;
      for (auto& [index, partition] : topic.partitions) {
        if (partition.eligible_leader_replicas.empty() && partition.last_known_elr.empty())
          continue;
        partition.eligible_leader_replicas.clear();
        partition.last_known_elr.clear();
        delta.changed_partitions[id].insert(index);
      }
    }
  }

  // Markers change nothing by themselves.
  void operator()(const NoOpRecord&) {}
  void operator()(const BeginTransactionRecord&) {}
  void operator()(const EndTransactionRecord&) {}
  void operator()(const AbortTransactionRecord&) {}

  template <class Other>
  void operator()(const Other& record) {
    image.verbatim_.push_back(record);
  }
};

void Image::apply(const MetadataRecord& record, Offset offset, ImageDelta& delta) {
  OTTLA_ASSERT(offset > applied_offset_);
  std::visit(Applier{*this, delta}, record);
  applied_offset_ = offset;
}

void Image::apply(const MetadataRecord& record, Offset offset) {
  ImageDelta unused;
  apply(record, offset, unused);
}

Image Image::of_snapshot(const std::vector<MetadataRecord>& records, Offset last) {
  Image image;
  ImageDelta unused;
  for (const MetadataRecord& record : records) std::visit(Applier{image, unused}, record);
  image.applied_offset_ = last;
  return image;
}

const Broker* Image::broker(BrokerId id) const {
  const auto found = brokers_.find(id);
  return found == brokers_.end() ? nullptr : &found->second;
}

bool Image::is_active(BrokerId id) const {
  const Broker* found = broker(id);
  return found != nullptr && found->active();
}

const Topic* Image::topic(const TopicId& id) const {
  const auto found = topics_.find(id);
  return found == topics_.end() ? nullptr : &found->second;
}

const Topic* Image::topic(std::string_view name) const {
  const auto found = topic_ids_.find(name);
  return found == topic_ids_.end() ? nullptr : topic(found->second);
}

const Partition* Image::partition(const TopicId& id, PartitionIndex index) const {
  const Topic* of = topic(id);
  if (of == nullptr) return nullptr;
  const auto found = of->partitions.find(index);
  return found == of->partitions.end() ? nullptr : &found->second;
}

const Partition* Image::partition(std::string_view name, PartitionIndex index) const {
  const Topic* of = topic(name);
  return of == nullptr ? nullptr : partition(of->id, index);
}

const ConfigValues& Image::configs(const ConfigResource& resource) const {
  static const ConfigValues none;
  const auto found = configs_.find(resource);
  return found == configs_.end() ? none : found->second;
}

std::int16_t Image::feature_level(std::string_view name) const {
  const auto found = features_.find(name);
  return found == features_.end() ? std::int16_t{0} : found->second;
}

}  // namespace ottla::metadata
