#include "engine/env/watched_disk.h"

namespace ottla {

bool WatchedDisk::note_synced(DiskOperationId operation, const DiskResult<void>& result) {
  if (syncs_.erase(operation) == 0) return false;
  (void)watch(result, "sync", "a file");
  return true;
}

void WatchedDisk::note(DiskError error, std::string_view doing, std::string_view what) {
  if (error == DiskError::not_found || error == DiskError::already_exists) return;
  failure_ = std::string(describe(error)) + ", on trying to " + std::string(doing) + " " +
             std::string(what);
}

}  // namespace ottla
