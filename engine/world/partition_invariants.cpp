#include "engine/world/partition_invariants.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ottla::world {
namespace {

std::string label(std::string_view topic, PartitionIndex partition) {
  return fmt::format("{}-{}", topic, partition.value());
}
std::string label(const probe::PartitionName& name) {
  return label(name.topic, name.partition);
}
std::string label(const PartitionKey& key) {
  return label(key.topic, key.partition);
}

// Names are not ids: a topic that is created again begins with epoch 0.
template <class State>
void forget_renewed_topics(PerPartition<State>& states, const probe::Fact& fact) {
  if (const auto* created = std::get_if<probe::TopicCreated>(&fact)) states.forget(created->topic);
  if (const auto* deleted = std::get_if<probe::TopicDeleted>(&fact)) states.forget(deleted->topic);
}

std::string describe(const BatchSummary& batch) {
  return fmt::format("[{}, {}] epoch {} crc {:08x}", batch.base.value(), batch.last.value(),
                     batch.epoch.value(), batch.crc);
}

}  // namespace

void OneLeaderPerEpoch::on_fact(const ObservedFact& observed, Violations& violations) {
  forget_renewed_topics(leaders_, observed.fact);
  const auto* fact = std::get_if<probe::BecameLeader>(&observed.fact);
  if (fact == nullptr) return;
  const auto [leader, first] = leaders_.of(fact->of).emplace(fact->epoch, observed.process);
  if (first || leader->second == observed.process) return;
  violations.add(
      name(), observed.at,
      fmt::format("{}: processes {} and {} both lead in epoch {}", label(fact->of),
                  leader->second.value(), observed.process.value(), fact->epoch.value()));
}

void LeadersAreNotFenced::on_fact(const ObservedFact& observed, Violations& violations) {
  if (const auto* fenced = std::get_if<probe::BrokerFenced>(&observed.fact)) {
    unfenced_.erase(fenced->broker);
  } else if (const auto* registered = std::get_if<probe::BrokerRegistered>(&observed.fact)) {
    unfenced_.erase(registered->broker);
  } else if (const auto* unfenced = std::get_if<probe::BrokerUnfenced>(&observed.fact)) {
    unfenced_.insert(unfenced->broker);
  } else if (const auto* elected = std::get_if<probe::LeaderElected>(&observed.fact)) {
    if (elected->to == no_broker || unfenced_.contains(elected->to)) return;
    violations.add(name(), observed.at,
                   fmt::format("{}: broker {} in epoch {}", label(elected->of), elected->to.value(),
                               elected->epoch.value()));
  }
}

void HighWatermarkNeverMovesBack::on_fact(const ObservedFact& observed, Violations& violations) {
  forget_renewed_topics(leaderships_, observed.fact);
  if (const auto* leader = std::get_if<probe::BecameLeader>(&observed.fact)) {
    leaderships_.of(leader->of) = {leader->epoch, observed.process, observed.incarnation,
                                   Offset{0}};
    return;
  }
  const auto* moved = std::get_if<probe::HighWatermarkMoved>(&observed.fact);
  if (moved == nullptr) return;
  Leadership& known = leaderships_.of(moved->of);
  const bool by_leader = known.epoch == moved->epoch && known.process == observed.process &&
                         known.incarnation == observed.incarnation;
  if (!by_leader) return;
  if (moved->to < known.high_watermark || moved->to < moved->from) {
    violations.add(name(), observed.at,
                   fmt::format("{}: from {} back to {} in epoch {}", label(moved->of),
                               std::max(known.high_watermark, moved->from).value(),
                               moved->to.value(), moved->epoch.value()));
  }
  known.high_watermark = moved->to;
}

void AcknowledgedRecordsAreKept::on_fact(const ObservedFact& observed, Violations& violations) {
  forget_renewed_topics(partitions_, observed.fact);
  if (const auto* isr = std::get_if<probe::IsrChanged>(&observed.fact)) {
    auto& members = partitions_.of(isr->of).isr;
    members.assign(isr->isr.begin(), isr->isr.end());
    std::sort(members.begin(), members.end());
  } else if (const auto* elected = std::get_if<probe::LeaderElected>(&observed.fact)) {
    if (elected->unclean) partitions_.of(elected->of).unclean.insert(elected->epoch);
  } else if (const auto* leader = std::get_if<probe::BecameLeader>(&observed.fact)) {
    begin_epoch(partitions_.of(leader->of), *leader, observed.at, violations);
  } else if (const auto* acknowledged = std::get_if<probe::Acknowledged>(&observed.fact)) {
    if (acknowledged->acks == -1) add(partitions_.of(acknowledged->of), *acknowledged);
  }
}

void AcknowledgedRecordsAreKept::add(Partition& partition, const probe::Acknowledged& fact) {
  if (fact.epoch == no_leader_epoch) return;  // A duplicate of what was deleted since.
  // By a leader that has not heard of an unclean election after it.
  if (!partition.unclean.empty() && fact.led_in < *partition.unclean.rbegin()) return;
  auto& ranges = partition.acknowledged;
  if (!ranges.empty()) {
    Range& latest = ranges.back();
    const bool continues = latest.last.next() == fact.first && latest.epoch == fact.epoch &&
                           latest.led_in == fact.led_in && latest.holders == partition.isr &&
                           !latest.excused;
    if (continues) {
      latest.last = fact.last;
      return;
    }
  }
  Range range{fact.first, fact.last, fact.epoch, fact.led_in, partition.isr};
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), range,
                       [](const Range& a, const Range& b) { return a.first < b.first; });
  ranges.insert(after, std::move(range));
  partition.checked = std::min(partition.checked, fact.first);
}

// A leader's log ends where its epoch starts: what was acknowledged before must lie below. One that
// was elected uncleanly may have other records there.
void AcknowledgedRecordsAreKept::begin_epoch(Partition& partition, const probe::BecameLeader& fact,
                                             Instant at, Violations& violations) {
  const bool unclean = partition.unclean.contains(fact.epoch);
  std::erase_if(partition.acknowledged, [&](Range& range) {
    if (range.led_in >= fact.epoch) return false;
    range.excused = range.excused || unclean;
    if (range.last < fact.start_offset) return false;
    if (range.excused) return true;
    violations.add(
        name(), at,
        fmt::format("{}: epoch {} starts at {}, but [{}, {}] was acknowledged in epoch {}",
                    label(fact.of), fact.epoch.value(), fact.start_offset.value(),
                    range.first.value(), range.last.value(), range.led_in.value()));
    return true;
  });
}

void AcknowledgedRecordsAreKept::on_process(BrokerId broker, ProcessChange change) {
  if (change != ProcessChange::power_lost || broker == no_broker) return;
  for (auto& [key, partition] : partitions_) {
    for (Range& range : partition.acknowledged) {
      if (std::erase(range.holders, broker) > 0 && range.holders.empty()) range.excused = true;
    }
  }
}

void AcknowledgedRecordsAreKept::check_logs(const LogInspector& logs, Instant now, bool whole,
                                            Violations& violations) {
  for (auto& [key, partition] : partitions_) {
    const std::vector<ReplicaLog> replicas = logs.replicas(key);
    const ReplicaLog* leader = nullptr;
    for (const ReplicaLog& replica : replicas) {
      // A deposed leader may not know yet; the newest epoch decides.
      if (replica.leader && (leader == nullptr || replica.epoch > leader->epoch)) leader = &replica;
    }
    if (leader == nullptr) continue;
    if (whole || leader->epoch != partition.checked_epoch) partition.checked = Offset{0};
    check_leader(key, partition, *leader, logs, now, violations);
  }
}

void AcknowledgedRecordsAreKept::check_leader(const PartitionKey& key, Partition& partition,
                                              const ReplicaLog& leader, const LogInspector& logs,
                                              Instant now, Violations& violations) {
  if (partition.acknowledged.empty()) return;
  const Offset from =
      std::max({partition.checked, leader.log_start, partition.acknowledged.front().first});
  const auto batches = logs.batches(key, leader.broker, from, leader.log_end);
  auto batch = batches.begin();
  std::erase_if(partition.acknowledged, [&](const Range& range) {
    if (range.last < leader.log_start) return true;  // Retention or DeleteRecords took it.
    // A newer epoch's leader may be out of the inspector's sight; what it acknowledged is not held
    // to others.
    if (range.last < from || range.led_in > leader.epoch || range.excused) return false;
    Offset expected = std::max(range.first, from);
    while (batch != batches.end() && batch->last < expected) ++batch;
    for (auto at = batch; at != batches.end() && expected <= range.last; ++at) {
      // Compaction leaves gaps, but never another epoch's records in place of these.
      if (at->base > expected && !leader.compacted) break;
      if (at->base <= range.last && at->epoch != range.epoch) break;
      expected = at->last.next();
    }
    if (expected > range.last || (leader.compacted && leader.log_end > range.last)) return false;
    violations.add(
        name(), now,
        fmt::format("{}: broker {} leads in epoch {} without offset {} as acknowledged in epoch {}",
                    label(key), leader.broker.value(), leader.epoch.value(), expected.value(),
                    range.epoch.value()));
    return true;
  });
  partition.checked_epoch = leader.epoch;
  // What may yet be acknowledged lies above the high watermark.
  partition.checked = std::min(leader.high_watermark, leader.log_end);
}

void LogsAgreeBelowHighWatermark::on_fact(const ObservedFact& observed, Violations&) {
  forget_renewed_topics(agreements_, observed.fact);
  const auto* elected = std::get_if<probe::LeaderElected>(&observed.fact);
  if (elected != nullptr && elected->unclean)
    agreements_.of(elected->of).unclean[elected->epoch] = Offset{0};
  const auto* leads = std::get_if<probe::BecameLeader>(&observed.fact);
  if (leads == nullptr) return;
  auto& unclean = agreements_.of(leads->of).unclean;
  if (const auto election = unclean.find(leads->epoch); election != unclean.end())
    election->second = leads->start_offset;
}

void LogsAgreeBelowHighWatermark::on_process(BrokerId broker, ProcessChange change) {
  if (change != ProcessChange::started) return;
  for (auto& [key, agreement] : agreements_) {
    std::erase_if(agreement.agreed, [broker](const auto& entry) {
      return entry.first.first == broker || entry.first.second == broker;
    });
  }
}

namespace {

Offset latest_end(const std::vector<ReplicaLog>& replicas) {
  Offset end{0};
  for (const ReplicaLog& replica : replicas) end = std::max(end, replica.log_end);
  return end;
}

}  // namespace

void LogsAgreeBelowHighWatermark::check_logs(const LogInspector& logs, Instant now, bool whole,
                                             Violations& violations) {
  for (const PartitionKey& key : logs.partitions()) {
    const std::vector<ReplicaLog> replicas = logs.replicas(key);
    Agreement& agreement = agreements_.of({key.topic, key.partition});
    if (!agreement.found) agreement.found = latest_end(replicas);
    // All others are compared with the first, whose batches are read once for most of them.
    std::vector<BatchSummary> ours;
    Offset ours_from{0};
    Offset ours_to{0};
    for (std::size_t other = 1; other < replicas.size(); ++other) {
      const ReplicaLog& a = replicas[0];
      const ReplicaLog& b = replicas[other];
      if (!agreement.takes_part(a) || !agreement.takes_part(b)) continue;
      Offset& agreed = agreement.agreed[{a.broker, b.broker}];
      if (whole) agreed = Offset{0};
      Offset from = std::max({agreed, a.log_start, b.log_start});
      if (scope_ == Compared::since_the_beginning && !whole)
        from = std::max(from, *agreement.found);
      const Offset to = std::min({a.high_watermark, b.high_watermark});
      if (from >= to) continue;
      agreed = to;
      if (from != ours_from || to != ours_to) ours = logs.batches(key, a.broker, from, to);
      ours_from = from;
      ours_to = to;
      compare(key, {a.broker, ours}, {b.broker, logs.batches(key, b.broker, from, to)}, now,
              violations);
    }
  }
}

void LogsAgreeBelowHighWatermark::compare(const PartitionKey& key, const Part& ours,
                                          const Part& theirs, Instant now,
                                          Violations& violations) const {
  const auto [mine, their] = std::ranges::mismatch(ours.batches, theirs.batches);
  if (mine == ours.batches.end() && their == theirs.batches.end()) return;
  violations.add(
      name(), now,
      fmt::format("{}: broker {} has {}, broker {} has {}", label(key), ours.broker.value(),
                  mine == ours.batches.end() ? "nothing" : describe(*mine), theirs.broker.value(),
                  their == theirs.batches.end() ? "nothing" : describe(*their)));
}

}  // namespace ottla::world
