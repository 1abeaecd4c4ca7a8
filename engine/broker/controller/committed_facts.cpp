#include "engine/broker/controller/committed_facts.h"

namespace ottla::broker {

using namespace protocol;

void CommittedFacts::tell_registration(const BrokerRegistrationChangeRecord& record,
                                       Offset offset) {
  if (record.fenced < 0) probe_.tell(probe::BrokerUnfenced{record.broker_id, offset});
  if (record.fenced <= 0) return;
  const auto reason = reasons_.find(record.broker_id);
  const std::string_view why = reason != reasons_.end() ? std::string_view(reason->second)
                                                        : "the controller before decided it";
  probe_.tell(probe::BrokerFenced{record.broker_id, why, offset});
  if (reason != reasons_.end()) reasons_.erase(reason);
}

void CommittedFacts::tell_partition(const TopicId& topic_id, PartitionIndex index,
                                    const metadata::Partition& before, Offset offset) {
  const metadata::Topic& topic = *image_.topic(topic_id);
  const metadata::Partition& now = topic.partitions.at(index);
  const probe::PartitionName name{topic.name, index};
  if (now.leader != before.leader || now.leader_epoch != before.leader_epoch) {
    const bool is_new = before.replicas.empty();
    const bool unclean = !is_new && now.leader != no_broker &&
                         !metadata::contains(before.isr, now.leader) &&
                         !metadata::contains(before.eligible_leader_replicas, now.leader);
    probe_.tell(
        probe::LeaderElected{name, before.leader, now.leader, now.leader_epoch, unclean, offset});
  }
  if (now.isr != before.isr) {
    probe_.tell(probe::IsrChanged{name, now.leader, now.leader_epoch, now.isr,
                                  now.isr.size() < before.isr.size(), offset});
  }
}

void CommittedFacts::commit(const MetadataRecord& record, Offset offset) {
  if (const auto* removal = std::get_if<RemoveTopicRecord>(&record)) {
    if (const metadata::Topic* topic = image_.topic(removal->topic_id)) {
      probe_.tell(probe::TopicDeleted{topic->name, offset});
    }
  }
  metadata::Partition before;
  before.leader_epoch = no_leader_epoch;
  if (const auto* change = std::get_if<PartitionChangeRecord>(&record)) {
    if (const auto* known = image_.partition(change->topic_id, change->partition_id))
      before = *known;
  }
  image_.apply(record, offset);
  if (const auto* registration = std::get_if<RegisterBrokerRecord>(&record)) {
    probe_.tell(
        probe::BrokerRegistered{registration->broker_id, registration->broker_epoch, offset});
    // The same incarnation, which registers once more, stays what it was.
    if (!registration->fenced) probe_.tell(probe::BrokerUnfenced{registration->broker_id, offset});
  } else if (const auto* standing = std::get_if<BrokerRegistrationChangeRecord>(&record)) {
    tell_registration(*standing, offset);
  } else if (const auto* topic = std::get_if<TopicRecord>(&record)) {
    created_.emplace_back(topic->topic_id, offset);
  } else if (const auto* partition = std::get_if<PartitionRecord>(&record)) {
    tell_partition(partition->topic_id, partition->partition_id, before, offset);
  } else if (const auto* change = std::get_if<PartitionChangeRecord>(&record)) {
    tell_partition(change->topic_id, change->partition_id, before, offset);
  }
}

void CommittedFacts::finish_run() {
  for (const auto& [id, offset] : created_) {
    const metadata::Topic* topic = image_.topic(id);
    if (topic == nullptr) continue;
    probe_.tell(probe::TopicCreated{topic->name,
                                    static_cast<std::int32_t>(topic->partitions.size()), offset});
  }
  created_.clear();
}

}  // namespace ottla::broker
