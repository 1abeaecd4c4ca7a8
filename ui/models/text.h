// Numbers, offsets, durations and times as a person reads them: thin spaces between thousands, a
// decimal point, the unit after a space.
#pragma once

#include <QString>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/observe/event.h"
#include "engine/observe/known.h"

namespace ottla::ui {

// A value older than this is drawn as stale, with its age; older than the second, as a dash.
inline constexpr Duration stale_after = Duration::seconds(3);
inline constexpr Duration gone_after = Duration::seconds(30);

inline QString text(std::string_view utf8) {
  return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}
[[nodiscard]] QString dash();                        // What is not known.
[[nodiscard]] QString number_text(std::int64_t n);   // 51 146
[[nodiscard]] QString rate_text(double per_second);  // 6 000, 0.4
[[nodiscard]] QString bytes_text(double bytes);      // 14.1 MB
[[nodiscard]] QString span_text(Duration span);      // 940 µs, 11 ms, 11.3 s, 2 min 10 s
[[nodiscard]] QString clock_text(Duration since_start, bool with_millis = true);  // 00:01:42.318
[[nodiscard]] QString short_clock_text(Duration since_start);                     // 01:42.318
[[nodiscard]] QString ids_text(const std::vector<BrokerId>& ids);                 // 4, 6, 1
[[nodiscard]] QString kind_text(observe::EventKind kind);                         // ISR expanded
[[nodiscard]] QString partition_text(std::string_view topic, PartitionIndex partition);

// How old a value is, in whole seconds once it is stale; 0 while it is fresh or unknown.
template <class T>
[[nodiscard]] std::int32_t stale_seconds(const observe::Known<T>& known, Instant now) {
  if (!known.has_value() || now - known.as_of < stale_after) return 0;
  return static_cast<std::int32_t>((now - known.as_of).count_micros() / 1'000'000);
}

}  // namespace ottla::ui
