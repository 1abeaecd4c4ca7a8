#include "engine/base/prng.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "engine/base/assert.h"

namespace ottla {
namespace {

std::uint64_t splitmix64(std::uint64_t& state) {
  state += 0x9E37'79B9'7F4A'7C15;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9;
  z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EB;
  return z ^ (z >> 31);
}

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xCBF2'9CE4'8422'2325;
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x0000'0100'0000'01B3;
  return hash;
}

}  // namespace

Prng::Prng(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = splitmix64(seed);
}

Prng Prng::split(std::uint64_t seed, std::string_view name) {
  std::uint64_t mixed = seed;
  return Prng(splitmix64(mixed) ^ fnv1a(name));
}

std::uint64_t Prng::next() {
  const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Prng::below(std::uint64_t bound) {
  OTTLA_ASSERT(bound > 0);
  // Rejects the short tail, so that every value is equally likely.
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  std::uint64_t value = next();
  while (value >= limit) value = next();
  return value % bound;
}

std::int64_t Prng::between(std::int64_t low, std::int64_t high) {
  OTTLA_ASSERT(low <= high);
  const auto span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  const std::uint64_t drawn = span == UINT64_MAX ? next() : below(span + 1);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + drawn);
}

double Prng::unit() {
  return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

double Prng::exponential(double mean) {
  return -mean * std::log(1.0 - unit());
}

ZipfTable::ZipfTable(std::uint32_t cardinality, double skew) {
  OTTLA_ASSERT(cardinality > 0);
  cumulative_.reserve(cardinality);
  double sum = 0;
  for (std::uint32_t rank = 1; rank <= cardinality; ++rank) {
    sum += 1.0 / std::pow(static_cast<double>(rank), skew);
    cumulative_.push_back(sum);
  }
}

std::uint32_t ZipfTable::draw(Prng& prng) const {
  const double target = prng.unit() * cumulative_.back();
  const auto at = std::upper_bound(cumulative_.begin(), cumulative_.end(), target);
  const auto rank = static_cast<std::uint32_t>(at - cumulative_.begin());
  return std::min(rank, static_cast<std::uint32_t>(cumulative_.size() - 1));
}

}  // namespace ottla
