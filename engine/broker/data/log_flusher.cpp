#include "engine/broker/data/log_flusher.h"

namespace ottla::broker {

void LogFlusher::flush(Replica& replica) {
  if (replica.log().recovery_point() >= replica.log_end()) return;
  if (replica.log().sync_under_way()) {
    again_.insert(replica.key());
    return;
  }
  const DiskOperationId operation = next_;
  next_ = next_.next();
  under_way_.emplace(operation, replica.key());
  replica.log().start_sync(operation);
}

void LogFlusher::forget(const PartitionKey& key) {
  again_.erase(key);
  std::erase_if(under_way_, [&](const auto& entry) { return entry.second == key; });
}

void LogFlusher::step_ended(UnderWay::iterator at, Replica& replica,
                            const DiskResult<void>& result) {
  if (replica.log().on_synced(result) == storage::SyncState::under_way) return;
  under_way_.erase(at);
  if (again_.erase(replica.key()) > 0) flush(replica);
}

}  // namespace ottla::broker
