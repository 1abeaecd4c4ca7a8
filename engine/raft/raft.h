// The metadata quorum of KRaft (KIP-595, with the pre-votes of KIP-996) as a pure step machine. A
// call says what happened and when; it returns the effects to carry out, in order. Voters elect a
// leader among them; the others, and the observers, fetch its log, truncate where they diverge, and
// follow its watermark.
//
//   auto effects = raft.start(read_quorum_state(), now);   // once
//   ... carry out, then report: on_log_changed, on_synced, on_reply, on_request_failed
//   ... and call on_time when `deadline()` has come
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/prng.h"
#include "engine/raft/effects.h"
#include "engine/raft/log_view.h"
#include "engine/raft/roles.h"

namespace ottla::raft {

struct RaftConfig {
  ReplicaKey local;
  std::string cluster_id;
  std::vector<BrokerId> voters;  // controller.quorum.voters, and where observers ask first.
  Duration election_timeout = Duration::millis(1000);  // controller.quorum.election.timeout.ms
  Duration election_backoff_max =
      Duration::millis(1000);                         // controller.quorum.election.backoff.max.ms
  Duration fetch_timeout = Duration::millis(2000);    // controller.quorum.fetch.timeout.ms
  Duration request_timeout = Duration::millis(2000);  // controller.quorum.request.timeout.ms
  Duration retry_backoff = Duration::millis(20);      // controller.quorum.retry.backoff.ms
  Duration fetch_wait_max = Duration::millis(500);    // Kafka's MAX_FETCH_WAIT_MS
  std::int32_t fetch_bytes_max = 8 * 1024 * 1024;     // Kafka's MAX_FETCH_SIZE_BYTES
};

class Raft {
 public:
  enum class Role : std::uint8_t { unattached, prospective, candidate, leader, follower, resigned };

  // `log` outlives this. `random` draws election timeouts.
  Raft(RaftConfig config, const LogView& log, Prng random);

  [[nodiscard]] Effects start(const std::optional<QuorumState>& persisted, Instant now);
  // The process is to end: a leader resigns and names its successors, a follower stands for
  // election no more. Ready when `may_stop()`, or when the process will wait no longer.
  [[nodiscard]] Effects begin_shutdown(Instant now);
  [[nodiscard]] bool may_stop() const;

  // Leader: appends records already encoded as one batch placed at the log's end in `epoch()`. Only
  // while `is_leader()`.
  [[nodiscard]] Effects append(ByteChain records, Instant now);
  // The local log was appended to or truncated, as an effect asked.
  [[nodiscard]] Effects on_log_changed(Instant now);
  // The log is durable below `end_offset`.
  [[nodiscard]] Effects on_synced(Offset end_offset, Instant now);

  // A replica's fetch: answered at once or parked until there is more to say.
  [[nodiscard]] Effects on_request(AskId ask, const ReplicaFetch& fetch, Instant now);
  [[nodiscard]] Effects on_request(AskId ask, const SnapshotFetch& fetch, Instant now);
  [[nodiscard]] Effects on_request(AskId ask, const VoteRequest& vote, Instant now);
  [[nodiscard]] Effects on_request(AskId ask, const BeginQuorumEpoch& begin, Instant now);
  [[nodiscard]] Effects on_request(AskId ask, const EndQuorumEpoch& end, Instant now);

  [[nodiscard]] Effects on_reply(RequestId request, const FetchReply& reply, Instant now);
  [[nodiscard]] Effects on_reply(RequestId request, const SnapshotChunk& chunk, Instant now);
  [[nodiscard]] Effects on_reply(RequestId request, const VoteAnswer& answer, Instant now);
  [[nodiscard]] Effects on_reply(RequestId request, const BeginQuorumEpochAnswer& answer,
                                 Instant now);
  [[nodiscard]] Effects on_reply(RequestId request, const EndQuorumEpochAnswer& answer,
                                 Instant now);
  [[nodiscard]] Effects on_request_failed(RequestId request, Instant now);

  // When on_time is due next.
  [[nodiscard]] std::optional<Instant> deadline() const;
  [[nodiscard]] Effects on_time(Instant now);

  [[nodiscard]] Role role() const { return static_cast<Role>(role_.index()); }
  [[nodiscard]] bool is_leader() const { return role() == Role::leader; }
  [[nodiscard]] LeaderEpoch epoch() const { return leader_.epoch; }
  // A leader that has resigned is named until somebody takes a new epoch.
  [[nodiscard]] LeaderAndEpoch leader() const { return leader_; }
  // no_offset until this node has learnt of one.
  [[nodiscard]] Offset high_watermark() const { return high_watermark_; }
  // Leader: where its epoch began. It may decide once all from there on back is committed.
  [[nodiscard]] std::optional<Offset> epoch_start() const;
  [[nodiscard]] bool is_voter() const { return is_voter(config_.local.id); }
  [[nodiscard]] std::size_t parked_fetches() const { return parked_.size(); }

  // DescribeQuorum, as the leader sees it; empty elsewhere.
  [[nodiscard]] std::vector<ReplicaStatus> voters(Instant now) const;
  [[nodiscard]] std::vector<ReplicaStatus> observers(Instant now) const;

 private:
  // What an answer meant beyond its own matter.
  enum class Common : std::uint8_t { not_handled, handled, back_off };
  // A fetch that had nothing to take, waiting for the log's end or the watermark to move.
  struct ParkedFetch {
    ReplicaFetch fetch;
    Offset high_watermark;  // As the replica knows it.
    Instant deadline;
  };

  // Transitions.
  void become(RoleState role, LeaderAndEpoch leader, std::optional<ReplicaKey> voted);
  void become_unattached(LeaderEpoch epoch, Instant now, Effects& effects);
  void become_prospective(Instant now, Effects& effects);
  void become_candidate(Instant now, Effects& effects);
  void become_leader(std::vector<BrokerId> granting, Instant now, Effects& effects);
  void become_follower(LeaderAndEpoch leader, Instant now, Effects& effects);
  void become_resigned(Instant now, Effects& effects);
  void return_from_lost_pre_vote(Instant now, Effects& effects);
  void follow_news(const LeaderAndEpoch& theirs, Instant now, Effects& effects);
  void persist(Effects& effects) const;
  void tell_leader(Effects& effects);
  [[nodiscard]] Instant draw_election_at(Instant now);
  [[nodiscard]] std::optional<Instant> running_election_timeout() const;

  // Does what the role has to do now; true when it became another.
  void settle(Instant now, Effects& effects);
  bool step(Unattached& role, Instant now, Effects& effects);
  bool step(Prospective& role, Instant now, Effects& effects);
  bool step(Candidate& role, Instant now, Effects& effects);
  bool step(Leader& role, Instant now, Effects& effects);
  bool step(Follower& role, Instant now, Effects& effects);
  bool step(Resigned& role, Instant now, Effects& effects);
  void keep_synced(Effects& effects);
  // Goes no further, ever.
  void break_off(std::string reason, Effects& effects);

  // Elections.
  void ask_for_votes(const Election& election, bool pre_vote, Instant now, Effects& effects);
  void record_vote(BrokerId voter, bool granted, Instant now, Effects& effects);
  [[nodiscard]] protocol::ErrorCode check_vote(const VoteRequest& vote) const;
  [[nodiscard]] bool would_grant(const VoteRequest& vote) const;
  [[nodiscard]] bool is_meant_for_us(const std::optional<ReplicaKey>& key) const;
  [[nodiscard]] bool is_foreign(const std::optional<std::string>& cluster_id) const;
  [[nodiscard]] Duration election_backoff(const std::vector<ReplicaKey>& candidates) const;
  [[nodiscard]] QuorumAnswer answer_now(protocol::ErrorCode error) const;
  QuorumAnswer take_leaders_word(const std::optional<std::string>& cluster_id,
                                 const LeaderAndEpoch& leader, Instant now, Effects& effects);
  Common handle_common(const QuorumAnswer& answer, Instant now, Effects& effects);

  // Leader.
  [[nodiscard]] FetchReply reply_now(protocol::ErrorCode error) const;
  [[nodiscard]] protocol::ErrorCode check_leader_epoch(LeaderEpoch epoch) const;
  [[nodiscard]] protocol::ErrorCode check_fetch(const ReplicaFetch& fetch) const;
  [[nodiscard]] std::optional<OffsetAndEpoch> needed_snapshot(const ReplicaFetch& fetch) const;
  [[nodiscard]] std::optional<OffsetAndEpoch> divergence(const ReplicaFetch& fetch) const;
  void take_fetch(AskId ask, const ReplicaFetch& fetch, Instant now, Effects& effects);
  void count_for_quorum(BrokerId voter, Instant now);
  void reply_with_log(AskId ask, const ReplicaFetch& fetch, Effects& effects);
  void release_parked(Instant now, Effects& effects);
  void refuse_parked(Effects& effects);
  void publish_high_watermark(Effects& effects);

  // Follower.
  void send_fetch(BrokerId to, Instant now, Effects& effects);
  void send_fetch_to_any(Instant now, Effects& effects);
  void send_snapshot_fetch(const Follower::Incoming& incoming, Instant now, Effects& effects);
  [[nodiscard]] bool may_fetch() const;
  void take_records(const FetchReply& reply, Effects& effects);
  void begin_snapshot(const OffsetAndEpoch& snapshot, Effects& effects);
  void take_chunk(Follower& follower, const SnapshotChunk& chunk, Effects& effects);
  void truncate_to_divergence(const OffsetAndEpoch& diverging, Effects& effects);
  void follow_high_watermark(Effects& effects);

  [[nodiscard]] bool is_voter(BrokerId id) const;
  [[nodiscard]] bool is_lone_voter() const { return is_voter() && config_.voters.size() == 1; }
  [[nodiscard]] bool has_leader() const { return leader_.leader != no_broker; }
  [[nodiscard]] OffsetAndEpoch log_end() const { return {log_.end_offset(), log_.last_epoch()}; }

  // Constant after construction.
  const RaftConfig config_;
  const LogView& log_;

  Prng random_;
  RoleState role_;
  LeaderAndEpoch leader_;
  std::optional<ReplicaKey> voted_;  // For whom in this epoch.
  LeaderChanged told_leader_;
  Offset high_watermark_ = no_offset;
  Offset synced_end_{0};
  bool sync_in_flight_ = false;
  bool shutting_down_ = false;
  bool broken_ = false;
  Peers peers_;

  // Leader.
  std::map<AskId, ParkedFetch> parked_;
  std::map<ReplicaKey, Offset> told_high_watermark_;  // The last watermark sent to each replica.

  // Follower.
  Offset leader_high_watermark_ = no_offset;
  bool leader_timed_out_ = false;     // Its last request was given up: ask another.
  bool awaiting_log_change_ = false;  // An append or truncation is with the shell.
};

}  // namespace ottla::raft
