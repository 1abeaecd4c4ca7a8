// Tells the controller in which directories replicas lie: Kafka's AssignmentsManager (KIP-858).
// What is to be said is gathered for a moment and said in one request; what was not accepted is
// said again.
#pragma once

#include <map>
#include <optional>

#include "engine/broker/data/replica.h"
#include "engine/env/random.h"
#include "engine/metadata/image.h"
#include "engine/protocol/messages/assign_replicas_to_dirs_request.h"
#include "engine/protocol/messages/assign_replicas_to_dirs_response.h"

namespace ottla::broker {

class DirectoryAssignments {
 public:
  static constexpr std::size_t assignments_per_request_max = 2250;

  // `random` outlives this.
  explicit DirectoryAssignments(Random& random) : random_(random) {}

  // The replica lies, or is about to lie, in `directory`; the last word on a partition counts.
  void assign(const PartitionKey& key, const Uuid& directory, Instant now);

  [[nodiscard]] std::optional<Instant> next_deadline() const {
    return sent_.empty() ? due_ : std::nullopt;
  }
  // What is due to be sent, from broker `self`; nothing while a request is under way. Assignments
  // that `image` no longer has a replica for are dropped.
  [[nodiscard]] std::optional<protocol::AssignReplicasToDirsRequest> take_due(
      const metadata::Image& image, BrokerId self, Instant now);
  // Returns what of it the controller has taken.
  [[nodiscard]] std::map<PartitionKey, Uuid> answered(
      const protocol::AssignReplicasToDirsResponse& response, Instant now);
  // No answer, or the whole request was refused.
  void failed(Instant now);

 private:
  void schedule(Instant now);

  Random& random_;
  std::map<PartitionKey, Uuid> ready_;
  std::map<PartitionKey, Uuid> sent_;
  unsigned failures_ = 0;  // Of whole requests, since the last success.
  std::optional<Instant> due_;
};

}  // namespace ottla::broker
