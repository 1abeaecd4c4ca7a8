// How many partitions a client may create and delete in a second: Kafka's
// ControllerMutationQuotaManager (KIP-599), asked by the active controller before each topic.
#pragma once

#include "engine/broker/quota/quota_meters.h"
#include "engine/broker/quota/token_bucket.h"

namespace ottla::broker {

class MutationQuota {
 public:
  explicit MutationQuota(SampleWindow window) : meters_("controller_mutation_rate", window) {}
  void update(const metadata::Image& image) { meters_.update(image); }

 private:
  friend class MutationCharge;
  QuotaMeters<TokenBucket> meters_;
};

// What one request is charged. A strict charge is refused while the bucket is in debt; a permissive
// one, for clients that do not know THROTTLING_QUOTA_EXCEEDED, is let through and only waits.
class MutationCharge {
 public:
  enum class Mode : std::uint8_t { strict, permissive };

  // The quota outlives this.
  MutationCharge(MutationQuota& quota, QuotaSubject subject, Mode mode)
      : quota_(quota), subject_(std::move(subject)), mode_(mode) {}

  // False: not now.
  [[nodiscard]] bool take(std::int64_t partitions, Instant now);
  // How long the client is to wait, from now on.
  [[nodiscard]] Duration throttle_time(Instant now) const;

 private:
  MutationQuota& quota_;
  const QuotaSubject subject_;
  const Mode mode_;
  Instant wait_until_;
};

}  // namespace ottla::broker
