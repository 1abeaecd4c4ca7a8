// What Qt's own controls (menus, buttons, fields, tables, scroll bars, tooltips) take from the
// theme.
#pragma once

#include <QPalette>
#include <QString>

namespace ottla::ui {

struct Theme;

[[nodiscard]] QPalette make_palette(const Theme& theme);
// One style sheet for the whole program. Controls opt into variants by dynamic properties:
// `kind` = "primary" | "flat" | "tab" | "chip" on a QPushButton or QToolButton.
[[nodiscard]] QString style_sheet(const Theme& theme);

}  // namespace ottla::ui
