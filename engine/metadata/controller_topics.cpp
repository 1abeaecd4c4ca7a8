// CreateTopics (v2-v7), DeleteTopics (v1-v6) and CreatePartitions (v0-v3), as Kafka's
// ControllerApis and ReplicationControlManager answer them: every item by itself, in the order
// asked.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/metadata/broker_config.h"
#include "engine/metadata/controller.h"
#include "engine/metadata/manual_assignment.h"
#include "engine/metadata/operation_bounds.h"
#include "engine/metadata/replica_placer.h"
#include "engine/metadata/topic_config.h"
#include "engine/metadata/topic_name.h"

namespace ottla::metadata {

using namespace protocol;

struct Controller::NewTopic {
  std::string name;
  TopicId id;
  std::vector<std::vector<BrokerId>> replicas;  // By partition.
  ConfigValues configs;
};

namespace {

CreateTopicsResponse::CreatableTopicResult refused_result(const std::string& name,
                                                          const ApiError& error) {
  CreateTopicsResponse::CreatableTopicResult result;
  result.name = name;
  set_error(result, error);
  return result;
}

template <class Item, class NameOf>
auto names_given_twice(const std::vector<Item>& items, NameOf name_of) {
  using Name = std::invoke_result_t<NameOf, const Item&>;
  std::set<Name> seen;
  std::set<Name> twice;
  for (const Item& item : items) {
    if (!seen.insert(name_of(item)).second) twice.insert(name_of(item));
  }
  return twice;
}

constexpr std::string_view all_fenced =
    "All brokers are currently fenced or in controlled shutdown.";

}  // namespace

Uuid Controller::new_topic_id() {
  // The ids that Kafka reserves (the metadata topic's and zero) are not version 4, so this is never
  // one.
  const std::uint64_t high = random_.next();
  const std::uint64_t low = random_.next();
  return Uuid::version4(high, low);
}

PartitionRecord Controller::new_partition(const TopicId& topic, PartitionIndex index,
                                          const std::vector<BrokerId>& replicas) const {
  PartitionRecord record;
  record.topic_id = topic;
  record.partition_id = index;
  record.replicas = replicas;
  std::copy_if(replicas.begin(), replicas.end(), std::back_inserter(record.isr),
               [this](BrokerId id) { return image_.is_active(id); });
  record.leader = record.isr.empty() ? no_broker : record.isr.front();
  record.leader_epoch = LeaderEpoch{0};
  record.partition_epoch = PartitionEpoch{0};
  for (const BrokerId replica : replicas) {
    record.directories.push_back(default_directory(image_, replica));
  }
  return record;
}

Result<std::vector<std::vector<BrokerId>>, ApiError> Controller::place(
    std::int32_t partitions, std::int32_t replication_factor) {
  std::vector<UsableBroker> usable;
  for (const auto& [id, broker] : image_.brokers()) {
    if (!broker.in_controlled_shutdown) usable.push_back({id, broker.rack, broker.fenced});
  }
  auto placement = place_replicas(usable, partitions, replication_factor, random_);
  if (!placement) {
    return failure(ApiError{ErrorCode::invalid_replication_factor,
                            fmt::format("Unable to replicate the partition {} time(s): {}",
                                        replication_factor, placement.error())});
  }
  return *std::move(placement);
}

ApiError Controller::assign_topic(const CreateTopicsRequest::CreatableTopic& topic,
                                  NewTopic& created) const {
  if (topic.replication_factor != -1) {
    return {
        ErrorCode::invalid_request,
        "A manual partition assignment was specified, but replication factor was not set to -1."};
  }
  if (topic.num_partitions != -1) {
    return {ErrorCode::invalid_request,
            "A manual partition assignment was specified, but numPartitions was not set to -1."};
  }
  std::map<PartitionIndex, std::vector<BrokerId>> assigned;
  std::optional<std::size_t> replication_factor;
  for (const auto& assignment : topic.assignments) {
    const PartitionIndex index = assignment.partition_index;
    if (assigned.count(index) > 0) {
      return {ErrorCode::invalid_replica_assignment,
              fmt::format("Found multiple manual partition assignments for partition {}",
                          index.value())};
    }
    if (ApiError refused = refuse_assignment(image_, assignment.broker_ids, replication_factor);
        refused.failed()) {
      return refused;
    }
    replication_factor = assignment.broker_ids.size();
    if (new_partition({}, index, assignment.broker_ids).isr.empty()) {
      return {ErrorCode::invalid_replica_assignment,
              fmt::format(
                  "All brokers specified in the manual partition assignment for partition {} are "
                  "fenced or in controlled shutdown.",
                  index.value())};
    }
    assigned[index] = assignment.broker_ids;
  }
  PartitionIndex expected{0};
  for (auto& [index, replicas] : assigned) {
    if (index != expected) {
      return {ErrorCode::invalid_replica_assignment,
              "partitions should be a consecutive 0-based integer sequence"};
    }
    expected = expected.next();
    created.replicas.push_back(std::move(replicas));
  }
  return {};
}

ApiError Controller::place_topic(const CreateTopicsRequest::CreatableTopic& topic,
                                 NewTopic& created) {
  if (topic.replication_factor < -1 || topic.replication_factor == 0) {
    return {ErrorCode::invalid_replication_factor,
            "Replication factor must be larger than 0, or -1 to use the default value."};
  }
  if (topic.num_partitions < -1 || topic.num_partitions == 0) {
    return {ErrorCode::invalid_partitions,
            "Number of partitions was set to an invalid non-positive value."};
  }
  const auto or_default = [this](std::int32_t asked, const char* name) {
    return asked != -1 ? asked
                       : static_cast<std::int32_t>(broker_config_integer(config_.settings, name));
  };
  const std::int32_t factor = or_default(topic.replication_factor, "default.replication.factor");
  auto placement = place(or_default(topic.num_partitions, "num.partitions"), factor);
  if (!placement) return placement.error();
  created.replicas = *std::move(placement);
  return {};
}

ApiError Controller::refuse_new_name(const std::string& name, const Records& records) const {
  if (const auto refused = refuse_topic_name(name))
    return {ErrorCode::invalid_topic_exception, refused};
  if (image_.topic(name) != nullptr) {
    return {ErrorCode::topic_already_exists, fmt::format("Topic '{}' already exists.", name)};
  }
  if (!has_collision_characters(name)) return {};
  const auto collides = [&name](const std::string& other) {
    return collision_form(other) == collision_form(name);
  };
  const auto error = [&name](const std::string& other) {
    return ApiError{ErrorCode::invalid_topic_exception,
                    fmt::format("Topic '{}' collides with existing topic: {}", name, other)};
  };
  for (const auto& [other, id] : image_.topic_ids()) {
    if (collides(other)) return error(other);
  }
  for (const MetadataRecord& record : records) {
    const auto* other = std::get_if<TopicRecord>(&record);
    if (other != nullptr && collides(other->name)) return error(other->name);
  }
  return {};
}

ApiError Controller::create_topic(const CreateTopicsRequest::CreatableTopic& topic,
                                  const PartitionCharge& charge, NewTopic& created,
                                  Records& records) {
  if (ApiError refused = refuse_new_name(topic.name, records); refused.failed()) return refused;
  created.name = topic.name;
  for (const auto& config : topic.configs) {
    if (!config.value) {
      return {ErrorCode::invalid_config,
              fmt::format("Null value not supported for topic configs: {}", config.name)};
    }
    created.configs[config.name] = *config.value;
  }
  if (const auto refused = refuse_topic_configs(created.configs)) {
    return {ErrorCode::invalid_config, refused};
  }
  ApiError error =
      topic.assignments.empty() ? place_topic(topic, created) : assign_topic(topic, created);
  if (error.failed()) return error;
  created.id = new_topic_id();

  Records own;
  TopicRecord topic_record;
  topic_record.name = created.name;
  topic_record.topic_id = created.id;
  own.emplace_back(std::move(topic_record));
  for (const auto& [name, value] : created.configs) {
    ConfigRecord config;
    config.resource_type = static_cast<std::int8_t>(ConfigResourceType::topic);
    config.resource_name = created.name;
    config.name = name;
    config.value = value;
    own.emplace_back(std::move(config));
  }
  PartitionIndex index{0};
  for (const auto& replicas : created.replicas) {
    PartitionRecord partition = new_partition(created.id, index, replicas);
    if (partition.isr.empty()) {
      return {ErrorCode::invalid_replication_factor,
              fmt::format("Unable to replicate the partition {} time(s): {}", replicas.size(),
                          all_fenced)};
    }
    own.emplace_back(std::move(partition));
    index = index.next();
  }
  if (ApiError refused = refuse_charge(charge, created.replicas.size()); refused.failed())
    return refused;
  std::move(own.begin(), own.end(), std::back_inserter(records));
  return {};
}

CreateTopicsResponse::CreatableTopicResult Controller::created_result(
    const NewTopic& created) const {
  CreateTopicsResponse::CreatableTopicResult result;
  result.name = created.name;
  result.topic_id = created.id;
  result.error_message.reset();
  result.num_partitions = static_cast<std::int32_t>(created.replicas.size());
  result.replication_factor = static_cast<std::int16_t>(created.replicas.front().size());
  const ConfigValues none;
  const ConfigLayers layers{.topic = created.configs,
                            .broker = none,
                            .default_broker = image_.configs({ConfigResourceType::broker, ""}),
                            .static_broker = config_.settings};
  for (const ConfigDefinition& definition : topic_configs()) {
    if (definition.internal) continue;
    const EffectiveConfig effective = effective_topic_config(definition, layers);
    auto& shown = result.configs->emplace_back();
    shown.name = std::string(definition.name);
    shown.value = effective.value;
    shown.config_source = static_cast<std::int8_t>(effective.source);
    shown.is_sensitive = definition.sensitive;
  }
  return result;
}

ApiError Controller::refuse_partitions_asked(const CreateTopicsRequest& request) const {
  std::int64_t partitions = 0;
  for (const auto& topic : request.topics) {
    if (!topic.assignments.empty()) {
      partitions += static_cast<std::int64_t>(topic.assignments.size());
    } else if (topic.num_partitions == -1) {
      partitions += broker_config_integer(config_.settings, "num.partitions");
    } else {
      partitions += std::max(topic.num_partitions, 0);
    }
  }
  if (partitions <= max_partitions_per_request) return {};
  return {ErrorCode::policy_violation, "Excessively large number of partitions per request."};
}

ControllerResult<CreateTopicsResponse> Controller::create_topics(const CreateTopicsRequest& request,
                                                                 const PartitionCharge& charge) {
  ControllerResult<CreateTopicsResponse> result;
  result.refusal = refuse_partitions_asked(request);
  if (result.refusal.failed()) return result;
  const auto twice =
      names_given_twice(request.topics, [](const auto& topic) { return topic.name; });
  // Refused before all others, and told after them (ControllerApis.createTopics).
  std::vector<std::string> given_twice;
  bool is_metadata_asked = false;
  for (const auto& topic : request.topics) {
    if (twice.count(topic.name) > 0) {
      if (std::find(given_twice.begin(), given_twice.end(), topic.name) == given_twice.end())
        given_twice.push_back(topic.name);
      continue;
    }
    if (topic.name == metadata_topic_name) {
      is_metadata_asked = true;
      continue;
    }
    NewTopic created;
    const ApiError error = create_topic(topic, charge, created, result.records);
    result.response.topics.push_back(error.failed() ? refused_result(topic.name, error)
                                                    : created_result(created));
  }
  for (const std::string& name : given_twice) {
    result.response.topics.push_back(
        refused_result(name, {ErrorCode::invalid_request, "Duplicate topic name."}));
  }
  if (is_metadata_asked) {
    result.response.topics.push_back(refused_result(
        std::string(metadata_topic_name),
        {ErrorCode::invalid_request,
         fmt::format("Creation of internal topic {} is prohibited.", metadata_topic_name)}));
  }
  finish_operation(result, request.validate_only);
  return result;
}

ControllerResult<DeleteTopicsResponse> Controller::delete_topics(
    const DeleteTopicsRequest& request, const ControllerContext& context,
    const PartitionCharge& charge) const {
  ControllerResult<DeleteTopicsResponse> result;
  std::vector<DeleteTopicsRequest::DeleteTopicState> asked = request.topics;
  for (const std::string& name : request.topic_names) asked.emplace_back().name = name;
  const bool enabled = broker_config_boolean(config_.settings, "delete.topic.enable");
  std::set<TopicId> deleted;
  const auto twice = names_given_twice(
      asked, [](const auto& item) { return item.topic_id.is_zero() ? item.name : std::nullopt; });
  std::set<std::optional<std::string>> told;
  for (const auto& item : asked) {
    const bool is_twice = item.name && item.topic_id.is_zero() && twice.count(item.name) > 0;
    if (is_twice && !told.insert(item.name).second) continue;
    auto& answer = result.response.responses.emplace_back();
    answer.name = item.name;
    answer.topic_id = item.topic_id;
    const auto refuse = [&answer](ErrorCode code, std::optional<std::string> why = std::nullopt) {
      set_error(answer, {code, std::move(why)});
    };
    if (!enabled) {
      refuse(context.version < ApiVersion{3} ? ErrorCode::invalid_request
                                             : ErrorCode::topic_deletion_disabled);
      continue;
    }
    if (is_twice) {
      refuse(ErrorCode::invalid_request, "Duplicate topic name.");
      continue;
    }
    const bool by_id = !item.topic_id.is_zero();
    if (item.name && by_id) {
      refuse(ErrorCode::invalid_request, "You may not specify both topic name and topic id.");
      continue;
    }
    if (!item.name && !by_id) {
      refuse(ErrorCode::invalid_request, "Neither topic name nor id were specified.");
      continue;
    }
    const Topic* topic =
        by_id ? image_.topic(item.topic_id) : image_.topic(std::string_view(*item.name));
    if (topic == nullptr) {
      refuse(by_id ? ErrorCode::unknown_topic_id : ErrorCode::unknown_topic_or_partition);
      continue;
    }
    if (!deleted.insert(topic->id).second) {
      refuse(ErrorCode::invalid_request,
             by_id ? "Duplicate topic id."
                   : "The provided topic name maps to an ID that was already supplied.");
      continue;
    }
    answer.name = topic->name;
    answer.topic_id = topic->id;
    if (const ApiError refused = refuse_charge(charge, topic->partitions.size());
        refused.failed()) {
      refuse(refused.code);
      continue;
    }
    RemoveTopicRecord record;
    record.topic_id = topic->id;
    result.records.emplace_back(std::move(record));
  }
  finish_operation(result);
  return result;
}

ApiError Controller::add_partitions(const CreatePartitionsRequest::CreatePartitionsTopic& asked,
                                    const PartitionCharge& charge, Records& records) {
  const Topic* topic = image_.topic(std::string_view(asked.name));
  if (topic == nullptr) return {ErrorCode::unknown_topic_or_partition, std::nullopt};
  const auto present = static_cast<std::int32_t>(topic->partitions.size());
  if (asked.count == present) {
    return {ErrorCode::invalid_partitions,
            fmt::format("Topic already has {} partition(s).", present)};
  }
  if (asked.count < present) {
    return {ErrorCode::invalid_partitions,
            fmt::format("The topic {} currently has {} partition(s); {} would not be an increase.",
                        asked.name, present, asked.count)};
  }
  const std::int32_t additional = asked.count - present;
  const std::size_t factor = topic->partitions.begin()->second.replicas.size();
  if (asked.assignments && asked.assignments->size() != static_cast<std::size_t>(additional)) {
    return {
        ErrorCode::invalid_replica_assignment,
        fmt::format("Attempted to add {} additional partition(s), but only {} assignment(s) were "
                    "specified.",
                    additional, asked.assignments->size())};
  }
  ApiError over_quota = refuse_charge(charge, static_cast<std::size_t>(additional));
  if (over_quota.failed()) return over_quota;
  // Kafka's exception of a batch that is too large, which here is of the topic alone.
  const auto left = static_cast<std::int64_t>(max_records_per_operation - records.size());
  if (additional > left) return {ErrorCode::unknown_server_error, std::nullopt};
  std::vector<std::vector<BrokerId>> placement;
  if (asked.assignments) {
    for (const auto& assignment : *asked.assignments) {
      if (ApiError refused = refuse_assignment(image_, assignment.broker_ids, factor);
          refused.failed()) {
        return refused;
      }
      placement.push_back(assignment.broker_ids);
    }
  } else {
    auto placed = place(additional, static_cast<std::int32_t>(factor));
    if (!placed) return placed.error();
    placement = *std::move(placed);
  }
  Records own;
  PartitionIndex index{present};
  for (const auto& replicas : placement) {
    PartitionRecord partition = new_partition(topic->id, index, replicas);
    if (partition.isr.empty() && asked.assignments) {
      return {ErrorCode::invalid_replica_assignment,
              fmt::format(
                  "All brokers specified in the manual partition assignment for partition {} are "
                  "fenced or in controlled shutdown.",
                  index.value())};
    }
    if (partition.isr.empty()) {
      return {ErrorCode::invalid_replication_factor,
              fmt::format("Unable to replicate the partition {} time(s): {}", factor, all_fenced)};
    }
    own.emplace_back(std::move(partition));
    index = index.next();
  }
  std::move(own.begin(), own.end(), std::back_inserter(records));
  return {};
}

ControllerResult<CreatePartitionsResponse> Controller::create_partitions(
    const CreatePartitionsRequest& request, const PartitionCharge& charge) {
  ControllerResult<CreatePartitionsResponse> result;
  const auto twice =
      names_given_twice(request.topics, [](const auto& topic) { return topic.name; });
  std::set<std::string> answered;
  for (const auto& topic : request.topics) {
    if (twice.count(topic.name) > 0 && !answered.insert(topic.name).second) continue;
    const ApiError error = twice.count(topic.name) > 0
                               ? ApiError{ErrorCode::invalid_request, "Duplicate topic name."}
                               : add_partitions(topic, charge, result.records);
    auto& answer = result.response.results.emplace_back();
    answer.name = topic.name;
    set_error(answer, error);
    if (error.failed() && !error.message) answer.error_message.reset();
  }
  finish_operation(result, request.validate_only);
  return result;
}

}  // namespace ottla::metadata
