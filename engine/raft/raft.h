// The metadata quorum of KRaft (KIP-595) as a pure step machine. A call says what happened and
// when; it returns the effects to carry out, in order. A voter alone in its quorum elects itself at
// start and leads; every other node observes: it finds the leader, fetches its log, truncates where
// they diverge, and follows its watermark.
//
//   auto effects = raft.start(read_quorum_state(), now);   // once
//   ... carry out, then report: on_log_changed, on_synced, on_fetch_reply, on_request_failed
//   ... and call on_time when `deadline()` has come
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/raft/effects.h"
#include "engine/raft/log_view.h"
#include "engine/raft/replica_progress.h"

namespace ottla::raft {

struct RaftConfig {
  ReplicaKey local;
  std::string cluster_id;
  std::vector<BrokerId> voters;  // controller.quorum.voters, and where observers ask first.
  Duration fetch_timeout = Duration::millis(2000);    // controller.quorum.fetch.timeout.ms
  Duration request_timeout = Duration::millis(2000);  // controller.quorum.request.timeout.ms
  Duration retry_backoff = Duration::millis(20);      // controller.quorum.retry.backoff.ms
  Duration fetch_wait_max = Duration::millis(500);    // Kafka's MAX_FETCH_WAIT_MS
  std::int32_t fetch_bytes_max = 8 * 1024 * 1024;     // Kafka's MAX_FETCH_SIZE_BYTES
};

class Raft {
 public:
  enum class Role : std::uint8_t {
    unattached,  // No leader known.
    leader,
    follower,  // A leader is known; this node fetches from it (as observer or voter).
  };

  // `log` outlives this.
  Raft(RaftConfig config, const LogView& log);

  [[nodiscard]] Effects start(std::optional<QuorumState> persisted, Instant now);

  // Leader: appends records already encoded as one batch placed at the log's end in `epoch()`. Only
  // while `is_leader()`.
  [[nodiscard]] Effects append(ByteChain records, Instant now);
  // The local log was appended to or truncated, as an effect asked.
  [[nodiscard]] Effects on_log_changed(Instant now);
  // The log is durable below `end_offset`.
  [[nodiscard]] Effects on_synced(Offset end_offset, Instant now);

  // A replica's fetch: answered at once or parked until there is more to say.
  [[nodiscard]] Effects on_fetch(FetchId id, const ReplicaFetch& fetch, Instant now);
  // The connection that `id` came by is gone.
  void forget_fetch(FetchId id) { parked_.erase(id); }

  [[nodiscard]] Effects on_fetch_reply(RequestId request, const FetchReply& reply, Instant now);
  [[nodiscard]] Effects on_request_failed(RequestId request, Instant now);

  // When on_time is due next.
  [[nodiscard]] std::optional<Instant> deadline() const;
  [[nodiscard]] Effects on_time(Instant now);

  [[nodiscard]] Role role() const { return role_; }
  [[nodiscard]] bool is_leader() const { return role_ == Role::leader; }
  [[nodiscard]] LeaderEpoch epoch() const { return leader_.epoch; }
  [[nodiscard]] LeaderAndEpoch leader() const { return leader_; }
  [[nodiscard]] Offset high_watermark() const { return high_watermark_; }
  [[nodiscard]] bool is_voter() const;
  [[nodiscard]] std::size_t parked_fetches() const { return parked_.size(); }

  // DescribeQuorum, as the leader sees it; empty elsewhere.
  [[nodiscard]] std::vector<ReplicaStatus> voters(Instant now) const;
  [[nodiscard]] std::vector<ReplicaStatus> observers(Instant now) const;

 private:
  // A fetch that had nothing to take, waiting for the log's end or the watermark to move.
  struct ParkedFetch {
    ReplicaFetch fetch;
    Offset high_watermark;  // As the replica knows it.
    Instant deadline;
  };
  struct SentFetch {
    RequestId request;
    BrokerId to;
    Instant deadline;
  };

  void become_leader(LeaderEpoch epoch, Instant now, Effects& effects);
  void become_follower(LeaderAndEpoch leader, Instant now, Effects& effects);
  void become_unattached(LeaderEpoch epoch, Instant now, Effects& effects);
  void persist(Effects& effects) const;

  // Leader.
  [[nodiscard]] protocol::ErrorCode check_fetch(const ReplicaFetch& fetch) const;
  [[nodiscard]] std::optional<OffsetAndEpoch> divergence(const ReplicaFetch& fetch) const;
  [[nodiscard]] FetchReply reply_now(protocol::ErrorCode error) const;
  void reply_with_log(FetchId id, const ReplicaFetch& fetch, Effects& effects);
  void release_parked(Instant now, Effects& effects);
  void publish_high_watermark(Effects& effects);

  // Observer.
  void send_fetch(Instant now, Effects& effects);
  void back_off(Instant now) { retry_at_ = now + config_.retry_backoff; }
  [[nodiscard]] bool learn_leader(const FetchReply& reply, Instant now, Effects& effects);
  void take_records(const FetchReply& reply, Instant now, Effects& effects);
  void truncate_to_divergence(const OffsetAndEpoch& diverging, Effects& effects);
  void follow_high_watermark(Effects& effects);

  // Constant after construction.
  const RaftConfig config_;
  const LogView& log_;

  Role role_ = Role::unattached;
  LeaderAndEpoch leader_;
  Offset high_watermark_{0};

  // Leader.
  std::optional<ReplicaProgress> progress_;
  bool sync_in_flight_ = false;
  std::map<FetchId, ParkedFetch> parked_;
  std::map<ReplicaKey, Offset> told_high_watermark_;  // The last watermark sent to each replica.

  // Observer.
  std::optional<SentFetch> sent_;
  std::optional<Instant> retry_at_;
  std::optional<Instant> fetch_timeout_at_;
  Offset leader_high_watermark_ = no_offset;
  bool leader_answered_ = false;      // Since this node follows it.
  bool awaiting_log_change_ = false;  // An append or truncation is with the shell.
  std::uint64_t next_request_ = 1;
  std::size_t next_bootstrap_ = 0;
};

}  // namespace ottla::raft
