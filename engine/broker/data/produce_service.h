// Produce requests: appends to the partitions this broker leads, and holds acks=all responses until
// every partition's high watermark has passed what was appended, or time is over (Kafka's
// ReplicaManager and DelayedProduce).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/broker/data/deadline_queue.h"
#include "engine/broker/data/replicas.h"
#include "engine/broker/quota/byte_quota.h"
#include "engine/broker/server/api_table.h"
#include "engine/broker/server/request_server.h"
#include "engine/protocol/messages/produce_request.h"
#include "engine/protocol/messages/produce_response.h"

namespace ottla::broker {

class ProduceService {
 public:
  ProduceService(Env& env, const metadata::Image& image, BrokerId self, Replicas& replicas,
                 RequestServer& server, ByteQuota& quota)
      : env_(env),
        image_(image),
        self_(self),
        replicas_(replicas),
        server_(server),
        quota_(quota) {}

  void handle(const Request<protocol::ProduceRequest>& request);

  // A partition's high watermark moved: what waited for it may be answered.
  void on_high_watermark(Replica& replica);
  // This broker no longer leads it: what waited ends with NOT_LEADER_OR_FOLLOWER.
  void on_leadership_lost(Replica& replica, protocol::ErrorCode why);

  [[nodiscard]] std::optional<Instant> next_deadline() const;
  void on_time();

  // What is waited for, as a person reads it; for the Snapshot.
  [[nodiscard]] std::optional<std::string> cause(RequestToken request) const;
  [[nodiscard]] std::size_t waiting() const { return held_.size(); }

 private:
  using PartitionResponse = protocol::ProduceResponse::PartitionProduceResponse;

  // What was appended for one partition of a request, and where it stands in the response.
  struct Part {
    PartitionKey key;
    LeaderEpoch epoch;  // Of the records in the log, which for a retry may be an earlier one.
    Offset first;
    Offset last;
    std::size_t topic_place;
    std::size_t partition_place;
  };
  // A response in the making; it waits while parts of it are open.
  struct Held {
    protocol::ProduceResponse response;
    std::int16_t acks = 0;
    std::vector<Part> parts;
    std::map<WaitId, std::size_t> open;  // By the wait that ends it: an index into parts.
    Instant deadline;
  };

  // What a request has for one partition.
  struct Asked {
    const protocol::ProduceRequest::TopicProduceData* topic;
    const protocol::ProduceRequest::PartitionProduceData* partition;
  };

  static std::vector<Asked> asked_by(const protocol::ProduceRequest& request);
  void append(Held& held, const Request<protocol::ProduceRequest>& request, const Asked& asked);
  void wait_for_replicas(Held& held, RequestToken token);
  static PartitionResponse& place_of(Held& held, const Part& part);
  [[nodiscard]] Result<const metadata::Topic*, protocol::ErrorCode> topic_of(
      const Asked& asked, ApiVersion version) const;
  [[nodiscard]] Result<Replica*, protocol::ErrorCode> leader_of(const metadata::Topic& topic,
                                                                PartitionIndex index);
  void end_wait(WaitId wait, protocol::ErrorCode error);
  void answer(RequestToken token, Held held);
  // What the request is charged; its connection is muted for as long as the client is to wait.
  [[nodiscard]] Duration charge(RequestToken token);
  void name_leaders(protocol::ProduceResponse& response);

  Env& env_;
  const metadata::Image& image_;
  const BrokerId self_;
  Replicas& replicas_;
  RequestServer& server_;
  ByteQuota& quota_;

  std::map<RequestToken, Held> held_;
  std::map<WaitId, RequestToken> waits_;
  DeadlineQueue deadlines_;
  WaitId next_wait_{1};
};

}  // namespace ottla::broker
