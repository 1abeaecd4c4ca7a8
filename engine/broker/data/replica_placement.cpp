// The part of Replicas that says in which log directory a partition lies (KIP-112, KIP-858).
#include <fmt/format.h>

#include <algorithm>

#include "engine/broker/data/replicas.h"
#include "engine/metadata/directory_id.h"
#include "engine/metadata/partition_rules.h"
#include "engine/storage/partition_folder.h"

namespace ottla::broker {

// Of one directory nothing needs to be asked.
LogDirectory* Replicas::holder_of(const PartitionKey& key, const storage::TopicPartition& name) {
  LogDirectory* holder = nullptr;
  const std::string folder = storage::folder_name(name);
  for (LogDirectory* directory : directories_.online()) {
    const auto owner = directory->owner_of(folder);
    if (!owner || *owner != key.topic) continue;
    if (holder != nullptr) {
      broken_ = fmt::format(
          "Duplicate log directories for {} are found in both {}/{} and {}/{}. It is likely "
          "because log directory failure happened while broker was replacing current replica with "
          "future replica. Recover broker from this failure by manually deleting one of the two "
          "directories for this partition. It is recommended to delete the partition in the log "
          "directory that is known to have failed recently.",
          folder, directory->path(), folder, holder->path(), folder);
      return holder;
    }
    holder = directory;
  }
  return holder;
}

// As Partition.createLogInAssignedDirectoryId and LogManager.getOrCreateLog: while a directory is
// offline, only what surely does not lie there may be made elsewhere.
LogDirectory* Replicas::directory_for(const PartitionKey& key, const storage::TopicPartition& name,
                                      const Uuid& assigned) {
  if (directories_.all().size() == 1) return directories_.all().front();
  recover_abandoned(key, name, assigned);
  if (LogDirectory* holder = holder_of(key, name)) return holder;
  LogDirectory* wanted = directories_.online(assigned);
  if (wanted == nullptr && directories_.has_offline() &&
      assigned != metadata::unassigned_directory) {
    env_.probe.tell(probe::Noted{
        probe::Noted::Level::warning,
        fmt::format("Skipping creation of log {} because there are potentially offline log "
                    "directories and log may already exist there. directoryId={}",
                    storage::folder_name(name), assigned.to_string())});
    return nullptr;
  }
  const auto preferred = preferred_.extract(name);
  if (!preferred.empty() && preferred.mapped()->is_online()) return preferred.mapped();
  return wanted != nullptr ? wanted : with_fewest_logs();
}

// The first of those that have the fewest.
LogDirectory* Replicas::with_fewest_logs() const {
  std::map<const LogDirectory*, std::size_t> logs;
  for (const auto& [key, replica] : replicas_) ++logs[&replica->directory()];
  for (const auto& [key, future] : futures_.all()) ++logs[&future.directory];
  const auto online = directories_.online();
  const auto least =
      std::min_element(online.begin(), online.end(),
                       [&](LogDirectory* a, LogDirectory* b) { return logs[a] < logs[b]; });
  return least == online.end() ? nullptr : *least;
}

// While it moves, the controller may know of the directory that it is to have.
void Replicas::note_misplaced(const Replica& replica, const Uuid& assigned) {
  if (futures_.find(replica.key()) != nullptr) return;
  const Uuid& actual = replica.directory().id();
  if (assigned != actual && metadata::supports_directory_assignment(image_))
    misplaced_[replica.key()] = actual;
}

bool Replicas::is_stray(const LogDirectory& directory, const storage::TopicPartition& name) const {
  const metadata::Topic* topic = image_.topic(name.topic);
  if (topic == nullptr) return true;
  const auto partition = topic->partitions.find(name.partition);
  if (partition == topic->partitions.end() ||
      !metadata::contains(partition->second.replicas, config_.node_id))
    return true;
  // A topic that had the same name may have left a log in another directory.
  const Replica* replica = find(PartitionKey{topic->id, name.partition});
  return replica != nullptr && &replica->directory() != &directory;
}

}  // namespace ottla::broker
