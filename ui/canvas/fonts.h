// The two typefaces and their sizes. Sizes are given as in the design, where 12 is body text, and
// scale with the person's setting (0.8 to 2.0).
#pragma once

#include <QFont>

namespace ottla::ui {

// Inter, for words.
[[nodiscard]] QFont words(double size = 12, int weight = 400);
// JetBrains Mono, for ids, numbers and times; the NL cut where it is installed, so that `!=` stays
// two signs.
[[nodiscard]] QFont mono(double size = 11, int weight = 400);

// The person's text size; 1.0 is as designed. Widgets see the change as a QEvent::FontChange.
[[nodiscard]] double text_scale();
void set_text_scale(double scale);

}  // namespace ottla::ui
