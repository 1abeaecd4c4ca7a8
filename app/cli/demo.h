// `ottla demo`: a cluster with its everyday load, without sockets and as fast as it goes, told as a
// timeline with a verdict.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/time.h"

namespace ottla::cli {

struct DemoOptions {
  Duration length = Duration::seconds(30);
  std::uint64_t seed = 1;
  std::int32_t controllers = 1;
  bool combined = false;                   // The first brokers are the controllers too.
  std::optional<Duration> kill_leader_at;  // Since the start, as the next.
  std::optional<Duration> kill_controller_at;
};

// The exit code: 0 when every invariant held, else 1.
[[nodiscard]] int demo(const DemoOptions& options);

}  // namespace ottla::cli
