#include "engine/metadata/partition_change.h"

#include <algorithm>
#include <set>

#include "engine/metadata/reassignment_plan.h"

namespace ottla::metadata {

namespace {

struct Elected {
  BrokerId leader = no_broker;
  bool unclean = false;
};

// The steps of one change, in Kafka's order: each may rest on what those before have settled.
class Transition {
 public:
  Transition(const Partition& before, const PartitionRules& rules, const PartitionTarget& target)
      : before_(before), rules_(rules), target_(target), now_(before) {
    if (target.isr) now_.isr = *target.isr;
    if (target.replicas) now_.replicas = *target.replicas;
    if (target.adding) now_.adding_replicas = *target.adding;
    if (target.removing) now_.removing_replicas = *target.removing;
  }

  protocol::PartitionChangeRecord run() {
    complete_reassignment();
    settle_eligible();
    elect();
    open_epoch_for_removed_replicas();
    record_eligible();
    record_isr();
    record_last_leader();
    record_assignment();
    if (target_.recovery && *target_.recovery != before_.leader_recovery_state) {
      record_.leader_recovery_state = static_cast<std::int8_t>(*target_.recovery);
    }
    return std::move(record_);
  }

 private:
  void complete_reassignment() {
    auto completed = completed_reassignment(now_);
    if (!completed) return;
    now_.isr = std::move(completed->isr);
    now_.replicas = std::move(completed->replicas);
    now_.adding_replicas.clear();
    now_.removing_replicas.clear();
  }

  // Below min.insync.replicas, whoever leaves the in-sync set still has all that was acknowledged.
  void settle_eligible() {
    if (!rules_.eligible_leader_replicas) return;
    std::set<BrokerId> candidates(before_.eligible_leader_replicas.begin(),
                                  before_.eligible_leader_replicas.end());
    candidates.insert(before_.isr.begin(), before_.isr.end());
    now_.eligible_leader_replicas.clear();
    if (now_.isr.size() >= rules_.min_insync) return;
    for (const BrokerId id : candidates) {
      if (id != target_.lost && !contains(now_.isr, id)) {
        now_.eligible_leader_replicas.push_back(id);
      }
    }
  }

  [[nodiscard]] bool may_lead(BrokerId id) const {
    return rules_.may_lead(id) &&
           (!rules_.is_online_directory || rules_.is_online_directory(id, directory_before(id)));
  }

  [[nodiscard]] bool may_lead_cleanly(BrokerId id) const {
    const bool eligible =
        contains(now_.isr, id) || (now_.isr.empty() && contains(now_.eligible_leader_replicas, id));
    return eligible && may_lead(id);
  }

  // The last leader of a partition that has lost every replica which surely has all its records
  // leads again when it is back, whatever unclean.leader.election.enable says (KIP-966).
  [[nodiscard]] bool may_last_leader_lead() const {
    return rules_.eligible_leader_replicas && now_.isr.empty() &&
           now_.eligible_leader_replicas.empty() && before_.last_known_elr.size() == 1 &&
           may_lead(before_.last_known_elr.front());
  }

  [[nodiscard]] Elected choose() const {
    const auto clean = [this](BrokerId id) { return may_lead_cleanly(id); };
    const auto& replicas = now_.replicas;
    if (rules_.election == Election::preferred && !replicas.empty() && clean(replicas.front())) {
      return {replicas.front(), false};
    }
    if (clean(before_.leader)) return {before_.leader, false};
    const auto found = std::find_if(replicas.begin(), replicas.end(), clean);
    if (found != replicas.end()) return {*found, false};
    if (may_last_leader_lead()) return {before_.last_known_elr.front(), true};
    if (rules_.election == Election::unclean) {
      const auto alive = std::find_if(replicas.begin(), replicas.end(),
                                      [this](BrokerId id) { return may_lead(id); });
      if (alive != replicas.end()) return {*alive, true};
    }
    return {};
  }

  void elect() {
    const Elected elected = choose();
    if (elected.leader == before_.leader) return;
    record_.leader = elected.leader;
    if (contains(now_.eligible_leader_replicas, elected.leader)) {
      now_.isr = {elected.leader};
      now_.eligible_leader_replicas = without(now_.eligible_leader_replicas, elected.leader);
    }
    if (!elected.unclean) return;
    // The others' logs say nothing of what this one lacks: only it is in sync, and it must recover.
    record_.isr = std::vector{elected.leader};
    if (before_.leader_recovery_state != LeaderRecoveryState::recovering) {
      record_.leader_recovery_state = static_cast<std::int8_t>(LeaderRecoveryState::recovering);
    }
  }

  // A replica that is taken away must not be able to fetch in the epoch it knows.
  void open_epoch_for_removed_replicas() {
    const bool all_stay = std::all_of(before_.replicas.begin(), before_.replicas.end(),
                                      [this](BrokerId id) { return contains(now_.replicas, id); });
    if (record_.leader == no_leader_change && !all_stay) record_.leader = before_.leader;
  }

  void record_eligible() {
    if (record_.isr || !rules_.eligible_leader_replicas) now_.eligible_leader_replicas.clear();
    if (now_.eligible_leader_replicas != before_.eligible_leader_replicas) {
      record_.eligible_leader_replicas = now_.eligible_leader_replicas;
    }
  }

  void record_isr() {
    const bool allowed = !now_.isr.empty() || rules_.eligible_leader_replicas;
    if (!record_.isr && allowed && now_.isr != before_.isr) record_.isr = now_.isr;
  }

  // lastKnownElr holds the last leader while the in-sync set is empty.
  void record_last_leader() {
    if (!rules_.eligible_leader_replicas) return;
    const std::vector<BrokerId> last_leader{before_.leader};
    const bool emptied = record_.isr && record_.isr->empty();
    if (emptied && before_.last_known_elr != last_leader) {
      record_.last_known_elr = last_leader;
      return;
    }
    const bool is_led = record_.leader == no_leader_change ? before_.leader != no_broker
                                                           : record_.leader != no_broker;
    if (is_led && !before_.last_known_elr.empty()) record_.last_known_elr.emplace();
  }

  void record_assignment() {
    if (!now_.replicas.empty()) {
      std::vector<Uuid> directories;
      for (const BrokerId id : now_.replicas) directories.push_back(directory_now(id));
      if (directories != before_.directories) record_.directories = std::move(directories);
      if (now_.replicas != before_.replicas) record_.replicas = now_.replicas;
    }
    if (now_.removing_replicas != before_.removing_replicas) {
      record_.removing_replicas = now_.removing_replicas;
    }
    if (now_.adding_replicas != before_.adding_replicas) {
      record_.adding_replicas = now_.adding_replicas;
    }
  }

  [[nodiscard]] Uuid directory_before(BrokerId id) const {
    return contains(before_.replicas, id) ? directory_of(before_, id) : rules_.directory_for(id);
  }

  [[nodiscard]] Uuid directory_now(BrokerId id) const {
    const bool moved = target_.directory && target_.directory->first == id;
    return moved ? target_.directory->second : directory_before(id);
  }

  const Partition& before_;
  const PartitionRules& rules_;
  const PartitionTarget& target_;
  Partition now_;
  protocol::PartitionChangeRecord record_;
};

}  // namespace

std::optional<protocol::PartitionChangeRecord> partition_change(const TopicId& topic,
                                                                PartitionIndex index,
                                                                const Partition& partition,
                                                                const PartitionRules& rules,
                                                                const PartitionTarget& target) {
  protocol::PartitionChangeRecord record = Transition(partition, rules, target).run();
  if (record == protocol::PartitionChangeRecord{}) return std::nullopt;
  record.topic_id = topic;
  record.partition_id = index;
  return record;
}

}  // namespace ottla::metadata
