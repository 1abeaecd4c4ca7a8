#include "engine/world/faults.h"

#include <fmt/format.h>

#include "engine/world/world.h"

namespace ottla::world {
namespace {

class Applier {
 public:
  explicit Applier(World& world) : world_(world) {}
  void operator()(const fault::Start& f) { world_.start(f.process); }
  void operator()(const fault::Kill& f) { world_.kill(f.process); }
  void operator()(const fault::PowerLoss& f) { world_.power_loss(f.process); }
  void operator()(const fault::Shutdown& f) { world_.shutdown(f.process); }
  void operator()(const fault::Restart& f) {
    f.clean ? world_.restart_cleanly(f.process, f.after) : world_.restart(f.process, f.after);
  }
  void operator()(const fault::Pause& f) { world_.pause(f.process); }
  void operator()(const fault::Resume& f) { world_.resume(f.process); }
  void operator()(const fault::Skew& f) { world_.set_clock_skew(f.process, f.by); }
  void operator()(const fault::Cut& f) {
    world_.cut(f.from, f.to);
    if (f.both_ways) world_.cut(f.to, f.from);
  }
  void operator()(const fault::Heal& f) {
    world_.heal(f.from, f.to);
    if (f.both_ways) world_.heal(f.to, f.from);
  }
  void operator()(const fault::SetLink& f) {
    world_.set_link(f.from, f.to, f.spec);
    if (f.both_ways) world_.set_link(f.to, f.from, f.spec);
  }
  void operator()(const fault::ResetConnections& f) { world_.reset_connections(f.a, f.b); }
  void operator()(const fault::SlowDisk& f) { world_.set_sync_latency(f.process, f.sync_latency); }
  void operator()(const fault::SpoilDisk& f) { world_.spoil_disk(f.process, f.trouble, f.folder); }
  void operator()(const fault::RotBit& f) {
    const SimDisk* disk = world_.sim_disk(f.process);
    if (disk == nullptr) return;
    world_.rot_bit(f.process, places_to_rot(f.where, f.prefix, disk->files()));
  }

 private:
  World& world_;
};

class Describer {
 public:
  explicit Describer(const World& world) : world_(world) {}
  std::string operator()(const fault::Start& f) { return "start " + name(f.process); }
  std::string operator()(const fault::Kill& f) { return "kill " + name(f.process); }
  std::string operator()(const fault::PowerLoss& f) { return "power loss of " + name(f.process); }
  std::string operator()(const fault::Shutdown& f) { return "shut down " + name(f.process); }
  std::string operator()(const fault::Restart& f) {
    return fmt::format("restart {} {}after {} ms", name(f.process), f.clean ? "cleanly " : "",
                       f.after.count_millis());
  }
  std::string operator()(const fault::Pause& f) { return "pause " + name(f.process); }
  std::string operator()(const fault::Resume& f) { return "resume " + name(f.process); }
  std::string operator()(const fault::Skew& f) {
    return fmt::format("set the clock of {} off by {} ms", name(f.process), f.by.count_millis());
  }
  std::string operator()(const fault::Cut& f) { return "cut " + pair(f.from, f.to, f.both_ways); }
  std::string operator()(const fault::Heal& f) { return "heal " + pair(f.from, f.to, f.both_ways); }
  std::string operator()(const fault::SetLink& f) {
    if (!f.spec) return "restore link " + pair(f.from, f.to, f.both_ways);
    return fmt::format("link {}: {} us latency, {} us {} jitter, {:.1f} % loss, {} bytes/s",
                       pair(f.from, f.to, f.both_ways), f.spec->latency.count_micros(),
                       f.spec->jitter.size.count_micros(), ottla::name(f.spec->jitter.shape),
                       f.spec->loss * 100, f.spec->bandwidth_bytes_per_s);
  }
  std::string operator()(const fault::ResetConnections& f) {
    return "reset the connections of " + pair(f.a, f.b, true);
  }
  std::string operator()(const fault::SlowDisk& f) {
    if (!f.sync_latency) return "restore the disk of " + name(f.process);
    return fmt::format("syncs of {} take {} ms", name(f.process), f.sync_latency->count_millis());
  }
  std::string operator()(const fault::SpoilDisk& f) {
    const std::string where = f.folder.empty() ? "" : fmt::format(" under {}", f.folder);
    switch (f.trouble) {
      case fault::DiskTrouble::none: return "the disk of " + name(f.process) + where + " works";
      case fault::DiskTrouble::full: return "the disk of " + name(f.process) + where + " is full";
      case fault::DiskTrouble::read_errors: return "reads fail on " + name(f.process) + where;
      case fault::DiskTrouble::write_errors: return "writes fail on " + name(f.process) + where;
      case fault::DiskTrouble::sync_errors: return "syncs fail on " + name(f.process) + where;
    }
    return {};
  }
  std::string operator()(const fault::RotBit& f) {
    return fmt::format("a bit rots on {} in {}{}", name(f.process), describe(f.where),
                       f.prefix.empty() ? "" : " under " + f.prefix);
  }

 private:
  std::string name(ProcessId process) const { return world_.spec_of(process).name; }
  std::string pair(ProcessId from, ProcessId to, bool both_ways) const {
    return name(from) + (both_ways ? " <-> " : " -> ") + name(to);
  }
  const World& world_;
};

}  // namespace

void apply_fault(World& world, const Fault& fault) {
  std::visit(Applier(world), fault);
}

std::string describe(const World& world, const Fault& fault) {
  return std::visit(Describer(world), fault);
}

void schedule(World& world, const FaultPlan& plan) {
  const Instant begin = world.now();
  for (const TimedFault& timed : plan) {
    world.at(begin + timed.after, [&world, fault = std::make_unique<Fault>(timed.fault)] {
      apply_fault(world, *fault);
    });
  }
}

}  // namespace ottla::world
