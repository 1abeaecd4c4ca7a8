// When each broker was last heard from, and how far it has read the metadata log: what the active
// controller keeps in memory only (Kafka's BrokerHeartbeatManager). A new active controller starts
// every session afresh.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/metadata/image.h"

namespace ottla::metadata {

class BrokerSessions {
 public:
  explicit BrokerSessions(Duration timeout) : timeout_(timeout) {}  // broker.session.timeout.ms

  // Every registered broker was heard from just now.
  void start_all(const Image& image, Instant now);
  void touch(BrokerId broker, BrokerEpoch epoch, Instant now);
  void remove(BrokerId broker) { sessions_.erase(broker); }
  void set_metadata_offset(BrokerId broker, Offset offset) {
    sessions_[broker].metadata_offset = offset;
  }

  // Whether that very registration was heard from within the timeout.
  [[nodiscard]] bool is_alive(BrokerId broker, BrokerEpoch epoch, Instant now) const;
  // Unfenced brokers whose session is over, longest silent first.
  [[nodiscard]] std::vector<BrokerId> expired(const Image& image, Instant now) const;
  // When the next unfenced broker's session is over.
  [[nodiscard]] std::optional<Instant> next_expiry(const Image& image) const;

  // A broker in controlled shutdown may go once every active broker has read past this offset.
  void set_shutdown_offset(BrokerId broker, Offset offset) {
    sessions_[broker].shutdown_offset = offset;
  }
  [[nodiscard]] bool shutdown_is_known_to_all(BrokerId broker, const Image& image) const;

 private:
  struct Session {
    BrokerEpoch epoch = no_broker_epoch;
    Instant last_contact;
    Offset metadata_offset = no_offset;
    std::optional<Offset> shutdown_offset;
  };

  const Duration timeout_;
  std::map<BrokerId, Session> sessions_;
};

}  // namespace ottla::metadata
