#include "engine/world/metadata_news.h"

#include <algorithm>

namespace ottla::world {

bool MetadataNews::take(const ObservedFact& observed) {
  const auto offset = std::visit(
      [](const auto& fact) -> std::optional<Offset> {
        if constexpr (requires { fact.metadata_offset; }) return fact.metadata_offset;
        return std::nullopt;
      },
      observed.fact);
  if (!offset) return true;
  const std::pair teller(observed.process, observed.incarnation);
  if (teller != teller_) {
    teller_ = teller;
    told_before_ = told_;
  }
  told_ = std::max(told_, *offset);
  return *offset > told_before_;
}

}  // namespace ottla::world
