// The part of Replicas that moves partitions between log directories (KIP-113).
#include <fmt/format.h>

#include <algorithm>

#include "engine/broker/data/replicas.h"
#include "engine/storage/partition_folder.h"

namespace ottla::broker {

using protocol::ErrorCode;
using Consent = FutureLogs::Future::Consent;

// ReplicaManager.alterReplicaLogDirs, once the directory is known to work.
ErrorCode Replicas::move_to(const PartitionKey& key, const std::string& topic,
                            LogDirectory& directory) {
  if (offline_.count(key) > 0) return ErrorCode::kafka_storage_error;
  const storage::TopicPartition name{topic, key.index};
  if (const auto* future = futures_.find(key); future != nullptr) {
    if (&future->directory == &directory) return ErrorCode::none;
    cancel_move(key);
  }
  Replica* replica = find(key);
  if (replica == nullptr) {
    preferred_[name] = &directory;  // For when it comes to be here.
    return ErrorCode::replica_not_available;
  }
  if (&replica->directory() == &directory) return ErrorCode::none;
  // It might lie in one of those that are offline already.
  if (directories_.has_offline()) return ErrorCode::kafka_storage_error;
  return begin_move(*replica, directory, futures_.new_folder(name));
}

ErrorCode Replicas::begin_move(Replica& replica, LogDirectory& directory,
                               const std::string& folder) {
  if (const auto begun = futures_.begin(replica, directory, folder); !begun)
    return storage::error_code_of(begun.error());
  cleaner_.pause(replica);
  return ErrorCode::none;
}

// Where the controller may have heard of the new directory, it hears of the old one again.
void Replicas::cancel_move(const PartitionKey& key, FutureLogs::Files files) {
  const auto* future = futures_.find(key);
  if (future == nullptr) return;
  if (future->consent != Consent::not_asked) misplaced_[key] = future->replica.directory().id();
  cleaner_.resume(future->replica);
  futures_.end(key, files);
}

void Replicas::directory_accepted(const PartitionKey& key, const Uuid& directory) {
  const auto* future = futures_.find(key);
  if (future != nullptr && future->consent == Consent::asked && future->directory.id() == directory)
    futures_.set_consent(key, Consent::given);
}

void Replicas::advance_moves() {
  for (const PartitionKey& key : futures_.on_time()) {
    const FutureLogs::Future& future = *futures_.find(key);
    note_moved(future.replica);
    if (future.consent == Consent::given) {
      complete_move(key);
      continue;
    }
    futures_.set_consent(key, Consent::asked);
    misplaced_[key] = future.directory.id();
  }
}

// A leader's epoch that nothing was written in yet came with no record. Kafka forgets it, and then
// has followers of an earlier epoch out of range until the next record.
bool Replicas::keep_epoch_of(const Replica& replica, storage::Log& log) {
  const replication::LeaderState* leader = replica.leader();
  if (leader == nullptr) return true;
  const Offset start = std::max(leader->epoch_start(), log.log_start());
  return log.assign_epoch(leader->leader_epoch(), start).has_value();
}

// LogManager.replaceCurrentWithFutureLog: first the future log gets the name, then the other loses
// it. Until both is done there are two of the name, and a broker that starts then does not choose.
void Replicas::complete_move(const PartitionKey& key) {
  Replica& replica = *find(key);
  const storage::TopicPartition name{replica.topic(), key.index};
  const std::string folder = storage::folder_name(name);
  LogDirectory& from = replica.directory();
  LogDirectory& to = futures_.find(key)->directory;
  const auto closed = futures_.close(key);
  // A failure of the disk is the directory's, and what becomes of it is settled with that.
  if (!closed || !to.disk().rename(*closed, folder)) return cleaner_.resume(replica);
  auto log = storage::Log::open(
      to.disk(), folder, rules_of(name.topic).log,
      {.now = env_.clock.now(), .clean_shutdown = true, .log_start = replica.log_start()});
  if (!log || !keep_epoch_of(replica, *log)) return cleaner_.resume(replica);
  flusher_.forget(key);
  cleaner_.moved(replica, to);
  from.forget(name);
  replica.move_to(to, *std::move(log));
  if (!from.disk().remove_folder(folder)) {
    env_.probe.tell(probe::Noted{probe::Noted::Level::warning,
                                 fmt::format("{}/{} could not be deleted", from.path(), folder)});
  }
  flusher_.flush(replica);
  note_moved(replica);
}

void Replicas::find_futures() {
  if (directories_.all().size() == 1) return;
  for (LogDirectory* directory : directories_.online()) {
    const auto names = directory->disk().list("");
    if (!names) continue;
    for (const std::string& name : *names) {
      if (name.empty() || name.back() != '/') continue;
      const std::string folder = name.substr(0, name.size() - 1);
      if (const auto of = FutureLogs::parse_folder(folder))
        left_futures_.emplace(*of, LeftFuture{directory, folder});
    }
  }
}

// What the process before was moving goes on.
void Replicas::resume_move(Replica& replica) {
  const auto left = left_futures_.extract({replica.topic(), replica.key().index});
  if (left.empty()) return;
  auto& [directory, folder] = left.mapped();
  const auto owner = directory->owner_of(folder);
  if (!owner || *owner != replica.key().topic || directory == &replica.directory()) return;
  (void)begin_move(replica, *directory, folder);
}

// LogManager.recoverAbandonedFutureLogs: a future log in the directory that the controller knows of
// is what the process before was about to put in place.
void Replicas::recover_abandoned(const PartitionKey& key, const storage::TopicPartition& name,
                                 const Uuid& assigned) {
  const auto left = left_futures_.find(name);
  if (left == left_futures_.end() || left->second.directory->id() != assigned) return;
  const auto [directory, left_folder] = left->second;
  const auto owner = directory->owner_of(left_folder);
  if (!owner || *owner != key.topic) return;
  left_futures_.erase(left);
  const std::string folder = storage::folder_name(name);
  LogDirectory* before = holder_of(key, name);
  if (before == directory) return;
  if (!directory->disk().rename(left_folder, folder)) return;
  if (before == nullptr) return;
  before->forget(name);
  (void)before->disk().remove_folder(folder);
}

}  // namespace ottla::broker
