// How the set of voters changes in Raft (KIP-853): one voter at a time, by a leader that has
// committed in its epoch, so that the majorities before and after the change overlap.
#include <algorithm>
#include <array>

#include "engine/base/assert.h"
#include "engine/raft/raft.h"
#include "engine/raft/voter_records.h"

namespace ottla::raft {

using protocol::ErrorCode;

const VoterSet& Raft::voter_set() const {
  const VoterSet* logged = log_.voter_history().last();
  return logged != nullptr ? *logged : config_.static_voters;
}

std::int16_t Raft::kraft_version() const {
  const auto* leader = std::get_if<Leader>(&role_);
  if (leader != nullptr && leader->upgraded_to) return *leader->upgraded_to;
  return log_.voter_history().kraft_version();
}

Voter Raft::local_voter() const {
  return {config_.local, config_.listeners, supported_kraft_versions};
}

// A set counts from when it is in the log, committed or not (Raft, section 4.1 of the thesis).
void Raft::take_voters(Instant now, Effects& effects) {
  auto& leader = std::get<Leader>(role_);
  const auto at = log_.voter_history().last_offset();
  if (at == leader.voters_at) return;
  leader.voters_at = at;
  leader.progress.set_voters(voter_set());
  // Who is new shall know its leader soon.
  leader.begin_epoch_at = std::min(leader.begin_epoch_at, now);
  publish_high_watermark(effects);
}

void Raft::append_control(std::span<const protocol::ControlRecord> records, Instant now,
                          Effects& effects) {
  const protocol::ControlBatchPlace place{.base_offset = next_append_offset(),
                                          .leader_epoch = leader_.epoch,
                                          .timestamp = now.millis_since_epoch()};
  // What lingers goes first.
  ByteChain batches = std::get<Leader>(role_).buffer.take(log_.end_offset(), leader_.epoch);
  batches.append(protocol::make_control_batch(records, place).bytes());
  effects.push_back(AppendToLog{std::move(batches)});
}

// What an operator asks for.

VoterChangeAnswer Raft::check_leads(const std::optional<std::string>& cluster_id) const {
  if (is_foreign(cluster_id)) {
    return {ErrorCode::inconsistent_cluster_id, "The given id \"" + *cluster_id +
                                                    "\" doesn't match the cluster id \"" +
                                                    config_.cluster_id + "\""};
  }
  if (!is_leader()) return {ErrorCode::not_leader_or_follower, ""};
  if (shutting_down_) return {ErrorCode::broker_not_available, ""};
  return {};
}

VoterChangeAnswer Raft::check_voter_change(std::string_view verb) const {
  const auto& leader = std::get<Leader>(role_);
  const auto committed = leader.progress.high_watermark();
  if (leader.change) {
    return {ErrorCode::request_timed_out,
            "Request timed out waiting for leader to handle previous voter change request"};
  }
  if (!committed) {
    return {ErrorCode::request_timed_out,
            "Request timed out waiting for leader to establish HWM and fence previous voter "
            "changes"};
  }
  const VoterHistory& history = log_.voter_history();
  if (history.kraft_version() < first_with_voters_in_log) {
    return {ErrorCode::unsupported_version, "Cluster doesn't support " + std::string(verb) +
                                                " voter because the kraft.version feature is " +
                                                std::to_string(history.kraft_version())};
  }
  const auto voters_at = history.last_offset();
  if (voters_at && *voters_at < *committed) return {};
  const std::string at =
      voters_at ? "Optional[" + std::to_string(voters_at->value()) + "]" : "Optional.empty";
  return {ErrorCode::request_timed_out,
          "Request timed out waiting for voters to commit the latest voter change at " + at +
              " with HWM " + std::to_string(committed->value())};
}

VoterChangeAnswer Raft::check_addition(const AddVoter& add) const {
  if (auto answer = check_leads(add.cluster_id); answer.error != ErrorCode::none) return answer;
  const Voter& voter = add.voter;
  if (voter.key.id < BrokerId{0} || voter.key.directory.is_zero())
    return {ErrorCode::invalid_request, "Add voter request didn't include a valid voter"};
  if (voter.endpoint(config_.listener_name) == nullptr) {
    return {ErrorCode::invalid_request,
            "Add voter request didn't include the endpoint (" + describe(voter.endpoints) +
                ") for the default listener ListenerName(" + config_.listener_name + ")"};
  }
  if (auto answer = check_voter_change("adding"); answer.error != ErrorCode::none) return answer;
  if (voter_set().find(voter.key.id) != nullptr) {
    return {ErrorCode::duplicate_voter, "The voter id for " + describe(voter.key) +
                                            " is already part of the set of voters " +
                                            describe_keys(voter_set()) + "."};
  }
  if (!peers_.is_ready(voter.key.id)) {
    return {ErrorCode::request_timed_out,
            "New voter " + describe(voter.key) + " is not ready to receive requests"};
  }
  return {};
}

Effects Raft::on_request(AskId ask, const AddVoter& add, Instant now) {
  Effects effects;
  if (is_leader()) expire_voter_change(now, effects);
  if (const auto refused = check_addition(add); refused.error != ErrorCode::none) {
    effects.push_back(Reply{ask, AddVoterAnswer{refused}});
    return effects;
  }
  const BrokerId to = add.voter.key.id;
  const RequestId query = peers_.send(to, now);
  std::get<Leader>(role_).change = PendingVoterChange{.ask = ask,
                                                      .is_addition = true,
                                                      .voter = add.voter,
                                                      .ack_when_committed = add.ack_when_committed,
                                                      .until = now + config_.request_timeout,
                                                      .query = query};
  effects.push_back(SendSupportedVersionsQuery{query, to, {add.voter.endpoints}});
  return effects;
}

bool Raft::is_query(RequestId request) const {
  const auto* leader = std::get_if<Leader>(&role_);
  return leader != nullptr && leader->change && leader->change->query == request;
}

Effects Raft::on_reply(RequestId request, const SupportedVersions& versions, Instant now) {
  Effects effects;
  const auto from = peers_.expected(request);
  if (!from) return effects;
  versions.error == ErrorCode::none ? peers_.succeeded(*from) : peers_.failed(*from, now);
  if (is_query(request)) add_queried_voter(versions, now, effects);
  settle(now, effects);
  return effects;
}

// The last checks, when the new voter has answered: it can run at the quorum's level, and it has
// the log already, so that the watermark does not stand still until it has.
void Raft::add_queried_voter(const SupportedVersions& versions, Instant now, Effects& effects) {
  auto& leader = std::get<Leader>(role_);
  PendingVoterChange& change = *leader.change;
  change.query.reset();
  const std::string who = describe(change.voter.key);
  const std::int16_t level = log_.voter_history().kraft_version();
  if (versions.error != ErrorCode::none) {
    return end_voter_change(
        {ErrorCode::request_timed_out,
         "Aborted add voter operation for since API_VERSIONS returned an error " +
             std::string(protocol::name(versions.error))},
        effects);
  }
  if (!versions.kraft_version || !versions.kraft_version->contains(level)) {
    const KRaftVersions range = versions.kraft_version.value_or(KRaftVersions{});
    return end_voter_change(
        {ErrorCode::invalid_request,
         "Aborted add voter operation for " + who +
             " since the kraft.version range (min: " + std::to_string(range.min) +
             ", max: " + std::to_string(range.max) + (versions.kraft_version ? "" : ")") +
             " doesn't support the finalized version " + std::to_string(level)},
        effects);
  }
  if (!leader.progress.is_caught_up(change.voter.key, now)) {
    return end_voter_change({ErrorCode::request_timed_out, "Aborted add voter operation for " +
                                                               who + " since it is lagging behind"},
                            effects);
  }
  change.voter.versions = *versions.kraft_version;
  change.record = next_append_offset();
  append_voters(*voter_set().with(change.voter), now, effects);
  if (change.ack_when_committed) return;
  change.is_answered = true;
  effects.push_back(Reply{change.ask, AddVoterAnswer{}});
}

void Raft::append_voters(const VoterSet& voters, Instant now, Effects& effects) {
  const auto record = voters_record(voters);
  append_control(std::span(&record, 1), now, effects);
}

Effects Raft::on_request(AskId ask, const RemoveVoter& remove, Instant now) {
  Effects effects;
  if (is_leader()) expire_voter_change(now, effects);
  VoterChangeAnswer refused = check_leads(remove.cluster_id);
  const bool is_valid = remove.voter.id >= BrokerId{0} && !remove.voter.directory.is_zero();
  if (refused.error == ErrorCode::none && !is_valid)
    refused = {ErrorCode::invalid_request, "Remove voter request didn't include a valid voter"};
  if (refused.error == ErrorCode::none) refused = check_voter_change("removing");
  std::optional<VoterSet> left;
  if (refused.error == ErrorCode::none) left = voter_set().without(remove.voter);
  if (refused.error == ErrorCode::none && !left) {
    refused = {ErrorCode::voter_not_found, "Cannot remove voter " + describe(remove.voter) +
                                               " from the set of voters " +
                                               describe_keys(voter_set())};
  }
  if (refused.error != ErrorCode::none) {
    effects.push_back(Reply{ask, RemoveVoterAnswer{refused}});
    return effects;
  }
  std::get<Leader>(role_).change = PendingVoterChange{
      .ask = ask, .until = now + config_.request_timeout, .record = next_append_offset()};
  append_voters(*left, now, effects);
  return effects;
}

// The end of a change.

void Raft::finish_voter_change(Effects& effects) {
  auto& leader = std::get<Leader>(role_);
  // A leader that is no voter any more leads until that is committed, whether the asker has waited
  // for it or not: it must not go on to decide who votes.
  leader.is_to_resign |= !is_voter() && leader.voters_at < high_watermark_;
  if (!leader.change || !leader.change->record || *leader.change->record >= high_watermark_) return;
  end_voter_change({}, effects);
}

void Raft::end_voter_change(VoterChangeAnswer answer, Effects& effects) {
  auto* leader = std::get_if<Leader>(&role_);
  if (leader == nullptr || !leader->change) return;
  const PendingVoterChange change = *leader->change;
  leader->change.reset();
  if (change.is_answered) return;
  if (change.is_addition) {
    effects.push_back(Reply{change.ask, AddVoterAnswer{std::move(answer)}});
  } else {
    effects.push_back(Reply{change.ask, RemoveVoterAnswer{std::move(answer)}});
  }
}

// What is in the log by then may be committed all the same.
void Raft::expire_voter_change(Instant now, Effects& effects) {
  const auto& change = std::get<Leader>(role_).change;
  if (change && now >= change->until) end_voter_change({ErrorCode::request_timed_out, {}}, effects);
}

// What voters tell of themselves.

void Raft::send_update_voter(Follower& role, Instant now, Effects& effects) {
  const bool is_logged = log_.voter_history().kraft_version() >= first_with_voters_in_log;
  const bool has_news =
      is_logged ? voter_set().needs_update(local_voter()) : !role.has_told_of_itself;
  const BrokerId to = leader_.leader;
  if (has_news && (!peers_.is_ready(to) || peers_.any_in_flight())) return;
  role.update_voter_at = now + config_.fetch_timeout;
  if (!has_news) return;
  effects.push_back(SendUpdateVoter{peers_.send(to, now), to,
                                    UpdateVoter{config_.cluster_id, leader_.epoch, local_voter()}});
}

Effects Raft::on_reply(RequestId request, const UpdateVoterAnswer& answer, Instant now) {
  Effects effects;
  const auto from = peers_.expected(request);
  if (!from) return effects;
  const Common common = handle_common(answer, now, effects);
  auto* follower = std::get_if<Follower>(&role_);
  const bool is_taken =
      common == Common::not_handled && follower != nullptr &&
      (answer.error == ErrorCode::none || answer.error == ErrorCode::unsupported_version);
  is_taken || common == Common::handled ? peers_.succeeded(*from) : peers_.failed(*from, now);
  if (is_taken) {
    follower->has_told_of_itself = true;
    follower->fetch_until = now + config_.fetch_timeout;
  }
  settle(now, effects);
  return effects;
}

ErrorCode Raft::check_update(const UpdateVoter& update) const {
  if (is_foreign(update.cluster_id)) return ErrorCode::inconsistent_cluster_id;
  if (const auto error = check_leader_epoch(update.current_leader_epoch); error != ErrorCode::none)
    return error;
  if (shutting_down_) return ErrorCode::broker_not_available;
  const Voter& voter = update.voter;
  const KRaftVersions range = voter.versions;
  const bool is_range = range.min >= 0 && range.max >= range.min;
  if (voter.key.id < BrokerId{0} || voter.key.directory.is_zero() ||
      voter.endpoint(config_.listener_name) == nullptr || !is_range) {
    return ErrorCode::invalid_request;
  }
  const auto& leader = std::get<Leader>(role_);
  const auto committed = leader.progress.high_watermark();
  if (leader.change || !committed) return ErrorCode::request_timed_out;
  const VoterHistory& history = log_.voter_history();
  const bool is_logged = history.kraft_version() >= first_with_voters_in_log;
  const bool is_settled = is_logged ? history.last_offset() && *history.last_offset() < *committed
                                    : leader.told_voters.has_value();
  if (!is_settled) return ErrorCode::request_timed_out;
  if (!range.contains(history.kraft_version())) return ErrorCode::invalid_request;
  const bool is_known = is_logged ? voter_set().contains(voter.key)
                                  : leader.told_voters->find(voter.key.id) != nullptr;
  return is_known ? ErrorCode::none : ErrorCode::voter_not_found;
}

Effects Raft::on_request(AskId ask, const UpdateVoter& update, Instant now) {
  Effects effects;
  if (is_leader()) expire_voter_change(now, effects);
  const ErrorCode error = check_update(update);
  if (error == ErrorCode::none) {
    auto& leader = std::get<Leader>(role_);
    if (log_.voter_history().kraft_version() >= first_with_voters_in_log) {
      append_voters(*voter_set().with_update(update.voter), now, effects);
    } else {
      leader.told_voters = leader.told_voters->with_update_of_id(update.voter);
    }
    if (update.voter.key.id != config_.local.id) count_for_quorum(update.voter.key, now);
  }
  effects.push_back(Reply{ask, UpdateVoterAnswer{answer_now(error)}});
  return effects;
}

// From voters of the configuration to voters of the log.

namespace {

// As Kafka's KRaftVersion prints.
std::string version_name(std::int16_t level) {
  return "KRAFT_VERSION_" + std::to_string(level);
}

KRaftUpgrade refuse_upgrade(const Leader& leader, std::int16_t present, std::int16_t level) {
  const std::string upgrade = "Invalid upgrade of kraft.version";
  const std::string to = " to " + version_name(level);
  const std::string from_to = " from version " + version_name(present) + to;
  if (present > level) {
    return {ErrorCode::invalid_update_version,
            upgrade + from_to + " because the new version is a downgrade"};
  }
  if (!leader.told_voters) return {ErrorCode::invalid_update_version, upgrade + from_to};
  if (leader.told_voters->all_support(level)) return {};
  return {ErrorCode::invalid_update_version,
          upgrade + to + " because not all of the voters support it"};
}

}  // namespace

KRaftUpgrade Raft::upgrade_kraft_version(std::int16_t level, bool validate_only, Instant now,
                                         Effects& effects) {
  OTTLA_ASSERT(is_leader());
  if (kraft_version() == level) return {};
  auto& leader = std::get<Leader>(role_);
  auto refused = refuse_upgrade(leader, log_.voter_history().kraft_version(), level);
  if (refused.error != ErrorCode::none || validate_only) return refused;
  const std::array records{kraft_version_record(level), voters_record(*leader.told_voters)};
  leader.upgraded_to = level;
  leader.told_voters.reset();
  append_control(records, now, effects);
  return {};
}

}  // namespace ottla::raft
