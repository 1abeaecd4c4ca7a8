// Runs a range of seeds inside a Qt Test function, and fails it with all that broke.
#pragma once

#include <cstdint>

namespace ottla::test {

void run_shard(std::uint64_t first, std::uint64_t last);

}  // namespace ottla::test
