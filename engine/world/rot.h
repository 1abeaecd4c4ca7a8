// Where bits rot on a node's disk: in the files of a kind that Kafka keeps there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/env/memory_file_system.h"

namespace ottla::world {

enum class RotIn : std::uint8_t {
  any_file,
  index,              // Of offsets or of times: built anew where it is none any more.
  producer_snapshot,  // An older one, or the batches, have what it had.
  log_end,            // The last segment of a partition, where no clean shutdown vouches for it.
  metadata_log,       // A broker that does not vote gets it from the controllers.
};

// What may rot in the files whose path begins with `prefix`: of the last two kinds what a batch's
// checksum covers. Kafka believes a base offset and a leader epoch, which it does not.
[[nodiscard]] std::vector<FileRange> places_to_rot(RotIn where, std::string_view prefix,
                                                   const MemoryFileSystem& files);

// "an index file".
[[nodiscard]] std::string_view describe(RotIn where);

}  // namespace ottla::world
