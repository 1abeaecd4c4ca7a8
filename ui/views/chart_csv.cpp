#include "ui/views/chart_csv.h"

#include <map>

namespace ottla::ui {
namespace {

QByteArray quoted(const std::string& field) {
  QByteArray text = QByteArray::fromStdString(field);
  if (!text.contains(',') && !text.contains('"') && !text.contains('\n')) return text;
  text.replace("\"", "\"\"");
  return '"' + text + '"';
}

}  // namespace

QByteArray chart_csv(const observe::History& history, const std::vector<std::string>& keys,
                     Instant start, const ChartRange& range) {
  std::vector<const observe::Series*> columns;
  QByteArray csv = "time_s";
  for (const std::string& key : keys) {
    const observe::Series* series = history.find(key);
    if (!series) continue;
    columns.push_back(series);
    csv += ',' + quoted(series->key);
    if (!series->unit.empty()) csv += " [" + QByteArray::fromStdString(series->unit) + ']';
  }
  csv += "\r\n";
  std::map<Instant, std::vector<std::optional<double>>> rows;
  for (std::size_t column = 0; column < columns.size(); ++column) {
    for (const observe::Point& point : columns[column]->points) {
      if (point.at < range.left || range.right < point.at) continue;
      auto& row = rows[point.at];
      row.resize(columns.size());
      row[column] = point.value;
    }
  }
  for (const auto& [at, values] : rows) {
    csv += QByteArray::number((at - start).count_seconds(), 'f', 3);
    for (const auto& value : values) {
      csv += ',';
      if (value) csv += QByteArray::number(*value, 'g', 12);
    }
    csv += "\r\n";
  }
  return csv;
}

}  // namespace ottla::ui
