// A controller's log directories as `kafka-storage format` leaves them: the metadata log of a new
// one of a cluster whose log says who votes holds the first voters before it is anybody's
// (KIP-853).
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/base/uuid.h"
#include "engine/broker/controller/controller_node.h"

namespace ottla::broker {

// Makes them this controller's. Is it one of the config's initial voters, and new, the metadata log
// begins with the snapshot 00000000000000000000-0000000000 that names them all, and its directory
// has the id by which they name it. An error is a sentence.
[[nodiscard]] Result<void, std::string> claim_controller_folders(
    LogDirectories& directories, Env& env, const ControllerNodeConfig& config);

}  // namespace ottla::broker
