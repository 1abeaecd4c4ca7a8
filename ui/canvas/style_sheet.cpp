#include "ui/canvas/style_sheet.h"

#include "ui/canvas/fonts.h"
#include "ui/canvas/theme.h"

namespace ottla::ui {
namespace {

const char* const controls = R"(
QMainWindow, QDialog { background: @panel; }
QMainWindow::separator { background: @line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: @accent; }
QToolTip { background: @raised; color: @t1; border: 1px solid @line2; padding: 4px 6px; }
QMenuBar { background: @panel; color: @t2; }
QMenuBar::item { background: transparent; padding: 5px 9px; border-radius: 5px; }
QMenuBar::item:selected { background: @hover; color: @t1; }
QMenu { background: @card; color: @t1; border: 1px solid @line2; border-radius: 8px; padding: 5px; }
QMenu::item { padding: 5px 26px 5px 10px; border-radius: 5px; }
QMenu::item:selected { background: @accent_bg; color: @t1; }
QMenu::item:disabled { color: @t4; }
QMenu::separator { height: 1px; background: @line; margin: 5px 8px; }
QMenu::icon { padding-left: 8px; }
QMenu::right-arrow { width: 10px; height: 10px; }
QPushButton, QToolButton { background: @card; color: @t1; border: 1px solid @line2; border-radius: 5px;
  padding: 3px 10px; }
QPushButton:hover, QToolButton:hover { background: @hover; }
QPushButton:pressed, QToolButton:pressed { background: @raised; }
QPushButton:disabled, QToolButton:disabled { color: @t4; border-color: @line; background: @panel; }
QPushButton:focus, QToolButton:focus { border: 2px solid @accent; padding: 2px 9px; }
QToolButton::menu-indicator, QPushButton::menu-indicator { image: none; width: 0; }
QPushButton[kind="flat"], QToolButton[kind="flat"] { background: transparent; border-color: transparent;
  color: @t2; }
QPushButton[kind="flat"]:hover, QToolButton[kind="flat"]:hover { background: @hover; color: @t1; }
QPushButton[kind="flat"]:focus, QToolButton[kind="flat"]:focus { border-color: @accent; }
QPushButton[kind="flat"]:disabled, QToolButton[kind="flat"]:disabled { color: @t4; background: transparent;
  border-color: transparent; }
QPushButton[kind="tab"], QToolButton[kind="tab"] { background: transparent; border: 1px solid transparent;
  color: @t2; padding: 3px 10px; }
QPushButton[kind="tab"]:hover, QToolButton[kind="tab"]:hover { color: @t1; background: @hover; }
QPushButton[kind="tab"]:checked, QToolButton[kind="tab"]:checked { background: @raised; color: @t1;
  border-color: @line2; font-weight: 600; }
QPushButton[kind="tab"]:focus, QToolButton[kind="tab"]:focus { border: 2px solid @accent; padding: 2px 9px; }
QPushButton[kind="chip"], QToolButton[kind="chip"] { background: transparent; border: 1px solid @line;
  border-radius: 4px; color: @t3; padding: 1px 4px; }
QPushButton[kind="chip"]:checked, QToolButton[kind="chip"]:checked { background: @raised; color: @t1;
  border-color: @line2; }
QPushButton[kind="chip"]:hover, QToolButton[kind="chip"]:hover { border-color: @t3; }
QPushButton[kind="chip"]:focus, QToolButton[kind="chip"]:focus { border: 2px solid @accent;
  padding: 0px 3px; }
QPushButton[kind="primary"], QToolButton[kind="primary"] { background: @accent; color: @on_accent;
  border-color: @accent; font-weight: 600; }
QPushButton[kind="primary"]:disabled, QToolButton[kind="primary"]:disabled { background: @raised;
  border-color: @line; color: @t4; }
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit, QTextEdit { background: @bg; color: @t1;
  border: 1px solid @line2; border-radius: 5px; padding: 3px 7px; selection-background-color: @accent;
  selection-color: @on_accent; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus,
QTextEdit:focus { border: 2px solid @accent; padding: 2px 6px; }
QComboBox QAbstractItemView { background: @card; color: @t1; border: 1px solid @line2;
  selection-background-color: @accent_bg; selection-color: @t1; }
QCheckBox, QRadioButton, QLabel { color: @t1; background: transparent; }
QLabel[kind="label"] { color: @t3; }
QPushButton#search { background: @bg; color: @t3; border-color: @line; text-align: left; padding: 1px 10px; }
QPushButton#search:hover { border-color: @line2; color: @t2; }
QToolButton[iconOnly="true"] { padding: 0; }
QToolButton[iconOnly="true"]:focus { padding: 0; }
QTableView, QTreeView, QListView { background: @bg; color: @t1; border: none; gridline-color: @line;
  selection-background-color: @accent_bg; selection-color: @t1; outline: none; }
QHeaderView { background: @raised; }
QHeaderView::section { background: @raised; color: @t3; border: none; padding: 0 8px; font-weight: 600; }
QHeaderView::section:hover { color: @t1; }
QTabBar::tab { background: transparent; color: @t2; padding: 6px 12px; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: @t1; border-bottom-color: @accent; font-weight: 600; }
QTabBar::tab:hover { color: @t1; }
QTabWidget::pane { border: none; border-top: 1px solid @line; }
QDockWidget { color: @t2; titlebar-close-icon: none; }
QDockWidget::title { background: @panel; padding: 4px 8px; }
QSplitter::handle { background: @line; }
QSplitter::handle:hover { background: @accent; }
QScrollArea { border: none; background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @line2; border-radius: 3px; margin: 2px; min-width: 24px; min-height: 24px; }
QScrollBar::handle:hover { background: @t3; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
)";

}  // namespace

QPalette make_palette(const Theme& t) {
  QPalette palette;
  palette.setColor(QPalette::Window, t.panel);
  palette.setColor(QPalette::WindowText, t.t1);
  palette.setColor(QPalette::Base, t.bg);
  palette.setColor(QPalette::AlternateBase, t.panel);
  palette.setColor(QPalette::Text, t.t1);
  palette.setColor(QPalette::Button, t.card);
  palette.setColor(QPalette::ButtonText, t.t1);
  palette.setColor(QPalette::BrightText, t.err);
  palette.setColor(QPalette::Highlight, t.accent);
  palette.setColor(QPalette::HighlightedText, t.on_accent);
  palette.setColor(QPalette::Link, t.accent);
  palette.setColor(QPalette::ToolTipBase, t.raised);
  palette.setColor(QPalette::ToolTipText, t.t1);
  palette.setColor(QPalette::PlaceholderText, t.t3);
  palette.setColor(QPalette::Light, t.hover);
  palette.setColor(QPalette::Midlight, t.raised);
  palette.setColor(QPalette::Mid, t.line2);
  palette.setColor(QPalette::Dark, t.line);
  palette.setColor(QPalette::Shadow, t.shadow);
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    palette.setColor(QPalette::Disabled, role, t.t4);
  }
  return palette;
}

QString style_sheet(const Theme& t) {
  // Longer names first, so that `accent` does not eat the beginning of `accent_bg`.
  const std::pair<const char*, QColor> tokens[] = {{"@accent_bg", t.accent_bg},
                                                   {"@on_accent", t.on_accent},
                                                   {"@accent", t.accent},
                                                   {"@raised", t.raised},
                                                   {"@panel", t.panel},
                                                   {"@hover", t.hover},
                                                   {"@line2", t.line2},
                                                   {"@line", t.line},
                                                   {"@card", t.card},
                                                   {"@bg", t.bg},
                                                   {"@t1", t.t1},
                                                   {"@t2", t.t2},
                                                   {"@t3", t.t3},
                                                   {"@t4", t.t4}};
  QString sheet = QString::fromLatin1(controls);
  for (const auto& [token, colour] : tokens) sheet.replace(QLatin1String(token), colour.name());
  return sheet;
}

}  // namespace ottla::ui
