// Broker 1's data path without its controller: partitions, produce and fetch over a disk in memory.
// A test writes the metadata log, asks as clients and followers do, and moves the clock.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "engine/broker/data/delete_records_service.h"
#include "engine/broker/data/fetch_service.h"
#include "engine/broker/data/produce_service.h"
#include "engine/broker/data/replicas.h"
#include "engine/broker/server/request_server.h"
#include "engine/metadata/image.h"
#include "tests/engine/broker/broker_env.h"
#include "tests/engine/broker/server_peers.h"
#include "tests/engine/storage/log_fixture.h"

namespace ottla::broker::test {

using storage::test::BatchSpec;
using storage::test::make_batch;

inline constexpr TopicId orders_id{7, 7};
inline constexpr PartitionKey orders_0{orders_id, PartitionIndex{0}};
// The first epoch of every partition here; an election counts it up.
inline constexpr LeaderEpoch first_epoch{3};
inline constexpr BrokerEpoch broker_epoch{50};

class DataFixture {
 public:
  // `settings` as server.properties sets them.
  explicit DataFixture(const metadata::ConfigValues& settings = {});

  // A topic with one partition: the first of the brokers leads, all are in sync.
  void create_topic(const std::string& name, const TopicId& id, std::initializer_list<int> on,
                    const metadata::ConfigValues& configs = {});
  void create_orders(std::initializer_list<int> on, const metadata::ConfigValues& configs = {}) {
    create_topic("orders", orders_id, on, configs);
  }
  void apply(const protocol::MetadataRecord& record) { apply_together({record}); }
  // All in one delta, as records come that were written together.
  void apply_together(const std::vector<protocol::MetadataRecord>& records);
  // A new leader and, with it, the next epoch.
  void elect(int leader);
  void set_isr(std::initializer_list<int> isr);
  [[nodiscard]] Replica& orders() { return *replicas.find(orders_0); }
  // Appends to the log as its leader does.
  void write(const BatchSpec& spec = {});

  // What the client of the fixture may produce ("producer_byte_rate") or fetch
  // ("consumer_byte_rate") in a second.
  void limit_client(const std::string& quota, double bytes);

  // Of all brokers.
  void set_broker_config(const std::string& name, const std::string& value);

  // An acks=`acks` request of one batch for `orders`, on a connection of its own.
  ConnectionId produce(std::int16_t acks, const BatchSpec& spec = {},
                       std::int32_t timeout_ms = 1000);
  // The same, on a connection that there is.
  void produce_on(ConnectionId client, std::int16_t acks, const BatchSpec& spec = {});
  // Asks by the names of topics, in a version before their ids.
  ConnectionId ask(const protocol::ProduceRequest& request) {
    return send(request, ApiVersion{12});
  }
  ConnectionId ask(const protocol::FetchRequest& request) { return send(request, ApiVersion{17}); }
  ConnectionId ask(const protocol::DeleteRecordsRequest& request) {
    return send(request, ApiVersion{2});
  }
  // The answer for the only partition that was asked for; nothing while there is none.
  std::optional<protocol::ProduceResponse::PartitionProduceResponse> produced(ConnectionId client);
  std::optional<protocol::FetchResponse::PartitionData> fetched(ConnectionId client);
  // A follower has everything below `offset`, from `log_start` on.
  void follower_reaches(int broker, std::int64_t offset, std::int64_t log_start = 0);

  // Does what is due until `duration` has passed.
  void pass(Duration duration);
  // Works off what the last event left, as the broker does.
  void settle();

  BrokerEnv env;
  BrokerConfig config;
  metadata::Image image;
  // Their ids are (1, 1), (1, 2), ...
  LogDirectories directories;
  Replicas replicas;
  RequestServer server;
  BrokerQuotas quotas;
  ProduceService produce_service;
  FetchService fetch_service;
  DeleteRecordsService delete_records_service;
  ServerPeers peers;

 private:
  template <class Request>
  ConnectionId send(const Request& request, ApiVersion version) {
    const ConnectionId client = peers.connect();
    peers.ask(client, request, version);
    settle();
    return client;
  }
  bool dispatch(const RequestContext& context, ByteReader& body);
  void take_role_changes();

  Offset metadata_end_{0};
};

// Partition 0 of a topic: the first of the brokers leads, all are in sync.
[[nodiscard]] protocol::PartitionRecord partition_record(const TopicId& topic,
                                                         std::initializer_list<int> on);
// A fetch of partition 0 of `orders` that waits for nothing.
[[nodiscard]] protocol::FetchRequest fetch_request(std::int64_t offset);
// The only partition of the request.
[[nodiscard]] protocol::FetchRequest::FetchPartition& partition_of(protocol::FetchRequest& request);
// The base offsets of the fetched batches.
[[nodiscard]] std::vector<std::int64_t> bases(const protocol::FetchResponse::PartitionData& data);

}  // namespace ottla::broker::test
