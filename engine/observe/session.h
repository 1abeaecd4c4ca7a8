// The one way to a cluster for everything that shows or steers it. A simulated cluster, a replay
// and a live cluster are three implementations; what a session can do is data in its Snapshot.
//
// Every function may be called from any thread and returns at once.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/observe/command.h"
#include "engine/observe/event.h"
#include "engine/observe/snapshot.h"

namespace ottla::observe {

// What became of a command: empty when it was done, else the reason why nothing was changed.
using CommandResult = std::string;

class ClusterSession {
 public:
  virtual ~ClusterSession() = default;

  // Queues a command. `done` (may be empty) is called once, on the session's own thread.
  virtual void post(Command command, std::function<void(CommandResult)> done) = 0;
  void post(Command command) { post(std::move(command), {}); }

  // The newest Snapshot; never null.
  [[nodiscard]] virtual std::shared_ptr<const Snapshot> snapshot() = 0;

  // The events since the last call; bounded, and says how many it dropped.
  [[nodiscard]] virtual EventBatch take_events() = 0;

  // `wake` is called, on the session's own thread, when there is a new Snapshot or event; at most
  // 60 times a second. It must return at once. An empty function ends it; after that it is not
  // called again.
  virtual void on_change(std::function<void()> wake) = 0;
};

}  // namespace ottla::observe
