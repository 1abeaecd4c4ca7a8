// `ottla explore`: random clusters under random faults, seed after seed, each checked for all that
// must hold.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/explore/profile.h"

namespace ottla::cli {

struct ExploreOptions {
  std::uint64_t first_seed = 1;
  std::uint64_t last_seed = 100;
  unsigned jobs = 1;
  std::optional<std::int32_t> brokers;  // Of every cluster; else drawn.
  const explore::Profile* profile = nullptr;
  bool minimize = false;
  bool quiet = false;          // Lines for failures alone.
  bool until_failure = false;  // No seed after the first that fails.
};

// The exit code: 0 when everything held for every seed, else 1.
[[nodiscard]] int explore_seeds(const ExploreOptions& options);

}  // namespace ottla::cli
