// A consumer application on Kafka's consumer, as a process of the world: a member of a group that
// fetches from the leaders of its partitions, hands batches of records to an application that takes
// its time, and commits. What KafkaConsumer with the classic protocol does (range assignor).
#pragma once

#include "engine/client/alarm.h"
#include "engine/client/consumer_config.h"
#include "engine/client/fetcher.h"
#include "engine/client/group_member.h"
#include "engine/client/metadata_cache.h"
#include "engine/client/rate_meter.h"
#include "engine/client/subscription.h"
#include "engine/env/node.h"
#include "engine/wire/channel_pool.h"

namespace ottla::client {

class ConsumerNode final : public Node {
 public:
  // The seams of `env` outlive the node.
  ConsumerNode(Env env, ConsumerConfig config);

  void on_start() override;
  // Commits, leaves the group, and stops (KafkaConsumer.close).
  void on_shutdown() override;
  [[nodiscard]] bool stopped() const override { return stopped_; }
  void on_accepted(ConnectionId connection, const Endpoint& listener,
                   std::string_view peer_host) override;
  void on_connected(ConnectionId connection) override;
  void on_connection_closed(ConnectionId connection) override;
  void on_message(ConnectionId connection, ByteChain frame) override;
  void on_timer(TimerId timer) override;
  void on_disk(DiskOperationId operation, DiskResult<void> result) override;

  // Between events; the records of the running poll keep their time.
  void set_process_time(Duration per_record) { config_.process_time = per_record; }

  [[nodiscard]] ConsumerStatistics statistics() const;

 private:
  // Everything that is due now; ends each event.
  void service();
  void take_completions(Instant now);
  // The application's loop: a poll, then its records' processing.
  void run_application(Instant now);
  // One KafkaConsumer.poll; false when it returned nothing.
  bool poll_application(Instant now);
  void tell(const Fetcher::Run& run, Offset to);
  void arm(Instant now);
  void stop();

  // Constant after construction, but for process_time.
  Env env_;
  ConsumerConfig config_;

  wire::ChannelPool channels_;  // To the brokers, for metadata and fetches.
  wire::ChannelPool
      coordinator_channels_;  // As Kafka's: joins and heartbeats wait behind no fetch.
  MetadataCache metadata_;
  OwnedPartitions owned_;
  GroupMember member_;
  Fetcher fetcher_;
  Alarm alarm_;

  Instant busy_until_;  // The application works on the last poll's records until then.
  RateMeter rate_;
  std::int64_t consumed_ = 0;
  bool closing_ = false;
  bool stopped_ = false;
};

}  // namespace ottla::client
