#include "engine/runtime/simulation_session.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace ottla::runtime {
namespace {

using observe::CommandResult;

constexpr std::size_t events_kept_max = 100'000;
constexpr Duration publish_interval = Duration::micros(16'667);  // At most 60 a second.
constexpr Duration slice = Duration::millis(4);  // Of wall time, between two looks at the inbox.
constexpr Duration idle_sleep_max = Duration::millis(50);
constexpr Duration behind_max = Duration::millis(200);
constexpr Duration shutdown_limit = Duration::seconds(400);     // Virtual.
constexpr Duration run_to_next_limit = Duration::seconds(600);  // Virtual.

Instant wall_now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return Instant::from_micros(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

}  // namespace

SimulationSession::SimulationSession(SimulationOptions options)
    : options_(std::move(options)),
      cluster_(options_.cluster),
      listeners_(cluster_.listeners()),
      controller_listeners_(cluster_.controller_listeners()) {
  cluster_.world().set_external_sink(this);
  pacer_.set(options_.running, options_.speed, cluster_.world().now(), wall_now());
  publish(wall_now(), true);
}

SimulationSession::~SimulationSession() {
  stop();
}

void SimulationSession::start() {
  const Instant wall = wall_now();
  pacer_.set(pacer_.running(), pacer_.speed(), cluster_.world().now(), wall);
  last_measure_wall_ = wall;
  last_measure_virtual_ = cluster_.world().now();
  last_measure_events_ = cluster_.world().events_delivered();
  thread_ = std::thread([this] { run(); });
}

void SimulationSession::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard guard(inbox_lock_);
    stopping_ = true;
  }
  inbox_filled_.notify_one();
  thread_.join();
}

void SimulationSession::run_to(Duration since_start) {
  cluster_.run_until(options_.cluster.start + since_start);
  publish(wall_now(), true);
}

CommandResult SimulationSession::act(const observe::Command& command) {
  CommandResult result = carry_out(command);
  publish(wall_now(), true);
  return result;
}

void SimulationSession::run() {
  while (!stopping_) {
    work_off_inbox();
    const Instant wall = wall_now();
    advance(wall);
    publish(wall_now(), false);
    sleep_until_due(wall_now());
  }
  cluster_.shut_down_all(shutdown_limit);
}

// Runs what is due, in slices, so that commands and clients are heard in between.
void SimulationSession::advance(Instant wall) {
  if (!pacer_.running()) return;
  world::World& world = cluster_.world();
  const Instant until_wall = wall + slice;
  const Instant target = pacer_.is_unlimited()
                             ? Instant::from_micros(std::numeric_limits<std::int64_t>::max())
                             : pacer_.target(wall);
  constexpr int events_between_looks = 64;
  while (world.next_event_time() && *world.next_event_time() <= target) {
    for (int i = 0; i < events_between_looks; ++i) {
      const auto next = world.next_event_time();
      if (!next || *next > target) break;
      cluster_.step();
    }
    if (wall_now() >= until_wall) break;
  }
  const auto next = world.next_event_time();
  if (pacer_.is_unlimited()) return;
  if (!next || *next > target) {
    world.run_until(target);
  } else if (target - world.now() >
             Duration::micros(static_cast<std::int64_t>(
                 static_cast<double>(behind_max.count_micros()) * pacer_.speed()))) {
    pacer_.fell_behind(world.now(), wall_now());
  }
}

void SimulationSession::sleep_until_due(Instant wall) {
  Instant until = wall + idle_sleep_max;
  if (pacer_.running()) {
    const auto next = cluster_.world().next_event_time();
    if (pacer_.is_unlimited() && next) return;
    if (next) {
      if (const auto due = pacer_.wall_time_of(*next)) until = std::min(until, *due);
    }
  }
  if (until <= wall) return;
  std::unique_lock guard(inbox_lock_);
  inbox_filled_.wait_for(guard, std::chrono::microseconds((until - wall).count_micros()),
                         [this] { return !inbox_.empty() || stopping_.load(); });
}

void SimulationSession::put(Item item) {
  bool first = false;
  {
    const std::lock_guard guard(inbox_lock_);
    first = inbox_.empty();
    inbox_.push_back(std::move(item));
  }
  if (first) inbox_filled_.notify_one();
}

void SimulationSession::work_off_inbox() {
  std::vector<Item> items;
  {
    const std::lock_guard guard(inbox_lock_);
    items.swap(inbox_);
  }
  if (items.empty()) return;
  // What comes from outside happens at the virtual present, not at the last event before it.
  if (pacer_.running() && !pacer_.is_unlimited()) advance(wall_now());
  for (Item& item : items) {
    std::visit([this](auto& what) { take(what); }, item);
  }
}

void SimulationSession::take(OpenOutside& item) {
  const ConnectionId connection = cluster_.open_external(item.listener, item.peer_host);
  outside_.emplace(item.client, connection);
  inside_.emplace(connection, item.client);
}

void SimulationSession::take(Frame& item) {
  const auto at = outside_.find(item.client);
  if (at != outside_.end())
    cluster_.world().external_send(at->second, ByteChain(std::move(item.frame)));
}

void SimulationSession::take(Closed& item) {
  const auto at = outside_.find(item.client);
  if (at == outside_.end()) return;
  cluster_.close_external(at->second);
  inside_.erase(at->second);
  outside_.erase(at);
}

void SimulationSession::take(Refused& item) {
  cluster_.note_refused(item.why);
}

void SimulationSession::take(Posted& item) {
  const CommandResult result = carry_out(item.command);
  if (item.done) item.done(result);
}

CommandResult SimulationSession::carry_out(const observe::Command& command) {
  CommandResult result;
  if (carry_out_on_clock(command.action, result)) {
    last_publish_ = Instant();
    return result;
  }
  result = cluster_.apply(command);
  last_publish_ = Instant();  // What was done is seen at once.
  return result;
}

bool SimulationSession::carry_out_on_clock(const observe::Action& action, CommandResult& result) {
  world::World& world = cluster_.world();
  if (const auto* running = std::get_if<observe::SetRunning>(&action)) {
    pacer_.set(running->running, pacer_.speed(), world.now(), wall_now());
    return true;
  }
  if (const auto* speed = std::get_if<observe::SetSpeed>(&action)) {
    if (!(speed->speed >= 0.01)) {
      result = "speed must be at least 0.01";
      return true;
    }
    pacer_.set(pacer_.running(), std::min(speed->speed, Pacer::unlimited), world.now(), wall_now());
    return true;
  }
  const bool steps = std::holds_alternative<observe::StepEvent>(action) ||
                     std::holds_alternative<observe::StepTime>(action) ||
                     std::holds_alternative<observe::RunToNext>(action);
  if (!steps) return false;
  if (std::holds_alternative<observe::StepEvent>(action)) cluster_.step();
  if (const auto* by = std::get_if<observe::StepTime>(&action)) {
    if (by->by < Duration() || by->by > run_to_next_limit) {
      result = "a step goes forward, by at most 10 minutes";
      return true;
    }
    cluster_.run_until(world.now() + by->by);
  }
  if (const auto* next = std::get_if<observe::RunToNext>(&action)) run_to_next(next->event_kind);
  pacer_.set(false, pacer_.speed(), world.now(), wall_now());
  return true;
}

void SimulationSession::run_to_next(const std::string& event_kind) {
  const Instant limit = cluster_.world().now() + run_to_next_limit;
  const std::uint64_t before = cluster_.events_of_kind(event_kind);
  while (cluster_.world().now() < limit && cluster_.events_of_kind(event_kind) == before &&
         !stopping_) {
    if (!cluster_.step()) return;
  }
}

observe::RunState SimulationSession::run_state(Instant wall) {
  world::World& world = cluster_.world();
  if (wall - last_measure_wall_ >= Duration::millis(500)) {
    const double seconds = (wall - last_measure_wall_).count_seconds();
    measured_speed_ = (world.now() - last_measure_virtual_).count_seconds() / seconds;
    events_per_s_ = static_cast<double>(world.events_delivered() - last_measure_events_) / seconds;
    last_measure_wall_ = wall;
    last_measure_virtual_ = world.now();
    last_measure_events_ = world.events_delivered();
  }
  observe::RunState state;
  state.kind = "Simulation";
  state.title = options_.title;
  state.start = options_.cluster.start;
  state.now = world.now();
  state.running = pacer_.running();
  state.speed = pacer_.speed();
  state.measured_speed = measured_speed_;
  state.seed = options_.cluster.seed;
  state.events = world.events_delivered();
  state.events_per_s = events_per_s_;
  state.trace_hash = world.trace_hash();
  return state;
}

void SimulationSession::publish(Instant wall, bool force) {
  if (!force && wall - last_publish_ < publish_interval) return;
  last_publish_ = wall;
  auto next = cluster_.snapshot(run_state(wall));
  auto happened = cluster_.take_events();
  if (options_.tell) std::for_each(happened.begin(), happened.end(), options_.tell);
  ready_ = cluster_.all_brokers_serving();
  std::function<void()> wake;
  {
    const std::lock_guard guard(published_lock_);
    snapshot_ = std::move(next);
    for (observe::Event& event : happened) events_.push_back(std::move(event));
    while (events_.size() > events_kept_max) {
      events_.pop_front();
      ++events_dropped_;
    }
    // Under the lock, so that on_change({}) ends it for good.
    if (wake_) wake_();
  }
}

std::shared_ptr<const observe::Snapshot> SimulationSession::snapshot() {
  const std::lock_guard guard(published_lock_);
  return snapshot_;
}

observe::EventBatch SimulationSession::take_events() {
  const std::lock_guard guard(published_lock_);
  observe::EventBatch batch;
  batch.events.assign(std::make_move_iterator(events_.begin()),
                      std::make_move_iterator(events_.end()));
  batch.dropped = std::exchange(events_dropped_, 0);
  events_.clear();
  return batch;
}

void SimulationSession::on_change(std::function<void()> wake) {
  const std::lock_guard guard(published_lock_);
  wake_ = std::move(wake);
}

void SimulationSession::post(observe::Command command, std::function<void(CommandResult)> done) {
  put(Posted{std::move(command), std::move(done)});
}

void SimulationSession::attach(OutsideSink* sink) {
  const std::lock_guard guard(sink_lock_);
  sink_ = sink;
}

OutsideId SimulationSession::open(const Endpoint& listener, std::string peer_host) {
  const OutsideId id{next_outside_.fetch_add(1)};
  put(OpenOutside{id, listener, std::move(peer_host)});
  return id;
}

void SimulationSession::deliver(OutsideId client, Bytes frame) {
  put(Frame{client, std::move(frame)});
}
void SimulationSession::closed(OutsideId client) {
  put(Closed{client});
}
void SimulationSession::refused(std::string why) {
  put(Refused{std::move(why)});
}

void SimulationSession::on_frame(ConnectionId connection, ByteChain frame) {
  const auto at = inside_.find(connection);
  if (at == inside_.end()) return;
  const std::lock_guard guard(sink_lock_);
  if (sink_ != nullptr) sink_->send(at->second, std::move(frame));
}

void SimulationSession::on_begun(ConnectionId connection, std::size_t bytes) {
  const auto at = inside_.find(connection);
  if (at == inside_.end()) return;
  const std::lock_guard guard(sink_lock_);
  if (sink_ != nullptr) sink_->begun(at->second, bytes);
}

void SimulationSession::on_closed(ConnectionId connection) {
  const auto at = inside_.find(connection);
  if (at == inside_.end()) return;
  const OutsideId client = at->second;
  inside_.erase(at);
  outside_.erase(client);
  cluster_.forget_external(connection);
  const std::lock_guard guard(sink_lock_);
  if (sink_ != nullptr) sink_->close(client);
}

}  // namespace ottla::runtime
