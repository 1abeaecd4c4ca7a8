// A producer's id and epoch, where idempotence is on: what the Java client's TransactionManager
// keeps without transactions (KIP-98, KIP-360).
#pragma once

#include <cstdint>

#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace ottla::client {

struct ProducerIdAndEpoch {
  ProducerId id = no_producer_id;
  ProducerEpoch epoch = no_producer_epoch;
  bool operator==(const ProducerIdAndEpoch&) const = default;
  [[nodiscard]] bool valid() const { return id > no_producer_id; }
};

class ProducerIdentity {
 public:
  explicit ProducerIdentity(bool enabled) : enabled_(enabled) {}

  [[nodiscard]] bool enabled() const { return enabled_; }
  [[nodiscard]] const ProducerIdAndEpoch& current() const { return current_; }
  // Batches may be sent: there is an id, or none is needed.
  [[nodiscard]] bool ready() const { return !enabled_ || current_.valid(); }

  // An InitProducerId request is to be sent.
  [[nodiscard]] bool wanted(Instant now) const { return !ready() && !asked_ && now >= not_before_; }
  [[nodiscard]] bool waiting() const { return !ready() && !asked_; }
  [[nodiscard]] Instant not_before() const { return not_before_; }
  void asked() { asked_ = true; }
  void granted(ProducerIdAndEpoch identity) { asked_ = false, current_ = identity; }
  void refused(Instant retry_at) { asked_ = false, not_before_ = retry_at; }

  // The next epoch; at the last one the id is given up, and a new one is asked for
  // (bumpIdempotentProducerEpoch).
  void bump_epoch();

 private:
  bool enabled_;
  bool asked_ = false;
  ProducerIdAndEpoch current_;
  Instant not_before_;
};

}  // namespace ottla::client
