// A value as an observer has it: unknown, known, or known from a while ago. A live broker may be
// down; a view draws what it has and says how old it is.
#pragma once

#include <optional>

#include "engine/base/time.h"

namespace ottla::observe {

template <class T>
struct Known {
  std::optional<T> value;  // Nothing: never seen.
  Instant as_of;           // When the value was true; meaningful when there is one.

  [[nodiscard]] static Known at(T known, Instant when) { return {std::move(known), when}; }
  [[nodiscard]] bool has_value() const { return value.has_value(); }
  [[nodiscard]] T value_or(T otherwise) const { return value.value_or(otherwise); }
  bool operator==(const Known&) const = default;
};

}  // namespace ottla::observe
