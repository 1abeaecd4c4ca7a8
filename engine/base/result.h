// Result<T, E>: a value or the reason there is none. Each module names its own small error enum.
#pragma once

#include <tl/expected.hpp>

namespace ottla {

template <class T, class E>
using Result = tl::expected<T, E>;

template <class E>
[[nodiscard]] constexpr tl::unexpected<std::decay_t<E>> failure(E&& error) {
  return tl::unexpected<std::decay_t<E>>(std::forward<E>(error));
}

}  // namespace ottla
