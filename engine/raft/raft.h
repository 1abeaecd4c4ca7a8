// The metadata quorum of KRaft (KIP-595, with the pre-votes of KIP-996 and the voters of KIP-853)
// as a pure step machine. A call says what happened and when; it returns the effects to carry out,
// in order. Voters elect a leader among them; the others, and the observers, fetch its log,
// truncate where they diverge, and follow its watermark.
//
//   auto effects = raft.start(read_quorum_state(), now);   // once
//   ... carry out, then report: on_log_changed, on_synced, on_reply, on_request_failed
//   ... and call on_time when `deadline()` has come
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/prng.h"
#include "engine/raft/effects.h"
#include "engine/raft/log_view.h"
#include "engine/raft/raft_config.h"
#include "engine/raft/roles.h"
#include "engine/raft/voter_records.h"

namespace ottla::raft {

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

  // Leader: appends records of these values in one batch, after the linger time, at
  // `next_append_offset()`. Only while `is_leader()`.
  [[nodiscard]] Effects append(std::vector<Bytes> values, Instant now);
  // Where the next record will lie: behind those that linger.
  [[nodiscard]] Offset next_append_offset() const;
  // Leader: lets the log say who votes (kraft.version 1), unless `validate_only`. No effects where
  // it is refused, or is so already.
  [[nodiscard]] KRaftUpgrade upgrade_kraft_version(std::int16_t level, bool validate_only,
                                                   Instant now, Effects& effects);
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
  [[nodiscard]] Effects on_request(AskId ask, const AddVoter& add, Instant now);
  [[nodiscard]] Effects on_request(AskId ask, const RemoveVoter& remove, Instant now);
  [[nodiscard]] Effects on_request(AskId ask, const UpdateVoter& update, Instant now);

  [[nodiscard]] Effects on_reply(RequestId request, const FetchReply& reply, Instant now);
  [[nodiscard]] Effects on_reply(RequestId request, const SnapshotChunk& chunk, Instant now);
  [[nodiscard]] Effects on_reply(RequestId id, const VoteAnswer& answer, Instant now);
  [[nodiscard]] Effects on_reply(RequestId id, const BeginQuorumEpochAnswer& answer, Instant now);
  [[nodiscard]] Effects on_reply(RequestId id, const EndQuorumEpochAnswer& answer, Instant now);
  [[nodiscard]] Effects on_reply(RequestId id, const UpdateVoterAnswer& answer, Instant now);
  [[nodiscard]] Effects on_reply(RequestId request, const SupportedVersions& versions, Instant now);
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
  [[nodiscard]] bool is_voter() const { return voter_set().contains(config_.local); }
  [[nodiscard]] const VoterSet& voter_set() const;
  [[nodiscard]] std::int16_t kraft_version() const;
  [[nodiscard]] std::size_t parked_fetches() const { return parked_.size(); }

  // DescribeQuorum, as the leader sees it; empty elsewhere.
  [[nodiscard]] std::vector<ReplicaStatus> voters(Instant now) const;
  [[nodiscard]] std::vector<ReplicaStatus> observers(Instant now) const;

 private:
  // What an answer meant beyond its own matter.
  enum class Common : std::uint8_t { not_handled, handled, back_off };

  // Transitions.
  void become(RoleState role, LeaderAndEpoch leader, std::optional<ReplicaKey> voted);
  void become_unattached(LeaderEpoch epoch, Instant now, Effects& effects);
  void become_prospective(Instant now, Effects& effects);
  void become_candidate(Instant now, Effects& effects);
  void become_leader(std::vector<BrokerId> granting, Instant now, Effects& effects);
  void become_follower(LeaderAndEpoch leader, Instant now, Effects& effects);
  [[nodiscard]] Follower new_follower(Instant now) const;
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
  [[nodiscard]] Offset readable_end() const;
  void take_fetch(AskId ask, const ReplicaFetch& fetch, Instant now, Effects& effects);
  void count_for_quorum(const ReplicaKey& replica, Instant now);
  void reply_with_log(AskId ask, const ReplicaFetch& fetch, Effects& effects);
  void release_parked(Instant now, Effects& effects);
  void refuse_parked(Effects& effects);
  void publish_high_watermark(Effects& effects);

  // Changes of voters.
  [[nodiscard]] Voter local_voter() const;
  void take_voters(Instant now, Effects& effects);
  [[nodiscard]] VoterChangeAnswer check_leads(const std::optional<std::string>& cluster_id) const;
  [[nodiscard]] VoterChangeAnswer check_voter_change(std::string_view verb) const;
  [[nodiscard]] VoterChangeAnswer check_addition(const AddVoter& add) const;
  [[nodiscard]] protocol::ErrorCode check_update(const UpdateVoter& update) const;
  [[nodiscard]] bool is_query(RequestId request) const;
  void append_due(Instant now, Effects& effects);
  void append_control(std::span<const protocol::ControlRecord> records, Instant now,
                      Effects& effects);
  void append_voters(const VoterSet& voters, Instant now, Effects& effects);
  void add_queried_voter(const SupportedVersions& versions, Instant now, Effects& effects);
  void finish_voter_change(Effects& effects);
  void expire_voter_change(Instant now, Effects& effects);
  void end_voter_change(VoterChangeAnswer answer, Effects& effects);
  void send_update_voter(Follower& role, Instant now, Effects& effects);

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

  [[nodiscard]] bool is_lone_voter() const { return is_voter() && voter_set().size() == 1; }
  [[nodiscard]] bool keeps_synced() const { return is_voter() || !config_.listeners.empty(); }
  [[nodiscard]] bool tells_of_itself() const { return is_voter() && !config_.listeners.empty(); }
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
