// A member of a classic group: what it said of itself when it joined, what it was assigned, and the
// requests of it that wait for an answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/strong_id.h"
#include "engine/base/time.h"

namespace ottla::coordinator {

// Names a request whose reply is owed; chosen by whoever owns the connections.
using RequestToken = StrongId<struct RequestTokenTag, std::uint64_t>;

// One of the assignment strategies that a member supports, in its order of preference. The metadata
// is opaque to the coordinator; a consumer's is a ConsumerProtocolSubscription.
struct MemberProtocol {
  std::string name;
  Bytes metadata;
  bool operator==(const MemberProtocol&) const = default;
};

// A parked request.
struct WaitingRequest {
  RequestToken token;
  Instant since;
};

struct ClassicMember {
  std::string id;
  std::optional<std::string> instance_id;  // Of a static member (KIP-345).
  std::string client_id;
  std::string client_host;
  Duration rebalance_timeout;
  Duration session_timeout;
  std::vector<MemberProtocol> protocols;
  Bytes assignment;
  std::optional<WaitingRequest> join;
  std::optional<WaitingRequest> sync;
  // Has not yet been told its generation, so it cannot send heartbeats.
  bool is_new = false;

  [[nodiscard]] bool is_static() const { return instance_id.has_value(); }
  [[nodiscard]] const MemberProtocol* protocol(const std::string& name) const {
    for (const MemberProtocol& each : protocols) {
      if (each.name == name) return &each;
    }
    return nullptr;
  }
  // A member that waits for others must not be expired for its silence; a new one may, as its
  // client may be long gone.
  [[nodiscard]] bool satisfies_heartbeat() const {
    return !is_new && (join.has_value() || sync.has_value());
  }
};

}  // namespace ottla::coordinator
