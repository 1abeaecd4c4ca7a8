// What a narrow map folds away, as a tab at its edge: how many there are, the worst of their
// states, and a list to select one from.
#pragma once

#include <QAbstractButton>
#include <functional>
#include <vector>

#include "engine/observe/snapshot.h"
#include "ui/canvas/glyphs.h"
#include "ui/canvas/theme.h"
#include "ui/feed/selection.h"

namespace ottla::ui {

struct EdgeTabLine {
  QString words;
  StateLook look;
  SelectedThing thing;
};

class EdgeTab : public QAbstractButton {
  Q_OBJECT

 public:
  static constexpr int width_px = 24;
  enum class Side : std::uint8_t { left, right };

  // `lines` is asked whenever the list is opened; `name` is such as "Producers".
  EdgeTab(const QString& name, Side side, Selection& selection, const Theme& theme,
          std::function<std::vector<EdgeTabLine>()> lines, QWidget* parent = nullptr);
  // Says how many lines there are, and the look of the worst.
  void refresh();
  [[nodiscard]] QSize sizeHint() const override { return {width_px, 160}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  void openList();

  const QString name_;
  const Side side_;
  Selection& selection_;
  const Theme& theme_;
  const std::function<std::vector<EdgeTabLine>()> lines_;
  StateLook worst_;
};

// The producers and the groups of a snapshot as lines, in their order.
[[nodiscard]] std::vector<EdgeTabLine> producer_lines(const observe::Snapshot& snapshot);
[[nodiscard]] std::vector<EdgeTabLine> group_lines(const observe::Snapshot& snapshot);

}  // namespace ottla::ui
