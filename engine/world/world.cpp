#include "engine/world/world.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/assert.h"

namespace ottla::world {

std::string_view name(ProcessChange change) {
  switch (change) {
    case ProcessChange::started: return "started";
    case ProcessChange::stopped: return "stopped";
    case ProcessChange::killed: return "killed";
    case ProcessChange::power_lost: return "power lost";
    case ProcessChange::paused: return "paused";
    case ProcessChange::resumed: return "resumed";
  }
  return "unknown";
}

World::World(WorldSpec spec)
    : seed_(spec.seed), now_(spec.start), network_(*this, events_, spec.seed, spec.network) {
  hash_.mix(seed_);
  set_assertion_context(&World::describe_place, this);
}

World::~World() {
  set_assertion_context(nullptr, nullptr);
  // Nodes act on their seams while they are destroyed at most; those must still be there.
  for (auto& process : processes_) process->node.reset();
}

std::string World::describe_place(void* self) {
  const World& world = *static_cast<const World*>(self);
  return fmt::format("seed {}, virtual time {} us, event {}", world.seed_,
                     world.now_.micros_since_epoch(), world.delivered_);
}

ProcessId World::add(ProcessSpec spec) {
  OTTLA_ASSERT(!find(spec.name));
  const ProcessId id{static_cast<std::uint32_t>(processes_.size() + 1)};
  network_.add_process(id, {spec.name, spec.host, spec.zone});
  for (const Endpoint& endpoint : spec.listeners) OTTLA_ASSERT(network_.listen(id, endpoint));
  auto process = std::make_unique<Process>();
  process->id = id;
  process->env = std::make_unique<ProcessEnv>(*this, id, stream("process:" + spec.name));
  if (!spec.make_disk) {
    process->sim_disk = std::make_unique<SimDisk>(spec.disk_timing, stream("disk:" + spec.name));
  }
  process->spec = std::move(spec);
  process->status.since = now_;
  processes_.push_back(std::move(process));
  return id;
}

std::vector<ProcessId> World::processes() const {
  std::vector<ProcessId> ids;
  for (const auto& process : processes_) ids.push_back(process->id);
  return ids;
}

std::optional<ProcessId> World::find(std::string_view name) const {
  for (const auto& process : processes_) {
    if (process->spec.name == name) return process->id;
  }
  return std::nullopt;
}

Process& World::process(ProcessId id) {
  OTTLA_ASSERT(id != outside && id.value() <= processes_.size());
  return *processes_[id.value() - 1];
}

const Process& World::process(ProcessId id) const {
  OTTLA_ASSERT(id != outside && id.value() <= processes_.size());
  return *processes_[id.value() - 1];
}

const ProcessSpec& World::spec_of(ProcessId id) const {
  return process(id).spec;
}
const ProcessStatus& World::status_of(ProcessId id) const {
  return process(id).status;
}
const Node* World::node_of(ProcessId id) const {
  return process(id).node.get();
}

// Time.

void World::run_next(Instant at) {
  OTTLA_ASSERT(at >= now_);
  now_ = at;
  events_.run_next();
}

bool World::step() {
  const std::uint64_t before = delivered_;
  while (delivered_ == before) {
    const auto next = events_.next_time();
    if (!next) return false;
    run_next(*next);
  }
  return true;
}

void World::run_until(Instant time) {
  for (auto next = events_.next_time(); next && *next <= time; next = events_.next_time())
    run_next(*next);
  now_ = std::max(now_, time);
}

bool World::run_while(const std::function<bool()>& condition, Instant limit) {
  while (condition()) {
    const auto next = events_.next_time();
    if (!next || *next > limit) {
      now_ = std::max(now_, limit);
      return !condition();
    }
    run_next(*next);
  }
  return true;
}

void World::count_event(std::uint8_t kind, ProcessId process) {
  ++delivered_;
  hash_.mix(now_.micros_since_epoch());
  hash_.mix((static_cast<std::uint64_t>(kind) << 32) | process.value());
}

// Deliveries.

void World::deliver(ProcessId to, Delivery delivery) {
  if (to == outside) return deliver_outside(delivery);
  Process& target = process(to);
  if (target.node == nullptr) return;
  if (target.status.paused || !target.held.empty()) {
    target.held.push_back(std::move(delivery));
    return;
  }
  dispatch(target, delivery);
}

void World::deliver_outside(Delivery& delivery) {
  count_event(static_cast<std::uint8_t>(delivery.kind), outside);
  hash_.mix(delivery.connection.value());
  hash_.mix(delivery.frame);
  if (external_sink_ == nullptr) return;
  if (delivery.kind == Delivery::Kind::message) {
    external_sink_->on_frame(delivery.connection, std::move(delivery.frame));
  } else if (delivery.kind == Delivery::Kind::closed) {
    external_sink_->on_closed(delivery.connection);
  }
}

void World::dispatch(Process& target, Delivery& delivery) {
  OTTLA_ASSERT(!in_node_);
  count_event(static_cast<std::uint8_t>(delivery.kind), target.id);
  in_node_ = true;
  call(*target.node, delivery);
  in_node_ = false;
  if (target.node->stopped()) end(target, Gone::stopped);
}

void World::call(Node& node, Delivery& delivery) {
  switch (delivery.kind) {
    case Delivery::Kind::start: return node.on_start();
    case Delivery::Kind::shutdown: return node.on_shutdown();
    case Delivery::Kind::accepted:
      hash_.mix(delivery.connection.value());
      return node.on_accepted(delivery.connection, *delivery.listener,
                              network_.host_of(delivery.peer));
    case Delivery::Kind::connected:
      hash_.mix(delivery.connection.value());
      return node.on_connected(delivery.connection);
    case Delivery::Kind::closed:
      hash_.mix(delivery.connection.value());
      return node.on_connection_closed(delivery.connection);
    case Delivery::Kind::message:
      hash_.mix(delivery.connection.value());
      hash_.mix(delivery.frame);
      return node.on_message(delivery.connection, std::move(delivery.frame));
    case Delivery::Kind::timer: return node.on_timer(delivery.timer);
    case Delivery::Kind::disk:
      hash_.mix(delivery.operation.value());
      hash_.mix(std::int64_t{delivery.result ? -1 : static_cast<int>(delivery.result.error())});
      return node.on_disk(delivery.operation, delivery.result);
  }
}

// One held delivery per event, so that the world can be stepped through them.
void World::drain_held(ProcessId id, std::uint32_t incarnation) {
  Process& target = process(id);
  if (target.status.incarnation != incarnation || target.status.paused || target.held.empty())
    return;
  Delivery delivery = std::move(target.held.front());
  target.held.pop_front();
  if (!target.held.empty()) {
    events_.schedule(now_, [this, id, incarnation] { drain_held(id, incarnation); });
  }
  dispatch(target, delivery);
}

TimerId World::arm(ProcessId id, Duration after) {
  const std::uint32_t incarnation = process(id).status.incarnation;
  const EventId event =
      events_.schedule(now_ + std::max(after, Duration()), [this, id, incarnation] {
        if (process(id).status.incarnation != incarnation) return;
        deliver(id, {.kind = Delivery::Kind::timer, .timer = TimerId(events_.current().value())});
      });
  return TimerId(event.value());
}

void World::cancel_timer(ProcessId id, TimerId timer) {
  if (events_.cancel(EventId(timer.value()))) return;
  std::erase_if(process(id).held, [timer](const Delivery& delivery) {
    return delivery.kind == Delivery::Kind::timer && delivery.timer == timer;
  });
}

void World::sync_scheduled(ProcessId id, DiskOperationId operation, DiskResult<void> result) {
  const Process& caller = process(id);
  const std::uint32_t incarnation = caller.status.incarnation;
  const Duration lasts = caller.sim_disk ? caller.sim_disk->sync_duration(operation) : Duration();
  events_.schedule(now_ + lasts, [this, id, incarnation, operation, result] {
    Process& target = process(id);
    if (target.status.incarnation != incarnation || target.node == nullptr) return;
    // The device finishes its work whether or not the process is paused.
    if (target.sim_disk) target.sim_disk->finish_sync(operation);
    deliver(id, {.kind = Delivery::Kind::disk, .operation = operation, .result = result});
  });
}

void World::tell(ProcessId id, const probe::Fact& fact) {
  const Process& teller = process(id);
  count_event(fact_event, id);
  --delivered_;  // Telling is part of the event in which it happens.
  hash_.mix(fact);
  const ObservedFact observed{now_, id, teller.status.incarnation, teller.spec.broker, fact};
  if (!metadata_news_.take(observed)) return;
  for (WorldListener* listener : listeners_) listener->on_fact(observed);
}

void World::external_send(ConnectionId connection, ByteChain frame) {
  network_.send(outside, connection, std::move(frame));
}

}  // namespace ottla::world
