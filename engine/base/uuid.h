// A 128-bit id as Kafka uses it for topics, directories, incarnations and clusters. Its text form
// is URL-safe base64 without padding (22 characters), as org.apache.kafka.common.Uuid prints it.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ottla {

class Uuid {
 public:
  constexpr Uuid() = default;  // ZERO_UUID: "no id".
  constexpr Uuid(std::uint64_t high, std::uint64_t low) : high_(high), low_(low) {}

  // A version 4 (random) id from 128 random bits, as java.util.UUID.randomUUID makes it.
  [[nodiscard]] static Uuid version4(std::uint64_t random_high, std::uint64_t random_low);
  // Reads the 22-character form; nothing when it is not one.
  [[nodiscard]] static std::optional<Uuid> parse(std::string_view text);

  [[nodiscard]] constexpr std::uint64_t high() const { return high_; }
  [[nodiscard]] constexpr std::uint64_t low() const { return low_; }
  [[nodiscard]] constexpr bool is_zero() const { return high_ == 0 && low_ == 0; }
  [[nodiscard]] std::string to_string() const;
  constexpr auto operator<=>(const Uuid&) const = default;

 private:
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
};

using TopicId = Uuid;

}  // namespace ottla

template <>
struct std::hash<ottla::Uuid> {
  std::size_t operator()(const ottla::Uuid& id) const noexcept {
    return id.high() ^ (id.low() * 31);
  }
};
