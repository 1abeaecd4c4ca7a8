#include "ui/canvas/format.h"

#include <array>
#include <cmath>

namespace ottla::ui {
namespace {

const QChar thin_space(0x2009);

QString figures(double value) {
  const double size = std::fabs(value);
  const int decimals = size < 10 ? 2 : size < 100 ? 1 : 0;
  return QString::number(value, 'f', decimals);
}

QString scaled_bytes(double value) {
  static const std::array units{"B", "kB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  while (std::fabs(value) >= 999.5 && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  const int decimals = unit == 0 || std::fabs(value) >= 99.95 ? 0 : 1;
  return QString::number(value, 'f', decimals) + QLatin1Char(' ') + QLatin1String(units[unit]);
}

QString clock(Duration since_start, bool always_hours) {
  const bool negative = since_start < Duration{};
  const std::int64_t millis = std::abs(since_start.count_millis());
  const std::int64_t hours = millis / 3'600'000;
  const QString rest = QStringLiteral("%1:%2.%3")
                           .arg(millis / 60'000 % 60, 2, 10, QLatin1Char('0'))
                           .arg(millis / 1000 % 60, 2, 10, QLatin1Char('0'))
                           .arg(millis % 1000, 3, 10, QLatin1Char('0'));
  const QString sign = negative ? QString(QChar(0x2212)) : QString();
  if (!always_hours && hours == 0) return sign + rest;
  return sign + QStringLiteral("%1:").arg(hours, 2, 10, QLatin1Char('0')) + rest;
}

}  // namespace

QString unknown_value() {
  return QString(QChar(0x2013));
}

QString number(std::int64_t value) {
  QString digits = QString::number(value);
  const int first = value < 0 ? 1 : 0;
  for (auto at = digits.size() - 3; at > first; at -= 3) digits.insert(at, thin_space);
  if (value < 0) digits[0] = QChar(0x2212);
  return digits;
}

QString short_number(double value) {
  const double size = std::fabs(value);
  if (size < 9999.5) {
    if (size < 10 && std::fabs(value - std::round(value)) > 0.05) {
      return QString::number(value, 'f', 1);
    }
    return number(std::llround(value));
  }
  if (size < 999'500) return figures(value / 1e3) + QStringLiteral(" k");
  if (size < 999'500'000) return figures(value / 1e6) + QStringLiteral(" M");
  return figures(value / 1e9) + QStringLiteral(" G");
}

QString bytes_per_second(double value) {
  return scaled_bytes(value) + QStringLiteral("/s");
}

QString bytes(std::int64_t value) {
  return scaled_bytes(static_cast<double>(value));
}

QString percent(double share) {
  return QStringLiteral("%1 %").arg(static_cast<int>(std::lround(share * 100)));
}

QString load_text(std::optional<double> load) {
  return load ? QString::number(std::lround(*load * 100)) : unknown_value();
}
QString load_scale() {
  return QStringLiteral("50 is the brokers' average");
}

QString virtual_time(Duration since_start) {
  return clock(since_start, true);
}
QString virtual_time(Instant at, Instant start) {
  return clock(at - start, true);
}
QString short_time(Duration since_start) {
  return clock(since_start, false);
}
QString short_time(Instant at, Instant start) {
  return clock(at - start, false);
}

QString duration(Duration span) {
  const std::int64_t micros = span.count_micros();
  if (micros < 0) return QChar(0x2212) + duration(Duration::micros(-micros));
  if (micros < 1000) return QStringLiteral("%1 µs").arg(micros);
  if (micros < 10'000) return QString::number(static_cast<double>(micros) / 1e3, 'f', 1) + " ms";
  if (micros < 1'000'000) return QStringLiteral("%1 ms").arg(micros / 1000);
  if (micros < 60'000'000) return QString::number(span.count_seconds(), 'f', 1) + " s";
  const std::int64_t seconds = micros / 1'000'000;
  if (seconds < 3600) return QStringLiteral("%1 min %2 s").arg(seconds / 60).arg(seconds % 60);
  return QStringLiteral("%1 h %2 min").arg(seconds / 3600).arg(seconds / 60 % 60);
}

QString ago(Instant then, Instant now) {
  return duration(now - then) + QStringLiteral(" ago");
}

QString speed(double times) {
  if (!std::isfinite(times)) return QStringLiteral("max");
  return QString::number(times, 'g', 3) + QLatin1Char('x');
}

QString trace(std::uint64_t hash) {
  const QString hex = QStringLiteral("%1").arg(hash & 0xFFFFFFFFU, 8, 16, QLatin1Char('0'));
  return hex.left(4) + QLatin1Char(' ') + hex.mid(4);
}

QString counted(std::int64_t count, const QString& one, const QString& many) {
  return number(count) + QLatin1Char(' ') + (count == 1 ? one : many);
}

}  // namespace ottla::ui
