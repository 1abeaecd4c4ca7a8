// How the answer to a Fetch is put together.
#pragma once

#include "engine/broker/data/fetch_sessions.h"
#include "engine/protocol/messages/fetch_request.h"
#include "engine/protocol/messages/fetch_response.h"

namespace ottla::broker {

// What the answer tells of a partition, for the client's session.
[[nodiscard]] FetchNews news_of(const protocol::FetchResponse::PartitionData& data);

// Adds a partition, to the topic that was added last if it is of that one.
void add_partition(protocol::FetchResponse& response, const FetchKey& key,
                   protocol::FetchResponse::PartitionData data);

// The answer to a request whose isolation level is none: what Kafka answers to an exception.
[[nodiscard]] protocol::FetchResponse of_no_isolation_level(const protocol::FetchRequest& request);

}  // namespace ottla::broker
