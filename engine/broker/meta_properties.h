// meta.properties: which cluster and node a data folder belongs to (version 1, as `kafka-storage
// format` writes it).
#pragma once

#include <optional>
#include <string>

#include "engine/base/ids.h"
#include "engine/base/uuid.h"
#include "engine/env/disk.h"

namespace ottla::broker {

struct MetaProperties {
  std::string cluster_id;
  BrokerId node_id = no_broker;
  Uuid directory_id;
  bool operator==(const MetaProperties&) const = default;
};

// Nothing where the file is missing or says something else.
[[nodiscard]] std::optional<MetaProperties> read_meta_properties(Disk& disk);
[[nodiscard]] DiskResult<void> write_meta_properties(Disk& disk, const MetaProperties& properties);

}  // namespace ottla::broker
