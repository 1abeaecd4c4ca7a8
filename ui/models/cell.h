// What one cell of a table says, without saying how it is drawn: a view turns a CellTone into a
// colour and a Mark into a glyph.
#pragma once

#include <QMetaType>
#include <QString>
#include <QVariant>
#include <cstdint>

namespace ottla::ui {

enum class CellTone : std::uint8_t { plain, muted, ok, info, warn, err, stale };

// A state that has a glyph of its own, so that it reads without colour.
enum class Mark : std::uint8_t {
  none,
  check,
  dot,
  warning,    // A triangle with a bar.
  not_equal,  // Under-replicated, out of sync.
  cross,
  pause,
  square,
  rewind,
  hourglass,
  turning,
  ring,
  clock,  // Old or unknown.
  leader,
  in_sync,
  cut,
  flame,
  bolt,
  up,
  down,
};

struct Cell {
  QString text;
  CellTone tone = CellTone::plain;
  Mark mark = Mark::none;
  bool chip = false;    // Drawn as a chip: mark and text on the tone's background.
  bool number = false;  // Aligned right.
  bool mono = false;    // Ids, offsets, numbers.
  bool strong = false;  // The name of the row.
  QVariant sort = {};   // What the column sorts by; the text when it is not set.
  QString tip = {};
};

struct Column {
  const char* title;
  const char* tip;
  bool number = false;
  bool mono = false;
  bool strong = false;
};

// Roles of every model here, beside Qt's own.
enum CellRole : int {
  cell_role = Qt::UserRole + 1,  // The whole Cell, for delegates.
  sort_role,
};

}  // namespace ottla::ui

Q_DECLARE_METATYPE(ottla::ui::Cell)
