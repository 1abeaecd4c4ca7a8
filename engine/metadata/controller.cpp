#include "engine/metadata/controller.h"

#include "engine/metadata/broker_config.h"
#include "engine/metadata/elr_configs.h"
#include "engine/metadata/metadata_transactions.h"

namespace ottla::metadata {

using namespace protocol;

Controller::Controller(ControllerConfig config, Prng random)
    : config_(std::move(config)),
      sessions_(
          Duration::millis(broker_config_integer(config_.settings, "broker.session.timeout.ms"))),
      random_(random) {}

void Controller::replay(const MetadataRecord& record, Offset offset) {
  image_.apply(record, offset);
  if (const auto* registration = std::get_if<RegisterBrokerRecord>(&record)) {
    registration_offsets_[registration->broker_id] = offset;
  } else if (const auto* removal = std::get_if<UnregisterBrokerRecord>(&record)) {
    registration_offsets_.erase(removal->broker_id);
    sessions_.remove(removal->broker_id);
  }
}

// A registration's offset is its broker's epoch.
void Controller::revert_to(const Image& committed) {
  image_ = committed;
  registration_offsets_.clear();
  for (const auto& [id, broker] : image_.brokers())
    registration_offsets_[id] = Offset{broker.epoch.value()};
}

void Controller::activate(Instant now) {
  sessions_.start_all(image_, now);
}

Records Controller::activation_records(bool has_open_transaction) const {
  Records records;
  if (has_open_transaction) {
    AbortTransactionRecord abort;
    abort.reason = "Controller failover";
    records.emplace_back(std::move(abort));
  }
  if (image_.features().empty()) add_bootstrap_records(records);
  return records;
}

void Controller::add_bootstrap_records(Records& records) const {
  FeatureLevels levels = default_feature_levels();
  for (const auto& [name, level] : config_.features) levels[name] = level;
  const std::int16_t metadata_version = levels.at(std::string(metadata_version_feature));
  const bool in_transaction = supports_transactions(metadata_version);
  if (in_transaction) {
    BeginTransactionRecord begin;
    begin.name = "Bootstrap records";
    records.emplace_back(std::move(begin));
  }
  const auto add = [&records](std::string_view name, std::int16_t level) {
    if (level == 0) return;
    FeatureLevelRecord record;
    record.name = std::string(name);
    record.feature_level = level;
    records.emplace_back(std::move(record));
  };
  // The other levels, and every record after it, are read under metadata.version.
  add(metadata_version_feature, metadata_version);
  for (const auto& [name, level] : levels) {
    if (name != metadata_version_feature) add(name, level);
  }
  if (levels[std::string(elr_feature)] > 0) {
    add_elr_safety_records(image_, config_.settings, records);
  }
  if (in_transaction) records.emplace_back(EndTransactionRecord{});
}

ErrorCode Controller::check_broker_epoch(BrokerId broker, BrokerEpoch epoch) const {
  const Broker* registered = image_.broker(broker);
  const bool current = registered != nullptr && registered->epoch == epoch;
  return current ? ErrorCode::none : ErrorCode::stale_broker_epoch;
}

ControllerResult<AllocateProducerIdsResponse> Controller::allocate_producer_ids(
    const AllocateProducerIdsRequest& request) const {
  ControllerResult<AllocateProducerIdsResponse> result;
  result.response.error_code = check_broker_epoch(request.broker_id, request.broker_epoch);
  if (result.response.error_code != ErrorCode::none) return result;
  const std::int64_t first = image_.next_producer_id().value();
  if (first > std::numeric_limits<std::int64_t>::max() - producer_id_block) {
    result.response.error_code = ErrorCode::unknown_server_error;
    return result;
  }
  ProducerIdsRecord record;
  record.broker_id = request.broker_id;
  record.broker_epoch = request.broker_epoch;
  record.next_producer_id = first + producer_id_block;
  result.records.push_back(record);
  result.response.producer_id_start = ProducerId{first};
  result.response.producer_id_len = producer_id_block;
  return result;
}

}  // namespace ottla::metadata
