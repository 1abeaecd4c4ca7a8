#include "tests/engine/broker/data_fixture.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ottla::broker::test {
namespace {

using protocol::DeleteRecordsRequest;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;

constexpr std::int8_t topic_resource = 2;
constexpr std::int8_t broker_resource = 4;

std::vector<BrokerId> ids(std::initializer_list<int> numbers) {
  std::vector<BrokerId> brokers;
  for (const int number : numbers) brokers.emplace_back(number);
  return brokers;
}

protocol::RegisterBrokerRecord registration(int broker) {
  protocol::RegisterBrokerRecord record;
  record.broker_id = BrokerId{broker};
  record.broker_epoch = broker_epoch;
  record.fenced = false;
  record.rack.reset();
  record.end_points.push_back(
      {.name = "PLAINTEXT", .host = "broker-" + std::to_string(broker), .port = 9092});
  return record;
}

BrokerConfig config_of_broker_1(const metadata::ConfigValues& settings) {
  BrokerConfig config;
  config.node_id = BrokerId{1};
  config.cluster_id = "cluster";
  config.settings = settings;
  return config;
}

ProduceRequest produce_request(std::int16_t acks, const BatchSpec& spec, std::int32_t timeout_ms) {
  ProduceRequest request;
  request.acks = acks;
  request.timeout_ms = timeout_ms;
  auto& topic = request.topic_data.emplace_back();
  topic.name = "orders";
  topic.partition_data.push_back({.index = 0, .records = make_batch(spec).bytes()});
  return request;
}

}  // namespace

protocol::PartitionRecord partition_record(const TopicId& topic, std::initializer_list<int> on) {
  protocol::PartitionRecord partition;
  partition.partition_id = PartitionIndex{0};
  partition.topic_id = topic;
  partition.replicas = partition.isr = ids(on);
  partition.leader = partition.replicas.front();
  partition.leader_epoch = first_epoch;
  partition.partition_epoch = PartitionEpoch{0};
  return partition;
}

DataFixture::DataFixture(const metadata::ConfigValues& settings)
    : config(config_of_broker_1(settings)),
      directories(env.env.disk, env.env.probe, config.settings),
      replicas(env.env, config, image, directories),
      server(
          env.env,
          [this](const RequestContext& context, ByteReader& body) {
            return dispatch(context, body);
          },
          [](const protocol::DecodeError&) { return std::nullopt; }),
      quotas(config),
      produce_service(env.env, image, config.node_id, replicas, server, quotas.produce),
      fetch_service(env.env, config, image, replicas, server, quotas),
      delete_records_service(env.env, image, replicas, server),
      peers(env, server) {
  std::uint64_t id = 0;
  for (LogDirectory* directory : directories.all()) directory->adopt(Uuid(1, ++id), false);
  replicas.load();
  for (int broker = 1; broker <= 3; ++broker) apply(registration(broker));
}

bool DataFixture::dispatch(const RequestContext& context, ByteReader& body) {
  static constexpr auto produce_request = [](DataFixture& at,
                                             const Request<ProduceRequest>& asked) {
    at.produce_service.handle(asked);
  };
  static constexpr auto fetch_request = [](DataFixture& at, const Request<FetchRequest>& asked) {
    at.fetch_service.handle(asked);
  };
  static constexpr auto delete_records_request = [](DataFixture& at,
                                                    const Request<DeleteRecordsRequest>& asked) {
    at.delete_records_service.handle(asked);
  };
  static constexpr std::array table{
      serve<DataFixture, ProduceRequest, produce_request>(3, 13),
      serve<DataFixture, FetchRequest, fetch_request>(4, 18),
      serve<DataFixture, DeleteRecordsRequest, delete_records_request>(0, 2)};
  return broker::dispatch(std::span<const ApiEntry<DataFixture>>(table), *this, context, body);
}

void DataFixture::apply_together(const std::vector<protocol::MetadataRecord>& records) {
  metadata::ImageDelta delta;
  for (const protocol::MetadataRecord& record : records) {
    image.apply(record, metadata_end_, delta);
    metadata_end_ = metadata_end_.next();
  }
  replicas.apply(delta);
  quotas.apply(image, delta);
  take_role_changes();
  settle();
}

void DataFixture::take_role_changes() {
  for (const Replicas::RoleChange& change : replicas.take_role_changes()) {
    if (change.to == Replicas::RoleChange::To::leader) continue;
    if (Replica* replica = replicas.find(change.key))
      produce_service.on_leadership_lost(*replica, protocol::ErrorCode::not_leader_or_follower);
  }
  for (const auto& removed : replicas.take_removed()) {
    produce_service.on_leadership_lost(*removed, replicas.why_absent(removed->key()));
    fetch_service.on_removed(*removed);
    delete_records_service.on_moved(removed->key());
  }
}

void DataFixture::create_topic(const std::string& name, const TopicId& id,
                               std::initializer_list<int> on,
                               const metadata::ConfigValues& configs) {
  protocol::TopicRecord topic;
  topic.name = name;
  topic.topic_id = id;
  apply(topic);
  for (const auto& [config_name, value] : configs) {
    protocol::ConfigRecord set;
    set.resource_type = topic_resource;
    set.resource_name = name;
    set.name = config_name;
    set.value = value;
    apply(set);
  }
  apply(partition_record(id, on));
}

void DataFixture::elect(int leader) {
  protocol::PartitionChangeRecord change;
  change.partition_id = PartitionIndex{0};
  change.topic_id = orders_id;
  change.leader = BrokerId{leader};
  apply(change);
}

void DataFixture::set_isr(std::initializer_list<int> isr) {
  protocol::PartitionChangeRecord change;
  change.partition_id = PartitionIndex{0};
  change.topic_id = orders_id;
  change.isr = ids(isr);
  apply(change);
}

void DataFixture::write(const BatchSpec& spec) {
  QVERIFY(replicas.append_own(orders(), make_batch(spec)).has_value());
  settle();
}

void DataFixture::limit_client(const std::string& quota, double bytes) {
  protocol::ClientQuotaRecord limit;
  limit.entity.push_back({"client-id", "shop"});
  limit.key = quota;
  limit.value = bytes;
  apply(limit);
}

void DataFixture::set_broker_config(const std::string& name, const std::string& value) {
  protocol::ConfigRecord set;
  set.resource_type = broker_resource;
  set.name = name;
  set.value = value;
  apply(set);
}

ConnectionId DataFixture::produce(std::int16_t acks, const BatchSpec& spec,
                                  std::int32_t timeout_ms) {
  return ask(produce_request(acks, spec, timeout_ms));
}

void DataFixture::produce_on(ConnectionId client, std::int16_t acks, const BatchSpec& spec) {
  peers.ask(client, produce_request(acks, spec, 1000), ApiVersion{12});
  settle();
}

std::optional<ProduceResponse::PartitionProduceResponse> DataFixture::produced(
    ConnectionId client) {
  const auto response = peers.take<ProduceResponse>(client);
  if (!response) return std::nullopt;
  return response->responses.at(0).partition_responses.at(0);
}

std::optional<FetchResponse::PartitionData> DataFixture::fetched(ConnectionId client) {
  const auto response = peers.take<FetchResponse>(client);
  if (!response) return std::nullopt;
  return response->responses.at(0).partitions.at(0);
}

void DataFixture::follower_reaches(int follower, std::int64_t offset, std::int64_t log_start) {
  FetchRequest request = fetch_request(offset);
  request.replica_state = {.replica_id = BrokerId{follower}, .replica_epoch = broker_epoch};
  partition_of(request).log_start_offset = Offset{log_start};
  const auto answer = fetched(ask(request));
  QVERIFY(answer.has_value());
  QCOMPARE(answer->error_code, protocol::ErrorCode::none);
}

void DataFixture::pass(Duration duration) {
  const Instant end = env.time + duration;
  while (true) {
    Instant due = end;
    if (const auto deadline = produce_service.next_deadline()) due = std::min(due, *deadline);
    if (const auto deadline = fetch_service.next_deadline()) due = std::min(due, *deadline);
    if (const auto deadline = delete_records_service.next_deadline())
      due = std::min(due, *deadline);
    if (const auto deadline = server.next_deadline()) due = std::min(due, *deadline);
    const bool last = due == end;
    env.time = std::max(env.time, due);
    produce_service.on_time();
    fetch_service.on_time();
    delete_records_service.on_time();
    server.on_time();
    settle();
    if (last) return;
  }
}

void DataFixture::settle() {
  bool busy = true;
  std::vector<Replica*> moved;
  while (busy) {
    replicas.take_moved(moved);
    for (Replica* replica : moved) {
      replica->log_end_moved = false;
      if (std::exchange(replica->high_watermark_moved, false))
        produce_service.on_high_watermark(*replica);
      fetch_service.on_moved(*replica);
      delete_records_service.on_moved(replica->key());
    }
    busy = server.run_ready() || !moved.empty();
  }
}

FetchRequest fetch_request(std::int64_t offset) {
  FetchRequest request;
  request.session_epoch = -1;
  auto& topic = request.topics.emplace_back();
  topic.topic_id = orders_id;
  auto& partition = topic.partitions.emplace_back();
  partition.partition = PartitionIndex{0};
  partition.fetch_offset = Offset{offset};
  partition.partition_max_bytes = 1 << 20;
  return request;
}

FetchRequest::FetchPartition& partition_of(FetchRequest& request) {
  return request.topics.at(0).partitions.at(0);
}

std::vector<std::int64_t> bases(const FetchResponse::PartitionData& data) {
  std::vector<std::int64_t> offsets;
  const auto batches = protocol::split_batches(data.records.value_or(ByteChain()));
  if (!batches) return {-1};
  for (const protocol::RecordBatch& batch : *batches)
    offsets.push_back(batch.base_offset().value());
  return offsets;
}

}  // namespace ottla::broker::test
