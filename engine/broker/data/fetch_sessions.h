// Incremental fetch sessions (KIP-227): a client names its partitions once, then sends and receives
// only what changed. The cache is bounded (max.incremental.fetch.session.cache.slots) and
// evicts, since some clients open a new session with every fetch.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/base/uuid.h"
#include "engine/protocol/error_code.h"

namespace ottla::broker {

// A partition as a fetch names it: by topic id since version 13, by name before.
struct FetchKey {
  TopicId id;
  std::string topic;
  PartitionIndex partition;
  auto operator<=>(const FetchKey&) const = default;
};

// What a client asks of one partition.
struct FetchSpec {
  LeaderEpoch current_leader_epoch = no_leader_epoch;
  Offset fetch_offset;
  LeaderEpoch last_fetched_epoch = no_leader_epoch;
  Offset log_start_offset = no_offset;
  std::int32_t bytes_max = 0;
};

struct FetchItem {
  FetchKey key;
  FetchSpec spec;
};

// What the client knows from the last response, to tell whether there is news.
struct FetchNews {
  Offset high_watermark = no_offset;
  Offset log_start_offset = no_offset;
  bool has_records = false;
  bool must_tell = false;  // An error, a divergence, a preferred replica.
};

struct FetchSessionLimits {
  std::size_t sessions_max = 1000;                   // max.incremental.fetch.session.cache.slots
  Duration eviction_after = Duration::seconds(120);  // min.incremental.fetch.session.eviction.ms
};

class FetchSessions {
 public:
  explicit FetchSessions(FetchSessionLimits limits) : limits_(limits) {}

  struct Asked {
    std::int32_t session_id = 0;
    std::int32_t session_epoch = -1;
    bool by_topic_id = false;
    bool from_replica = false;
    std::vector<FetchItem> items;
    std::vector<FetchKey> forgotten;
  };
  // What to fetch, in which order, and how to answer.
  struct Plan {
    protocol::ErrorCode error = protocol::ErrorCode::none;
    std::int32_t session_id = 0;  // For the response; 0: none.
    bool incremental = false;     // Leave out what is not news.
    std::vector<FetchItem> items;
  };
  // `random` seeds a new session's id.
  [[nodiscard]] Plan begin(const Asked& asked, Instant now, std::uint64_t random);

  // Whether an incremental response must carry the partition; remembers what it will say.
  [[nodiscard]] bool tell(std::int32_t session_id, const FetchKey& key, const FetchNews& news);
  // The same, and remembers nothing.
  [[nodiscard]] bool is_news(std::int32_t session_id, const FetchKey& key,
                             const FetchNews& news) const;
  // Forgets a session whose beginning was not told.
  void drop(std::int32_t session_id) { sessions_.erase(session_id); }

  [[nodiscard]] std::size_t size() const { return sessions_.size(); }

 private:
  struct Cached;
  using Entry = std::pair<const FetchKey, Cached>;
  struct Cached {
    FetchSpec spec;
    Offset high_watermark = no_offset;
    Offset log_start_offset = no_offset;
    std::list<const Entry*>::iterator place;

    [[nodiscard]] bool lacks(const FetchNews& news) const {
      return high_watermark != news.high_watermark || log_start_offset != news.log_start_offset ||
             news.has_records || news.must_tell;
    }
  };
  struct Session {
    std::int32_t epoch = 1;  // Expected in the next request.
    bool by_topic_id = false;
    bool privileged = false;  // A replica's.
    Instant created;
    Instant last_used;
    std::map<FetchKey, Cached> partitions;
    // Of `partitions`: those that last had records come last, so that all get their turn.
    std::list<const Entry*> order;
  };

  Plan open(const Asked& asked, Instant now, std::uint64_t random);
  Plan go_on(const Asked& asked, Instant now);
  bool make_room(const Asked& asked, Instant now);
  static void put(Session& session, const FetchItem& item);

  // Constant after construction.
  FetchSessionLimits limits_;

  std::map<std::int32_t, Session> sessions_;
};

}  // namespace ottla::broker
