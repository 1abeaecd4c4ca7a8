// The values behind charts as CSV (RFC 4180): one row a moment, one column a series.
#pragma once

#include <QByteArray>
#include <string>
#include <vector>

#include "engine/observe/history.h"
#include "ui/views/chart.h"

namespace ottla::ui {

// The first column is the time since `start` in seconds. Keys that the history does not have are
// left out; where a series has no point at a moment its cell is empty.
[[nodiscard]] QByteArray chart_csv(const observe::History& history,
                                   const std::vector<std::string>& keys, Instant start,
                                   const ChartRange& range);

}  // namespace ottla::ui
