#include "engine/explore/history_checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace ottla::explore {

using world::ObservedFact;
using world::PartitionKey;

namespace {

constexpr std::int16_t acks_all = -1;

PartitionKey key_of(const probe::PartitionName& name) {
  return {std::string(name.topic), name.partition};
}
std::string label(const PartitionKey& of) {
  return fmt::format("{}-{}", of.topic, of.partition.value());
}

// Whether a leader may have known nothing of the producer of the record at `offset`, and then takes
// any sequence from it, as Kafka's does (ProducerAppendInfo.checkSequence). So it is where the
// record was cut off since, and where the log has never had the producer's first sequence: it took
// what comes after, and no retry can come before that any more.
bool producer_was_unknown(const world::LogInspector& logs, const PartitionKey& of, Offset offset) {
  const auto replicas = logs.replicas(of);
  const auto leader = std::ranges::find(replicas, true, &world::ReplicaLog::leader);
  if (leader == replicas.end()) return false;
  if (offset < leader->log_start) return true;
  const auto batches = logs.batches(of, leader->broker, leader->log_start, offset.next());
  if (batches.empty()) return false;
  const auto first =
      std::ranges::find(batches, batches.back().producer, &world::BatchSummary::producer);
  return first->base_sequence > 0;
}

}  // namespace

void HistoryChecker::on_fact(const ObservedFact& observed) {
  if (const auto* produced = std::get_if<probe::Produced>(&observed.fact)) {
    take(observed, *produced);
  } else if (const auto* consumed = std::get_if<probe::Consumed>(&observed.fact)) {
    take(observed, *consumed);
  } else if (const auto* isr = std::get_if<probe::IsrChanged>(&observed.fact)) {
    partitions_.of(isr->of).set_isr(isr->isr);
  } else if (const auto* elected = std::get_if<probe::LeaderElected>(&observed.fact)) {
    if (elected->unclean) partitions_.of(elected->of).unclean = true;
  }
}

// Who leaves does not answer for the records any more, and who comes has caught up with them. A
// member that lost power holds nothing of before until it has left and come back.
void HistoryChecker::Partition::set_isr(std::span<const BrokerId> now) {
  Brokers members;
  for (const BrokerId id : now) members.set(static_cast<std::size_t>(id.value()));
  const Brokers joined = members & ~isr;
  for (auto& [offset, seen] : records) {
    if (seen.excused) continue;
    const Brokers holders = joined | (seen.holders & members);
    if (holders.any()) seen.holders = holders;
  }
  isr = members;
}

void HistoryChecker::on_process(Instant, world::ProcessId, BrokerId broker,
                                world::ProcessChange change) {
  if (change != world::ProcessChange::power_lost || broker == no_broker) return;
  const auto id = static_cast<std::size_t>(broker.value());
  if (id >= Brokers().size()) return;  // A controller, which holds no records.
  for (auto& [key, partition] : partitions_) {
    for (auto& [offset, seen] : partition.records) {
      if (!seen.holders.test(id)) continue;
      seen.holders.reset(id);
      if (seen.holders.none()) seen.excused = true;
    }
  }
}

void HistoryChecker::take(const ObservedFact& at, const probe::Produced& fact) {
  acknowledged_ += static_cast<std::int64_t>(fact.numbers.size());
  // A leader that was deposed and does not know may acknowledge by itself what nobody will read.
  if (fact.acks != acks_all || fact.first == no_offset) return;
  const std::uint32_t by = producer(fact.producer);
  Partition& partition = partitions_.of(fact.of);
  Offset offset = fact.first;
  for (const std::uint64_t number : fact.numbers) {
    note(at.at, fact.of, partition, offset, {by, number}).acknowledged = true;
    offset = offset.next();
  }
}

void HistoryChecker::take(const ObservedFact& at, const probe::Consumed& fact) {
  if (fact.records.empty()) return;
  check_poll(at, fact);
  Partition& partition = partitions_.of(fact.of);
  Offset offset = fact.first;
  for (const probe::RecordName& name : fact.records) {
    note(at.at, fact.of, partition, offset, {producer(name.producer), name.number}).read = true;
    offset = offset.next();
    ++read_;
  }
}

HistoryChecker::Seen& HistoryChecker::note(Instant at, const probe::PartitionName& of,
                                           Partition& partition, Offset offset,
                                           const RecordId& record) {
  const auto [found, is_new] = partition.records.try_emplace(offset);
  Seen& seen = found->second;
  const bool other = !is_new && seen.record != record;
  if (other && !seen.excused && !partition.unclean) {
    violations_.add(inconsistent_offsets, at,
                    fmt::format("{}: offset {} was {}, and is {}", label(key_of(of)),
                                offset.value(), describe(seen.record), describe(record)));
  }
  if (is_new || other) {
    if (other) locations_.erase(seen.record);
    seen = Seen{record, false, false, {}, false};
    check_location(at, of, offset, record);
  }
  seen.holders = partition.isr;
  return seen;
}

void HistoryChecker::check_location(Instant at, const probe::PartitionName& of, Offset offset,
                                    const RecordId& record) {
  if (!idempotent_[record.first]) return;
  const Location here{key_of(of), offset};
  const auto [known, is_new] = locations_.try_emplace(record, here);
  if (is_new || known->second == here) return;
  const Partition* before = partitions_.find(known->second.first);
  const auto seen = before->records.find(known->second.second);
  // Sent again because the first was lost, as it may be.
  const bool gone = before->unclean || (seen != before->records.end() && seen->second.excused);
  if (!gone) {
    // Once the first is cut off, a replica that begins anew after it knows nothing of its producer.
    report(known->second.first,
           {duplicate, at, known->second.second,
            fmt::format("{} lies at {} of {} and at {} of {}", describe(record),
                        known->second.second.value(), label(known->second.first), offset.value(),
                        label(here.first))});
  }
  known->second = here;
}

void HistoryChecker::check_poll(const ObservedFact& at, const probe::Consumed& fact) {
  const PartitionKey of = key_of(fact.of);
  Poll& poll = polls_[{std::string(fact.group), of}];
  const Poll before = poll;
  poll = {at.process, at.incarnation, fact.assignment, fact.last.next()};
  const bool goes_on = before.process == poll.process && before.incarnation == poll.incarnation &&
                       before.assignment == poll.assignment;
  const Partition& partition = partitions_.of(fact.of);
  if (!goes_on || partition.unclean) return;
  if (fact.first < before.next) {
    violations_.add(nonmonotonic_poll, at.at,
                    fmt::format("{}: a member of {} read {} after {}", label(of), fact.group,
                                fact.first.value(), before.next.value() - 1));
  }
  const auto skipped = partition.records.lower_bound(before.next);
  const bool missed = skipped != partition.records.end() && skipped->first < fact.first &&
                      skipped->second.acknowledged && !skipped->second.excused;
  if (!missed || rules_.compacted_topics.contains(of.topic)) return;
  report(of, {poll_skip, at.at, skipped->first,
              fmt::format("{}: a member of {} read {} where {} was to come", label(of), fact.group,
                          fact.first.value(), skipped->first.value())});
}

void HistoryChecker::report(const PartitionKey& of, Doubt doubt) {
  if (!rules_.cut_topics.contains(of.topic))
    return violations_.add(doubt.anomaly, doubt.at, std::move(doubt.text));
  partitions_.find(of)->doubts.push_back(std::move(doubt));
}

void HistoryChecker::settle_doubts(const world::LogInspector& logs) {
  for (auto& [of, partition] : partitions_) {
    if (partition.doubts.empty()) continue;
    for (const world::ReplicaLog& replica : logs.replicas(of)) {
      if (!replica.leader) continue;
      for (Doubt& doubt : std::exchange(partition.doubts, {})) {
        if (doubt.offset >= replica.log_start)
          violations_.add(doubt.anomaly, doubt.at, std::move(doubt.text));
      }
      break;
    }
  }
}

void HistoryChecker::check_end(const world::LogInspector& logs, Instant now) {
  settle_doubts(logs);
  for (auto& [of, partition] : partitions_) {
    if (partition.unclean || rules_.compacted_topics.contains(of.topic)) continue;
    check_order(of, partition, logs, now);
    for (const world::ReplicaLog& replica : logs.replicas(of)) {
      if (replica.leader) check_read(of, partition, replica.log_start, replica.log_end, now);
    }
  }
}

void HistoryChecker::check_order(const PartitionKey& of, const Partition& partition,
                                 const world::LogInspector& logs, Instant now) {
  struct Latest {
    std::uint64_t number = 0;
    Offset offset;
  };
  std::map<std::uint32_t, Latest> latest;
  for (const auto& [offset, seen] : partition.records) {
    const auto [by, number] = seen.record;
    if (!idempotent_[by] || seen.excused) continue;
    const Latest before = std::exchange(latest[by], {number, offset});
    if (number >= before.number || producer_was_unknown(logs, of, before.offset)) continue;
    violations_.add(reordered, now,
                    fmt::format("{}: {} at {} comes after number {}", label(of),
                                describe(seen.record), offset.value(), before.number));
    return;
  }
}

void HistoryChecker::check_read(const PartitionKey& of, const Partition& partition,
                                Offset log_start, Offset log_end, Instant now) {
  for (const auto& [offset, seen] : partition.records) {
    if (offset < log_start || !seen.acknowledged || seen.read || seen.excused) continue;
    violations_.add(offset < log_end ? unseen : lost_write, now,
                    fmt::format("{}: {} was acknowledged at {}; the log ends at {}", label(of),
                                describe(seen.record), offset.value(), log_end.value()));
    return;  // Its neighbours tell no more.
  }
}

std::uint32_t HistoryChecker::producer(std::string_view name) {
  const auto known = producers_.find(name);
  if (known != producers_.end()) return known->second;
  const auto number = static_cast<std::uint32_t>(producer_names_.size());
  producers_.emplace(name, number);
  producer_names_.emplace_back(name);
  idempotent_.push_back(rules_.idempotent_producers.contains(name));
  return number;
}

std::string HistoryChecker::describe(const RecordId& record) const {
  return fmt::format("{} of {}", record.second, producer_names_[record.first]);
}

}  // namespace ottla::explore
