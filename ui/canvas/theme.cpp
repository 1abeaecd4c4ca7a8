#include "ui/canvas/theme.h"

#include <cmath>

namespace ottla::ui {
namespace {

QColor rgb(std::uint32_t value) {
  return QColor::fromRgb(0xFF000000U | value);
}

Theme make_dark() {
  Theme t;
  t.is_dark = true;
  t.bg = rgb(0x0C0F14);
  t.panel = rgb(0x12161C);
  t.card = rgb(0x191E26);
  t.raised = rgb(0x232A34);
  t.hover = rgb(0x2B3440);
  t.line = rgb(0x28303B);
  t.line2 = rgb(0x465264);
  t.t1 = rgb(0xEAEEF4);
  t.t2 = rgb(0xB4BECB);
  t.t3 = rgb(0x8B96A7);
  t.t4 = rgb(0x5E6979);
  t.accent = rgb(0xA394FF);
  t.on_accent = rgb(0x120E29);
  t.accent_bg = rgb(0x282448);
  t.sel = rgb(0xFFFFFF);
  t.heat = rgb(0xFF8A3D);
  t.stale = rgb(0x5E6979);
  t.ok = rgb(0x35C795);
  t.ok_bg = rgb(0x0F2B24);
  t.warn = rgb(0xF2B134);
  t.warn_bg = rgb(0x2E2410);
  t.err = rgb(0xFF6B60);
  t.err_bg = rgb(0x331A1B);
  t.info = rgb(0x4DA3FF);
  t.info_bg = rgb(0x13263D);
  t.cells = {CellColours{rgb(0x4DA3FF), rgb(0x04152B), {}},
             CellColours{rgb(0x25415F), rgb(0xCFE0F2), {}},
             CellColours{rgb(0xF2B134), rgb(0x2A1B00), {}},
             CellColours{rgb(0x2B1719), rgb(0xFFA69F), rgb(0xFF6B60)},
             CellColours{rgb(0x33192A), rgb(0xEC7DBE), {}}};
  t.truncated_hatch = rgb(0xEC7DBE);
  t.epochs = {rgb(0x7F8A99), rgb(0x4BF2C9), rgb(0x8182D8), rgb(0xC6DF4E),
              rgb(0xF880A3), rgb(0xAC7DFF), rgb(0xF6931A), rgb(0x38BAFF)};
  t.families = {rgb(0x2FE58A), rgb(0x2E88FF), rgb(0xAAA2F2),
                rgb(0xDB5184), rgb(0xFCC22A), rgb(0xF2F2F2)};
  t.series = {rgb(0x4DA3FF), rgb(0xF2B134), rgb(0x35C795), rgb(0xEC7DBE),
              rgb(0xA394FF), rgb(0xFF8A3D), rgb(0x8FD8E8), rgb(0xC9D07A)};
  t.group_flag = rgb(0xFF9BD0);
  t.shadow = rgb(0x000000);
  return t;
}

Theme make_light() {
  Theme t;
  t.is_dark = false;
  t.bg = rgb(0xEEF0F3);
  t.panel = rgb(0xFAFBFC);
  t.card = rgb(0xFFFFFF);
  t.raised = rgb(0xEDEFF3);
  t.hover = rgb(0xE3E7EC);
  t.line = rgb(0xD8DDE4);
  t.line2 = rgb(0x9AA5B4);
  t.t1 = rgb(0x12161C);
  t.t2 = rgb(0x3D4754);
  t.t3 = rgb(0x5C6776);
  t.t4 = rgb(0x97A1AE);
  t.accent = rgb(0x5B45D9);
  t.on_accent = rgb(0xFFFFFF);
  t.accent_bg = rgb(0xE8E4FC);
  t.sel = rgb(0x12161C);
  t.heat = rgb(0xB84A00);
  t.stale = rgb(0x97A1AE);
  t.ok = rgb(0x0A7A58);
  t.ok_bg = rgb(0xDDF3EB);
  t.warn = rgb(0x805300);
  t.warn_bg = rgb(0xFCF0D4);
  t.err = rgb(0xC62A20);
  t.err_bg = rgb(0xFBE5E3);
  t.info = rgb(0x0F6AD0);
  t.info_bg = rgb(0xE8F2FD);
  t.cells = {CellColours{rgb(0x0F6AD0), rgb(0xFFFFFF), {}},
             CellColours{rgb(0xC9DDF3), rgb(0x12365C), {}},
             CellColours{rgb(0xF5B32E), rgb(0x2A1B00), rgb(0x805300)},
             CellColours{rgb(0xFBE9E7), rgb(0xA11C14), rgb(0xC62A20)},
             CellColours{rgb(0xFAE6F2), rgb(0xB02F80), {}}};
  t.truncated_hatch = rgb(0xB02F80);
  t.epochs = {rgb(0x6B7480), rgb(0x0B4A42), rgb(0x4B7EE1), rgb(0x4E9A06),
              rgb(0x8A2F5C), rgb(0x6C19D8), rgb(0xB87400), rgb(0x008FC7)};
  t.families = {rgb(0x00703C), rgb(0x116ED7), rgb(0x3823C1),
                rgb(0xCF3493), rgb(0x8A7400), rgb(0x1C2130)};
  t.series = {rgb(0x0F6AD0), rgb(0xA86A00), rgb(0x0A7A58), rgb(0xB02F80),
              rgb(0x5B45D9), rgb(0xC24E00), rgb(0x14788C), rgb(0x666E12)};
  t.group_flag = rgb(0xA82069);
  t.shadow = rgb(0x000000);
  return t;
}

}  // namespace

const Theme& Theme::dark() {
  static const Theme theme = make_dark();
  return theme;
}

const Theme& Theme::light() {
  static const Theme theme = make_light();
  return theme;
}

QColor Theme::epoch_edge(std::int32_t leader_epoch) const {
  return leader_epoch <= 0 ? QColor() : epoch_hue(leader_epoch);
}

QColor Theme::epoch_hue(std::int32_t leader_epoch) const {
  return epochs[static_cast<std::size_t>(leader_epoch < 0 ? 0 : leader_epoch % 8)];
}

QColor with_alpha(QColor colour, double alpha) {
  colour.setAlphaF(static_cast<float>(alpha));
  return colour;
}

QColor mixed(const QColor& under, const QColor& over, double share) {
  const auto mix = [share](int a, int b) {
    return static_cast<int>(std::lround(a + (b - a) * share));
  };
  return {mix(under.red(), over.red()), mix(under.green(), over.green()),
          mix(under.blue(), over.blue())};
}

QColor tone_colour(const Theme& theme, Tone tone) {
  switch (tone) {
    case Tone::neutral: return theme.t2;
    case Tone::good: return theme.ok;
    case Tone::warning: return theme.warn;
    case Tone::error: return theme.err;
    case Tone::hot: return theme.heat;
    case Tone::information: return theme.info;
    case Tone::accent: return theme.accent;
  }
  return theme.t2;
}

QColor tone_background(const Theme& theme, Tone tone) {
  switch (tone) {
    case Tone::neutral: return theme.raised;
    case Tone::good: return theme.ok_bg;
    case Tone::warning: return theme.warn_bg;
    case Tone::error: return theme.err_bg;
    case Tone::hot: return theme.is_dark ? theme.err_bg : theme.warn_bg;
    case Tone::information: return theme.info_bg;
    case Tone::accent: return theme.accent_bg;
  }
  return theme.raised;
}

CellState cell_state(observe::ReplicaRole role) {
  switch (role) {
    case observe::ReplicaRole::leader: return CellState::leader;
    case observe::ReplicaRole::in_sync: return CellState::in_sync;
    case observe::ReplicaRole::out_of_sync: return CellState::out_of_sync;
    case observe::ReplicaRole::offline: return CellState::offline;
  }
  return CellState::offline;
}

}  // namespace ottla::ui
