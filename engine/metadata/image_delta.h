// What a run of metadata records touched, for a broker to act on without walking the whole image.
// It names what changed; the image after the run says what it is now.
#pragma once

#include <map>
#include <set>
#include <string>

#include "engine/base/ids.h"
#include "engine/base/uuid.h"

namespace ottla::metadata {

struct ImageDelta {
  // Created or changed partitions, of topics that still exist.
  std::map<TopicId, std::set<PartitionIndex>> changed_partitions;
  std::map<TopicId, std::string> created_topics;
  // Topics gone, with the partitions they had. A topic created and deleted in one run is in neither
  // map.
  struct DeletedTopic {
    std::string name;
    std::set<PartitionIndex> partitions;
  };
  std::map<TopicId, DeletedTopic> deleted_topics;
  std::set<BrokerId> changed_brokers;  // Registered, changed or unregistered.
  std::set<std::string> changed_topic_configs;
  bool broker_configs_changed = false;
  bool features_changed = false;
  bool client_quotas_changed = false;

  [[nodiscard]] bool empty() const {
    return changed_partitions.empty() && created_topics.empty() && deleted_topics.empty() &&
           changed_brokers.empty() && changed_topic_configs.empty() && !broker_configs_changed &&
           !features_changed && !client_quotas_changed;
  }
};

}  // namespace ottla::metadata
