#include "engine/client/record_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace ottla::client {
namespace {

constexpr std::size_t number_digits = 12;

}  // namespace

probe::RecordName name_of_record(std::string_view value) {
  const std::size_t colon = value.find(':');
  if (colon == std::string_view::npos || value.size() < colon + 1 + number_digits) return {};
  const char* digits = value.data() + colon + 1;
  probe::RecordName name{value.substr(0, colon), 0};
  const auto [end, error] = std::from_chars(digits, digits + number_digits, name.number);
  return error == std::errc() && end == digits + number_digits ? name : probe::RecordName{};
}

RecordSource::RecordSource(std::uint64_t seed, Options options)
    : options_(std::move(options)), prng_(seed) {
  value_.resize(static_cast<std::size_t>(std::max(options_.record_bytes, 0)));
  // Text that a person can read in a hex view, and that compresses like data rather than zeros.
  for (std::uint8_t& byte : value_) byte = static_cast<std::uint8_t>('a' + prng_.below(26));
  const std::string head = options_.producer + ":";
  number_at_ = std::min(head.size(), value_.size());
  std::copy_n(head.begin(), number_at_, value_.begin());
  number_end_ = std::min(value_.size(), number_at_ + number_digits);
  std::fill(value_.begin() + static_cast<std::ptrdiff_t>(number_at_),
            value_.begin() + static_cast<std::ptrdiff_t>(number_end_), '0');
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
  // The value begins with the record's name, so that no two are the same.
  for (std::size_t i = number_end_; i-- > number_at_;) {
    if (value_[i]++ != '9') break;
    value_[i] = '0';
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
