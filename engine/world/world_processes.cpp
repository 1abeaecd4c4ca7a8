// The faults and lives of a world's processes and links.
#include <utility>

#include "engine/base/assert.h"
#include "engine/world/faults.h"
#include "engine/world/world.h"

namespace ottla::world {

HostState World::host_state(ProcessId id) const {
  if (id == outside) return HostState::listening;
  const Process& asked = process(id);
  if (asked.node != nullptr) return HostState::listening;
  return asked.status.powered_off ? HostState::powered_off : HostState::not_running;
}

void World::record_fault(std::string_view what, ProcessId a, ProcessId b, std::int64_t detail) {
  OTTLA_ASSERT(!in_node_);
  hash_.mix(now_.micros_since_epoch());
  hash_.mix(what);
  hash_.mix((static_cast<std::uint64_t>(a.value()) << 32) | b.value());
  hash_.mix(detail);
}

void World::announce(const Process& changed, ProcessChange change) {
  for (WorldListener* listener : listeners_) {
    listener->on_process(now_, changed.id, changed.spec.broker, change);
  }
}

void World::start(ProcessId id, Duration after) {
  record_fault("start", id, outside, after.count_micros());
  Process& target = process(id);
  events_.cancel(target.start);
  target.start = events_.schedule(now_ + after, [this, id] { begin(id); });
}

void World::begin(ProcessId id) {
  Process& target = process(id);
  if (target.node != nullptr) return;
  ++target.status.incarnation;
  target.status.state = ProcessState::running;
  target.status.powered_off = false;
  target.status.since = now_;
  if (!target.sim_disk) target.disk = target.spec.make_disk(*target.env);
  Disk& disk = target.sim_disk ? target.sim_disk->start_process(*target.env) : *target.disk;
  target.node = target.spec.make(target.env->env(disk));
  announce(target, ProcessChange::started);
  network_.on_process_started(id);
  deliver(id, {.kind = Delivery::Kind::start});
}

// The node is destroyed first: what it still does on its way out is part of its life.
void World::end(Process& target, Gone gone) {
  target.node.reset();
  target.disk.reset();
  if (target.sim_disk) target.sim_disk->end_process();
  target.held.clear();
  target.status.state = ProcessState::stopped;
  target.status.paused = false;
  target.status.powered_off = gone == Gone::power_lost;
  target.status.since = now_;
  network_.on_process_gone(target.id, gone == Gone::power_lost);
  switch (gone) {
    case Gone::stopped: announce(target, ProcessChange::stopped); break;
    case Gone::killed: announce(target, ProcessChange::killed); break;
    case Gone::power_lost: announce(target, ProcessChange::power_lost); break;
  }
  const auto start_after = std::exchange(target.start_after_stop, std::nullopt);
  if (gone == Gone::stopped && start_after) start(target.id, *start_after);
}

void World::kill(ProcessId id) {
  record_fault("kill", id);
  Process& target = process(id);
  events_.cancel(target.start);
  if (target.node != nullptr) end(target, Gone::killed);
}

void World::power_loss(ProcessId id) {
  record_fault("power_loss", id);
  Process& target = process(id);
  events_.cancel(target.start);
  if (target.node != nullptr) {
    end(target, Gone::power_lost);
  } else {
    target.status.powered_off = true;
  }
  if (target.sim_disk) target.sim_disk->lose_power();
}

void World::shutdown(ProcessId id) {
  record_fault("shutdown", id);
  Process& target = process(id);
  events_.cancel(target.start);
  if (target.status.state != ProcessState::running) return;
  target.status.state = ProcessState::stopping;
  target.status.since = now_;
  deliver(id, {.kind = Delivery::Kind::shutdown});
}

void World::restart(ProcessId id, Duration after) {
  kill(id);
  start(id, after);
}

void World::restart_cleanly(ProcessId id, Duration after) {
  Process& target = process(id);
  if (target.node == nullptr) return start(id, after);
  target.start_after_stop = after;
  shutdown(id);
}

void World::pause(ProcessId id) {
  record_fault("pause", id);
  Process& target = process(id);
  if (target.node == nullptr || target.status.paused) return;
  target.status.paused = true;
  target.status.since = now_;
  announce(target, ProcessChange::paused);
}

void World::resume(ProcessId id) {
  record_fault("resume", id);
  Process& target = process(id);
  if (!target.status.paused) return;
  target.status.paused = false;
  target.status.since = now_;
  announce(target, ProcessChange::resumed);
  const std::uint32_t incarnation = target.status.incarnation;
  events_.schedule(now_, [this, id, incarnation] { drain_held(id, incarnation); });
}

void World::set_clock_skew(ProcessId id, Duration skew) {
  record_fault("skew", id, outside, skew.count_micros());
  process(id).status.clock_skew = skew;
  process(id).env->set_clock_skew(skew);
}

void World::set_sync_latency(ProcessId id, std::optional<Duration> latency) {
  record_fault("sync_latency", id, outside, latency ? latency->count_micros() : -1);
  Process& target = process(id);
  if (!target.sim_disk) return;
  target.sim_disk->timing().sync_latency = latency.value_or(target.spec.disk_timing.sync_latency);
}

void World::spoil_disk(ProcessId id, fault::DiskTrouble trouble, std::string_view folder) {
  record_fault("spoil_disk", id, outside, static_cast<std::int64_t>(trouble));
  if (!folder.empty()) hash_.mix(folder);
  SimDisk* disk = process(id).sim_disk.get();
  if (disk == nullptr) return;
  DiskFaults faults;
  switch (trouble) {
    case fault::DiskTrouble::none: break;
    case fault::DiskTrouble::full: faults.capacity_bytes = disk->files().used_bytes(folder); break;
    case fault::DiskTrouble::read_errors: faults.reads_fail = true; break;
    case fault::DiskTrouble::write_errors: faults.writes_fail = true; break;
    case fault::DiskTrouble::sync_errors: faults.syncs_fail = true; break;
  }
  disk->faults_below(folder) = faults;
}

void World::rot_bit(ProcessId id, const std::vector<FileRange>& places) {
  record_fault("rot_bit", id);
  SimDisk* disk = process(id).sim_disk.get();
  if (disk == nullptr) return;
  if (const auto path = disk->rot_bit(places)) hash_.mix(*path);
}

void World::cut(ProcessId from, ProcessId to) {
  record_fault("cut", from, to);
  network_.cut(from, to);
}

void World::heal(ProcessId from, ProcessId to) {
  record_fault("heal", from, to);
  network_.heal(from, to);
}

void World::set_link(ProcessId from, ProcessId to, const std::optional<LinkSpec>& spec) {
  record_fault("set_link", from, to, spec ? spec->latency.count_micros() : -1);
  network_.set_link(from, to, spec);
}

void World::reset_connections(ProcessId a, ProcessId b) {
  record_fault("reset", a, b);
  network_.reset(a, b);
}

}  // namespace ottla::world
