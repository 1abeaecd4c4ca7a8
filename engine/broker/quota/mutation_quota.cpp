#include "engine/broker/quota/mutation_quota.h"

#include <algorithm>

namespace ottla::broker {

bool MutationCharge::take(std::int64_t partitions, Instant now) {
  if (!quota_.meters_.in_use()) return true;
  auto& meter = quota_.meters_.of(subject_, now);
  if (!meter.limit) return true;
  const double rate = *meter.limit;
  const bool refused = mode_ == Mode::strict && meter.measure.tokens(rate, now) < 0;
  if (!refused) meter.measure.take(static_cast<double>(partitions), rate, now);
  const double left = meter.measure.tokens(rate, now);
  const bool waits = refused || (mode_ == Mode::permissive && left < 0);
  if (waits) wait_until_ = now + time_to_pay(left, rate);
  return !refused;
}

Duration MutationCharge::throttle_time(Instant now) const {
  return std::max(wait_until_ - now, Duration());
}

}  // namespace ottla::broker
