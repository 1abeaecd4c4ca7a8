#include "engine/world/process_env.h"

#include <utility>

#include "engine/world/world.h"

namespace ottla::world {
namespace {

constexpr ProcessorCosts costs;

}  // namespace

Instant ProcessEnv::now() const {
  return world_.now() + skew_;
}

TimerId ProcessEnv::arm(Duration after) {
  return world_.arm(process_, after);
}

void ProcessEnv::cancel(TimerId timer) {
  world_.cancel_timer(process_, timer);
}

ConnectionId ProcessEnv::connect(const Endpoint& to) {
  return world_.network_.connect(process_, to);
}

void ProcessEnv::send(ConnectionId connection, ByteChain frame) {
  processor_nanos_ +=
      costs.message_nanos + costs.byte_nanos * static_cast<std::int64_t>(frame.size());
  world_.network_.send(process_, connection, std::move(frame));
}

void ProcessEnv::close(ConnectionId connection) {
  world_.network_.close(process_, connection);
}

void ProcessEnv::begun(ConnectionId connection, std::size_t bytes) {
  processor_nanos_ += costs.request_nanos + costs.byte_nanos * static_cast<std::int64_t>(bytes);
  if (world_.external_sink_ == nullptr) return;
  world_.external_sink_->on_begun(SimNetwork::other_end(connection), bytes);
}

void ProcessEnv::tell(const probe::Fact& fact) {
  world_.tell(process_, fact);
}

void ProcessEnv::schedule_sync_done(DiskOperationId operation, DiskResult<void> result) {
  world_.sync_scheduled(process_, operation, result);
}

}  // namespace ottla::world
