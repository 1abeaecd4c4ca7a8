// What a client does with throttle_time_ms: as Kafka's NetworkClient, it sends nothing to that
// broker for as long (KIP-219).
#pragma once

#include "engine/wire/channel_pool.h"

namespace ottla::client {

// `answered_since`: the first version of the API whose answer comes before the wait; a broker that
// answers an older one has waited itself (AbstractResponse.shouldClientThrottle).
template <class Response>
void heed_throttle(wire::ChannelPool& channels, const Endpoint* broker,
                   const wire::Completion& completion, const Response& response,
                   ApiVersion answered_since, Instant now) {
  wire::Channel* channel = broker == nullptr ? nullptr : channels.find(*broker);
  const bool waits =
      response.throttle_time_ms > 0 && completion.response->version >= answered_since;
  if (channel != nullptr && waits)
    channel->hold_until(now + Duration::millis(response.throttle_time_ms));
}

}  // namespace ottla::client
