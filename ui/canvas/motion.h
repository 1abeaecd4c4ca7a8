// Whether things may move: the person's setting, which every animation asks before it begins.
#pragma once

namespace ottla::ui {

[[nodiscard]] bool motion_reduced();
void set_motion_reduced(bool reduced);

}  // namespace ottla::ui
