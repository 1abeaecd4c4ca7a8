// Where the timeline's lanes lie, and how each is painted.
#pragma once

#include <QPainter>
#include <QRectF>
#include <QString>
#include <cstdint>
#include <vector>

#include "engine/observe/snapshot.h"
#include "ui/canvas/glyphs.h"
#include "ui/canvas/theme.h"
#include "ui/models/time_bands.h"
#include "ui/views/time_scale.h"

namespace ottla::ui {

// Rows of lanes for a dock of this height. What does not fit has no height: at 64 only the faults
// are left.
struct TimelineLayout {
  static constexpr double labels = 152;
  static constexpr double ruler = 22;

  QRectF faults;
  QRectF elections;
  QRectF isr;
  QRectF groups;
  QRectF records;
  int fault_rows = 1;
  int group_rows = 1;

  [[nodiscard]] static TimelineLayout of(double width, double height, int groups);
};

// Something of the timeline under the mouse.
struct TimelineHit {
  QRectF box;
  std::uint64_t event = 0;
  QString tip;
};

// Paints one lane after the other and gathers what can be hit.
class TimelinePainter {
 public:
  TimelinePainter(QPainter& painter, const Theme& theme, const TimeScale& scale,
                  const TimelineLayout& layout, const observe::Snapshot& snapshot,
                  std::vector<TimelineHit>& hits)
      : painter_(painter),
        theme_(theme),
        scale_(scale),
        layout_(layout),
        snapshot_(snapshot),
        hits_(hits) {}

  void ruler(double width) const;
  void labels(double height) const;
  void future(double width, double height) const;
  void playhead(double width, double height) const;
  void faults(const TimeBands& bands);
  void elections(const TimeBands& bands);
  void isr(const TimeBands& bands);
  void groups(const TimeBands& bands);
  void records() const;

 private:
  struct BandLook {
    QColor edge;
    QColor body;
    QColor text;
    Glyph glyph;
  };
  [[nodiscard]] BandLook fault_look(const Band& band) const;
  [[nodiscard]] BandLook group_look_of(const Band& band) const;
  void band(const QRectF& box, const BandLook& look, const QString& label, double label_right);
  void scheduled(const Band& band, const QRectF& row, double from_x);
  [[nodiscard]] QString when(Instant from, std::optional<Instant> to) const;
  void hit(const QRectF& box, std::uint64_t event, const QString& tip);

  QPainter& painter_;
  const Theme& theme_;
  const TimeScale& scale_;
  const TimelineLayout& layout_;
  const observe::Snapshot& snapshot_;
  std::vector<TimelineHit>& hits_;
};

}  // namespace ottla::ui
