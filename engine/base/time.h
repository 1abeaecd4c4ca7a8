// Time as the engine knows it: microseconds, always passed in, never read from the machine.
#pragma once

#include <compare>
#include <cstdint>

namespace ottla {

// A span of time in microseconds; may be negative.
class Duration {
 public:
  constexpr Duration() = default;
  [[nodiscard]] static constexpr Duration micros(std::int64_t count) { return Duration(count); }
  [[nodiscard]] static constexpr Duration millis(std::int64_t count) {
    return Duration(count * 1000);
  }
  [[nodiscard]] static constexpr Duration seconds(std::int64_t count) {
    return Duration(count * 1'000'000);
  }

  [[nodiscard]] constexpr std::int64_t count_micros() const { return micros_; }
  [[nodiscard]] constexpr std::int64_t count_millis() const { return micros_ / 1000; }
  [[nodiscard]] constexpr double count_seconds() const {
    return static_cast<double>(micros_) / 1'000'000.0;
  }

  constexpr auto operator<=>(const Duration&) const = default;
  constexpr Duration& operator+=(Duration other) { return micros_ += other.micros_, *this; }
  constexpr Duration& operator-=(Duration other) { return micros_ -= other.micros_, *this; }
  friend constexpr Duration operator+(Duration a, Duration b) {
    return Duration(a.micros_ + b.micros_);
  }
  friend constexpr Duration operator-(Duration a, Duration b) {
    return Duration(a.micros_ - b.micros_);
  }
  friend constexpr Duration operator*(Duration a, std::int64_t k) {
    return Duration(a.micros_ * k);
  }
  friend constexpr Duration operator/(Duration a, std::int64_t k) {
    return Duration(a.micros_ / k);
  }

 private:
  constexpr explicit Duration(std::int64_t micros) : micros_(micros) {}
  std::int64_t micros_ = 0;
};

// A moment: microseconds since the Unix epoch, on whatever clock gave it.
class Instant {
 public:
  constexpr Instant() = default;
  [[nodiscard]] static constexpr Instant from_micros(std::int64_t since_epoch) {
    return Instant(since_epoch);
  }
  [[nodiscard]] static constexpr Instant from_millis(std::int64_t since_epoch) {
    return Instant(since_epoch * 1000);
  }

  [[nodiscard]] constexpr std::int64_t micros_since_epoch() const { return micros_; }
  // Kafka's timestamps: milliseconds since the Unix epoch.
  [[nodiscard]] constexpr std::int64_t millis_since_epoch() const { return micros_ / 1000; }

  constexpr auto operator<=>(const Instant&) const = default;
  constexpr Instant& operator+=(Duration d) { return micros_ += d.count_micros(), *this; }
  friend constexpr Instant operator+(Instant t, Duration d) {
    return Instant(t.micros_ + d.count_micros());
  }
  friend constexpr Instant operator-(Instant t, Duration d) {
    return Instant(t.micros_ - d.count_micros());
  }
  friend constexpr Duration operator-(Instant a, Instant b) {
    return Duration::micros(a.micros_ - b.micros_);
  }

 private:
  constexpr explicit Instant(std::int64_t micros) : micros_(micros) {}
  std::int64_t micros_ = 0;
};

// 2026-01-01T00:00:00Z, where a scenario's clock starts so that timestamps replay.
inline constexpr Instant scenario_epoch = Instant::from_micros(1'767'225'600'000'000);

}  // namespace ottla
