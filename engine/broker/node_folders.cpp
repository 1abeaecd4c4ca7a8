#include "engine/broker/node_folders.h"

#include "engine/storage/broker_files.h"

namespace ottla::broker {

namespace {

// What cannot be read is not new: claiming it says what is wrong with it.
bool is_new(Disk& disk) {
  const auto found = storage::read_meta_properties(disk);
  return found && !*found;
}

}  // namespace

Result<void, std::string> claim_node_folders(LogDirectories& directories, Env& env,
                                             const MetadataQuorumConfig& config) {
  Disk& disk = directories.metadata().disk();
  const raft::Voter* self = config.initial_voters.find(config.node_id);
  std::optional<Uuid> metadata_id;
  if (self != nullptr && is_new(disk)) {
    if (auto written = MetadataLog::format(disk, config.initial_voters, env.clock.now()); !written)
      return failure(std::move(written.error()));
    metadata_id = self->key.directory;
  }
  return directories.claim(env.random, {config.cluster_id, config.node_id, metadata_id});
}

}  // namespace ottla::broker
