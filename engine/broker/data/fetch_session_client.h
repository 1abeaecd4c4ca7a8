// The asking side of an incremental fetch session (KIP-227): names what changed since the last
// request, and starts over when the other side has forgotten.
#pragma once

#include <compare>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/uuid.h"
#include "engine/protocol/messages/fetch_request.h"
#include "engine/protocol/messages/fetch_response.h"

namespace ottla::broker {

class FetchSessionClient {
 public:
  using Partition = protocol::FetchRequest::FetchPartition;
  struct Key {
    TopicId topic;
    PartitionIndex index;
    auto operator<=>(const Key&) const = default;
  };
  struct Want {
    Key key;
    Partition partition;
  };
  using Wanted = std::vector<Want>;  // By key, each once.

  // Fills session, topics and forgotten topics so that the session fetches exactly `wanted`. What
  // the request before wanted is left in `wanted`, for its memory to be used again.
  void fill(protocol::FetchRequest& request, Wanted& wanted);
  // False: the response is of no use, the session starts over.
  [[nodiscard]] bool take(const protocol::FetchResponse& response);
  // The request or its response was lost.
  void start_over();
  // What the last request asked of a partition; null when it did not ask for it.
  [[nodiscard]] const Partition* asked(const TopicId& topic, PartitionIndex index) const;

 private:
  std::int32_t id_ = 0;
  std::int32_t epoch_ = 0;
  Wanted told_;  // As of the last request; what the session holds while it lasts.
};

}  // namespace ottla::broker
