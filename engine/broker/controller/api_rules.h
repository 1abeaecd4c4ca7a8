// How a controller treats an API before it is asked what to do.
#pragma once

#include "engine/protocol/api_key.h"

namespace ottla::broker {

// What it serves in an Envelope: requests of clients that a broker forwards (KIP-590).
[[nodiscard]] bool is_forwardable(protocol::ApiKey key);
// What is charged to nobody's request_percentage: what the quorum and the partitions' leaders live
// by, as in Kafka's ControllerApis.
[[nodiscard]] bool is_exempt(protocol::ApiKey key);

}  // namespace ottla::broker
