// Faults that are put into the code on purpose, to show that what looks for faults finds them. None
// is there unless the build asks for them (OTTLA_PLANTED_FAULTS): then one at a time can be
// switched on, before any world runs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/base/planted_config.h"

namespace ottla {

enum class Plant : std::uint8_t {
  nothing,
  skip_truncation,             // A follower keeps what its new leader does not have.
  truncate_to_high_watermark,  // A new follower cuts its log at its high watermark (before
                               // KIP-101).
  acknowledge_early,           // acks=all is answered once the leader has the record.
  high_watermark_of_fastest,   // The high watermark follows the fastest replica, not the slowest.
  acknowledge_when_deposed,    // A leader that loses its partition acknowledges what waits.
  never_expand_isr,            // Nobody who has left the in-sync set comes back.
  serve_uncommitted,           // Consumers read past the high watermark.
  accept_duplicates,           // Sequence numbers are not checked.
  forget_producers,            // Followers keep no producer state, and know none as leaders.
  wrong_base_offset,           // An acknowledged batch is said to lie one offset further.
  skip_recovery,               // Logs are not checked after a power loss.
  keep_leader_epoch,           // An election does not begin a new leader epoch.
  trust_unclean_shutdown,      // Who lost power stays in sync, whatever it has lost.
  commit_alone,                // The quorum's leader commits what it alone has.
  forget_vote,                 // A voter does not remember that it has voted.
  vote_for_shorter_log,        // A vote is given to whom lacks what the voter has.
  lose_snapshot,               // The latest snapshot is not loaded.
  skip_checksums,              // A log is checked without its batches' checksums.
};

struct PlantName {
  Plant plant;
  std::string_view name;
};
// All but `nothing`; empty where the build has none.
[[nodiscard]] std::span<const PlantName> plants();
[[nodiscard]] std::optional<Plant> plant_named(std::string_view name);

#if OTTLA_PLANTED_FAULTS
namespace detail {
extern Plant planted_now;
}
inline bool planted(Plant plant) {
  return detail::planted_now == plant;
}
inline void put_in(Plant plant) {
  detail::planted_now = plant;
}
#else
constexpr bool planted(Plant) {
  return false;
}
inline void put_in(Plant) {}
#endif

}  // namespace ottla
