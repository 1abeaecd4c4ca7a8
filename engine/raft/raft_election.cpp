// How leadership changes hands in Raft: votes, and what a new and a resigning leader tell.
#include <algorithm>

#include "engine/base/assert.h"
#include "engine/base/planted.h"
#include "engine/raft/raft.h"

namespace ottla::raft {

using protocol::ErrorCode;

// Asking for votes.

void Raft::ask_for_votes(const Election& election, bool pre_vote, Instant now, Effects& effects) {
  if (election.is_lost()) return;
  for (const BrokerId voter : election.unrecorded()) {
    if (!peers_.is_ready(voter)) continue;
    effects.push_back(SendVote{peers_.send(voter, now), voter,
                               VoteRequest{.cluster_id = config_.cluster_id,
                                           .candidate = config_.local,
                                           .candidate_epoch = leader_.epoch,
                                           .log_end = log_end(),
                                           .pre_vote = pre_vote,
                                           .voter = voter_set().find(voter)->key}});
  }
}

Effects Raft::on_reply(RequestId request, const VoteAnswer& answer, Instant now) {
  Effects effects;
  const auto from = peers_.expected(request);
  if (!from) return effects;
  if (answer.top_level_error == ErrorCode::unsupported_version && role() == Role::prospective) {
    // A voter that knows no pre-votes must be asked for its vote itself.
    become_candidate(now, effects);
  } else if (answer.top_level_error != ErrorCode::none) {
    peers_.failed(*from, now);
  } else {
    const Common common = handle_common(answer, now, effects);
    const bool failed = common == Common::back_off ||
                        (common == Common::not_handled && answer.error != ErrorCode::none);
    failed ? peers_.failed(*from, now) : peers_.succeeded(*from);
    if (common == Common::not_handled && !failed) record_vote(*from, answer.granted, now, effects);
  }
  settle(now, effects);
  return effects;
}

void Raft::record_vote(BrokerId voter, bool granted, Instant now, Effects& effects) {
  if (auto* candidate = std::get_if<Candidate>(&role_)) {
    candidate->election.record(voter, granted);  // `step` looks at the outcome.
    return;
  }
  auto* prospective = std::get_if<Prospective>(&role_);
  if (prospective == nullptr) return;
  prospective->election.record(voter, granted);
  if (prospective->election.is_won()) {
    become_candidate(now, effects);
  } else if (prospective->election.is_lost()) {
    return_from_lost_pre_vote(now, effects);
  }
}

void Raft::return_from_lost_pre_vote(Instant now, Effects& effects) {
  if (has_leader()) return become_follower(leader_, now, effects);
  become_unattached(leader_.epoch, now, effects);
}

// Being asked.

bool Raft::is_foreign(const std::optional<std::string>& cluster_id) const {
  return cluster_id && *cluster_id != config_.cluster_id;
}

bool Raft::is_meant_for_us(const std::optional<ReplicaKey>& key) const {
  return !key || key->matches(config_.local);
}

QuorumAnswer Raft::answer_now(ErrorCode error) const {
  return {.top_level_error = ErrorCode::none, .error = error, .leader = leader_};
}

ErrorCode Raft::check_vote(const VoteRequest& vote) const {
  // A candidate has left the epochs in its log behind; who only asks may still be in one.
  const bool epoch_fits = vote.pre_vote ? vote.log_end.epoch <= vote.candidate_epoch
                                        : vote.log_end.epoch < vote.candidate_epoch;
  if (vote.log_end.offset < Offset{0} || vote.log_end.epoch < LeaderEpoch{0} || !epoch_fits)
    return ErrorCode::invalid_request;
  if (vote.candidate_epoch < leader_.epoch) return ErrorCode::fenced_leader_epoch;
  return vote.candidate.id < BrokerId{0} ? ErrorCode::invalid_request : ErrorCode::none;
}

bool Raft::would_grant(const VoteRequest& vote) const {
  const bool up_to_date =
      vote.log_end.is_up_to_date_with(log_end()) || planted(Plant::vote_for_shorter_log);
  switch (role()) {
    case Role::leader: return false;
    case Role::follower:
      // Whoever gets what it asks its leader for sees no need of another.
      return vote.pre_vote && up_to_date && !std::get<Follower>(role_).has_fetched;
    case Role::candidate:
    case Role::resigned: return vote.pre_vote && up_to_date;
    case Role::unattached:
    case Role::prospective: break;
  }
  if (vote.pre_vote) return up_to_date;
  if (voted_) return voted_->matches(vote.candidate);
  return !has_leader() && up_to_date;
}

Effects Raft::on_request(AskId ask, const VoteRequest& vote, Instant now) {
  Effects effects;
  VoteAnswer answer;
  if (is_foreign(vote.cluster_id)) {
    answer.top_level_error = ErrorCode::inconsistent_cluster_id;
    return {Reply{ask, answer}};
  }
  ErrorCode error = check_vote(vote);
  if (error == ErrorCode::none) {
    if (vote.candidate_epoch > leader_.epoch) become_unattached(vote.candidate_epoch, now, effects);
    if (!is_meant_for_us(vote.voter)) error = ErrorCode::invalid_voter_key;
  }
  if (error == ErrorCode::none && would_grant(vote)) {
    answer.granted = true;
    if (!vote.pre_vote && !voted_ && !planted(Plant::forget_vote)) {
      voted_ = vote.candidate;
      // Whoever it votes for has as good a chance as itself: it does not stand against it.
      const Instant election_at = draw_election_at(now);
      auto* unattached = std::get_if<Unattached>(&role_);
      if (unattached != nullptr && is_voter()) unattached->election_at = election_at;
      if (auto* role = std::get_if<Prospective>(&role_)) role->election_at = election_at;
      persist(effects);
    }
  }
  static_cast<QuorumAnswer&>(answer) = answer_now(error);
  effects.push_back(Reply{ask, answer});
  settle(now, effects);
  return effects;
}

// What a leader tells of its epoch, new or ended: followed, unless it is of another cluster or of
// the past.
QuorumAnswer Raft::take_leaders_word(const std::optional<std::string>& cluster_id,
                                     const LeaderAndEpoch& leader, Instant now, Effects& effects) {
  if (is_foreign(cluster_id)) return {ErrorCode::inconsistent_cluster_id, ErrorCode::none, {}};
  if (leader.epoch < leader_.epoch) return answer_now(ErrorCode::fenced_leader_epoch);
  if (leader.leader < BrokerId{0}) return answer_now(ErrorCode::invalid_request);
  follow_news(leader, now, effects);
  return answer_now(ErrorCode::none);
}

Effects Raft::on_request(AskId ask, const BeginQuorumEpoch& begin, Instant now) {
  Effects effects;
  BeginQuorumEpochAnswer answer{take_leaders_word(begin.cluster_id, begin.leader, now, effects)};
  if (answer.is_fine() && !is_meant_for_us(begin.voter))
    answer.error = ErrorCode::invalid_voter_key;
  effects.push_back(Reply{ask, answer});
  settle(now, effects);
  return effects;
}

Effects Raft::on_request(AskId ask, const EndQuorumEpoch& end, Instant now) {
  Effects effects;
  const EndQuorumEpochAnswer answer{take_leaders_word(end.cluster_id, end.leader, now, effects)};
  auto* follower = std::get_if<Follower>(&role_);
  if (answer.is_fine() && follower != nullptr && leader_.leader == end.leader.leader && is_voter())
    follower->fetch_until = now + election_backoff(end.preferred_candidates);
  effects.push_back(Reply{ask, answer});
  settle(now, effects);
  return effects;
}

// Each place further back waits twice as long, so that the most advanced voter is elected first.
Duration Raft::election_backoff(const std::vector<ReplicaKey>& candidates) const {
  const auto own = std::find_if(candidates.begin(), candidates.end(),
                                [this](const auto& each) { return each.matches(config_.local); });
  const auto place = static_cast<std::size_t>(own - candidates.begin());
  if (place == 0) return {};
  if (own == candidates.end()) return config_.election_backoff_max;
  const std::int64_t max_ms = config_.election_backoff_max.count_millis();
  constexpr std::size_t shift_max = 32;
  const std::int64_t base_ms = max_ms >> std::min(candidates.size() - 1, shift_max);
  return Duration::millis(std::min(max_ms, base_ms << std::min(place - 1, shift_max)));
}

// A new leader, and one that resigns.

bool Raft::step(Leader& role, Instant now, Effects& effects) {
  expire_voter_change(now, effects);
  if (is_lone_voter()) return false;
  const bool lost_majority = voter_set().size() > 1 && now >= role.check_quorum_at;
  if (shutting_down_ || role.is_to_resign || lost_majority) {
    become_resigned(now, effects);
    return true;
  }
  if (now < role.begin_epoch_at) return false;
  for (const auto& [id, voter] : voter_set().all()) {
    if (id == config_.local.id || !peers_.is_ready(id)) continue;
    effects.push_back(SendBeginQuorumEpoch{
        peers_.send(id, now), id,
        BeginQuorumEpoch{.cluster_id = config_.cluster_id, .leader = leader_, .voter = voter.key}});
  }
  role.begin_epoch_at = now + config_.fetch_timeout / 2;
  return false;
}

bool Raft::step(Resigned& role, Instant now, Effects& effects) {
  for (const BrokerId voter : role.unacknowledged) {
    if (!peers_.is_ready(voter)) continue;
    effects.push_back(SendEndQuorumEpoch{peers_.send(voter, now), voter,
                                         EndQuorumEpoch{.cluster_id = config_.cluster_id,
                                                        .leader = leader_,
                                                        .preferred_candidates = role.successors}});
  }
  if (shutting_down_ || now < role.election_at) return false;
  // Only a new epoch frees it from being known as this one's leader.
  become_unattached(leader_.epoch.next(), now, effects);
  return true;
}

Effects Raft::on_reply(RequestId request, const BeginQuorumEpochAnswer& answer, Instant now) {
  Effects effects;
  const auto from = peers_.expected(request);
  if (!from) return effects;
  const bool refused = answer.top_level_error != ErrorCode::none ||
                       handle_common(answer, now, effects) == Common::back_off;
  refused ? peers_.failed(*from, now) : peers_.succeeded(*from);
  settle(now, effects);
  return effects;
}

Effects Raft::on_reply(RequestId request, const EndQuorumEpochAnswer& answer, Instant now) {
  Effects effects;
  const auto from = peers_.expected(request);
  if (!from) return effects;
  Common common = Common::back_off;
  if (answer.top_level_error == ErrorCode::none) common = handle_common(answer, now, effects);
  common == Common::back_off ? peers_.failed(*from, now) : peers_.succeeded(*from);
  auto* resigned = std::get_if<Resigned>(&role_);
  if (common == Common::not_handled && resigned != nullptr) resigned->unacknowledged.erase(*from);
  settle(now, effects);
  return effects;
}

Effects Raft::on_request_failed(RequestId request, Instant now) {
  Effects effects;
  const auto to = peers_.expected(request);
  if (!to) return effects;
  peers_.failed(*to, now);
  if (is_query(request)) add_queried_voter({ErrorCode::broker_not_available, {}}, now, effects);
  settle(now, effects);
  return effects;
}

// What an answer of any kind says of the quorum; what it says of its own matter counts only where
// this leaves it.
Raft::Common Raft::handle_common(const QuorumAnswer& answer, Instant now, Effects& effects) {
  const LeaderAndEpoch& theirs = answer.leader;
  if (theirs.epoch < leader_.epoch || answer.error == ErrorCode::unknown_leader_epoch)
    return Common::handled;
  if (theirs.epoch > leader_.epoch || answer.error == ErrorCode::fenced_leader_epoch ||
      answer.error == ErrorCode::not_leader_or_follower) {
    follow_news(theirs, now, effects);
    return Common::handled;
  }
  if (theirs.leader != no_broker && !has_leader()) {
    // An observer finds its leader and takes its records from one answer.
    follow_news(theirs, now, effects);
    return answer.error == ErrorCode::none ? Common::not_handled : Common::handled;
  }
  if (answer.error == ErrorCode::broker_not_available) return Common::back_off;
  if (answer.error == ErrorCode::invalid_voter_key) return Common::handled;
  if (answer.error == ErrorCode::invalid_request) return Common::back_off;
  return Common::not_handled;
}

}  // namespace ottla::raft
