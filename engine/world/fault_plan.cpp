#include "engine/world/fault_plan.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "engine/base/assert.h"
#include "engine/base/weighted.h"
#include "engine/world/world.h"

namespace ottla::world {
namespace {

// Draws one plan. A process or link that is impaired is left alone until its repair.
class Planner {
 public:
  Planner(Prng prng, const FaultTargets& targets, Duration duration, const FaultProfile& profile)
      : prng_(prng),
        rot_draws_(prng.next()),
        nodes_(targets.nodes),
        zones_(targets.zones),
        folders_(targets.folders),
        observers_(targets.observers),
        profile_(profile) {
    end_ = Duration::micros(static_cast<std::int64_t>(static_cast<double>(duration.count_micros()) *
                                                      (1 - profile.quiet_share)));
  }

  FaultPlan draw() {
    while (true) {
      const double gap =
          prng_.exponential(static_cast<double>(profile_.between_mean.count_micros()));
      now_ += Duration::micros(static_cast<std::int64_t>(gap) + 1);
      if (now_ >= end_) break;
      std::erase_if(impaired_, [this](const Impaired& entry) { return entry.until <= now_; });
      std::erase_if(bad_links_, [this](const BadLink& entry) { return entry.until <= now_; });
      ++act_;
      one();
    }
    std::stable_sort(plan_.begin(), plan_.end(),
                     [](const TimedFault& a, const TimedFault& b) { return a.after < b.after; });
    return std::move(plan_);
  }

 private:
  struct Impaired {
    ProcessId process;
    Duration until;
  };
  struct BadLink {
    ProcessId a, b;
    Duration until;
  };
  using Draw = void (Planner::*)();

  void one() {
    const FaultWeights& w = profile_.weights;
    const std::array<std::pair<std::uint32_t, Draw>, 15> choices{{
        {w.kill, &Planner::kill},
        {w.clean_restart, &Planner::clean_restart},
        {w.power_loss, &Planner::power_loss},
        {w.pause, &Planner::pause},
        {w.cut, &Planner::cut},
        {w.cut_one_way, &Planner::cut_one_way},
        {w.isolate, &Planner::isolate},
        {w.slow_link, &Planner::slow_link},
        {w.reset, &Planner::reset},
        {w.slow_disk, &Planner::slow_disk},
        {w.skew, &Planner::skew},
        {w.narrow_link, &Planner::narrow_link},
        {w.disk_full, &Planner::disk_full},
        {w.disk_error, &Planner::disk_error},
        {w.zone_outage, &Planner::zone_outage},
    }};
    if (const Draw* draw = draw_weighted(prng_, choices)) (this->**draw)();
  }

  // When a fault that begins now is repaired: always before the quiet end.
  Duration repair_time() {
    const auto lasts =
        prng_.between(profile_.lasts_min.count_micros(), profile_.lasts_max.count_micros());
    return std::min(now_ + Duration::micros(lasts), end_);
  }
  void add(Duration at, Fault fault) { plan_.push_back({at, std::move(fault), act_}); }

  ProcessId any_node() { return nodes_[prng_.below(nodes_.size())]; }
  bool is_impaired(ProcessId process) const {
    return std::any_of(impaired_.begin(), impaired_.end(),
                       [process](const Impaired& entry) { return entry.process == process; });
  }
  // A process to impair until `until`; nothing when that would be too many.
  std::optional<ProcessId> impair(Duration until) {
    const ProcessId process = any_node();
    if (impaired_.size() >= profile_.impaired_max || is_impaired(process)) return std::nullopt;
    impaired_.push_back({process, until});
    return process;
  }
  // A link to make bad until `until`, in a drawn direction; nothing when it already is.
  std::optional<std::pair<ProcessId, ProcessId>> spoil_link(Duration until) {
    const ProcessId a = any_node();
    const ProcessId b = any_node();
    if (a == b) return std::nullopt;
    if (!take_link(a, b, until)) return std::nullopt;
    return std::pair(a, b);
  }
  bool take_link(ProcessId a, ProcessId b, Duration until) {
    for (const BadLink& bad : bad_links_) {
      if ((bad.a == a && bad.b == b) || (bad.a == b && bad.b == a)) return false;
    }
    bad_links_.push_back({a, b, until});
    return true;
  }

  // The ends of logs rot only where records may be lost anyhow: cutting them off may take what was
  // acknowledged. Who is shut down may take its time for it, and read its metadata log till then.
  enum class Stop : std::uint8_t { shutdown, kill, power_loss };
  void may_rot(ProcessId process, Duration at, Stop stop) {
    if (!rot_draws_.chance(profile_.rot_share)) return;
    const bool observes =
        std::find(observers_.begin(), observers_.end(), process) != observers_.end();
    const std::array<std::pair<std::uint32_t, RotIn>, 4> kinds{{
        {2, RotIn::index},
        {1, RotIn::producer_snapshot},
        {stop == Stop::power_loss ? 3 : 0, RotIn::log_end},
        {observes && stop != Stop::shutdown ? 1 : 0, RotIn::metadata_log},
    }};
    add(at, fault::RotBit{process, {}, *draw_weighted(rot_draws_, kinds)});
  }

  void kill() {
    const Duration until = repair_time();
    const auto p = impair(until);
    if (!p) return;
    add(now_, fault::Restart{*p, until - now_});
    may_rot(*p, now_, Stop::kill);
  }
  void clean_restart() {
    const Duration until = repair_time();
    const auto p = impair(until);
    if (!p) return;
    add(now_, fault::Restart{*p, until - now_, true});
    may_rot(*p, until, Stop::shutdown);
  }
  void power_loss() {
    const Duration until = repair_time();
    const auto p = impair(until);
    if (!p) return;
    add(now_, fault::PowerLoss{*p});
    may_rot(*p, now_, Stop::power_loss);
    add(until, fault::Start{*p});
  }
  void pause() {
    const Duration until = repair_time();
    const auto p = impair(until);
    if (!p) return;
    add(now_, fault::Pause{*p});
    add(until, fault::Resume{*p});
  }
  void cut_pair(bool both_ways) {
    const Duration until = repair_time();
    const auto link = spoil_link(until);
    if (!link) return;
    add(now_, fault::Cut{link->first, link->second, both_ways});
    add(until, fault::Heal{link->first, link->second, both_ways});
  }
  void cut() { cut_pair(true); }
  void cut_one_way() { cut_pair(false); }
  void isolate() {
    const Duration until = repair_time();
    const auto p = impair(until);
    if (!p) return;
    for (const ProcessId other : nodes_) {
      if (other == *p || !take_link(*p, other, until)) continue;
      add(now_, fault::Cut{*p, other});
      add(until, fault::Heal{*p, other});
    }
  }
  void slow_link() {
    const Duration until = repair_time();
    LinkSpec slow;
    slow.latency = Duration::millis(prng_.between(5, 400));
    slow.jitter = {slow.latency / 4,
                   static_cast<JitterShape>(prng_.below(jitter_shape_names.size()))};
    slow.loss = prng_.chance(0.5) ? 0.001 * static_cast<double>(prng_.between(1, 100)) : 0.0;
    const auto link = spoil_link(until);
    if (!link) return;
    add(now_, fault::SetLink{link->first, link->second, slow});
    add(until, fault::SetLink{link->first, link->second, std::nullopt});
  }
  void reset() {
    const ProcessId a = any_node();
    const ProcessId b = any_node();
    if (a != b) add(now_, fault::ResetConnections{a, b});
  }
  void slow_disk() {
    const Duration until = repair_time();
    const ProcessId process = any_node();
    add(now_, fault::SlowDisk{process, Duration::millis(prng_.between(20, 2000))});
    add(until, fault::SlowDisk{process, std::nullopt});
  }
  void skew() {
    const Duration until = repair_time();
    const ProcessId process = any_node();
    add(now_, fault::Skew{process, Duration::millis(prng_.between(-5000, 5000))});
    add(until, fault::Skew{process, Duration()});
  }

  void narrow_link() {
    const Duration until = repair_time();
    LinkSpec narrow;
    narrow.bandwidth_bytes_per_s = static_cast<std::uint64_t>(prng_.between(10'000, 1'000'000));
    const auto link = spoil_link(until);
    if (!link) return;
    add(now_, fault::SetLink{link->first, link->second, narrow});
    add(until, fault::SetLink{link->first, link->second, std::nullopt});
  }
  // Most troubles of a node with several devices are those of one of them.
  std::string any_folder() {
    if (folders_.empty() || prng_.chance(0.3)) return {};
    return folders_[prng_.below(folders_.size())];
  }
  // A node ends when its disk fails it, perhaps only with a sync that is under way, and does
  // without a directory of several. Once the disk works it is started anew.
  void spoil_disk(fault::DiskTrouble trouble) {
    const Duration until = repair_time();
    const auto p = impair(until);
    if (!p) return;
    const std::string folder = any_folder();
    add(now_, fault::SpoilDisk{*p, trouble, folder});
    add(until, fault::SpoilDisk{*p, fault::DiskTrouble::none, folder});
    add(until, fault::Restart{*p, Duration::millis(100)});
  }
  void disk_full() { spoil_disk(fault::DiskTrouble::full); }
  void disk_error() {
    constexpr std::array<std::pair<std::uint32_t, fault::DiskTrouble>, 3> kinds{{
        {2, fault::DiskTrouble::write_errors},
        {2, fault::DiskTrouble::sync_errors},
        {1, fault::DiskTrouble::read_errors},
    }};
    spoil_disk(*draw_weighted(prng_, kinds));
  }
  void zone_outage() {
    const Duration until = repair_time();
    if (zones_.size() < 2) return;
    const std::vector<ProcessId>& zone = zones_[prng_.below(zones_.size())];
    if (!impaired_.empty()) return;
    for (const ProcessId inside : zone) {
      impaired_.push_back({inside, until});
      for (const ProcessId outside : nodes_) {
        if (std::find(zone.begin(), zone.end(), outside) != zone.end()) continue;
        if (!take_link(inside, outside, until)) continue;
        add(now_, fault::Cut{inside, outside});
        add(until, fault::Heal{inside, outside});
      }
    }
  }

  Prng prng_;
  Prng rot_draws_;  // So that the rest of a plan does not hang on them.
  const std::vector<ProcessId>& nodes_;
  const std::vector<std::vector<ProcessId>>& zones_;
  const std::vector<std::string>& folders_;
  const std::vector<ProcessId>& observers_;
  const FaultProfile& profile_;
  Duration end_;
  Duration now_;
  FaultPlan plan_;
  std::size_t act_ = 0;
  std::vector<Impaired> impaired_;
  std::vector<BadLink> bad_links_;
};

}  // namespace

FaultTargets targets_among(const World& world, std::vector<ProcessId> nodes) {
  std::map<std::string, std::vector<ProcessId>> zones;
  for (const ProcessId node : nodes) zones[world.spec_of(node).zone].push_back(node);
  FaultTargets targets{.nodes = std::move(nodes)};
  for (auto& [name, members] : zones) targets.zones.push_back(std::move(members));
  return targets;
}

FaultPlan random_plan(Prng prng, const FaultTargets& targets, Duration duration,
                      const FaultProfile& profile) {
  OTTLA_ASSERT(!targets.nodes.empty());
  return Planner(prng, targets, duration, profile).draw();
}

}  // namespace ottla::world
