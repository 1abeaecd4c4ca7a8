// A producer application on Kafka's producer, as a process of the world: makes records at a rate,
// batches them by partition, and sends them to the leaders until they are acknowledged or
// delivery.timeout.ms is over. What KafkaProducer and its Sender thread do.
#pragma once

#include <map>
#include <memory>

#include "engine/client/alarm.h"
#include "engine/client/metadata_cache.h"
#include "engine/client/producer_config.h"
#include "engine/client/producer_identity.h"
#include "engine/client/rate_meter.h"
#include "engine/client/record_accumulator.h"
#include "engine/client/record_source.h"
#include "engine/env/node.h"
#include "engine/protocol/messages/produce_response.h"
#include "engine/wire/channel_pool.h"

namespace ottla::client {

class ProducerNode final : public Node {
 public:
  static constexpr ApiVersion produce_version{12};
  static constexpr wire::RequestToken metadata_token{1};
  static constexpr wire::RequestToken identity_token{2};

  // The seams of `env` outlive the node.
  ProducerNode(Env env, ProducerConfig config);

  void on_start() override;
  // Sends what is buffered, then stops (KafkaProducer.close).
  void on_shutdown() override;
  [[nodiscard]] bool stopped() const override { return stopped_; }
  void on_accepted(ConnectionId connection, const Endpoint& listener,
                   std::string_view peer_host) override;
  void on_connected(ConnectionId connection) override;
  void on_connection_closed(ConnectionId connection) override;
  void on_message(ConnectionId connection, ByteChain frame) override;
  void on_timer(TimerId timer) override;
  void on_disk(DiskOperationId operation, DiskResult<void> result) override;

  // Between events.
  void set_rate(double records_per_s);
  void set_hot_key_share(double share);

  [[nodiscard]] ProducerStatistics statistics() const;

 private:
  struct InFlight {
    BrokerId broker;
    std::vector<ProducerBatch*> batches;  // Null where one was given up meanwhile.
  };
  using PartitionResponse = protocol::ProduceResponse::PartitionProduceResponse;

  // Everything that is due now; ends each event.
  void service();
  void generate(Instant now);
  void take_completions(Instant now);
  void take_produced(const wire::Completion& completion, InFlight& request, Instant now);
  void learn_leaders(const protocol::ProduceResponse& response);
  void complete_batch(ProducerBatch& batch, const PartitionResponse& response, Instant now);
  void acknowledge(ProducerBatch& batch, Offset base_offset, Instant now);
  void retry(ProducerBatch& batch, Instant now);
  void fail(ProducerBatch& batch);
  void expire_batches(Instant now);
  void release_from_requests(ProducerBatch& batch);
  void poll_identity(Instant now);
  void take_identity(const wire::Completion& completion, Instant now);
  void send_ready(Instant now);
  void send_to(BrokerId broker, wire::Channel& channel, Instant now);
  void arm(Instant now);
  void stop();

  // Constant after construction.
  Env env_;
  ProducerConfig config_;

  wire::ChannelPool channels_;
  MetadataCache metadata_;
  RecordSource source_;
  ProducerIdentity identity_;
  RecordAccumulator accumulator_;
  Alarm alarm_;

  std::map<wire::RequestToken, InFlight> in_flight_;
  std::uint64_t last_token_ = 0;
  PartitionIndex drain_start_{0};  // The partition that a drain begins with (drainIndex).

  RateMeter rate_;
  LatencyMeter latency_;
  std::int64_t acknowledged_ = 0;
  std::int64_t failed_ = 0;
  std::int64_t retries_ = 0;
  std::string last_error_;
  Instant last_tick_;
  bool closing_ = false;
  bool stopped_ = false;
};

}  // namespace ottla::client
