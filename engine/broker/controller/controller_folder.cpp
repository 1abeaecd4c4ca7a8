#include "engine/broker/controller/controller_folder.h"

#include "engine/broker/data_folder.h"
#include "engine/storage/broker_files.h"

namespace ottla::broker {

namespace {

// What cannot be read is not new: claiming it says what is wrong with it.
bool is_new(Disk& disk) {
  const auto found = storage::read_meta_properties(disk);
  return found && !*found;
}

}  // namespace

Result<Uuid, std::string> claim_controller_folder(Env& env, const ControllerNodeConfig& config) {
  std::optional<Uuid> directory;
  const raft::Voter* self = config.initial_voters.find(config.node_id);
  if (self != nullptr && is_new(env.disk)) {
    directory = self->key.directory;
    if (auto written = MetadataLog::format(env.disk, config.initial_voters, env.clock.now());
        !written) {
      return failure(std::move(written.error()));
    }
  }
  return claim_data_folder(env.disk, env.random, config.cluster_id, config.node_id, directory);
}

}  // namespace ottla::broker
