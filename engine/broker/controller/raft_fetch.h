// The quorum machine's fetches as Kafka's Fetch (1) carries them: the metadata topic, its one
// partition.
#pragma once

#include <optional>

#include "engine/protocol/messages/fetch_request.h"
#include "engine/protocol/messages/fetch_response.h"
#include "engine/raft/fetch.h"

namespace ottla::broker {

// AAAAAAAAAAAAAAAAAAAAAQ, __cluster_metadata.
inline constexpr Uuid metadata_topic_id{0, 1};

[[nodiscard]] protocol::FetchRequest to_request(const raft::ReplicaFetch& fetch);
// Nothing when the request is not for exactly the metadata topic's partition 0.
[[nodiscard]] std::optional<raft::ReplicaFetch> from_request(const protocol::FetchRequest& request,
                                                             ApiVersion version);
[[nodiscard]] protocol::FetchResponse to_response(const raft::FetchReply& reply);
// Nothing when the response is not of that partition.
[[nodiscard]] std::optional<raft::FetchReply> from_response(
    const protocol::FetchResponse& response);

}  // namespace ottla::broker
