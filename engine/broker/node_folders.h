// A node's log directories as `kafka-storage format` leaves them: the metadata log of a new node of
// a cluster whose log says who votes holds the first voters before it is anybody's (KIP-853).
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/broker/controller/metadata_quorum.h"
#include "engine/broker/data/log_directories.h"

namespace ottla::broker {

// Makes them this node's. Is it one of the config's initial voters, and new, the metadata log
// begins with the snapshot 00000000000000000000-0000000000 that names them all, and its directory
// has the id by which they name it. An error is a sentence.
[[nodiscard]] Result<void, std::string> claim_node_folders(LogDirectories& directories, Env& env,
                                                           const MetadataQuorumConfig& config);

}  // namespace ottla::broker
