// What the watchers are told of committed metadata records: elections, in-sync replicas, fencing,
// topics. Applies the records to an image of its own, which is the cluster as committed. Every
// controller tells them, whether it leads or not: one that leads may resign in the very step that
// commits them. Each fact carries its offset, by which watchers know it when they hear it again.
#pragma once

#include <map>
#include <string>

#include "engine/env/probe.h"
#include "engine/metadata/image.h"

namespace ottla::broker {

class CommittedFacts {
 public:
  explicit CommittedFacts(probe::Probe& probe) : probe_(probe) {}

  // Begins anew from a snapshot, without telling.
  void reset(metadata::Image image) { image_ = std::move(image); }
  // Applies and tells.
  void commit(const protocol::MetadataRecord& record, Offset offset);
  // Tells what is whole only after a run of commits: topics with their number of partitions.
  void finish_run();
  // Why the broker is about to be fenced, for the fact that will tell of it.
  void expect_fencing(BrokerId broker, std::string reason) { reasons_[broker] = std::move(reason); }

  [[nodiscard]] const metadata::Image& image() const { return image_; }

 private:
  void tell_registration(const protocol::BrokerRegistrationChangeRecord& record, Offset offset);
  void tell_partition(const TopicId& topic, PartitionIndex index, const metadata::Partition& before,
                      Offset offset);

  probe::Probe& probe_;
  metadata::Image image_;
  std::map<BrokerId, std::string> reasons_;
  std::vector<std::pair<TopicId, Offset>> created_;
};

}  // namespace ottla::broker
