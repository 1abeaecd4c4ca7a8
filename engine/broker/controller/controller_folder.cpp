#include "engine/broker/controller/controller_folder.h"

#include <fmt/format.h>

#include "engine/storage/broker_files.h"

namespace ottla::broker {

namespace {

// What cannot be read is not new: claiming it says what is wrong with it.
bool is_new(Disk& disk) {
  const auto found = storage::read_meta_properties(disk);
  return found && !*found;
}

}  // namespace

Result<void, std::string> claim_controller_folders(LogDirectories& directories, Env& env,
                                                   const ControllerNodeConfig& config) {
  Disk& disk = directories.metadata().disk();
  const raft::Voter* self = config.initial_voters.find(config.node_id);
  if (self != nullptr && is_new(disk)) {
    if (auto written = MetadataLog::format(disk, config.initial_voters, env.clock.now()); !written)
      return failure(std::move(written.error()));
    const auto named = storage::write_meta_properties(
        disk, {config.cluster_id, config.node_id, self->key.directory});
    if (!named) {
      return failure(
          fmt::format("The data folder cannot be written: {}", storage::message(named.error())));
    }
  }
  return directories.claim(env.random, config.cluster_id, config.node_id);
}

}  // namespace ottla::broker
