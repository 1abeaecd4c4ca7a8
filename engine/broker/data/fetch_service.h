// Fetch requests of consumers and of followers: what can be read now, or a wait for min.bytes until
// max.wait.ms (Kafka's ReplicaManager.fetchMessages and DelayedFetch). Followers' fetches move the
// leader's replication state.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/broker/data/deadline_queue.h"
#include "engine/broker/data/fetch_sessions.h"
#include "engine/broker/data/replicas.h"
#include "engine/broker/quota/broker_quotas.h"
#include "engine/broker/server/api_table.h"
#include "engine/broker/server/request_server.h"
#include "engine/protocol/messages/fetch_request.h"
#include "engine/protocol/messages/fetch_response.h"
#include "engine/replication/truncation.h"

namespace ottla::broker {

class FetchService {
 public:
  FetchService(Env& env, const BrokerConfig& config, const metadata::Image& image,
               Replicas& replicas, RequestServer& server, BrokerQuotas& quotas);

  void handle(const Request<protocol::FetchRequest>& request);

  // The partition's log end or high watermark moved, or this broker's part in it changed: fetches
  // that wait for it are looked at again.
  void on_moved(Replica& replica);
  void on_removed(Replica& replica) { on_moved(replica); }

  [[nodiscard]] std::optional<Instant> next_deadline() const;
  void on_time();

  [[nodiscard]] std::optional<std::string> cause(RequestToken request) const;
  [[nodiscard]] std::size_t waiting() const { return held_.size(); }
  [[nodiscard]] std::uint64_t bytes_to_consumers() const { return bytes_to_consumers_; }
  [[nodiscard]] std::uint64_t bytes_to_followers() const { return bytes_to_followers_; }

 private:
  using PartitionData = protocol::FetchResponse::PartitionData;

  // A fetch as it was asked, until it is answered.
  struct Held {
    ApiVersion version;
    BrokerId follower = no_broker;  // no_broker: a consumer.
    BrokerEpoch follower_epoch = no_broker_epoch;
    bool leader_only = true;
    std::string client_rack;  // Empty: none was told.
    bool read_committed = false;
    std::int32_t bytes_max = 0;
    std::int32_t bytes_min = 0;
    FetchSessions::Plan plan;
    Instant deadline;
  };
  // One look at the logs for a held fetch.
  struct Look {
    std::vector<PartitionData> partitions;  // Beside plan.items.
    std::size_t bytes = 0;
    bool answer_now = false;  // An error, a divergence or a replica to go to: no more waiting.
    [[nodiscard]] bool suffices(const Held& held) const {
      return bytes >= static_cast<std::size_t>(held.bytes_min);
    }
  };

  [[nodiscard]] FetchSessions::Plan plan_of(const Request<protocol::FetchRequest>& request,
                                            BrokerId follower);
  [[nodiscard]] Look look(Held& held);
  void read(const Held& held, const FetchItem& item, Look& look);
  static void refuse_read(PartitionData& data, Look& look, protocol::ErrorCode why);
  [[nodiscard]] protocol::ErrorCode check(const Held& held, const FetchItem& item,
                                          Replica*& replica);
  [[nodiscard]] protocol::ErrorCode why_not_here(const Held& held, const FetchKey& key) const;
  [[nodiscard]] protocol::ErrorCode check_follower(const Held& held, const FetchItem& item,
                                                   const Replica& replica) const;
  // Where a fetch that names the epoch of its last record parts from this log, or that its offset
  // is out of range; nothing where they agree (KIP-595).
  struct Divergence {
    protocol::ErrorCode error = protocol::ErrorCode::none;
    replication::EpochEnd end;  // Without an error.
  };
  [[nodiscard]] static std::optional<Divergence> divergence(const Replica& replica,
                                                            const FetchSpec& spec);
  [[nodiscard]] static Offset bound_of(const Held& held, const Replica& replica);
  // False where a look would find neither a record nor a reason to answer.
  [[nodiscard]] bool may_answer(const Held& held);
  // The same, where this replica has moved: nearly always there is something of it to read.
  [[nodiscard]] bool may_answer(const Held& held, const Replica& moved) {
    return has_more(held, moved) || may_answer(held);
  }
  [[nodiscard]] static bool has_more(const Held& held, const Replica& replica);
  [[nodiscard]] BrokerId nearer_replica(const Held& held, const FetchSpec& spec,
                                        const Replica& replica) const;
  // Whether the follower is to wait for the rate of throttled replication; not one in sync.
  [[nodiscard]] bool is_throttled(const Held& held, const Replica& replica);
  // Counts the throttled part of an answer to a follower.
  void count_throttled(const Held& held, const Look& look);
  void record_progress(const Held& held);
  void answer(RequestToken token, const Held& held, Look look);
  // What a consumer is charged for the answer. When it is to wait it gets an empty one instead,
  // for nothing, and its connection is muted meanwhile.
  [[nodiscard]] Duration charge(RequestToken token, const Held& held, const Look& look);
  // Of the partitions that `counts` is true of.
  template <class Counts>
  [[nodiscard]] std::size_t size_of_answer(const Held& held, const Look& look, Counts&& counts);
  void answer_throttled(RequestToken token, const Held& held, Duration wait);
  void name_leaders(protocol::FetchResponse& response, const Held& held);
  [[nodiscard]] Replica* find(const Held& held, const FetchKey& key);
  void count_read(const Held& held, const FetchKey& key, std::size_t bytes);
  void watch(const Held& held, RequestToken token, bool begin);
  Held release(RequestToken token);

  Env& env_;
  const BrokerId self_;
  const std::int32_t bytes_max_;  // fetch.max.bytes
  const bool by_rack_;            // replica.selector.class: consumers are sent to their own rack.
  const metadata::Image& image_;
  Replicas& replicas_;
  RequestServer& server_;
  BrokerQuotas& quotas_;

  FetchSessions sessions_;
  std::map<RequestToken, Held> held_;
  DeadlineQueue deadlines_;
  std::vector<RequestToken> woken_;  // Those being looked at again.
  std::uint64_t bytes_to_consumers_ = 0;
  std::uint64_t bytes_to_followers_ = 0;
};

}  // namespace ottla::broker
