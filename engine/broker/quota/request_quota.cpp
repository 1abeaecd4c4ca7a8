#include "engine/broker/quota/request_quota.h"

#include <algorithm>

namespace ottla::broker {
namespace {

double percent_of(std::int64_t nanos) {
  return static_cast<double>(nanos) * 100 / 1e9;
}

}  // namespace

Duration RequestQuota::charge(const QuotaSubject& subject, std::int64_t nanos, Instant now) {
  if (!in_use()) return {};
  auto& meter = meters_.of(subject, now);
  meter.measure.record(percent_of(nanos), now);
  const double rate = meter.measure.per_second(now);
  if (!meter.limit || rate <= *meter.limit) return {};
  return std::min(throttle_time(rate, *meter.limit, meter.measure.window(now)),
                  meters_.window().span);
}

void RequestQuota::count(const QuotaSubject& subject, std::int64_t nanos, Instant now) {
  if (in_use()) meters_.of(subject, now).measure.record(percent_of(nanos), now);
}

}  // namespace ottla::broker
