#include "tests/engine/protocol/values/value_source.h"

namespace ottla::protocol {

std::string ValueSource::text() {
  // Beyond 126 bytes the compact length takes two bytes.
  std::string text(1 + prng_.below(prng_.chance(0.1) ? 300 : 12), ' ');
  for (char& letter : text) letter = static_cast<char>('a' + prng_.below(26));
  return text;
}

void ValueSource::fill(ByteChain& value, int) {
  value = ByteChain();
  // One slice is long enough to be shared rather than copied.
  value.append(Bytes::copy_of(text()));
  value.append(Bytes::copy_of(std::string(600, 'x') + text()));
}

void ValueSource::fill_unknown(UnknownTaggedFields& fields, std::uint32_t first) {
  if (prng_.chance(0.5)) return;
  fields.push_back({first + static_cast<std::uint32_t>(prng_.below(4)), Bytes::copy_of(text())});
  fields.push_back({first + 4 + static_cast<std::uint32_t>(prng_.below(1000)), Bytes()});
}

}  // namespace ottla::protocol
