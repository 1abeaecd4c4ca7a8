#include "ui/canvas/motion.h"

namespace ottla::ui {
namespace {
bool reduced_motion = false;
}

bool motion_reduced() {
  return reduced_motion;
}
void set_motion_reduced(bool reduced) {
  reduced_motion = reduced;
}

}  // namespace ottla::ui
