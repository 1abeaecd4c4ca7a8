#include "engine/broker/quota/byte_quota.h"

namespace ottla::broker {

Duration ByteQuota::charge(const QuotaSubject& subject, std::size_t bytes, Instant now) {
  if (!in_use()) return {};
  auto& meter = meters_.of(subject, now);
  meter.measure.record(static_cast<double>(bytes), now);
  const double rate = meter.measure.per_second(now);
  if (!meter.limit || rate <= *meter.limit) return {};
  return throttle_time(rate, *meter.limit, meter.measure.window(now));
}

void ByteQuota::refund(const QuotaSubject& subject, std::size_t bytes, Instant now) {
  if (!in_use()) return;
  meters_.of(subject, now).measure.record(-static_cast<double>(bytes), now);
}

double ByteQuota::bytes_at_once_max(const QuotaSubject& subject, Instant now) {
  constexpr double unlimited = std::numeric_limits<double>::max();
  if (!in_use()) return unlimited;
  const auto limit = meters_.of(subject, now).limit;
  if (!limit) return unlimited;
  const SampleWindow& window = meters_.window();
  return *limit * (window.samples - 1) * window.span.count_seconds();
}

}  // namespace ottla::broker
