#include "ui/models/text.h"

#include <array>
#include <cmath>

namespace ottla::ui {
namespace {

const QChar thin_space(0x2009);

QString scaled(double value, const char* unit) {
  const int decimals = std::abs(value) < 10 ? 1 : std::abs(value) < 100 ? 1 : 0;
  return QString::number(value, 'f', decimals) + QChar(' ') + QString::fromUtf8(unit);
}

}  // namespace

QString dash() {
  return QString(QChar(0x2013));
}

QString number_text(std::int64_t n) {
  QString digits = QString::number(n);
  const qsizetype first = n < 0 ? 1 : 0;
  for (qsizetype at = digits.size() - 3; at > first; at -= 3) digits.insert(at, thin_space);
  return digits;
}

QString rate_text(double per_second) {
  if (per_second > 0 && per_second < 10) return QString::number(per_second, 'f', 1);
  return number_text(std::llround(per_second));
}

QString bytes_text(double bytes) {
  static constexpr std::array units{"B", "kB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  while (std::abs(bytes) >= 1000 && unit + 1 < units.size()) {
    bytes /= 1000;
    ++unit;
  }
  if (unit == 0) return QString::number(std::llround(bytes)) + QStringLiteral(" B");
  return scaled(bytes, units[unit]);
}

QString span_text(Duration span) {
  const std::int64_t micros = span.count_micros();
  const double seconds = span.count_seconds();
  if (micros < 0) return QStringLiteral("−") + span_text(Duration::micros(-micros));
  if (micros == 0) return QStringLiteral("0 s");
  if (micros < 1000) return QString::number(micros) + QStringLiteral(" µs");
  if (micros < 100'000) return QString::number(span.count_millis()) + QStringLiteral(" ms");
  if (seconds < 20) return QString::number(seconds, 'f', 1) + QStringLiteral(" s");
  if (seconds < 120) return QString::number(std::llround(seconds)) + QStringLiteral(" s");
  const std::int64_t minutes = micros / 60'000'000;
  if (minutes < 120) {
    return QStringLiteral("%1 min %2 s").arg(minutes).arg(micros / 1'000'000 % 60);
  }
  return QStringLiteral("%1 h %2 min").arg(minutes / 60).arg(minutes % 60);
}

QString clock_text(Duration since_start, bool with_millis) {
  const std::int64_t millis = std::abs(since_start.count_millis());
  const auto two = [](std::int64_t n) { return QStringLiteral("%1").arg(n, 2, 10, QChar('0')); };
  QString clock = two(millis / 3'600'000) + QChar(':') + two(millis / 60'000 % 60) + QChar(':') +
                  two(millis / 1000 % 60);
  if (with_millis) clock += QStringLiteral(".%1").arg(millis % 1000, 3, 10, QChar('0'));
  return since_start < Duration() ? QStringLiteral("−") + clock : clock;
}

QString short_clock_text(Duration since_start) {
  const QString clock = clock_text(since_start);
  return clock.startsWith(QStringLiteral("00:")) ? clock.mid(3) : clock;
}

QString ids_text(const std::vector<BrokerId>& ids) {
  QString list;
  for (const BrokerId id : ids) {
    if (!list.isEmpty()) list += QStringLiteral(", ");
    list += QString::number(id.value());
  }
  return list;
}

QString kind_text(observe::EventKind kind) {
  QString shown = text(observe::name(kind));
  shown.replace(QChar('_'), QChar(' '));
  if (shown.startsWith(QStringLiteral("isr"))) return QStringLiteral("ISR") + shown.mid(3);
  shown[0] = shown[0].toUpper();
  return shown;
}

QString partition_text(std::string_view topic, PartitionIndex partition) {
  return text(topic) + QChar('-') + QString::number(partition.value());
}

}  // namespace ottla::ui
