// Fills messages with values that a seed decides and that differ from the defaults, so that a field
// that a codec forgets is seen. Fields that the version lacks keep their defaults.
#pragma once

#include <concepts>
#include <type_traits>

#include "engine/base/prng.h"
#include "engine/protocol/message_types.h"

namespace ottla::protocol {

class ValueSource;

// Specialised for every message and the structs that it nests, by generated code.
template <class Struct>
void fill(ValueSource& source, Struct& value, int version);

class ValueSource {
 public:
  explicit ValueSource(std::uint64_t seed) : prng_(seed) {}

  template <class T>
  void fill(T& value, int version) {
    if constexpr (std::is_same_v<T, bool>) {
      value = !value;
    } else if constexpr (std::integral<T>) {
      value = different_from(value);
    } else if constexpr (std::is_enum_v<T>) {
      value = static_cast<T>(different_from(static_cast<std::int16_t>(value)));
    } else {
      protocol::fill(*this, value, version);
    }
  }
  template <class Tag, class Rep>
  void fill(StrongId<Tag, Rep>& id, int) {
    id = StrongId<Tag, Rep>(different_from(id.value()));
  }
  template <class T>
  void fill(std::vector<T>& values, int version) {
    values.resize(1 + prng_.below(3));
    for (T& value : values) fill(value, version);
  }
  // Null in a version that allows it, now and then.
  template <class T>
  void fill(std::optional<T>& value, int version, bool may_be_null) {
    if (may_be_null && prng_.chance(0.3)) return value.reset();
    fill(value.emplace(), version);
  }
  void fill(double& value, int) { value = prng_.unit() + 1; }
  void fill(Uuid& value, int) { value = Uuid(prng_.next(), prng_.next()); }
  void fill(std::string& value, int) { value = text(); }
  void fill(Bytes& value, int) { value = Bytes::copy_of(text()); }
  void fill(ByteChain& value, int);
  // Tagged fields with tags from `first` on, now and then.
  void fill_unknown(UnknownTaggedFields& fields, std::uint32_t first);

 private:
  template <std::integral T>
  T different_from(T value) {
    T drawn = value;
    while (drawn == value) drawn = static_cast<T>(prng_.next() >> prng_.below(64));
    return drawn;
  }
  std::string text();

  Prng prng_;
};

}  // namespace ottla::protocol
