// What a person may ask of a cluster, carried out at the present moment. What cannot be done
// changes nothing and says why.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "engine/broker/log_dir_places.h"
#include "engine/metadata/topic_config.h"
#include "engine/metadata/topic_name.h"
#include "engine/world/cluster.h"
#include "engine/world/faults.h"

namespace ottla::world {

using observe::CommandResult;

struct CommandRunner {
  Cluster& cluster;
  std::optional<Duration> duration;

  CommandResult operator()(const observe::Kill& what) { return end(what.process, &World::kill); }
  CommandResult operator()(const observe::PowerLoss& what) {
    return end(what.process, &World::power_loss);
  }
  CommandResult operator()(const observe::Shutdown& what) {
    return end(what.process, &World::shutdown);
  }

  CommandResult operator()(const observe::Restart& what) {
    const auto process = find(what.process);
    if (!process) return unknown(what.process);
    cluster.world_.restart(*process, Duration());
    return {};
  }
  CommandResult operator()(const observe::Pause& what) {
    const auto process = find(what.process);
    if (!process) return unknown(what.process);
    const ProcessStatus& status = cluster.world_.status_of(*process);
    if (status.state == ProcessState::stopped) return fmt::format("{} does not run", what.process);
    if (status.paused) return fmt::format("{} is paused already", what.process);
    cluster.world_.pause(*process);
    undo([this_cluster = &cluster, id = *process] { this_cluster->world_.resume(id); });
    return {};
  }
  CommandResult operator()(const observe::Resume& what) {
    const auto process = find(what.process);
    if (!process) return unknown(what.process);
    if (!cluster.world_.status_of(*process).paused)
      return fmt::format("{} is not paused", what.process);
    cluster.world_.resume(*process);
    return {};
  }

  CommandResult operator()(const observe::CutLink& what) {
    return on_link(what.from, what.to, [&](ProcessId from, ProcessId to) {
      const bool both = !what.one_way;
      apply_fault(cluster.world_, fault::Cut{from, to, both});
      tell_link(observe::EventKind::link_cut, what.from, what.to,
                fmt::format("Link {} {} {} cut", what.from, both ? "–" : "to", what.to));
      undo([this_cluster = &cluster, from, to, what, both] {
        apply_fault(this_cluster->world_, fault::Heal{from, to, both});
        CommandRunner{*this_cluster, {}}.tell_link(
            observe::EventKind::link_healed, what.from, what.to,
            fmt::format("Link {} – {} healed", what.from, what.to));
      });
    });
  }
  CommandResult operator()(const observe::HealLink& what) {
    return on_link(what.from, what.to, [&](ProcessId from, ProcessId to) {
      apply_fault(cluster.world_, fault::Heal{from, to, true});
      apply_fault(cluster.world_, fault::SetLink{from, to, std::nullopt, true});
      tell_link(observe::EventKind::link_healed, what.from, what.to,
                fmt::format("Link {} – {} healed", what.from, what.to));
    });
  }
  CommandResult operator()(const observe::HealAll&) {
    const auto all = cluster.world_.processes();
    for (const ProcessId from : all) {
      for (const ProcessId to : all) {
        if (from == to || !cluster.world_.link(from, to).is_cut()) continue;
        apply_fault(cluster.world_, fault::Heal{from, to, false});
        const auto& from_name = cluster.world_.spec_of(from).name;
        const auto& to_name = cluster.world_.spec_of(to).name;
        if (from < to) {
          tell_link(observe::EventKind::link_healed, from_name, to_name,
                    fmt::format("Link {} – {} healed", from_name, to_name));
        }
      }
    }
    return {};
  }
  CommandResult operator()(const observe::DelayLink& what) {
    if (what.latency < Duration() || what.latency > Duration::seconds(60)) {
      return "latency must lie between 0 and 60 s";
    }
    std::string words = fmt::format("takes {} ms", what.latency.count_millis());
    if (const auto& jitter = what.jitter) {
      if (jitter->size < Duration() || jitter->size > Duration::seconds(60))
        return "jitter must lie between 0 and 60 s";
      words +=
          fmt::format(" with {} ms of {} jitter", jitter->size.count_millis(), name(jitter->shape));
    }
    return change_link(
        what.from, what.to,
        [&](LinkSpec& spec) {
          spec.latency = what.latency;
          spec.jitter = what.jitter.value_or(spec.jitter);
        },
        words);
  }
  CommandResult operator()(const observe::LoseOnLink& what) {
    if (!(what.share >= 0 && what.share <= 1)) return "share must lie between 0 and 1";
    return change_link(
        what.from, what.to, [&](LinkSpec& spec) { spec.loss = what.share; },
        fmt::format("loses {:.1f} % of its segments", what.share * 100));
  }
  CommandResult operator()(const observe::NarrowLink& what) {
    if (what.bytes_per_s == 0) return "bytes_per_s must be positive; cut_link lets nothing pass";
    return change_link(
        what.from, what.to, [&](LinkSpec& spec) { spec.bandwidth_bytes_per_s = what.bytes_per_s; },
        fmt::format("carries {} bytes/s", what.bytes_per_s));
  }
  CommandResult operator()(const observe::ResetLink& what) {
    return on_link(what.from, what.to, [&](ProcessId from, ProcessId to) {
      apply_fault(cluster.world_, fault::ResetConnections{from, to});
      tell_link(observe::EventKind::link_changed, what.from, what.to,
                fmt::format("Connections {} – {} reset", what.from, what.to));
    });
  }
  CommandResult operator()(const observe::CutZone& what) {
    const auto [inside, others] = nodes_by_zone(what.zone);
    if (inside.empty()) return fmt::format("no node stands in zone {}", what.zone);
    if (others.empty()) return fmt::format("every node stands in zone {}", what.zone);
    for (const ProcessId from : inside) {
      for (const ProcessId to : others) {
        CommandResult done = (*this)(observe::CutLink{cluster.world_.spec_of(from).name,
                                                      cluster.world_.spec_of(to).name, false});
        if (!done.empty()) return done;
      }
    }
    return {};
  }

  CommandResult operator()(const observe::SlowDisk& what) {
    if (what.sync_latency > Duration::seconds(60)) return "a sync takes 60 s at most";
    const bool is_slow = what.sync_latency > Duration();
    return on_disk(what.process, [&](ProcessId id) {
      apply_fault(cluster.world_,
                  fault::SlowDisk{id, is_slow ? std::optional(what.sync_latency) : std::nullopt});
      tell_trouble(what.process,
                   is_slow ? fmt::format("Syncs of {} take {} ms", what.process,
                                         what.sync_latency.count_millis())
                           : fmt::format("Syncs of {} are as fast as before", what.process));
      undo([this_cluster = &cluster, id] {
        apply_fault(this_cluster->world_, fault::SlowDisk{id, std::nullopt});
      });
    });
  }
  CommandResult operator()(const observe::SpoilDisk& what) {
    using fault::DiskTrouble;
    static const std::map<std::string_view, DiskTrouble> troubles{
        {"none", DiskTrouble::none},
        {"full", DiskTrouble::full},
        {"read_errors", DiskTrouble::read_errors},
        {"write_errors", DiskTrouble::write_errors},
        {"sync_errors", DiskTrouble::sync_errors}};
    const auto trouble = troubles.find(what.trouble);
    if (trouble == troubles.end()) {
      return fmt::format(
          "No disk trouble is called {}. There are full, read_errors, write_errors, sync_errors, "
          "and none",
          what.trouble);
    }
    const auto folder = folder_of(what.directory);
    if (!folder) return no_such_directory(what.directory);
    return on_disk(what.process, [&](ProcessId id) {
      const fault::SpoilDisk spoil{id, trouble->second, *folder};
      apply_fault(cluster.world_, spoil);
      if (spoil.trouble == DiskTrouble::none && folder->empty()) repair_directories(id);
      tell_trouble(what.process, describe(cluster.world_, spoil));
      undo([this_cluster = &cluster, id, folder] {
        apply_fault(this_cluster->world_, fault::SpoilDisk{id, DiskTrouble::none, *folder});
      });
    });
  }
  CommandResult operator()(const observe::RotBit& what) {
    const auto folder = folder_of(what.directory);
    if (!folder) return no_such_directory(what.directory);
    const std::string prefix = folder->empty() ? what.path : *folder + "/" + what.path;
    if (!has_bytes_under(what.process, prefix))
      return fmt::format("{} has no file under {} in which a bit could rot", what.process, prefix);
    return on_disk(what.process, [&](ProcessId id) {
      const fault::RotBit rot{id, prefix};
      apply_fault(cluster.world_, rot);
      tell_trouble(what.process, describe(cluster.world_, rot));
    });
  }
  CommandResult operator()(const observe::SkewClock& what) {
    const auto process = find(what.process);
    if (!process) return unknown(what.process);
    const fault::Skew skew{*process, what.by};
    apply_fault(cluster.world_, skew);
    tell_trouble(what.process, describe(cluster.world_, skew));
    undo([this_cluster = &cluster, id = *process] {
      apply_fault(this_cluster->world_, fault::Skew{id, Duration()});
    });
    return {};
  }

  CommandResult operator()(const observe::CreateTopic& what) {
    if (const auto refusal = metadata::refuse_topic_name(what.name)) return *refusal;
    const metadata::Image* image = cluster.newest_image();
    if (image != nullptr && image->topic(std::string_view(what.name)) != nullptr) {
      return fmt::format("Topic '{}' already exists.", what.name);
    }
    if (what.partitions < 1) return "Number of partitions must be larger than 0.";
    if (what.replication_factor < 1 || what.replication_factor > cluster.spec_.brokers) {
      return fmt::format("Replication factor must lie between 1 and {}, the number of brokers.",
                         cluster.spec_.brokers);
    }
    const metadata::ConfigValues config(what.config.begin(), what.config.end());
    if (const auto refusal = metadata::refuse_topic_configs(config)) return *refusal;
    cluster.workload_.administer(
        task::CreateTopic{{what.name, what.partitions, what.replication_factor, config}});
    return {};
  }
  CommandResult operator()(const observe::DeleteTopic& what) {
    const metadata::Image* image = cluster.newest_image();
    if (image == nullptr || image->topic(std::string_view(what.name)) == nullptr) {
      return fmt::format("No topic is called {}", what.name);
    }
    cluster.workload_.administer(task::DeleteTopic{what.name});
    return {};
  }

  CommandResult operator()(const observe::SetProducerRate& what) {
    if (!(what.records_per_s >= 0 && what.records_per_s <= 1e6)) {
      return "records_per_s must lie between 0 and 1 000 000";
    }
    if (!cluster.workload_.set_rate(what.producer, what.records_per_s))
      return no_producer(what.producer);
    tell_producer(what.producer,
                  fmt::format("{} sends {} records/s", what.producer, what.records_per_s));
    return {};
  }
  CommandResult operator()(const observe::SetHotKeyShare& what) {
    if (!(what.share >= 0 && what.share <= 1)) return "share must lie between 0 and 1";
    if (!cluster.workload_.set_hot_key_share(what.producer, what.share))
      return no_producer(what.producer);
    tell_producer(what.producer, fmt::format("{} sends {:.0f} % of its records with one key",
                                             what.producer, what.share * 100));
    return {};
  }

  template <class ClockAction>
  CommandResult operator()(const ClockAction&) {
    return "the clock is not the cluster's";
  }

  void tell_link(observe::EventKind kind, const std::string& from, const std::string& to,
                 std::string text) {
    observe::Event event;
    event.kind = kind;
    event.severity = kind == observe::EventKind::link_healed ? observe::Severity::good
                                                             : observe::Severity::error;
    event.node = from;
    event.peer = to;
    event.text = std::move(text);
    cluster.events_.add(std::move(event));
  }

 private:
  [[nodiscard]] std::optional<ProcessId> find(const std::string& name) const {
    return cluster.world_.find(name);
  }

  [[nodiscard]] CommandResult unknown(const std::string& name) const {
    std::string known;
    for (const ProcessId process : cluster.world_.processes()) {
      const std::string& each = cluster.world_.spec_of(process).name;
      if (each != "admin") known += (known.empty() ? "" : ", ") + each;
    }
    return fmt::format("No process is called {}. There are {}", name, known);
  }
  [[nodiscard]] CommandResult no_producer(const std::string& name) const {
    std::string known;
    for (const auto& [each, producer] : cluster.workload_.producers())
      known += (known.empty() ? "" : ", ") + each;
    return fmt::format("No producer is called {}. There are {}", name,
                       known.empty() ? "none" : known);
  }

  CommandResult end(const std::string& name, void (World::*how)(ProcessId)) {
    const auto process = find(name);
    if (!process) return unknown(name);
    if (cluster.world_.status_of(*process).state == ProcessState::stopped) {
      return fmt::format("{} does not run", name);
    }
    (cluster.world_.*how)(*process);
    undo([this_cluster = &cluster, id = *process] {
      if (this_cluster->world_.status_of(id).state == ProcessState::stopped)
        this_cluster->world_.start(id);
    });
    return {};
  }

  // Brokers and controllers in the zone, and the others.
  [[nodiscard]] std::pair<std::vector<ProcessId>, std::vector<ProcessId>> nodes_by_zone(
      const std::string& zone) const {
    std::pair<std::vector<ProcessId>, std::vector<ProcessId>> nodes;
    for (const ProcessId each : cluster.nodes()) {
      const bool inside = cluster.world_.spec_of(each).zone == zone;
      (inside ? nodes.first : nodes.second).push_back(each);
    }
    return nodes;
  }

  // Changes what a link is like, until the command is undone.
  template <class Change>
  CommandResult change_link(const std::string& from_name, const std::string& to_name, Change change,
                            const std::string& what) {
    return on_link(from_name, to_name, [&](ProcessId from, ProcessId to) {
      LinkSpec spec = cluster.world_.link(from, to).spec();
      change(spec);
      apply_fault(cluster.world_, fault::SetLink{from, to, spec, true});
      tell_link(observe::EventKind::link_changed, from_name, to_name,
                fmt::format("Link {} – {} {}", from_name, to_name, what));
      undo([this_cluster = &cluster, from, to] {
        apply_fault(this_cluster->world_, fault::SetLink{from, to, std::nullopt, true});
      });
    });
  }

  // Where on a node's disk the log directory of that path lies; "" stands for all of it. Nothing
  // when there is no such directory.
  [[nodiscard]] std::optional<std::string> folder_of(const std::string& directory) const {
    if (directory.empty()) return std::string();
    const auto places = broker::log_dir_places(cluster.spec_.settings);
    for (const broker::LogDirPlace& place : places.logs) {
      if (place.path == directory) return place.folder;
    }
    if (places.metadata.path == directory) return places.metadata.folder;
    return std::nullopt;
  }
  // Those with a device of their own, whose troubles the whole disk's do not replace.
  void repair_directories(ProcessId id) {
    const auto places = broker::log_dir_places(cluster.spec_.settings);
    const auto repair = [&](const broker::LogDirPlace& place) {
      apply_fault(cluster.world_, fault::SpoilDisk{id, fault::DiskTrouble::none, place.folder});
    };
    for (const broker::LogDirPlace& place : places.logs) repair(place);
    repair(places.metadata);
  }
  [[nodiscard]] CommandResult no_such_directory(const std::string& directory) const {
    std::string all;
    for (const auto& place : broker::log_dir_places(cluster.spec_.settings).logs)
      all += (all.empty() ? "" : ", ") + place.path;
    return fmt::format("No log directory is called {}. There are: {}", directory, all);
  }

  // True, too, where on_disk() says what is wrong.
  [[nodiscard]] bool has_bytes_under(const std::string& name, const std::string& prefix) const {
    const auto process = find(name);
    const SimDisk* disk = process ? cluster.world_.sim_disk(*process) : nullptr;
    if (disk == nullptr) return true;
    return std::ranges::any_of(places_to_rot(RotIn::any_file, prefix, disk->files()),
                               [](const FileRange& place) { return place.begin < place.end; });
  }

  template <class Act>
  CommandResult on_disk(const std::string& name, Act act) {
    const auto process = find(name);
    if (!process) return unknown(name);
    if (cluster.world_.sim_disk(*process) == nullptr)
      return fmt::format("{} has a real disk, or none", name);
    act(*process);
    return {};
  }

  void tell_trouble(const std::string& node, std::string text) {
    observe::Event event;
    event.kind = observe::EventKind::note;
    event.severity = observe::Severity::warning;
    event.node = node;
    event.text = std::move(text);
    cluster.events_.add(std::move(event));
  }

  template <class Act>
  CommandResult on_link(const std::string& from, const std::string& to, Act act) {
    const auto a = find(from);
    const auto b = find(to);
    if (!a) return unknown(from);
    if (!b) return unknown(to);
    if (*a == *b) return "a link has two ends";
    act(*a, *b);
    return {};
  }

  template <class Act>
  void undo(Act act) {
    if (!duration) return;
    // An event holds little: what is to be done later waits here.
    auto later = std::make_unique<std::function<void()>>(std::move(act));
    (void)cluster.world_.at(cluster.world_.now() + *duration,
                            [later = std::move(later)] { (*later)(); });
  }

  void tell_producer(const std::string& name, std::string text) {
    observe::Event event;
    event.kind = observe::EventKind::producer_changed;
    event.node = name;
    event.text = std::move(text);
    cluster.events_.add(std::move(event));
  }
};

CommandResult Cluster::apply(const observe::Command& command) {
  if (command.duration && *command.duration <= Duration()) return "a duration must be positive";
  return std::visit(CommandRunner{*this, command.duration}, command.action);
}

}  // namespace ottla::world
