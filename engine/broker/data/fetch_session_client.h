// The asking side of an incremental fetch session (KIP-227): names what changed since the last
// request, and starts over when the other side has forgotten.
#pragma once

#include <map>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/uuid.h"
#include "engine/protocol/messages/fetch_request.h"
#include "engine/protocol/messages/fetch_response.h"

namespace ottla::broker {

class FetchSessionClient {
 public:
  using Partition = protocol::FetchRequest::FetchPartition;
  using Wanted = std::map<std::pair<TopicId, PartitionIndex>, Partition>;

  // Fills session, topics and forgotten topics so that the session fetches exactly `wanted`.
  void fill(protocol::FetchRequest& request, const Wanted& wanted);
  // False: the response is of no use, the session starts over.
  [[nodiscard]] bool take(const protocol::FetchResponse& response);
  // The request or its response was lost.
  void start_over();
  // What the last request asked of a partition; null when it did not ask for it.
  [[nodiscard]] const Partition* asked(const TopicId& topic, PartitionIndex index) const {
    const auto at = told_.find({topic, index});
    return at == told_.end() ? nullptr : &at->second;
  }

 private:
  std::int32_t id_ = 0;
  std::int32_t epoch_ = 0;
  Wanted told_;  // As of the last request; what the session holds while it lasts.
};

}  // namespace ottla::broker
