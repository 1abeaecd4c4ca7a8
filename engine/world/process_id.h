// Names the processes of a world.
#pragma once

#include <cstdint>

#include "engine/base/strong_id.h"

namespace ottla::world {

// Given in the order in which processes are added, from 1.
using ProcessId = StrongId<struct ProcessIdTag, std::uint32_t>;

// Whoever speaks to the world through real sockets: no process, but the other end of external
// connections.
inline constexpr ProcessId outside{0};

}  // namespace ottla::world
