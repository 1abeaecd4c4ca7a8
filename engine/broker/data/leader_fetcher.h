// Copies from one leader broker to the local replicas that follow it: one fetch under way at a
// time, truncation where histories part, back-off for partitions that cannot be fetched (Kafka's
// ReplicaFetcherThread).
#pragma once

#include <map>
#include <optional>

#include "engine/broker/broker_config.h"
#include "engine/broker/data/fetch_session_client.h"
#include "engine/broker/data/replicas.h"
#include "engine/broker/quota/replication_throttle.h"
#include "engine/protocol/messages/list_offsets_response.h"
#include "engine/wire/channel.h"

namespace ottla::broker {

class LeaderFetcher {
 public:
  LeaderFetcher(Env& env, const BrokerConfig& config, Replicas& replicas,
                ReplicationThrottle& throttle, BrokerId leader, Endpoint at);

  [[nodiscard]] BrokerId leader() const { return leader_; }
  [[nodiscard]] const Endpoint& endpoint() const { return channel_.endpoint(); }
  void add(const PartitionKey& key);
  void remove(const PartitionKey& key);
  [[nodiscard]] bool empty() const { return following_.empty(); }
  // Closes the connection; nothing is asked of it any more.
  void close() { channel_.close(env_.clock.now()); }
  void set_broker_epoch(BrokerEpoch epoch) { broker_epoch_ = epoch; }

  bool on_connected(ConnectionId connection);
  bool on_message(ConnectionId connection, const ByteChain& frame);
  bool on_connection_closed(ConnectionId connection);
  [[nodiscard]] std::optional<Instant> next_deadline() const;
  void on_time();
  // Takes responses and asks for more; called at the end of every event. True when anything was
  // done.
  bool settle() { return (!under_way_ || channel_.has_completions()) && take_and_ask(); }

 private:
  // server.properties, read once.
  struct Limits {
    std::int32_t partition_bytes;  // replica.fetch.max.bytes
    std::int32_t response_bytes;   // replica.fetch.response.max.bytes
    std::int32_t bytes_min;        // replica.fetch.min.bytes
    std::int32_t wait_ms;          // replica.fetch.wait.max.ms
    Duration back_off;             // replica.fetch.backoff.ms
  };
  [[nodiscard]] static Limits limits_of(const BrokerConfig& config);
  enum class Asked : std::uint64_t { fetch = 1, log_end = 2, log_start = 3 };
  struct Following {
    std::optional<Instant> not_before;  // Backing off.
    bool fenced = false;                // Waits for newer metadata.
    // Whether it had the leader's high watermark when records last came; nothing before.
    std::optional<bool> in_sync;
  };

  [[nodiscard]] bool is_throttled(const Following& following, const Replica& replica);
  bool take_and_ask();
  void send_fetch();
  void take_fetch(const wire::Completion& completion);
  void take_partition(const PartitionKey& key, const protocol::FetchResponse::PartitionData& data);
  [[nodiscard]] bool is_as_asked(const Replica& replica) const;
  void take_error(const PartitionKey& key, protocol::ErrorCode error);
  void truncate_to_divergence(Replica& replica, const replication::EpochEnd& leader);
  void ask_offset(const PartitionKey& key, Asked which);
  void take_offset(const wire::Completion& completion, Asked which);
  void back_off(const PartitionKey& key);
  void back_off_all();
  void find_next_retry();
  void collect_wanted();

  Env& env_;
  const BrokerId self_;
  const Limits limits_;
  Replicas& replicas_;
  ReplicationThrottle& throttle_;
  const BrokerId leader_;
  wire::Channel channel_;
  FetchSessionClient session_;
  BrokerEpoch broker_epoch_ = no_broker_epoch;

  std::map<PartitionKey, Following> following_;
  std::optional<Instant> next_retry_;    // The earliest of those that back off.
  FetchSessionClient::Wanted wanted_;    // Of the request being made.
  std::vector<wire::Completion> ended_;  // Those being worked off.
  bool under_way_ = false;
  std::optional<Instant> look_again_at_;   // Replicas wait for the throttle.
  std::optional<PartitionKey> resetting_;  // Its fetch offset was out of the leader's range.
};

}  // namespace ottla::broker
