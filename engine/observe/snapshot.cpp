#include "engine/observe/snapshot.h"

#include <algorithm>

namespace ottla::observe {

const BrokerState* Snapshot::broker(BrokerId id) const {
  const auto at =
      std::find_if(brokers.begin(), brokers.end(), [&](const auto& b) { return b.id == id; });
  return at == brokers.end() ? nullptr : &*at;
}

const TopicState* Snapshot::topic(std::string_view name) const {
  const auto at =
      std::find_if(topics.begin(), topics.end(), [&](const auto& t) { return t->name == name; });
  return at == topics.end() ? nullptr : at->get();
}

const GroupState* Snapshot::group(std::string_view name) const {
  const auto at =
      std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g->name == name; });
  return at == groups.end() ? nullptr : at->get();
}

}  // namespace ottla::observe
