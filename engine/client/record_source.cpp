#include "engine/client/record_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace ottla::client {

RecordSource::RecordSource(std::uint64_t seed, Options options) : options_(options), prng_(seed) {
  value_.resize(static_cast<std::size_t>(std::max(options_.record_bytes, 0)));
  // Text that a person can read in a hex view, and that compresses like data rather than zeros.
  for (std::uint8_t& byte : value_) byte = static_cast<std::uint8_t>('a' + prng_.below(26));
}

double RecordSource::interval() {
  return 1'000'000.0 / options_.records_per_s * (0.5 + prng_.unit());
}

void RecordSource::set_rate(double records_per_s, Instant now) {
  options_.records_per_s = records_per_s;
  if (active()) start(now);
}

bool RecordSource::advance(Instant now) {
  if (!active() || next_due() > now) return false;
  next_due_micros_ += interval();
  draw_key();
  ++made_;
  // The value begins with the record's number, so that no two are the same.
  const std::size_t digits = std::min<std::size_t>(value_.size(), 12);
  std::uint64_t rest = made_;
  for (std::size_t i = digits; i-- > 0; rest /= 10) {
    value_[i] = static_cast<std::uint8_t>('0' + rest % 10);
  }
  return true;
}

void RecordSource::skip_to(Instant now) {
  if (active() && next_due() <= now) start(now);
}

void RecordSource::draw_key() {
  if (options_.keys <= 0) return;
  const bool hot = options_.hot_key_share > 0 && prng_.chance(options_.hot_key_share);
  const std::uint64_t number = hot ? 0 : prng_.below(static_cast<std::uint64_t>(options_.keys));
  key_.clear();
  fmt::format_to(std::back_inserter(key_), "key-{}", number);
}

protocol::NullableView RecordSource::key() const {
  if (options_.keys <= 0) return {};
  return std::span(reinterpret_cast<const std::uint8_t*>(key_.data()), key_.size());
}

}  // namespace ottla::client
