// Which numbers of processes are brokers and which controllers, so that an event's subject is
// known.
#pragma once

#include "engine/observe/snapshot.h"
#include "ui/feed/selection.h"

namespace ottla::ui {

[[nodiscard]] inline EventSubjects subjects_of(const observe::Snapshot& snapshot) {
  EventSubjects subjects;
  for (const auto& broker : snapshot.brokers) subjects.brokers.push_back(broker.id);
  for (const auto& controller : snapshot.controllers) {
    subjects.controllers.push_back(controller.id);
  }
  return subjects;
}

}  // namespace ottla::ui
