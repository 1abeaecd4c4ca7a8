#include "engine/raft/raft.h"

#include <algorithm>

#include "engine/base/assert.h"
#include "engine/raft/leader_change.h"
#include "engine/raft/voter_records.h"

namespace ottla::raft {

Raft::Raft(RaftConfig config, const LogView& log, Prng random)
    : config_(std::move(config)),
      log_(log),
      random_(random),
      peers_(config_.request_timeout, config_.retry_backoff) {
  OTTLA_ASSERT(!config_.bootstrap.empty());
}

std::optional<Offset> Raft::epoch_start() const {
  const auto* leader = std::get_if<Leader>(&role_);
  return leader != nullptr ? std::optional(leader->progress.epoch_start()) : std::nullopt;
}

// A node goes on in the role in which it ended; but one that led does not lead on, since what it
// had not synced may be lost, and an epoch's offsets are given out once.
Effects Raft::start(const std::optional<QuorumState>& persisted, Instant now) {
  Effects effects;
  const QuorumState state = persisted.value_or(QuorumState{});
  if (const auto snapshot = log_.latest_snapshot()) high_watermark_ = snapshot->offset;
  const LeaderAndEpoch leader{state.leader, state.leader_epoch};
  std::optional<ReplicaKey> voted;
  if (state.voted != no_broker) voted = ReplicaKey{state.voted, state.voted_directory};
  const Unattached unattached{is_voter() ? std::optional(draw_election_at(now)) : std::nullopt};

  if (state.leader_epoch < log_.last_epoch()) {
    // A quorum-state file may be lost while the log is not: an epoch that is in the log has been.
    become(unattached, {no_broker, log_.last_epoch()}, std::nullopt);
  } else if (state.leader == config_.local.id) {
    const auto voters = voter_set().ids();
    Resigned resigned{draw_election_at(now), {voters.begin(), voters.end()}, {}};
    resigned.unacknowledged.erase(config_.local.id);
    become(std::move(resigned), leader, std::nullopt);
  } else if (is_voter() && state.voted == config_.local.id) {
    become(Candidate{Election(voter_set(), config_.local.id), draw_election_at(now)}, leader,
           voted);
  } else if (voter_set().find(state.leader) != nullptr) {
    become(new_follower(now), leader, voted);
  } else {
    become(unattached, {no_broker, state.leader_epoch}, voted);
  }
  persist(effects);
  effects.push_back(told_leader_ = LeaderChanged{{no_broker, leader_.epoch}, false});
  tell_leader(effects);
  if (is_lone_voter()) become_prospective(now, effects);
  settle(now, effects);
  return effects;
}

Effects Raft::begin_shutdown(Instant now) {
  Effects effects;
  shutting_down_ = true;
  settle(now, effects);
  return effects;
}

bool Raft::may_stop() const {
  const bool another_leads = has_leader() && leader_.leader != config_.local.id;
  return !is_voter() || is_lone_voter() || another_leads;
}

// Transitions.

void Raft::become(RoleState role, LeaderAndEpoch leader, std::optional<ReplicaKey> voted) {
  role_ = std::move(role);
  leader_ = leader;
  voted_ = voted;
  leader_timed_out_ = false;
  peers_.forget_all();
}

Instant Raft::draw_election_at(Instant now) {
  const std::int64_t base = config_.election_timeout.count_micros();
  if (base <= 0) return now;
  const auto extra = static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(base)));
  return now + Duration::micros(base + extra);
}

// A new epoch alone does not put off an election that is due: nobody leads yet.
std::optional<Instant> Raft::running_election_timeout() const {
  if (const auto* role = std::get_if<Unattached>(&role_)) return role->election_at;
  if (const auto* role = std::get_if<Candidate>(&role_)) return role->election_at;
  if (const auto* role = std::get_if<Resigned>(&role_)) return role->election_at;
  const auto* prospective = std::get_if<Prospective>(&role_);
  if (prospective != nullptr && !prospective->election.is_lost()) return prospective->election_at;
  return std::nullopt;
}

void Raft::become_unattached(LeaderEpoch epoch, Instant now, Effects& effects) {
  OTTLA_ASSERT(epoch > leader_.epoch || role() == Role::prospective);
  refuse_parked(effects);
  const auto running = running_election_timeout();
  Unattached unattached;
  if (is_voter()) unattached.election_at = running ? *running : draw_election_at(now);
  // Whoever has voted in this epoch must not vote in it again.
  become(unattached, {no_broker, epoch}, epoch == leader_.epoch ? voted_ : std::nullopt);
  persist(effects);
  tell_leader(effects);
}

void Raft::become_prospective(Instant now, Effects& effects) {
  OTTLA_ASSERT(is_voter());
  Prospective prospective{Election(voter_set(), config_.local.id), draw_election_at(now)};
  const bool won = prospective.election.is_won();
  // A leader that resigned does not wait for itself.
  const BrokerId leader = leader_.leader == config_.local.id ? no_broker : leader_.leader;
  become(std::move(prospective), {leader, leader_.epoch}, voted_);
  if (won) become_candidate(now, effects);
}

void Raft::become_candidate(Instant now, Effects& effects) {
  OTTLA_ASSERT(role() == Role::prospective);
  Candidate candidate{Election(voter_set(), config_.local.id), draw_election_at(now)};
  const bool won = candidate.election.is_won();
  const auto granting = candidate.election.granting();
  become(std::move(candidate), {no_broker, leader_.epoch.next()}, config_.local);
  persist(effects);
  tell_leader(effects);
  if (won) become_leader(granting, now, effects);
}

void Raft::become_leader(std::vector<BrokerId> granting, Instant now, Effects& effects) {
  OTTLA_ASSERT(role() == Role::candidate);
  const Offset start = log_.end_offset();
  Leader leader{.progress = ReplicaProgress(config_.local, voter_set(), start),
                .fetched = {},
                .check_quorum_at = now + config_.fetch_timeout + config_.fetch_timeout / 2,
                .begin_epoch_at = now,
                .voters_at = log_.voter_history().last_offset()};
  std::vector<protocol::ControlRecord> records{
      leader_change_record({config_.local.id, voter_set().ids(), std::move(granting)})};
  const VoterHistory& history = log_.voter_history();
  if (history.kraft_version() < first_with_voters_in_log) {
    leader.told_voters = voter_set().with_update_of_id(local_voter());
  } else if (history.last_offset() == no_offset || voter_set().needs_update(local_voter())) {
    // The voters of the first snapshot are in no record yet.
    records.push_back(kraft_version_record(history.kraft_version()));
    records.push_back(voters_record(*voter_set().with_update(local_voter())));
  }
  become(std::move(leader), {config_.local.id, leader_.epoch}, std::nullopt);
  persist(effects);
  tell_leader(effects);
  append_control(records, now, effects);
}

Follower Raft::new_follower(Instant now) const {
  Follower follower{now + config_.fetch_timeout};
  follower.update_voter_at = now + config_.fetch_timeout;
  return follower;
}

void Raft::become_follower(LeaderAndEpoch leader, Instant now, Effects& effects) {
  OTTLA_ASSERT(leader.leader != config_.local.id && leader.epoch >= leader_.epoch);
  refuse_parked(effects);
  leader_high_watermark_ = no_offset;
  become(new_follower(now), leader, leader.epoch == leader_.epoch ? voted_ : std::nullopt);
  persist(effects);
  tell_leader(effects);
}

void Raft::become_resigned(Instant now, Effects& effects) {
  auto successors = std::get<Leader>(role_).progress.successors();
  Resigned resigned{draw_election_at(now), {}, std::move(successors)};
  for (const ReplicaKey& other : resigned.successors) resigned.unacknowledged.insert(other.id);
  refuse_parked(effects);
  become(std::move(resigned), leader_, voted_);
  tell_leader(effects);
}

// Follows what another node says of the quorum, if it is news.
void Raft::follow_news(const LeaderAndEpoch& theirs, Instant now, Effects& effects) {
  const bool names_us = theirs.leader == config_.local.id;
  const bool same_epoch = theirs.epoch == leader_.epoch;
  const bool two_leaders =
      same_epoch && theirs.leader != no_broker && has_leader() && theirs.leader != leader_.leader;
  if (two_leaders || (names_us && !is_leader())) {
    effects.push_back(QuorumBroken{
        "node " + std::to_string(theirs.leader.value()) + " is said to lead epoch " +
        std::to_string(theirs.epoch.value()) + ", which it does not as far as this node knows"});
    return;
  }
  if (theirs.epoch > leader_.epoch && theirs.leader == no_broker) {
    become_unattached(theirs.epoch, now, effects);
  } else if (theirs.epoch > leader_.epoch ||
             (same_epoch && theirs.leader != no_broker && !has_leader())) {
    become_follower(theirs, now, effects);
  }
}

void Raft::persist(Effects& effects) const {
  const bool names_directories = log_.voter_history().kraft_version() >= first_with_voters_in_log;
  effects.push_back(PersistQuorumState{
      {.data_version = static_cast<std::int16_t>(names_directories ? 1 : 0),
       .leader = leader_.leader,
       .leader_epoch = leader_.epoch,
       .voted = voted_ ? voted_->id : no_broker,
       .voted_directory = voted_ ? voted_->directory : Uuid{},
       .voters = names_directories ? std::vector<BrokerId>{} : voter_set().ids()}});
}

void Raft::tell_leader(Effects& effects) {
  const bool resigned = role() == Role::resigned;
  const LeaderChanged now_leads{{resigned ? no_broker : leader_.leader, leader_.epoch},
                                is_leader()};
  const bool same =
      now_leads.leader == told_leader_.leader && now_leads.is_local == told_leader_.is_local;
  if (!same) effects.push_back(told_leader_ = now_leads);
}

// The local log.

Effects Raft::append(std::vector<Bytes> values, Instant now) {
  OTTLA_ASSERT(is_leader());
  std::get<Leader>(role_).buffer.add(std::move(values), now, config_.append_linger);
  Effects effects;
  append_due(now, effects);
  return effects;
}

Offset Raft::next_append_offset() const {
  const auto* leader = std::get_if<Leader>(&role_);
  return log_.end_offset().plus(leader != nullptr ? leader->buffer.count() : 0);
}

void Raft::append_due(Instant now, Effects& effects) {
  auto* leader = std::get_if<Leader>(&role_);
  if (leader == nullptr || !leader->buffer.due() || now < *leader->buffer.due()) return;
  effects.push_back(AppendToLog{leader->buffer.take(log_.end_offset(), leader_.epoch)});
}

Effects Raft::on_log_changed(Instant now) {
  Effects effects;
  synced_end_ = std::min(synced_end_, log_.end_offset());
  if (awaiting_log_change_) {
    awaiting_log_change_ = false;
    // A snapshot is on the disk as a whole, and stands for what is committed.
    if (log_.start_offset() == log_.end_offset()) {
      synced_end_ = log_.end_offset();
      leader_high_watermark_ = std::max(leader_high_watermark_, log_.start_offset());
    }
    follow_high_watermark(effects);
  }
  if (is_leader()) take_voters(now, effects);
  // The other voters copy while this one syncs. A lone voter's records come with their commit.
  if (is_leader() && !is_lone_voter()) release_parked(now, effects);
  settle(now, effects);
  return effects;
}

// What a voter says it has must survive a power loss: nothing is fetched past it before.
void Raft::keep_synced(Effects& effects) {
  if (!keeps_synced() || sync_in_flight_ || log_.end_offset() <= synced_end_) return;
  sync_in_flight_ = true;
  effects.push_back(SyncLog{});
}

Effects Raft::on_synced(Offset end_offset, Instant now) {
  Effects effects;
  sync_in_flight_ = false;
  synced_end_ = std::min(end_offset, log_.end_offset());
  if (auto* leader = std::get_if<Leader>(&role_)) {
    leader->progress.update_local(synced_end_, now);
    publish_high_watermark(effects);
    release_parked(now, effects);
  }
  settle(now, effects);
  return effects;
}

// Time.

void Raft::break_off(std::string reason, Effects& effects) {
  broken_ = true;
  effects.push_back(QuorumBroken{std::move(reason)});
}

void Raft::settle(Instant now, Effects& effects) {
  if (broken_) return;
  leader_timed_out_ |= peers_.expire(leader_.leader, now);
  while (std::visit([&](auto& role) { return step(role, now, effects); }, role_)) {
  }
  keep_synced(effects);
}

bool Raft::step(Unattached& role, Instant now, Effects& effects) {
  if (shutting_down_) return false;
  if (role.election_at && now >= *role.election_at) {
    become_prospective(now, effects);
    return true;
  }
  send_fetch_to_any(now, effects);
  return false;
}

bool Raft::step(Prospective& role, Instant now, Effects& effects) {
  if (!shutting_down_ && now >= role.election_at) {
    return_from_lost_pre_vote(now, effects);
    return true;
  }
  ask_for_votes(role.election, true, now, effects);
  return false;
}

bool Raft::step(Candidate& role, Instant now, Effects& effects) {
  if (role.election.is_won()) {
    become_leader(role.election.granting(), now, effects);
    return true;
  }
  if (!shutting_down_ && now >= role.election_at) {
    become_prospective(now, effects);
    return true;
  }
  ask_for_votes(role.election, false, now, effects);
  return false;
}

std::optional<Instant> Raft::deadline() const {
  if (broken_) return std::nullopt;
  std::optional<Instant> earliest = peers_.deadline();
  const auto consider = [&earliest](std::optional<Instant> at) {
    if (at && (!earliest || *at < *earliest)) earliest = at;
  };
  for (const auto& [ask, parked] : parked_) consider(parked.deadline);
  if (const auto* leader = std::get_if<Leader>(&role_)) {
    if (voter_set().size() > 1) consider(leader->check_quorum_at);
    if (!is_lone_voter()) consider(leader->begin_epoch_at);
    if (leader->change) consider(leader->change->until);
    consider(leader->buffer.due());
  }
  if (const auto* follower = std::get_if<Follower>(&role_)) {
    consider(follower->fetch_until);
    // While it waits for an answer, that comes first.
    const bool may_ask = peers_.is_ready(leader_.leader) && !peers_.any_in_flight();
    if (tells_of_itself() && may_ask && !shutting_down_) consider(follower->update_voter_at);
  }
  if (!shutting_down_) {
    consider(running_election_timeout());
    if (const auto* role = std::get_if<Prospective>(&role_)) consider(role->election_at);
  }
  return earliest;
}

Effects Raft::on_time(Instant now) {
  Effects effects;
  if (is_leader()) release_parked(now, effects);
  settle(now, effects);
  append_due(now, effects);
  return effects;
}

}  // namespace ottla::raft
