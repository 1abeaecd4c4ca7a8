// A replica's fetch of the metadata log and its reply, free of wire versions: the shell reads them
// from FetchRequest and writes them to FetchResponse (KIP-595, "Fetch").
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/base/uuid.h"
#include "engine/protocol/error_code.h"
#include "engine/raft/log_view.h"

namespace ottla::raft {

// A node of the quorum or an observer of it. The directory id is zero where the peer does not send
// one.
struct ReplicaKey {
  BrokerId id = no_broker;
  Uuid directory;
  auto operator<=>(const ReplicaKey&) const = default;
  // Whether `other` is this replica, as far as both directories are known (KIP-853).
  [[nodiscard]] bool matches(const ReplicaKey& other) const {
    return id == other.id && (directory.is_zero() || directory == other.directory);
  }
};

struct LeaderAndEpoch {
  BrokerId leader = no_broker;
  LeaderEpoch epoch{};
  auto operator<=>(const LeaderAndEpoch&) const = default;
};

struct ReplicaFetch {
  std::optional<std::string> cluster_id;
  ReplicaKey replica;
  LeaderEpoch current_leader_epoch{};
  Offset fetch_offset{};
  LeaderEpoch last_fetched_epoch{};
  // The watermark the replica knows, where its version of Fetch carries it; no_offset: none yet.
  std::optional<Offset> high_watermark;
  Duration max_wait;
  std::int32_t bytes_max = 0;
};

struct FetchReply {
  protocol::ErrorCode top_level_error{};
  protocol::ErrorCode error{};
  LeaderAndEpoch leader;
  Offset high_watermark = no_offset;
  Offset log_start_offset = no_offset;
  // The leader's largest epoch not above the fetcher's, and where it ends: truncate and ask again.
  std::optional<OffsetAndEpoch> diverging;
  // The log no longer has what is asked for: fetch this snapshot instead.
  std::optional<OffsetAndEpoch> snapshot;
  // Whole batches from the fetch offset on. Empty in an effect: the shell reads them.
  ByteChain records;
};

}  // namespace ottla::raft
