// How many bytes a client may produce, or fetch, in a second: Kafka's ClientQuotaManager for
// producer_byte_rate and consumer_byte_rate. What goes over is let through, and the client waits
// for it afterwards.
#pragma once

#include <limits>

#include "engine/broker/quota/quota_meters.h"

namespace ottla::broker {

class ByteQuota {
 public:
  ByteQuota(std::string_view quota, SampleWindow window) : meters_(quota, window) {}

  void update(const metadata::Image& image) { meters_.update(image); }
  // False: nobody is limited, and there is nothing to charge.
  [[nodiscard]] bool in_use() const { return meters_.in_use(); }

  // Counts `bytes`, and says for how long the client is to wait now.
  [[nodiscard]] Duration charge(const QuotaSubject& subject, std::size_t bytes, Instant now);
  // Takes back what was charged in this millisecond, for a fetch that then got nothing.
  void refund(const QuotaSubject& subject, std::size_t bytes, Instant now);
  // More than this at once is over the limit even after silence, so no fetch should get more.
  [[nodiscard]] double bytes_at_once_max(const QuotaSubject& subject, Instant now);

 private:
  QuotaMeters<WindowedRate> meters_;
};

}  // namespace ottla::broker
