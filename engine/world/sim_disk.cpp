#include "engine/world/sim_disk.h"

namespace ottla::world {

Disk& SimDisk::start_process(SyncScheduler& scheduler) {
  process_ = std::make_unique<MemoryDisk>(files_, scheduler, MemoryDisk::Syncs::when_finished);
  return *process_;
}

Duration SimDisk::sync_duration(DiskOperationId operation) {
  Duration taken = timing_.sync_latency;
  if (timing_.sync_jitter_max > Duration{}) {
    taken += Duration::micros(draws_.between(0, timing_.sync_jitter_max.count_micros()));
  }
  if (timing_.bytes_per_second > 0 && process_ != nullptr) {
    const double bytes = static_cast<double>(process_->bytes_of_sync(operation));
    taken += Duration::micros(
        static_cast<std::int64_t>(bytes * 1e6 / static_cast<double>(timing_.bytes_per_second)));
  }
  return taken;
}

void SimDisk::finish_sync(DiskOperationId operation) {
  if (process_ != nullptr) process_->finish_sync(operation);
}

void SimDisk::lose_power() {
  end_process();
  files_.lose_power_tearing(draws_);
}

}  // namespace ottla::world
