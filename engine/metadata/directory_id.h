// The ids of log directories in the metadata log (KIP-858), as Kafka's DirectoryId has them: those
// that stand for no directory in particular, and which of a broker's are online.
#pragma once

#include <vector>

#include "engine/base/uuid.h"

namespace ottla::metadata {

// Some directory: the replica was placed when nobody kept count of them.
inline constexpr Uuid migrating_directory{};
// None yet: the broker will say.
inline constexpr Uuid unassigned_directory{0, 1};
// One that is offline, whichever it is.
inline constexpr Uuid lost_directory{0, 2};

// Not for a directory to have.
[[nodiscard]] constexpr bool is_reserved_directory(const Uuid& id) {
  return id.high() == 0 && id.low() < 100;
}

// Whether `id` stands for a directory that works, where `online` are those of its broker. A broker
// that has told of none is taken to have it.
[[nodiscard]] bool is_online_directory(const Uuid& id, const std::vector<Uuid>& online);

// In the order of Kafka's Uuid.compareTo, which takes the halves for signed.
[[nodiscard]] std::vector<Uuid> sorted_directories(std::vector<Uuid> ids);

}  // namespace ottla::metadata
