#include "engine/world/cluster.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/world/cluster_logs.h"

namespace ottla::world {
namespace {

constexpr Duration look_interval = Duration::millis(100);
constexpr std::int64_t looks_between_log_checks = 10;
constexpr std::uint16_t controller_port_inside = 9093;

ClusterSpec completed(ClusterSpec spec) {
  if (spec.cluster_id.empty()) {
    Prng draws = Prng::split(spec.seed, "cluster.id");
    const std::uint64_t high = draws.next();
    spec.cluster_id = Uuid::version4(high, draws.next()).to_string();
  }
  const std::string replicas = std::to_string(std::min(spec.brokers, 3));
  // A small cluster could not hold Kafka's defaults of three.
  spec.settings.emplace("offsets.topic.replication.factor", replicas);
  spec.settings.emplace("transaction.state.log.replication.factor", replicas);
  spec.settings.emplace("default.replication.factor", replicas);
  return spec;
}

// Files that outlive the cluster know its brokers' incarnations: another run of the same seed must
// not draw the same ones, or the controller takes its brokers for the processes of the run before.
std::uint64_t seed_of(const ClusterSpec& spec) {
  if (!spec.make_disk) return spec.seed;
  return Prng::split(spec.seed, fmt::format("start.{}", spec.start.micros_since_epoch())).next();
}

WorldSpec world_spec(const ClusterSpec& spec) {
  WorldSpec world;
  world.seed = seed_of(spec);
  world.start = spec.start;
  world.network = spec.network;
  return world;
}

std::string rack_of(const ClusterSpec& spec, std::int32_t place) {
  if (!spec.racks.empty()) return spec.racks[static_cast<std::size_t>(place) % spec.racks.size()];
  return std::string(1, static_cast<char>('a' + place % 26));
}

Endpoint broker_endpoint(const ClusterSpec& spec, std::int32_t place) {
  return {spec.advertised_host, static_cast<std::uint16_t>(spec.port + place)};
}

std::string host_of(const PlannedNode& node) {
  return fmt::format("{}-{}", node.is_broker ? "broker" : "controller", node.id.value());
}

Endpoint controller_endpoint(const ClusterSpec& spec, const PlannedNode& node) {
  if (!spec.controller_port) return {host_of(node), controller_port_inside};
  return {spec.advertised_host, static_cast<std::uint16_t>(*spec.controller_port + node.place)};
}

std::vector<Endpoint> broker_endpoints(const ClusterSpec& spec) {
  std::vector<Endpoint> all;
  all.reserve(static_cast<std::size_t>(spec.brokers));
  for (std::int32_t i = 0; i < spec.brokers; ++i) all.push_back(broker_endpoint(spec, i));
  return all;
}

}  // namespace

Cluster::Cluster(ClusterSpec spec)
    : spec_(completed(std::move(spec))),
      world_(world_spec(spec_)),
      workload_(world_, spec_.workload, broker_endpoints(spec_)),
      events_(world_),
      invariants_(InvariantChecker::standard(spec_.make_disk ? Compared::since_the_beginning
                                                             : Compared::whole_logs)),
      builder_(*this) {
  world_.add_listener(events_);
  world_.add_listener(invariants_);
  for (const PlannedNode& node : spec_.nodes()) add_node(node);
  workload_.begin();
  schedule_look();
}

Cluster::~Cluster() {
  world_.remove_listener(events_);
  world_.remove_listener(invariants_);
}

std::vector<Endpoint> Cluster::listeners() const {
  return broker_endpoints(spec_);
}

std::vector<Endpoint> Cluster::controller_listeners() const {
  std::vector<Endpoint> all;
  if (!spec_.controller_port) return all;
  for (const broker::ControllerVoter& controller : voters()) all.push_back(controller.endpoint);
  return all;
}

std::vector<broker::ControllerVoter> Cluster::voters() const {
  std::vector<broker::ControllerVoter> voters;
  for (const PlannedNode& node : spec_.nodes()) {
    if (node.is_controller) voters.push_back({node.id, controller_endpoint(spec_, node)});
  }
  return voters;
}

void Cluster::administer(AdminTask task) {
  const raft::VoterSet known = initial_voters();
  if (auto* addition = std::get_if<task::AddVoter>(&task)) {
    if (const raft::Voter* voter = known.find(addition->controller)) {
      addition->directory = voter->key.directory;
      addition->endpoint = {voter->endpoints.front().host, voter->endpoints.front().port};
    }
  } else if (auto* removal = std::get_if<task::RemoveVoter>(&task)) {
    if (const raft::Voter* voter = known.find(removal->controller))
      removal->directory = voter->key.directory;
  }
  workload_.administer(std::move(task));
}

// All must know each other's directories before the first of them starts. Those of another run have
// other ids, so that a controller that lost its files is not taken for the voter it was.
raft::VoterSet Cluster::initial_voters() const {
  const std::vector<BrokerId> first = spec_.first_voters();
  std::vector<raft::Voter> initial;
  for (const broker::ControllerVoter& each : voters()) {
    if (std::find(first.begin(), first.end(), each.id) == first.end()) continue;
    Prng draws = Prng::split(seed_of(spec_), fmt::format("directory.{}", each.id.value()));
    const std::uint64_t high = draws.next();
    initial.push_back({.key = {each.id, Uuid::version4(high, draws.next())},
                       .endpoints = {{std::string(broker::controller_listener_name),
                                      each.endpoint.host, each.endpoint.port}},
                       .versions = raft::supported_kraft_versions});
  }
  return raft::VoterSet(initial);
}

broker::ServerConfig Cluster::config_of(const PlannedNode& node, const std::string& rack) const {
  broker::ServerConfig config{.node_id = node.id,
                              .cluster_id = spec_.cluster_id,
                              .broker = std::nullopt,
                              .controller = std::nullopt,
                              .rack = rack,
                              .voters = voters(),
                              .voters_in_log = spec_.voters_in_log(),
                              .initial_voters = initial_voters(),
                              .settings = spec_.settings};
  if (node.is_broker) config.broker = broker_endpoint(spec_, node.place);
  if (node.is_controller) config.controller = controller_endpoint(spec_, node);
  return config;
}

void Cluster::add_node(const PlannedNode& node) {
  ProcessSpec process;
  process.name = std::to_string(node.id.value());
  process.host = host_of(node);
  process.zone = rack_of(spec_, node.place);
  if (node.is_broker) process.listeners.push_back(broker_endpoint(spec_, node.place));
  if (node.is_controller) process.listeners.push_back(controller_endpoint(spec_, node));
  process.broker = node.id;
  process.disk_timing = spec_.disk;
  if (spec_.make_disk) {
    process.make_disk = [make = spec_.make_disk, name = process.name](SyncScheduler& scheduler) {
      return make(name, scheduler);
    };
  }
  process.make = [this, node, rack = process.zone](Env env) {
    return std::make_unique<broker::ServerNode>(env, config_of(node, rack));
  };
  const ProcessId id = world_.add(std::move(process));
  if (node.is_broker) brokers_.push_back(id);
  if (node.is_controller) controllers_.push_back(id);
  world_.start(id);
}

std::vector<ProcessId> Cluster::nodes() const {
  std::vector<ProcessId> nodes = brokers_;
  for (const ProcessId each : controllers_) {
    if (std::find(brokers_.begin(), brokers_.end(), each) == brokers_.end()) nodes.push_back(each);
  }
  return nodes;
}

const broker::ServerNode* Cluster::server(ProcessId process) const {
  return static_cast<const broker::ServerNode*>(world_.node_of(process));
}

const broker::BrokerNode* Cluster::broker(ProcessId process) const {
  const broker::ServerNode* node = server(process);
  return node == nullptr ? nullptr : node->broker();
}

const broker::ControllerNode* Cluster::controller(ProcessId process) const {
  const broker::ServerNode* node = server(process);
  return node == nullptr ? nullptr : node->controller();
}

const broker::ControllerNode* Cluster::active_controller() const {
  const broker::ControllerNode* newest = nullptr;
  for (const ProcessId process : controllers_) {
    const auto* node = controller(process);
    if (node == nullptr || !node->is_active()) continue;
    if (newest == nullptr || node->raft().epoch() > newest->raft().epoch()) newest = node;
  }
  return newest;
}

const metadata::Image* Cluster::newest_image() const {
  const metadata::Image* newest = nullptr;
  const auto consider = [&](const metadata::Image& image) {
    if (newest == nullptr || image.applied_offset() > newest->applied_offset()) newest = &image;
  };
  for (const ProcessId process : controllers_) {
    if (const auto* node = controller(process)) consider(node->committed_image());
  }
  for (const ProcessId process : brokers_) {
    if (const auto* node = broker(process)) consider(node->image());
  }
  return newest;
}

bool Cluster::all_brokers_serving() const {
  return std::all_of(brokers_.begin(), brokers_.end(), [this](ProcessId process) {
    const auto* node = broker(process);
    return node != nullptr && node->lifecycle().state() == broker::BrokerLifecycle::State::running;
  });
}

bool Cluster::step() {
  return world_.step();
}
void Cluster::run_until(Instant time) {
  world_.run_until(time);
}

void Cluster::schedule_look() {
  world_.at(world_.now() + look_interval, [this] {
    look_after();
    schedule_look();
  });
}

// Looking after is part of the world, at fixed virtual times, so that a run is the same however it
// is driven.
void Cluster::look_after() {
  ++looks_;
  if (all_brokers_serving()) workload_.create_topics();
  if (!workload_.clients_started() && workload_topics_are_led()) workload_.start_clients();
  if (spec_.keeps_history) sample_history();
  if (looks_ % looks_between_log_checks == 0)
    invariants_.check_logs(ClusterLogs(*this), world_.now());
  report_violations();
}

bool Cluster::workload_topics_are_led() const {
  const metadata::Image* image = newest_image();
  if (image == nullptr || !all_brokers_serving()) return false;
  return std::all_of(spec_.workload.topics.begin(), spec_.workload.topics.end(),
                     [&](const TopicSpec& topic) {
                       return image->topic(std::string_view(topic.name)) != nullptr;
                     });
}

void Cluster::sample_history() {
  builder_.sample(history_);
}

void Cluster::report_violations() {
  const auto& kept = invariants_.violations().kept();
  for (; violations_told_ < kept.size(); ++violations_told_) {
    const Violation& violation = kept[violations_told_];
    observe::Event event;
    event.kind = observe::EventKind::invariant_broken;
    event.severity = observe::Severity::error;
    event.text = fmt::format("{}: {}", violation.invariant, violation.text);
    events_.add(std::move(event));
  }
}

void Cluster::check_everything() {
  invariants_.check_logs(ClusterLogs(*this), world_.now(), true);
  report_violations();
}

void Cluster::shut_down_all(Duration limit) {
  const Instant until = world_.now() + limit;
  const auto stop = [&](const std::vector<ProcessId>& processes) {
    for (const ProcessId process : processes) {
      world_.resume(process);
      world_.shutdown(process);
    }
    world_.run_while(
        [&] {
          return std::any_of(processes.begin(), processes.end(), [&](ProcessId process) {
            return world_.status_of(process).state != ProcessState::stopped;
          });
        },
        until);
  };
  stop(workload_.processes());
  stop(brokers_);
  stop(controllers_);
}

std::shared_ptr<const observe::Snapshot> Cluster::snapshot(observe::RunState run) {
  run.invariants_broken = static_cast<std::int64_t>(invariants_.violations().count());
  if (!invariants_.violations().kept().empty()) {
    const Violation& last = invariants_.violations().kept().back();
    run.last_violation = fmt::format("{}: {}", last.invariant, last.text);
  }
  return builder_.build(std::move(run));
}

// Real clients.

ConnectionId Cluster::open_external(const Endpoint& listener, const std::string& peer_host) {
  const ConnectionId connection = world_.open_external(listener);
  for (const ProcessId node : nodes()) {
    const auto& own = world_.spec_of(node).listeners;
    if (std::find(own.begin(), own.end(), listener) != own.end())
      real_clients_.emplace(connection, RealClient{peer_host, node});
  }
  return connection;
}

void Cluster::close_external(ConnectionId connection) {
  real_clients_.erase(connection);
  world_.external_close(connection);
}

void Cluster::forget_external(ConnectionId connection) {
  real_clients_.erase(connection);
}

void Cluster::note_refused(const std::string& why) {
  observe::Event event;
  event.kind = observe::EventKind::client_refused;
  event.severity = observe::Severity::warning;
  event.text = "Closed a client's connection: " + why;
  events_.add(std::move(event));
}

}  // namespace ottla::world
