// Numbers, sizes and times as the window writes them: thin space between thousands, decimal point,
// the unit after a space, a dash for what is not known.
#pragma once

#include <QString>
#include <cstdint>
#include <optional>

#include "engine/base/time.h"

namespace ottla::ui {

// U+2013, for a value that is not known.
[[nodiscard]] QString unknown_value();

// 51146 -> "51 146" with a thin space (U+2009).
[[nodiscard]] QString number(std::int64_t value);
// 3 significant figures where that is shorter: "9 400", "12.3 k", "412 k", "1.20 M".
[[nodiscard]] QString short_number(double value);
// "14.1 MB/s", "880 B/s".
[[nodiscard]] QString bytes_per_second(double value);
// "40 MB", "1.2 GB": decimal units.
[[nodiscard]] QString bytes(std::int64_t value);
// 0.61 -> "61 %".
[[nodiscard]] QString percent(double share);
// A load beside the other brokers': 0.5 -> "50"; and what the number counts from.
[[nodiscard]] QString load_text(std::optional<double> load);
[[nodiscard]] QString load_scale();

// Virtual time since the start of the run: "00:01:42.318".
[[nodiscard]] QString virtual_time(Duration since_start);
[[nodiscard]] QString virtual_time(Instant at, Instant start);
// Without hours while there are none: "01:42.318".
[[nodiscard]] QString short_time(Duration since_start);
[[nodiscard]] QString short_time(Instant at, Instant start);
// A span: "640 µs", "11 ms", "6.4 s", "2 min 5 s", "1 h 12 min".
[[nodiscard]] QString duration(Duration span);
// "6.4 s ago"
[[nodiscard]] QString ago(Instant then, Instant now);
// "1x", "0.25x", "max".
[[nodiscard]] QString speed(double times);
// The low eight hex digits of a trace hash in two groups: "9c41 e7b2".
[[nodiscard]] QString trace(std::uint64_t hash);
// "2 brokers", "1 broker".
[[nodiscard]] QString counted(std::int64_t count, const QString& one, const QString& many);

}  // namespace ottla::ui
