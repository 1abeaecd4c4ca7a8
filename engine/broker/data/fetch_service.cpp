#include "engine/broker/data/fetch_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/base/planted.h"
#include "engine/broker/data/fetch_answers.h"
#include "engine/broker/data/isolation_level.h"
#include "engine/broker/data/last_of_each.h"
#include "engine/broker/data/replica_selector.h"

namespace ottla::broker {
namespace {

using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;

constexpr ApiVersion first_with_topic_ids{13};
constexpr ApiVersion first_from_followers{11};       // KIP-392.
constexpr ApiVersion first_with_replica_state{15};   // KIP-903.
constexpr ApiVersion first_with_node_endpoints{16};  // KIP-951.

// In a Fetch any negative number stands for no epoch.
LeaderEpoch epoch_or_none(LeaderEpoch epoch) {
  return std::max(epoch, no_leader_epoch);
}

FetchSpec spec_of(const FetchRequest::FetchPartition& partition) {
  return {.current_leader_epoch = epoch_or_none(partition.current_leader_epoch),
          .fetch_offset = partition.fetch_offset,
          .last_fetched_epoch = epoch_or_none(partition.last_fetched_epoch),
          .log_start_offset = partition.log_start_offset,
          .bytes_max = partition.partition_max_bytes};
}

bool is_unknown(ErrorCode error) {
  return error == ErrorCode::unknown_topic_id || error == ErrorCode::unknown_topic_or_partition;
}

bool is_out_of_range(const FetchSpec& spec, const Replica& replica) {
  return spec.fetch_offset < replica.log_start() || spec.fetch_offset > replica.log_end();
}

}  // namespace

FetchService::FetchService(Env& env, const BrokerConfig& config, const metadata::Image& image,
                           Replicas& replicas, RequestServer& server, BrokerQuotas& quotas)
    : env_(env),
      self_(config.node_id),
      bytes_max_(config.int32("fetch.max.bytes")),
      by_rack_(metadata::broker_config_value(config.settings, "replica.selector.class") ==
               rack_aware_replica_selector),
      image_(image),
      replicas_(replicas),
      server_(server),
      quotas_(quotas),
      sessions_(FetchSessionLimits{.sessions_max = static_cast<std::size_t>(config.integer(
                                       "max.incremental.fetch.session.cache.slots"))}) {}

FetchSessions::Plan FetchService::plan_of(const Request<FetchRequest>& request, BrokerId follower) {
  const FetchRequest& body = request.body;
  const bool by_id = request.context.head.version >= first_with_topic_ids;
  FetchSessions::Asked asked{.session_id = body.session_id,
                             .session_epoch = body.session_epoch,
                             .by_topic_id = by_id,
                             .from_replica = follower != no_broker,
                             .items = {},
                             .forgotten = {}};
  for (const auto& topic : body.topics) {
    for (const auto& partition : topic.partitions) {
      asked.items.push_back(
          {FetchKey{topic.topic_id, topic.topic, partition.partition}, spec_of(partition)});
    }
  }
  keep_last_of_each(
      asked.items, [](const FetchItem& item) -> const auto& { return item.key; });
  for (const auto& topic : body.forgotten_topics_data) {
    for (const PartitionIndex partition : topic.partitions) {
      asked.forgotten.push_back(FetchKey{topic.topic_id, topic.topic, partition});
    }
  }
  return sessions_.begin(asked, env_.clock.now(), env_.random.next());
}

void FetchService::handle(const Request<FetchRequest>& request) {
  const FetchRequest& body = request.body;
  const ApiVersion version = request.context.head.version;
  if (!is_isolation_level(body.isolation_level))
    return server_.reply(request.context.token, of_no_isolation_level(body));
  const bool state = version >= first_with_replica_state;
  Held held;
  held.version = version;
  // Whoever has no id of a broker is a consumer.
  held.follower = std::max(state ? body.replica_state.replica_id : body.replica_id, no_broker);
  held.follower_epoch = state ? body.replica_state.replica_epoch : no_broker_epoch;
  held.leader_only = held.follower != no_broker || version < first_from_followers;
  if (version >= first_from_followers) held.client_rack = body.rack_id;
  held.read_committed = body.isolation_level == read_committed;
  held.bytes_max = std::min(body.max_bytes, bytes_max_);
  if (held.follower == no_broker && quotas_.fetch.in_use()) {
    const double at_once =
        quotas_.fetch.bytes_at_once_max(quota_subject(request.context), env_.clock.now());
    held.bytes_max = static_cast<std::int32_t>(std::min<double>(held.bytes_max, at_once));
  }
  held.bytes_min = std::min(body.min_bytes, held.bytes_max);
  held.plan = plan_of(request, held.follower);
  if (held.plan.error != ErrorCode::none) {
    FetchResponse response;
    response.error_code = held.plan.error;
    return server_.reply(request.context.token, response);
  }
  record_progress(held);
  const bool waits = body.max_wait_ms > 0 && held.bytes_min > 0 && !held.plan.items.empty();
  if (!waits || may_answer(held)) {
    Look first = look(held);
    const bool satisfied = !waits || first.answer_now || first.suffices(held);
    if (satisfied) return answer(request.context.token, held, std::move(first));
  }
  held.deadline = env_.clock.now() + Duration::millis(body.max_wait_ms);
  watch(held, request.context.token, true);
  deadlines_.add(held.deadline, request.context.token);
  held_.emplace(request.context.token, std::move(held));
}

// A follower's fetch offset says what it has: this moves in-sync sets and high watermarks, once for
// each request.
void FetchService::record_progress(const Held& held) {
  if (held.follower == no_broker) return;
  for (const FetchItem& item : held.plan.items) {
    Replica* replica = nullptr;
    if (check(held, item, replica) != ErrorCode::none) continue;
    if (divergence(*replica, item.spec) || is_out_of_range(item.spec, *replica)) continue;
    replicas_.record_fetch(*replica, held.follower, held.follower_epoch, item.spec.fetch_offset,
                           item.spec.log_start_offset);
  }
}

ErrorCode FetchService::check(const Held& held, const FetchItem& item, Replica*& replica) {
  replica = find(held, item.key);
  if (replica == nullptr) return why_not_here(held, item.key);
  if (const ErrorCode epoch = replica->check_epoch(item.spec.current_leader_epoch);
      epoch != ErrorCode::none) {
    return epoch;
  }
  if (replica->leader() == nullptr && (held.leader_only || replica->follower() == nullptr))
    return ErrorCode::not_leader_or_follower;
  return held.follower == no_broker ? ErrorCode::none : check_follower(held, item, *replica);
}

// Who fetches as a replica must be one of the partition's, as the controller knows it by now: an
// earlier incarnation's fetch says nothing of what its broker has today (KIP-903).
ErrorCode FetchService::check_follower(const Held& held, const FetchItem& item,
                                       const Replica& replica) const {
  if (replica.leader()->followers().count(held.follower) == 0) {
    return item.spec.current_leader_epoch == no_leader_epoch ? ErrorCode::not_leader_or_follower
                                                             : ErrorCode::unknown_leader_epoch;
  }
  const metadata::Broker* broker = image_.broker(held.follower);
  const bool stale = held.follower_epoch != no_broker_epoch && broker != nullptr &&
                     !broker->fenced && held.follower_epoch < broker->epoch;
  return stale ? ErrorCode::not_leader_or_follower : ErrorCode::none;
}

ErrorCode FetchService::why_not_here(const Held& held, const FetchKey& key) const {
  const bool by_id = held.version >= first_with_topic_ids;
  const metadata::Topic* topic =
      by_id ? image_.topic(key.id) : image_.topic(std::string_view(key.topic));
  if (topic == nullptr)
    return by_id ? ErrorCode::unknown_topic_id : ErrorCode::unknown_topic_or_partition;
  return topic->partitions.count(key.partition) == 0
             ? ErrorCode::unknown_topic_or_partition
             : replicas_.why_absent(PartitionKey{topic->id, key.partition});
}

std::optional<FetchService::Divergence> FetchService::divergence(const Replica& replica,
                                                                 const FetchSpec& spec) {
  if (spec.last_fetched_epoch == no_leader_epoch) return std::nullopt;
  const replication::EpochEnd end = replica.epoch_end(spec.last_fetched_epoch);
  const bool unknown = end.epoch == no_leader_epoch || end.end_offset == no_offset;
  // An offset before the log's start is out of range whether or not the histories part.
  if (unknown || spec.fetch_offset < replica.log_start()) {
    return Divergence{.error = ErrorCode::offset_out_of_range, .end = {}};
  }
  if (end.epoch == spec.last_fetched_epoch && end.end_offset >= spec.fetch_offset) {
    return std::nullopt;
  }
  return Divergence{.end = end};
}

// Up to where a fetch may read.
Offset FetchService::bound_of(const Held& held, const Replica& replica) {
  const bool all = held.follower != no_broker || planted(Plant::serve_uncommitted);
  if (all) return replica.log_end();
  return held.read_committed ? replica.last_stable_offset() : replica.high_watermark();
}

// Asked far more often than there is anything: a follower waits from before a record comes until it
// does.
bool FetchService::may_answer(const Held& held) {
  return std::ranges::any_of(held.plan.items, [&](const FetchItem& item) {
    Replica* replica = nullptr;
    return check(held, item, replica) != ErrorCode::none || divergence(*replica, item.spec) ||
           is_out_of_range(item.spec, *replica) ||
           nearer_replica(held, item.spec, *replica) != no_broker ||
           item.spec.fetch_offset < bound_of(held, *replica);
  });
}

// Of a fetch that names its topics by id; an older one is looked at in full.
bool FetchService::has_more(const Held& held, const Replica& replica) {
  const bool by_id = held.version >= first_with_topic_ids;
  return by_id && std::ranges::any_of(held.plan.items, [&](const FetchItem& item) {
           return item.key.id == replica.key().topic && item.key.partition == replica.key().index &&
                  item.spec.fetch_offset < bound_of(held, replica);
         });
}

// A leader that knows a replica nearer to the consumer names it instead of reading (KIP-392).
BrokerId FetchService::nearer_replica(const Held& held, const FetchSpec& spec,
                                      const Replica& replica) const {
  if (!by_rack_ || held.follower != no_broker || replica.leader() == nullptr) return no_broker;
  return preferred_read_replica(replica, self_, image_, held.client_rack, spec.fetch_offset);
}

FetchService::Look FetchService::look(Held& held) {
  Look result;
  result.partitions.reserve(held.plan.items.size());
  for (const FetchItem& item : held.plan.items) read(held, item, result);
  return result;
}

void FetchService::refuse_read(PartitionData& data, Look& look, ErrorCode why) {
  data.error_code = why;
  data.high_watermark = no_offset.value();
  data.last_stable_offset = no_offset;
  data.log_start_offset = no_offset;
  look.answer_now = true;
}

void FetchService::read(const Held& held, const FetchItem& item, Look& look) {
  PartitionData& data = look.partitions.emplace_back();
  data.partition_index = item.key.partition;
  data.high_watermark = no_offset.value();
  data.records = ByteChain();
  Replica* replica = nullptr;
  data.error_code = check(held, item, replica);
  // Who reads uncommitted records, or none at all, is told of no transactions: null. Only a
  // partition that is not known here is refused before a read would begin, with an empty list.
  if (!is_unknown(data.error_code)) data.aborted_transactions.reset();
  if (data.error_code != ErrorCode::none) {
    look.answer_now = true;
    return;
  }
  data.high_watermark = replica->high_watermark().value();
  data.last_stable_offset = replica->last_stable_offset();
  data.log_start_offset = replica->log_start();
  data.preferred_read_replica = nearer_replica(held, item.spec, *replica);
  if (data.preferred_read_replica != no_broker) {
    look.answer_now = true;
    return;
  }
  if (const auto parts = divergence(*replica, item.spec)) {
    data.error_code = parts->error;
    if (parts->error == ErrorCode::none) {
      data.diverging_epoch.epoch = parts->end.epoch.value();
      data.diverging_epoch.end_offset = parts->end.end_offset;
    }
    look.answer_now = true;
    return;
  }
  // Between its bound and the log's end a reader gets nothing yet: a new leader's watermark may be
  // older than what it has seen.
  if (is_out_of_range(item.spec, *replica)) {
    return refuse_read(data, look, ErrorCode::offset_out_of_range);
  }
  if (held.read_committed) data.aborted_transactions.emplace();
  const Offset upper = bound_of(held, *replica);
  if (item.spec.fetch_offset >= upper) return;
  if (held.bytes_max < 0 || item.spec.bytes_max < 0) {
    // Kafka's answer to the exception that its read throws.
    return refuse_read(data, look, ErrorCode::unknown_server_error);
  }
  const std::size_t room = static_cast<std::size_t>(held.bytes_max) > look.bytes
                               ? static_cast<std::size_t>(held.bytes_max) - look.bytes
                               : 0;
  const bool first = look.bytes == 0;
  const std::size_t bytes_max =
      std::min(room, static_cast<std::size_t>(std::max(item.spec.bytes_max, 0)));
  if ((room == 0 && !first) || is_throttled(held, *replica)) return;
  auto records = replica->read(item.spec.fetch_offset, bytes_max, upper, first);
  if (!records) {
    data.error_code = records.error();
    look.answer_now = true;
    return;
  }
  look.bytes += records->size();
  data.records = *std::move(records);
  if (held.read_committed) {
    for (const auto& aborted : replica->aborted_between(item.spec.fetch_offset, *data.records)) {
      data.aborted_transactions->push_back(aborted);
    }
  }
}

void FetchService::answer(RequestToken token, const Held& held, Look look) {
  if (const Duration wait = charge(token, held, look); wait > Duration())
    return answer_throttled(token, held, wait);
  count_throttled(held, look);
  FetchResponse response;
  response.session_id = held.plan.session_id;
  for (std::size_t i = 0; i < look.partitions.size(); ++i) {
    const FetchKey& key = held.plan.items[i].key;
    PartitionData& data = look.partitions[i];
    if (held.follower == no_broker) count_read(held, key, data.records->size());
    if (held.plan.session_id != 0) {
      const bool is_news = sessions_.tell(held.plan.session_id, key, news_of(data));
      if (held.plan.incremental && !is_news) continue;
    }
    add_partition(response, key, std::move(data));
  }
  (held.follower != no_broker ? bytes_to_followers_ : bytes_to_consumers_) += look.bytes;
  if (held.version >= first_with_node_endpoints && held.follower == no_broker)
    name_leaders(response, held);
  server_.reply(token, response);
}

// As Kafka's FetchResponse.sizeOf: the body with what would be told, and four bytes for its length.
template <class Counts>
std::size_t FetchService::size_of_answer(const Held& held, const Look& look, Counts&& counts) {
  FetchResponse response;
  for (std::size_t i = 0; i < look.partitions.size(); ++i) {
    const FetchKey& key = held.plan.items[i].key;
    const PartitionData& data = look.partitions[i];
    const bool told =
        !held.plan.incremental || sessions_.is_news(held.plan.session_id, key, news_of(data));
    if (told && counts(key)) add_partition(response, key, data);
  }
  ByteWriter body;
  response.encode(body, held.version);
  return 4 + body.size();
}

Duration FetchService::charge(RequestToken token, const Held& held, const Look& look) {
  const RequestContext* request = server_.find(token);
  if (request == nullptr) return {};
  if (held.follower != no_broker) {
    server_.exempt(token);
    return {};
  }
  const Duration for_time = server_.charge_time(token);
  if (!quotas_.fetch.in_use()) return for_time;
  const QuotaSubject subject = quota_subject(*request);
  const std::size_t bytes = size_of_answer(held, look, [](const FetchKey&) { return true; });
  const Duration for_bytes = quotas_.fetch.charge(subject, bytes, env_.clock.now());
  const Duration wait = std::max(for_time, for_bytes);
  if (wait > Duration()) quotas_.fetch.refund(subject, bytes, env_.clock.now());
  server_.mute(token, for_bytes);
  return wait;
}

void FetchService::count_throttled(const Held& held, const Look& look) {
  if (held.follower == no_broker || !quotas_.leader.any()) return;
  const auto counts = [&](const FetchKey& key) {
    const Replica* replica = find(held, key);
    return replica != nullptr && quotas_.leader.is_throttled(replica->topic(), key.partition);
  };
  quotas_.leader.record(size_of_answer(held, look, counts), env_.clock.now());
}

bool FetchService::is_throttled(const Held& held, const Replica& replica) {
  if (held.follower == no_broker || !quotas_.leader.any()) return false;
  const auto& isr = replica.leader()->isr();
  return !std::binary_search(isr.begin(), isr.end(), held.follower) &&
         quotas_.leader.is_throttled(replica.topic(), replica.key().index) &&
         quotas_.leader.is_exceeded(env_.clock.now());
}

// A session that would begin with this answer does not: the client is told none.
void FetchService::answer_throttled(RequestToken token, const Held& held, Duration wait) {
  FetchResponse response;
  response.throttle_time_ms = static_cast<std::int32_t>(wait.count_millis());
  if (held.plan.incremental) {
    response.session_id = held.plan.session_id;
  } else {
    sessions_.drop(held.plan.session_id);
  }
  server_.reply(token, response);
}

void FetchService::count_read(const Held& held, const FetchKey& key, std::size_t bytes) {
  if (bytes == 0) return;
  if (Replica* replica = find(held, key)) replica->bytes_to_consumers += bytes;
}

Replica* FetchService::find(const Held& held, const FetchKey& key) {
  return held.version >= first_with_topic_ids ? replicas_.find(PartitionKey{key.id, key.partition})
                                              : replicas_.find(key.topic, key.partition);
}

void FetchService::name_leaders(FetchResponse& response, const Held&) {
  std::set<BrokerId> named;
  for (auto& topic : response.responses) {
    for (auto& partition : topic.partitions) {
      const bool moved = partition.error_code == ErrorCode::not_leader_or_follower ||
                         partition.error_code == ErrorCode::fenced_leader_epoch;
      const metadata::Partition* known =
          image_.partition(topic.topic_id, partition.partition_index);
      if (!moved || known == nullptr || known->leader == no_broker) continue;
      partition.current_leader.leader_id = known->leader;
      partition.current_leader.leader_epoch = known->leader_epoch;
      named.insert(known->leader);
    }
  }
  for (const BrokerId id : named) {
    const metadata::Broker* broker = image_.broker(id);
    if (broker == nullptr || broker->endpoints.empty()) continue;
    const auto& at = broker->endpoints.front();
    response.node_endpoints.push_back(
        {.node_id = id, .host = at.host, .port = at.port, .rack = broker->rack});
  }
}

void FetchService::watch(const Held& held, RequestToken token, bool begin) {
  for (const FetchItem& item : held.plan.items) {
    Replica* replica = find(held, item.key);
    if (replica == nullptr) continue;
    if (begin) {
      replica->fetch_waits.push_back(token);
    } else {
      std::erase(replica->fetch_waits, token);
    }
  }
}

void FetchService::on_moved(Replica& replica) {
  woken_ = replica.fetch_waits;
  for (const RequestToken token : woken_) {
    const auto at = held_.find(token);
    if (at == held_.end()) continue;
    if (!server_.is_pending(token)) {
      (void)release(token);  // Its connection is gone.
      continue;
    }
    if (!may_answer(at->second, replica)) continue;
    Look again = look(at->second);
    if (!again.answer_now && !again.suffices(at->second)) continue;
    answer(token, release(token), std::move(again));
  }
}

FetchService::Held FetchService::release(RequestToken token) {
  const auto at = held_.find(token);
  watch(at->second, token, false);
  deadlines_.remove(at->second.deadline, token);
  Held held = std::move(at->second);
  held_.erase(at);
  return held;
}

std::optional<Instant> FetchService::next_deadline() const {
  return deadlines_.next();
}

void FetchService::on_time() {
  const Instant now = env_.clock.now();
  while (const auto token = deadlines_.due(now)) {
    Held held = release(*token);
    Look last = look(held);
    answer(*token, held, std::move(last));
  }
}

std::optional<std::string> FetchService::cause(RequestToken request) const {
  const auto at = held_.find(request);
  if (at == held_.end()) return std::nullopt;
  const std::string who = at->second.follower != no_broker
                              ? fmt::format("broker {} waits", at->second.follower.value())
                              : std::string("waits");
  const auto counted = [](auto count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
  };
  return fmt::format("{} for {} from {}", who, counted(at->second.bytes_min, "byte"),
                     counted(at->second.plan.items.size(), "partition"));
}

}  // namespace ottla::broker
