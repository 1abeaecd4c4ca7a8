#include "engine/client/consumer_node.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace ottla::client {

namespace {

constexpr wire::RequestToken metadata_token{1};
constexpr std::uint64_t first_member_token = 16;
constexpr std::uint64_t first_fetch_token = 64;

wire::ChannelOptions channel_options(const ConsumerConfig& config) {
  wire::ChannelOptions options;
  options.client_id = config.client_id;
  options.request_timeout = config.request_timeout;
  options.in_flight_max = 100;  // A consumer's max.in.flight.requests.per.connection.
  options.negotiate = true;
  return options;
}

}  // namespace

ConsumerNode::ConsumerNode(Env env, ConsumerConfig config)
    : env_(env),
      config_(std::move(config)),
      channels_(env.network, env.random, channel_options(config_)),
      coordinator_channels_(env.network, env.random, channel_options(config_)),
      metadata_(config_.bootstrap, {config_.topics.begin(), config_.topics.end()}, metadata_token,
                env.random, {.max_age = config_.metadata_max_age}),
      member_(config_, owned_, channels_, coordinator_channels_, metadata_, env.random,
              first_member_token),
      fetcher_(config_, owned_, channels_, metadata_, first_fetch_token),
      alarm_(env.timers) {}

void ConsumerNode::on_start() {
  busy_until_ = env_.clock.now();
  service();
}

void ConsumerNode::on_shutdown() {
  closing_ = true;
  member_.begin_leaving(env_.clock.now());
  service();
}

void ConsumerNode::on_accepted(ConnectionId connection, const Endpoint&, std::string_view) {
  env_.network.close(connection);  // A client does not listen.
}

void ConsumerNode::on_connected(ConnectionId connection) {
  const Instant now = env_.clock.now();
  if (!channels_.on_connected(connection, now)) coordinator_channels_.on_connected(connection, now);
  service();
}

void ConsumerNode::on_connection_closed(ConnectionId connection) {
  const Instant now = env_.clock.now();
  if (!channels_.on_connection_closed(connection, now)) {
    coordinator_channels_.on_connection_closed(connection, now);
  }
  metadata_.request_update();
  service();
}

void ConsumerNode::on_message(ConnectionId connection, ByteChain frame) {
  const Instant now = env_.clock.now();
  if (!channels_.on_message(connection, frame, now)) {
    coordinator_channels_.on_message(connection, frame, now);
  }
  service();
}

void ConsumerNode::on_timer(TimerId timer) {
  if (!alarm_.fired(timer)) return;
  channels_.expire(env_.clock.now());
  coordinator_channels_.expire(env_.clock.now());
  service();
}

void ConsumerNode::on_disk(DiskOperationId /*operation*/, DiskResult<void> /*result*/) {}

void ConsumerNode::service() {
  if (stopped_) return;
  const Instant now = env_.clock.now();
  take_completions(now);
  metadata_.poll(channels_, now);
  if (closing_) {
    member_.poll_leaving(now);
    take_completions(now);
    if (member_.left()) return stop();
  } else {
    member_.poll_background(now);
    run_application(now);
    // A request that failed at once ends here, so that what follows from it is due in time.
    take_completions(now);
  }
  arm(now);
}

void ConsumerNode::take_completions(Instant now) {
  for (bool more = true; more;) {
    more = false;
    for (wire::ChannelPool* pool : {&channels_, &coordinator_channels_}) {
      for (const wire::Completion& completion : pool->take_completions()) {
        more = true;
        if (completion.token == metadata_token) {
          metadata_.on_completion(completion, now);
        } else if (!member_.on_completion(completion, now)) {
          fetcher_.on_completion(completion, now);
        }
      }
    }
  }
}

void ConsumerNode::run_application(Instant now) {
  while (now >= busy_until_ && poll_application(now)) {
  }
}

bool ConsumerNode::poll_application(Instant now) {
  const bool owns = member_.poll_application(now);
  if (!owns) {
    fetcher_.drop_unowned();  // A new assignment always comes after such a poll.
    return false;
  }
  const std::int64_t count = fetcher_.collect(
      config_.max_poll_records, [this](const Fetcher::Run& run, Offset to) { tell(run, to); });
  fetcher_.poll(now);
  metadata_.poll(channels_, now);
  if (count == 0) return false;
  consumed_ += count;
  rate_.add(now, count, 0);
  busy_until_ = now + config_.process_time * count;
  return true;
}

void ConsumerNode::tell(const Fetcher::Run& run, Offset to) {
  const Fetcher::Run::Names names = run.names(to);
  env_.probe.tell(probe::Consumed{config_.group_id,
                                  member_.rebalances(),
                                  {run.of.first, run.of.second},
                                  run.first,
                                  to,
                                  names.records});
}

void ConsumerNode::arm(Instant now) {
  constexpr Instant never = Instant::from_micros(std::numeric_limits<std::int64_t>::max());
  Instant next = never;
  const auto consider = [&next, now](std::optional<Instant> at) {
    if (at && *at > now) next = std::min(next, *at);
  };
  consider(busy_until_);
  consider(metadata_.next_due());
  consider(member_.next_due(now));
  consider(fetcher_.next_due(now));
  for (const wire::ChannelPool* pool : {&channels_, &coordinator_channels_}) {
    if (const auto deadline = pool->next_deadline()) next = std::min(next, *deadline);
  }
  if (next == never) {
    alarm_.clear();
  } else {
    alarm_.set(next, now);
  }
}

void ConsumerNode::stop() {
  stopped_ = true;
  alarm_.clear();
  const Instant now = env_.clock.now();
  std::vector<Endpoint> endpoints = config_.bootstrap;
  for (const auto& [broker, endpoint] : metadata_.brokers()) endpoints.push_back(endpoint);
  for (const Endpoint& endpoint : endpoints) {
    channels_.drop(endpoint, now);
    coordinator_channels_.drop(endpoint, now);
  }
}

ConsumerStatistics ConsumerNode::statistics() const {
  const Instant now = env_.clock.now();
  ConsumerStatistics statistics;
  statistics.records_per_s = rate_.rates(now).records_per_s;
  switch (member_.phase()) {
    case GroupMember::Phase::unjoined:
    case GroupMember::Phase::committing:
    case GroupMember::Phase::joining: statistics.state = "joining"; break;
    case GroupMember::Phase::syncing: statistics.state = "syncing"; break;
    case GroupMember::Phase::stable: statistics.state = "consuming"; break;
  }
  if (member_.rejoin_wanted() && now < busy_until_) statistics.state = "in_poll";
  statistics.member_id = member_.member_id();
  statistics.generation = member_.generation();
  for (const auto& [of, partition] : owned_) statistics.assignment.push_back(of);
  statistics.rebalances = member_.rebalances();
  statistics.consumed = consumed_;
  statistics.last_error =
      member_.last_error().empty() ? fetcher_.last_error() : member_.last_error();
  return statistics;
}

}  // namespace ottla::client
