// What can be done to each thing on the map, as menus that post commands. What the session cannot
// do is there, disabled, so that a person learns that it exists.
#pragma once

#include <QMenu>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ui/canvas/map_painter.h"
#include "ui/feed/session_feed.h"

namespace ottla::ui {

struct PickedProcess {
  std::string name;  // As commands spell it.
  QString title;     // "Broker 4"
  observe::ProcessStatus status = observe::ProcessStatus::unknown;
};
// The process behind a pick, when it is one.
[[nodiscard]] std::optional<PickedProcess> process_of(const observe::Snapshot& snapshot,
                                                      const MapPick& pick);

// Empty when nothing is picked.
[[nodiscard]] std::unique_ptr<QMenu> fault_menu(const observe::Snapshot& snapshot,
                                                const MapPick& pick, SessionFeed& feed);
// For brokers in a lasso: cut them from the rest.
[[nodiscard]] std::unique_ptr<QMenu> partition_menu(const observe::Snapshot& snapshot,
                                                    const std::vector<std::string>& brokers,
                                                    SessionFeed& feed);

}  // namespace ottla::ui
