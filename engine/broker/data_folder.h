// A node's data folder as its own: meta.properties names the cluster and the node that it belongs
// to.
#pragma once

#include <optional>
#include <string>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/base/uuid.h"
#include "engine/env/disk.h"
#include "engine/env/random.h"

namespace ottla::broker {

// The folder's directory id. An empty folder becomes this node's, with `directory_id`, or else one
// drawn from `random`.
// One of another cluster or node, or whose meta.properties cannot be read, is not touched: the
// error is a sentence.
[[nodiscard]] Result<Uuid, std::string> claim_data_folder(Disk& disk, Random& random,
                                                          const std::string& cluster_id,
                                                          BrokerId node_id,
                                                          std::optional<Uuid> directory_id = {});

}  // namespace ottla::broker
