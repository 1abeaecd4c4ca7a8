#include "ui/canvas/theme.h"

#include <QPainter>
#include <algorithm>
#include <array>
#include <cmath>

#include "tests/support/test_registry.h"
#include "ui/canvas/glyphs.h"
#include "ui/canvas/icons.h"

using namespace ottla::ui;

namespace {

using Linear = std::array<double, 3>;

double to_linear(int channel) {
  const double c = channel / 255.0;
  return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

Linear linear(const QColor& c) {
  return {to_linear(c.red()), to_linear(c.green()), to_linear(c.blue())};
}

// WCAG 2.
double contrast(const QColor& a, const QColor& b) {
  const auto luminance = [](const QColor& c) {
    const Linear l = linear(c);
    return 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2];
  };
  const auto [low, high] = std::minmax({luminance(a), luminance(b)});
  return (high + 0.05) / (low + 0.05);
}

// Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
using Matrix = std::array<std::array<double, 3>, 3>;
constexpr Matrix normal = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
constexpr Matrix protanopia = {{{0.152286, 1.052583, -0.204868},
                                {0.114503, 0.786281, 0.099216},
                                {-0.003882, -0.048116, 1.051998}}};
constexpr Matrix deuteranopia = {{{0.367322, 0.860646, -0.227968},
                                  {0.280085, 0.672501, 0.047413},
                                  {-0.011820, 0.042940, 0.968881}}};
constexpr Matrix tritanopia = {{{1.255528, -0.076749, -0.178779},
                                {-0.078411, 0.930809, 0.147602},
                                {0.004733, 0.691367, 0.303900}}};

Linear lab(const QColor& colour, const Matrix& seen) {
  const Linear in = linear(colour);
  Linear rgb{};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) rgb[row] += seen[row][column] * in[column];
    rgb[row] = std::clamp(rgb[row], 0.0, 1.0);
  }
  const double x = (0.4124564 * rgb[0] + 0.3575761 * rgb[1] + 0.1804375 * rgb[2]) / 0.95047;
  const double y = 0.2126729 * rgb[0] + 0.7151522 * rgb[1] + 0.0721750 * rgb[2];
  const double z = (0.0193339 * rgb[0] + 0.1191920 * rgb[1] + 0.9503041 * rgb[2]) / 1.08883;
  const auto f = [](double t) {
    return t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116;
  };
  return {116 * f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z))};
}

double difference(const QColor& a, const QColor& b, const Matrix& seen) {
  const Linear left = lab(a, seen);
  const Linear right = lab(b, seen);
  return std::hypot(left[0] - right[0], left[1] - right[1], left[2] - right[2]);
}

void check_pairs(const char* what, const std::vector<std::pair<QColor, QColor>>& pairs) {
  const std::pair<const char*, const Matrix*> sights[] = {{"normal", &normal},
                                                          {"deuteranopia", &deuteranopia},
                                                          {"protanopia", &protanopia},
                                                          {"tritanopia", &tritanopia}};
  for (const auto& [name, matrix] : sights) {
    double closest = 1e9;
    for (const auto& [a, b] : pairs) closest = std::min(closest, difference(a, b, *matrix));
    QVERIFY2(closest >= 15, qPrintable(QString("%1, %2: %3").arg(what, name).arg(closest)));
  }
}

std::vector<std::pair<QColor, QColor>> every_pair(const std::vector<QColor>& colours) {
  std::vector<std::pair<QColor, QColor>> pairs;
  for (std::size_t i = 0; i < colours.size(); ++i) {
    for (std::size_t j = i + 1; j < colours.size(); ++j) pairs.emplace_back(colours[i], colours[j]);
  }
  return pairs;
}

#define AT_LEAST(limit, a, b)                                                                 \
  QVERIFY2(contrast(a, b) >= (limit), qPrintable(QString(#a " on " #b ": %1 in the %2 theme") \
                                                     .arg(contrast(a, b))                     \
                                                     .arg(t.is_dark ? "dark" : "light")))

}  // namespace

class ThemeTest : public QObject {
  Q_OBJECT
 private slots:
  void text_reads_on_every_surface();
  void words_of_a_tone_read_on_its_ground();
  void content_reads_on_its_cell();
  void marks_stand_out_from_where_they_are_drawn();
  void colours_that_are_compared_differ_for_every_eye();
  void epoch_0_and_none_draw_no_edge_and_the_hue_repeats_after_8();
  void every_glyph_and_icon_draws_something();
};

void ThemeTest::text_reads_on_every_surface() {
  for (const Theme& t : {Theme::dark(), Theme::light()}) {
    for (const QColor& surface : {t.bg, t.panel, t.card, t.raised}) {
      AT_LEAST(4.5, t.t1, surface);
      AT_LEAST(4.5, t.t2, surface);
      AT_LEAST(4.5, t.t3, surface);
      AT_LEAST(4.5, t.accent, surface);
      AT_LEAST(4.5, t.ok, surface);
      AT_LEAST(4.5, t.warn, surface);
      AT_LEAST(4.5, t.err, surface);
    }
    AT_LEAST(4.5, t.on_accent, t.accent);
    AT_LEAST(4.5, t.t1, t.accent_bg);
    AT_LEAST(4.5, t.t1, t.hover);
  }
}

void ThemeTest::words_of_a_tone_read_on_its_ground() {
  for (const Theme& t : {Theme::dark(), Theme::light()}) {
    AT_LEAST(4.5, t.ok, t.ok_bg);
    AT_LEAST(4.5, t.warn, t.warn_bg);
    AT_LEAST(4.5, t.err, t.err_bg);
    AT_LEAST(4.5, t.info, t.info_bg);
    AT_LEAST(4.5, t.accent, t.accent_bg);
    AT_LEAST(4.5, t.t1, t.warn_bg);
    AT_LEAST(4.5, t.t1, t.err_bg);
    AT_LEAST(4.5, t.t2, t.err_bg);
    AT_LEAST(4.5, t.heat, tone_background(t, Tone::hot));
  }
}

void ThemeTest::content_reads_on_its_cell() {
  for (const Theme& t : {Theme::dark(), Theme::light()}) {
    for (const CellColours& cell : t.cells) AT_LEAST(4.5, cell.content, cell.fill);
    AT_LEAST(4.5, t.truncated_hatch, t.cell(CellState::truncated).fill);
    AT_LEAST(3.0, t.cell(CellState::leader).fill, t.cell(CellState::in_sync).fill);
  }
}

void ThemeTest::marks_stand_out_from_where_they_are_drawn() {
  for (const Theme& t : {Theme::dark(), Theme::light()}) {
    for (const QColor& family : t.families) AT_LEAST(3.0, family, t.bg);
    for (const QColor& epoch : t.epochs) AT_LEAST(3.0, epoch, t.card);
    for (const QColor& series : t.series) AT_LEAST(3.0, series, t.panel);
    AT_LEAST(3.0, t.cell(CellState::leader).fill, t.card);
    AT_LEAST(3.0, t.cell(CellState::offline).outline, t.card);
    // The out-of-sync fill is told from its card by itself or by its outline.
    const CellColours& behind = t.cell(CellState::out_of_sync);
    AT_LEAST(3.0, (behind.outline.isValid() ? behind.outline : behind.fill), t.card);
    AT_LEAST(3.0, t.sel, t.bg);
    AT_LEAST(3.0, t.heat, t.card);
    AT_LEAST(3.0, t.group_flag, t.bg);
  }
}

void ThemeTest::colours_that_are_compared_differ_for_every_eye() {
  for (const Theme& t : {Theme::dark(), Theme::light()}) {
    check_pairs(
        "replica states",
        every_pair({t.cell(CellState::leader).fill, t.cell(CellState::in_sync).fill,
                    t.cell(CellState::out_of_sync).fill, t.cell(CellState::offline).outline}));
    check_pairs("API families",
                every_pair(std::vector<QColor>(t.families.begin(), t.families.end())));
    std::vector<std::pair<QColor, QColor>> neighbours;
    for (std::size_t i = 0; i < 8; ++i) neighbours.emplace_back(t.epochs[i], t.epochs[(i + 1) % 8]);
    check_pairs("consecutive epochs", neighbours);
  }
}

void ThemeTest::epoch_0_and_none_draw_no_edge_and_the_hue_repeats_after_8() {
  const Theme& t = Theme::dark();
  QVERIFY(!t.epoch_edge(0).isValid());
  QVERIFY(!t.epoch_edge(-1).isValid());
  QCOMPARE(t.epoch_edge(3), t.epochs[3]);
  QCOMPARE(t.epoch_edge(11), t.epochs[3]);
  // Only 0 itself has no edge: an epoch of 8 shows the first hue.
  QCOMPARE(t.epoch_edge(8), t.epochs[0]);
}

void ThemeTest::every_glyph_and_icon_draws_something() {
  for (int i = 0; i <= static_cast<int>(Glyph::lock); ++i) {
    QVERIFY2(!glyph_shape(static_cast<Glyph>(i)).path.isEmpty(), qPrintable(QString::number(i)));
  }
  for (int i = 0; i <= static_cast<int>(Icon::plug); ++i) {
    const IconShape& shape = icon_shape(static_cast<Icon>(i));
    QVERIFY2(!shape.strokes.isEmpty() || !shape.fills.isEmpty(), qPrintable(QString::number(i)));
    const QRectF all = shape.strokes.boundingRect() | shape.fills.boundingRect();
    QVERIFY2(QRectF(1, 1, 18, 18).contains(all.adjusted(-0.1, -0.1, 0.1, 0.1)),
             qPrintable(QString::number(i)));
  }
}

OTTLA_TEST(ThemeTest)
#include "theme_test.moc"
