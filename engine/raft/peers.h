// Whom this node has asked, and whom it may ask next: at most one request under way to each peer, a
// back-off after a failure, and a request given up when nobody answers. As Kafka's RequestManager.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "engine/base/ids.h"
#include "engine/base/strong_id.h"
#include "engine/base/time.h"

namespace ottla::raft {

// Chosen by the machine for a request it sends; names the answer to it.
using RequestId = StrongId<struct RaftRequestIdTag, std::uint64_t>;

class Peers {
 public:
  Peers(Duration request_timeout, Duration retry_backoff)
      : request_timeout_(request_timeout), retry_backoff_(retry_backoff) {}

  // Whether a request may go to the peer now.
  [[nodiscard]] bool is_ready(BrokerId peer) const { return peers_.count(peer) == 0; }
  [[nodiscard]] bool is_backing_off(BrokerId peer) const;
  [[nodiscard]] bool any_in_flight() const;

  // Counts a request; its id is new.
  [[nodiscard]] RequestId send(BrokerId peer, Instant now);
  // Whom the request went to, if it still counts: not once it was answered, given up or forgotten.
  [[nodiscard]] std::optional<BrokerId> expected(RequestId request) const;
  // The answer has come: the peer may be asked again, at once or after the back-off.
  void succeeded(BrokerId peer) { peers_.erase(peer); }
  void failed(BrokerId peer, Instant now);
  // Forgets what is under way, whoever leads from now on; answers to it do not count any more.
  void forget_all() { peers_.clear(); }

  // Gives up requests that are overdue and ends the back-offs that have passed; returns whether a
  // request to `watched` was given up.
  bool expire(BrokerId watched, Instant now);
  // When `expire` has something to do next.
  [[nodiscard]] std::optional<Instant> deadline() const;

 private:
  struct Peer {
    std::optional<RequestId> under_way;  // Nothing while it backs off.
    Instant until;
  };

  // Constant after construction.
  const Duration request_timeout_;
  const Duration retry_backoff_;

  std::map<BrokerId, Peer> peers_;  // Those that are not ready.
  RequestId next_request_{1};
};

}  // namespace ottla::raft
