// Where a node's log directories are (log.dirs, log.dir and metadata.log.dir), and where their
// files lie on the node's disk.
#pragma once

#include <string>
#include <vector>

#include "engine/metadata/image.h"

namespace ottla::broker {

struct LogDirPlace {
  std::string path;    // As the configuration names it.
  std::string folder;  // Of the node's disk; empty: all of it.
};

struct LogDirPlaces {
  std::vector<LogDirPlace> logs;  // log.dirs, in their order.
  LogDirPlace metadata;           // metadata.log.dir, or else the first of those.
};

// A node that has one directory has all of its disk for it. Of several, each has the folder of its
// path, without the slashes in front.
[[nodiscard]] LogDirPlaces log_dir_places(const metadata::ConfigValues& settings);

}  // namespace ottla::broker
