// DeleteRecords requests: the log start of each partition moves at once on its leader, and the
// answer waits until it has moved on every live replica, or time is over (Kafka's
// ReplicaManager.deleteRecords and DelayedDeleteRecords).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/broker/data/replicas.h"
#include "engine/broker/server/api_table.h"
#include "engine/broker/server/request_server.h"
#include "engine/protocol/messages/delete_records_request.h"
#include "engine/protocol/messages/delete_records_response.h"

namespace ottla::broker {

class DeleteRecordsService {
 public:
  DeleteRecordsService(Env& env, const metadata::Image& image, Replicas& replicas,
                       RequestServer& server)
      : env_(env), image_(image), replicas_(replicas), server_(server) {}

  void handle(const Request<protocol::DeleteRecordsRequest>& request);

  // A log start, the high watermark or this broker's part in the partition changed, or the
  // partition is gone: what waits for it is looked at again.
  void on_moved(const PartitionKey& key);

  [[nodiscard]] std::optional<Instant> next_deadline() const;
  void on_time();

  // What is waited for, as a person reads it; for the Snapshot.
  [[nodiscard]] std::optional<std::string> cause(RequestToken request) const;
  [[nodiscard]] std::size_t waiting() const { return held_.size(); }

 private:
  using PartitionResult = protocol::DeleteRecordsResponse::DeleteRecordsPartitionResult;

  // One partition of a request.
  struct Part {
    std::string topic;
    PartitionKey key;  // Its topic id is zero where the topic is not known.
    Offset asked;      // As asked; once deleted here, the offset that the low watermark must reach.
    bool open = false;  // Waits for replicas.
    PartitionResult result;
  };
  // A request until it is answered. They are few, so that each look goes over all of them.
  struct Held {
    std::vector<Part> parts;
    Instant deadline;
  };

  [[nodiscard]] std::vector<Part> parts_of(const protocol::DeleteRecordsRequest& request) const;
  void begin(Part& part);
  void look(Part& part) const;
  void answer(RequestToken token, const Held& held);

  Env& env_;
  const metadata::Image& image_;
  Replicas& replicas_;
  RequestServer& server_;

  std::map<RequestToken, Held> held_;
};

}  // namespace ottla::broker
