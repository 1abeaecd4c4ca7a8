// A number with a meaning: ids of different kinds do not mix, compare or convert. `Tag` names the
// kind.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace ottla {

template <class Tag, class Rep>
class StrongId {
 public:
  using rep = Rep;

  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep value) : value_(value) {}

  [[nodiscard]] constexpr Rep value() const { return value_; }
  constexpr auto operator<=>(const StrongId&) const = default;

  // The id `distance` further on; for ids that count (offsets, epochs, sequence-like numbers).
  [[nodiscard]] constexpr StrongId plus(Rep distance) const {
    return StrongId(static_cast<Rep>(value_ + distance));
  }
  [[nodiscard]] constexpr StrongId next() const { return plus(Rep{1}); }

 private:
  Rep value_{};
};

}  // namespace ottla

template <class Tag, class Rep>
struct std::hash<ottla::StrongId<Tag, Rep>> {
  std::size_t operator()(ottla::StrongId<Tag, Rep> id) const noexcept {
    return std::hash<Rep>{}(id.value());
  }
};
