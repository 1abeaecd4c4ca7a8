// The icon set: strokes of 1.5 on a grid of 20, drawn in whatever colour the moment asks for.
#pragma once

#include <QColor>
#include <QIcon>
#include <QPainterPath>
#include <cstdint>

class QPainter;

namespace ottla::ui {

struct Theme;

enum class Icon : std::uint8_t {
  cluster,
  topics,
  groups,
  metrics,
  scenarios,
  play,
  pause,
  step,
  step_to_next,
  to_start,
  record,
  fork,
  speed,
  broker,
  controller,
  crown,
  rack,
  topic,
  partition,
  segment,
  record_entry,
  producer,
  consumer,
  group,
  coordinator,
  transaction,
  quota,
  kill,
  power,
  shutdown,
  restart,
  pause_process,
  cut,
  heal,
  loss,
  delay,
  bandwidth,
  slow_disk,
  full_disk,
  corrupt,
  skew,
  hot_key,
  zombie,
  fault,
  search,
  filter,
  pin,
  copy,
  export_chart,
  go_to_cause,
  jump_to_time,
  close,
  more,
  chevron,
  plus,
  minus,
  fit,
  loupe,
  settings,
  theme,
  help,
  lock,
  link,
  clock,
  warning,
  check,
  log,
  plug,
};

// Strokes and fills of an icon in a box of 20 by 20 from the origin.
struct IconShape {
  QPainterPath strokes;
  QPainterPath fills;
};
[[nodiscard]] const IconShape& icon_shape(Icon icon);

// Draws it in the square of `size` around `centre`.
void draw_icon(QPainter& painter, Icon icon, QPointF centre, double size, const QColor& colour);
// For menus and buttons: normal, disabled and on-accent looks from the theme.
[[nodiscard]] QIcon make_icon(Icon icon, const QColor& normal, const QColor& disabled,
                              int size = 18);
[[nodiscard]] QIcon make_icon(Icon icon, const Theme& theme);
// The program's mark: a ring with a record in it.
void draw_mark(QPainter& painter, QPointF centre, double size, const QColor& colour);

}  // namespace ottla::ui
