#include "engine/base/planted.h"

#include <algorithm>
#include <array>

namespace ottla {

#if OTTLA_PLANTED_FAULTS
namespace detail {
Plant planted_now = Plant::nothing;
}
#endif

std::span<const PlantName> plants() {
#if OTTLA_PLANTED_FAULTS
  static constexpr std::array all{
      PlantName{Plant::skip_truncation, "skip_truncation"},
      PlantName{Plant::truncate_to_high_watermark, "truncate_to_high_watermark"},
      PlantName{Plant::acknowledge_early, "acknowledge_early"},
      PlantName{Plant::high_watermark_of_fastest, "high_watermark_of_fastest"},
      PlantName{Plant::acknowledge_when_deposed, "acknowledge_when_deposed"},
      PlantName{Plant::never_expand_isr, "never_expand_isr"},
      PlantName{Plant::serve_uncommitted, "serve_uncommitted"},
      PlantName{Plant::accept_duplicates, "accept_duplicates"},
      PlantName{Plant::forget_producers, "forget_producers"},
      PlantName{Plant::wrong_base_offset, "wrong_base_offset"},
      PlantName{Plant::skip_recovery, "skip_recovery"},
      PlantName{Plant::keep_leader_epoch, "keep_leader_epoch"},
      PlantName{Plant::trust_unclean_shutdown, "trust_unclean_shutdown"},
      PlantName{Plant::commit_alone, "commit_alone"},
      PlantName{Plant::forget_vote, "forget_vote"},
      PlantName{Plant::vote_for_shorter_log, "vote_for_shorter_log"},
      PlantName{Plant::lose_snapshot, "lose_snapshot"},
      PlantName{Plant::skip_checksums, "skip_checksums"},
  };
  return all;
#else
  return {};
#endif
}

std::optional<Plant> plant_named(std::string_view name) {
  const auto all = plants();
  const auto found =
      std::find_if(all.begin(), all.end(), [name](const PlantName& p) { return p.name == name; });
  return found == all.end() ? std::nullopt : std::optional(found->plant);
}

}  // namespace ottla
