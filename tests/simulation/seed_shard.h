// Runs a range of seeds inside a Qt Test function, and fails it with all that broke: an invariant,
// a cluster that did not settle, or a trace that differs from the one on file. The hashes on file
// (tests/golden/simulation) were made by one build and are compared by all: debug, release and
// sanitizers. OTTLA_REWRITE_GOLDEN=1 writes them anew.
#pragma once

#include <cstdint>

namespace ottla::test {

void run_shard(std::uint64_t first, std::uint64_t last);

}  // namespace ottla::test
