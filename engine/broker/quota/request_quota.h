// How much of its threads' time a broker spends on a client's requests, in percent of one thread:
// Kafka's ClientRequestQuotaManager for request_percentage (KIP-124).
#pragma once

#include <cstdint>

#include "engine/broker/quota/quota_meters.h"

namespace ottla::broker {

class RequestQuota {
 public:
  explicit RequestQuota(SampleWindow window) : meters_("request_percentage", window) {}

  void update(const metadata::Image& image) { meters_.update(image); }
  // False: nobody is limited, and there is nothing to charge.
  [[nodiscard]] bool in_use() const { return meters_.in_use(); }

  // Counts the time that a request was handled, and says for how long its client is to wait now:
  // never longer than quota.window.size.seconds.
  [[nodiscard]] Duration charge(const QuotaSubject& subject, std::int64_t nanos, Instant now);
  // Counts the time that sending the answer took, for which nobody waits before the next request.
  void count(const QuotaSubject& subject, std::int64_t nanos, Instant now);

 private:
  QuotaMeters<WindowedRate> meters_;
};

}  // namespace ottla::broker
