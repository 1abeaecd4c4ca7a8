#include "engine/broker/data/fetch_sessions.h"

#include <algorithm>
#include <limits>

namespace ottla::broker {
namespace {

using protocol::ErrorCode;

constexpr std::int32_t initial_epoch = 0;
constexpr std::int32_t final_epoch = -1;

std::int32_t next_epoch(std::int32_t epoch) {
  return epoch == std::numeric_limits<std::int32_t>::max() ? 1 : epoch + 1;
}

}  // namespace

FetchSessions::Plan FetchSessions::begin(const Asked& asked, Instant now, std::uint64_t random) {
  if (asked.session_epoch == final_epoch) {
    sessions_.erase(asked.session_id);
    return Plan{.items = asked.items};
  }
  if (asked.session_epoch == initial_epoch) return open(asked, now, random);
  return go_on(asked, now);
}

FetchSessions::Plan FetchSessions::open(const Asked& asked, Instant now, std::uint64_t random) {
  sessions_.erase(asked.session_id);
  Plan plan{.items = asked.items};
  if (asked.items.empty() || !make_room(asked, now)) return plan;
  std::int32_t id = 0;
  while (id == 0 || sessions_.count(id) > 0) {
    id = static_cast<std::int32_t>(random & 0x7FFF'FFFF);
    random = random * 6364136223846793005u + 1442695040888963407u;
  }
  Session& session = sessions_[id];
  session.by_topic_id = asked.by_topic_id;
  session.privileged = asked.from_replica;
  session.created = now;
  session.last_used = now;
  for (const FetchItem& item : asked.items) put(session, item);
  plan.session_id = id;
  return plan;
}

FetchSessions::Plan FetchSessions::go_on(const Asked& asked, Instant now) {
  const auto at = sessions_.find(asked.session_id);
  if (at == sessions_.end())
    return Plan{.error = ErrorCode::fetch_session_id_not_found, .items = {}};
  Session& session = at->second;
  if (session.epoch != asked.session_epoch) {
    return Plan{.error = ErrorCode::invalid_fetch_session_epoch, .items = {}};
  }
  if (session.by_topic_id != asked.by_topic_id) {
    return Plan{.error = ErrorCode::fetch_session_topic_id_error, .items = {}};
  }
  for (const FetchItem& item : asked.items) put(session, item);
  for (const FetchKey& key : asked.forgotten) {
    const auto gone = session.partitions.find(key);
    if (gone == session.partitions.end()) continue;
    session.order.erase(gone->second.place);
    session.partitions.erase(gone);
  }
  if (session.partitions.empty()) {
    sessions_.erase(at);
    return Plan{.items = {}};
  }
  session.last_used = now;
  session.epoch = next_epoch(session.epoch);
  Plan plan{.session_id = asked.session_id, .incremental = true, .items = {}};
  plan.items.reserve(session.partitions.size());
  for (const Entry* entry : session.order) {
    plan.items.push_back(FetchItem{entry->first, entry->second.spec});
  }
  return plan;
}

void FetchSessions::put(Session& session, const FetchItem& item) {
  const auto [at, added] = session.partitions.try_emplace(item.key);
  if (added) at->second.place = session.order.insert(session.order.end(), &*at);
  at->second.spec = item.spec;
}

// As Kafka's FetchSessionCache.tryEvict: first one that nobody has used for long; else a smaller
// one that has had its time, and for a replica's also an ordinary one of any age.
bool FetchSessions::make_room(const Asked& asked, Instant now) {
  if (sessions_.size() < limits_.sessions_max) return true;
  const auto oldest_use = std::min_element(
      sessions_.begin(), sessions_.end(),
      [](const auto& a, const auto& b) { return a.second.last_used < b.second.last_used; });
  if (oldest_use == sessions_.end()) return false;
  if (now - oldest_use->second.last_used > limits_.eviction_after) {
    sessions_.erase(oldest_use);
    return true;
  }
  auto victim = sessions_.end();
  const auto worth = [](const Session& s) { return std::pair(s.privileged, s.partitions.size()); };
  for (auto at = sessions_.begin(); at != sessions_.end(); ++at) {
    const bool yields = asked.from_replica && !at->second.privileged;
    if (!yields && now - at->second.created <= limits_.eviction_after) continue;
    if (victim == sessions_.end() || worth(at->second) < worth(victim->second)) victim = at;
  }
  if (victim == sessions_.end()) return false;
  if (worth(victim->second) >= std::pair(asked.from_replica, asked.items.size())) return false;
  sessions_.erase(victim);
  return true;
}

bool FetchSessions::tell(std::int32_t session_id, const FetchKey& key, const FetchNews& news) {
  const auto at = sessions_.find(session_id);
  if (at == sessions_.end()) return true;
  Session& session = at->second;
  const auto found = session.partitions.find(key);
  if (found == session.partitions.end()) return true;
  Cached& cached = found->second;
  const bool is_news = cached.lacks(news);
  cached.high_watermark = news.must_tell ? no_offset : news.high_watermark;
  cached.log_start_offset = news.log_start_offset;
  if (news.has_records) session.order.splice(session.order.end(), session.order, cached.place);
  return is_news;
}

bool FetchSessions::is_news(std::int32_t session_id, const FetchKey& key,
                            const FetchNews& news) const {
  const auto at = sessions_.find(session_id);
  if (at == sessions_.end()) return true;
  const auto found = at->second.partitions.find(key);
  return found == at->second.partitions.end() || found->second.lacks(news);
}

}  // namespace ottla::broker
