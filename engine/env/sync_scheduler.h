// Where a Disk says that a sync has ended, so that whoever runs the node calls Node::on_disk: at
// once, after a simulated latency, or from a queue.
#pragma once

#include "engine/env/disk.h"

namespace ottla {

struct SyncScheduler {
  virtual ~SyncScheduler() = default;
  // Called once for every Disk::sync, with what the node shall be told. It may be called inside of
  // Disk::sync, so the node must be told later, not from here.
  virtual void schedule_sync_done(DiskOperationId operation, DiskResult<void> result) = 0;
};

}  // namespace ottla
