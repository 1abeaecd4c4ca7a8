#include "engine/metadata/image_snapshot.h"

namespace ottla::metadata {

using namespace protocol;

namespace {

template <class Record>
void add_endpoints(const std::vector<BrokerEndpoint>& endpoints, Record& record) {
  for (const BrokerEndpoint& each : endpoints) {
    auto& endpoint = record.end_points.emplace_back();
    endpoint.name = each.name;
    endpoint.host = each.host;
    endpoint.port = each.port;
    endpoint.security_protocol = each.security_protocol;
  }
}

template <class Record>
void add_features(const std::map<std::string, VersionRange>& features, Record& record) {
  for (const auto& [name, range] : features) {
    auto& feature = record.features.emplace_back();
    feature.name = name;
    feature.min_supported_version = range.min;
    feature.max_supported_version = range.max;
  }
}

RegisterBrokerRecord record_of(const Broker& broker) {
  RegisterBrokerRecord record;
  record.broker_id = broker.id;
  record.incarnation_id = broker.incarnation;
  record.broker_epoch = broker.epoch;
  add_endpoints(broker.endpoints, record);
  add_features(broker.features, record);
  record.rack = broker.rack;
  record.fenced = broker.fenced;
  record.in_controlled_shutdown = broker.in_controlled_shutdown;
  record.log_dirs = broker.log_dirs;
  return record;
}

RegisterControllerRecord record_of(BrokerId id, const ControllerRegistration& controller) {
  RegisterControllerRecord record;
  record.controller_id = decltype(record.controller_id){id.value()};
  record.incarnation_id = controller.incarnation;
  add_endpoints(controller.endpoints, record);
  add_features(controller.features, record);
  return record;
}

PartitionRecord record_of(const TopicId& topic, PartitionIndex index, const Partition& partition) {
  PartitionRecord record;
  record.partition_id = index;
  record.topic_id = topic;
  record.replicas = partition.replicas;
  record.isr = partition.isr;
  record.removing_replicas = partition.removing_replicas;
  record.adding_replicas = partition.adding_replicas;
  record.leader = partition.leader;
  record.leader_recovery_state = static_cast<std::int8_t>(partition.leader_recovery_state);
  record.leader_epoch = partition.leader_epoch;
  record.partition_epoch = partition.partition_epoch;
  record.directories = partition.directories;
  if (!partition.eligible_leader_replicas.empty())
    record.eligible_leader_replicas = partition.eligible_leader_replicas;
  if (!partition.last_known_elr.empty()) record.last_known_elr = partition.last_known_elr;
  return record;
}

void add_topic(const Topic& topic, std::vector<MetadataRecord>& records) {
  TopicRecord record;
  record.name = topic.name;
  record.topic_id = topic.id;
  records.emplace_back(std::move(record));
  for (const auto& [index, partition] : topic.partitions)
    records.emplace_back(record_of(topic.id, index, partition));
}

void add_configs(const Image& image, std::vector<MetadataRecord>& records) {
  for (const auto& [resource, values] : image.all_configs()) {
    for (const auto& [name, value] : values) {
      ConfigRecord record;
      record.resource_type = static_cast<std::int8_t>(resource.type);
      record.resource_name = resource.name;
      record.name = name;
      record.value = value;
      records.emplace_back(std::move(record));
    }
  }
}

void add_quotas(const Image& image, std::vector<MetadataRecord>& records) {
  for (const auto& [entity, quotas] : image.client_quotas()) {
    for (const auto& [key, value] : quotas) {
      ClientQuotaRecord record;
      for (const auto& [type, name] : entity) {
        auto& part = record.entity.emplace_back();
        part.entity_type = type;
        part.entity_name = name;
      }
      record.key = key;
      record.value = value;
      records.emplace_back(std::move(record));
    }
  }
}

}  // namespace

std::vector<MetadataRecord> snapshot_records(const Image& image) {
  std::vector<MetadataRecord> records;
  for (const auto& [name, level] : image.features()) {
    FeatureLevelRecord record;
    record.name = name;
    record.feature_level = level;
    records.emplace_back(std::move(record));
  }
  for (const auto& [id, broker] : image.brokers()) records.emplace_back(record_of(broker));
  for (const auto& [id, controller] : image.controllers())
    records.emplace_back(record_of(id, controller));
  for (const auto& [id, topic] : image.topics()) add_topic(topic, records);
  add_configs(image, records);
  add_quotas(image, records);
  if (image.next_producer_id() != ProducerId{0}) {
    ProducerIdsRecord record;
    record.broker_id = no_broker;
    record.broker_epoch = no_broker_epoch;
    record.next_producer_id = image.next_producer_id().value();
    records.emplace_back(record);
  }
  records.insert(records.end(), image.kept_verbatim().begin(), image.kept_verbatim().end());
  return records;
}

namespace {

void add_deleted_topics(const Image& before, const Image& after, ImageDelta& delta) {
  for (const auto& [id, topic] : before.topics()) {
    if (after.topic(id) != nullptr) continue;
    delta.changed_partitions.erase(id);
    if (delta.created_topics.erase(id) != 0) continue;  // Nobody has heard of it.
    auto& deleted = delta.deleted_topics[id];
    deleted.name = topic.name;
    for (const auto& [index, partition] : topic.partitions) deleted.partitions.insert(index);
  }
}

void add_topic_differences(const Image& before, const Image& after, ImageDelta& delta) {
  for (const auto& [id, topic] : after.topics()) {
    const Topic* known = before.topic(id);
    if (known == nullptr) delta.created_topics[id] = topic.name;
    for (const auto& [index, partition] : topic.partitions) {
      const Partition* was = before.partition(id, index);
      if (was == nullptr || *was != partition) delta.changed_partitions[id].insert(index);
    }
  }
}

void add_config_differences(const Image& before, const Image& after, ImageDelta& delta) {
  const auto note = [&](const Image& one, const Image& other) {
    for (const auto& [resource, values] : one.all_configs()) {
      if (other.configs(resource) == values) continue;
      if (resource.type == ConfigResourceType::topic)
        delta.changed_topic_configs.insert(resource.name);
      if (resource.type == ConfigResourceType::broker) delta.broker_configs_changed = true;
    }
  };
  note(before, after);
  note(after, before);
}

}  // namespace

void add_difference(const Image& before, const Image& after, ImageDelta& delta) {
  add_deleted_topics(before, after, delta);
  add_topic_differences(before, after, delta);
  add_config_differences(before, after, delta);
  for (const auto& [id, broker] : after.brokers()) {
    const Broker* was = before.broker(id);
    if (was == nullptr || *was != broker) delta.changed_brokers.insert(id);
  }
  for (const auto& [id, broker] : before.brokers()) {
    if (after.broker(id) == nullptr) delta.changed_brokers.insert(id);
  }
  delta.features_changed |= before.features() != after.features();
  delta.client_quotas_changed |= before.client_quotas() != after.client_quotas();
}

}  // namespace ottla::metadata
