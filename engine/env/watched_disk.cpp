#include "engine/env/watched_disk.h"

namespace ottla {

void WatchedDisk::note(DiskError error, std::string_view doing, std::string_view what) {
  if (error == DiskError::not_found || error == DiskError::already_exists) return;
  failure_ = std::string(describe(error)) + ", on trying to " + std::string(doing) + " " +
             std::string(what);
}

}  // namespace ottla
