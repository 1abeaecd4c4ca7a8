// The project's own random numbers: xoshiro256++ seeded by splitmix64 (Blackman and Vigna), and
// draws with the same result on every compiler and build. Streams are split by name, so that adding
// one consumer does not change what another draws.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ottla {

class Prng {
 public:
  explicit Prng(std::uint64_t seed);

  // An independent stream named `name` of the generator seeded with `seed`.
  [[nodiscard]] static Prng split(std::uint64_t seed, std::string_view name);

  std::uint64_t next();
  // Uniform in [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound);
  // Uniform in [low, high], both included.
  std::int64_t between(std::int64_t low, std::int64_t high);
  // Uniform in [0, 1).
  double unit();
  // True with probability `share`.
  bool chance(double share) { return unit() < share; }
  // Exponential with the given mean (inter-arrival times of a Poisson process).
  double exponential(double mean);

 private:
  std::array<std::uint64_t, 4> state_{};
};

// Zipf's law over ranks 0..cardinality-1: rank k has weight 1 / (k + 1)^skew. Drawn by a table.
class ZipfTable {
 public:
  ZipfTable(std::uint32_t cardinality, double skew);
  [[nodiscard]] std::uint32_t draw(Prng& prng) const;

 private:
  std::vector<double> cumulative_;
};

}  // namespace ottla
