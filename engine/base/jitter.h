// How a link's delays vary: the shape of what comes on top of its latency, by the names that
// netem and statistics use.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/prng.h"
#include "engine/base/time.h"

namespace ottla {

enum class JitterShape : std::uint8_t {
  uniform,      // Between nothing and `size`.
  normal,       // With the deviation `size`, to either side; never more than six of it.
  exponential,  // With the mean `size`: waiting in a queue that others use, too.
  pareto,       // With the mean `size` and a heavy tail: one in a hundred takes nine times that.
};

inline constexpr std::array<std::string_view, 4> jitter_shape_names{"uniform", "normal",
                                                                    "exponential", "pareto"};

[[nodiscard]] constexpr std::string_view name(JitterShape shape) {
  return jitter_shape_names.at(static_cast<std::size_t>(shape));
}
// Nothing where there is no such shape.
[[nodiscard]] std::optional<JitterShape> jitter_shape_of(std::string_view name);

struct Jitter {
  Duration size;
  JitterShape shape = JitterShape::uniform;
  bool operator==(const Jitter&) const = default;
};

// What comes on top; negative for a normal one that comes early. At most a hundred times `size`.
// Draws nothing where the size is 0.
[[nodiscard]] Duration draw(const Jitter& jitter, Prng& prng);

}  // namespace ottla
