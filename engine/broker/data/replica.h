// One partition on one broker: its log, and its part in replication as leader, follower or neither.
// The shell around storage::Log and replication::LeaderState; it knows nothing of requests or
// peers.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/ids.h"
#include "engine/broker/data/log_directory.h"
#include "engine/broker/data/offset_waits.h"
#include "engine/broker/server/request_context.h"
#include "engine/protocol/error_code.h"
#include "engine/protocol/messages/fetch_response.h"
#include "engine/protocol/records/produced_batch.h"
#include "engine/replication/leader_state.h"
#include "engine/replication/truncation.h"
#include "engine/storage/log.h"

namespace ottla::broker {

struct PartitionKey {
  TopicId topic;
  PartitionIndex index;
  auto operator<=>(const PartitionKey&) const = default;
};

// Follows `leader` in `epoch`; the high watermark is as the leader last said.
struct FollowerState {
  BrokerId leader = no_broker;
  LeaderEpoch epoch = no_leader_epoch;
  PartitionEpoch partition_epoch;
};

class Replica {
 public:
  // `directory` is the one that the log lies in, and outlives this.
  Replica(PartitionKey key, std::string topic, LogDirectory& directory, storage::Log log,
          Offset high_watermark);

  [[nodiscard]] const PartitionKey& key() const { return key_; }
  [[nodiscard]] const std::string& topic() const { return topic_; }
  [[nodiscard]] LogDirectory& directory() const { return *directory_; }
  [[nodiscard]] storage::Log& log() { return *log_; }
  [[nodiscard]] const storage::Log& log() const { return *log_; }

  [[nodiscard]] replication::LeaderState* leader() {
    return std::get_if<replication::LeaderState>(&role_);
  }
  [[nodiscard]] const replication::LeaderState* leader() const {
    return std::get_if<replication::LeaderState>(&role_);
  }
  [[nodiscard]] const FollowerState* follower() const { return std::get_if<FollowerState>(&role_); }
  [[nodiscard]] LeaderEpoch leader_epoch() const;
  [[nodiscard]] BrokerId leader_id(BrokerId self) const;

  [[nodiscard]] Offset high_watermark() const { return high_watermark_; }
  [[nodiscard]] Offset last_stable_offset() const;
  [[nodiscard]] Offset log_end() const { return log_->log_end(); }
  [[nodiscard]] Offset log_start() const { return log_->log_start(); }

  // Whole batches from `from` on, below `upper`, at most `bytes_max` (but one batch when
  // `at_least_one`).
  [[nodiscard]] Result<ByteChain, protocol::ErrorCode> read(Offset from, std::size_t bytes_max,
                                                            Offset upper, bool at_least_one);
  // The transactions aborted within what a reader from `from` got as `records`.
  [[nodiscard]] std::vector<protocol::FetchResponse::AbortedTransaction> aborted_between(
      Offset from, const ByteChain& records);
  // The epoch of the last record; none in an empty log.
  [[nodiscard]] LeaderEpoch last_epoch() const;
  // The epoch of the record at `offset`; none where that is not known.
  [[nodiscard]] LeaderEpoch epoch_of(Offset offset) const;
  // The first record at or after `timestamp` in milliseconds, and the one with the latest
  // (ListOffsets).
  using Found = Result<std::optional<storage::TimestampedRecord>, protocol::ErrorCode>;
  [[nodiscard]] Found offset_at(std::int64_t timestamp);
  [[nodiscard]] Found max_timestamp_offset();
  // Where the largest epoch not above `epoch` ends here.
  [[nodiscard]] replication::EpochEnd epoch_end(LeaderEpoch epoch) const;

  // Why a request that names `current` as the leader's epoch may not be served; none when it may.
  // -1 names none.
  [[nodiscard]] protocol::ErrorCode check_epoch(LeaderEpoch current) const;

  void become_leader(const replication::LeaderSettings& settings,
                     const replication::Leadership& leadership, Instant now);
  void become_follower(const FollowerState& state);
  // Takes what the leader's state or a fetch response says of the high watermark. True when it
  // moved.
  bool move_high_watermark(Offset to);
  // Takes the leader's state for the watermark.
  bool follow_leader_state();
  // Goes on with the same records in another directory.
  void move_to(LogDirectory& directory, storage::Log log);
  // After a truncation: the watermark cannot lie above the log's end.
  void clamp_high_watermark();

  // Who waits for this partition.
  OffsetWaits offset_waits;
  std::vector<RequestToken> fetch_waits;  // In the order in which they came.
  // Record bytes appended as leader, and read by consumers, since this was opened.
  std::uint64_t bytes_appended = 0;
  std::uint64_t bytes_to_consumers = 0;
  // Where its news stand since they were last taken, see Replicas::take_moved.
  bool log_end_moved = false;
  bool high_watermark_moved = false;
  bool listed_as_moved = false;

 private:
  // Constant after construction.
  PartitionKey key_;
  std::string topic_;

  LogDirectory* directory_;
  std::optional<storage::Log> log_;  // Always there; another one after a move.
  std::variant<std::monostate, replication::LeaderState, FollowerState> role_;
  Offset high_watermark_;
};

}  // namespace ottla::broker
