#include "engine/metadata/broker_sessions.h"

#include <algorithm>

namespace ottla::metadata {

void BrokerSessions::start_all(const Image& image, Instant now) {
  sessions_.clear();
  for (const auto& [id, broker] : image.brokers()) touch(id, broker.epoch, now);
}

void BrokerSessions::touch(BrokerId broker, BrokerEpoch epoch, Instant now) {
  Session& session = sessions_[broker];
  if (session.epoch != epoch)
    session = Session{.epoch = epoch, .last_contact = now, .shutdown_offset = {}};
  session.last_contact = now;
}

bool BrokerSessions::is_alive(BrokerId broker, BrokerEpoch epoch, Instant now) const {
  const auto found = sessions_.find(broker);
  return found != sessions_.end() && found->second.epoch == epoch &&
         now - found->second.last_contact < timeout_;
}

std::vector<BrokerId> BrokerSessions::expired(const Image& image, Instant now) const {
  std::vector<BrokerId> silent;
  for (const auto& [id, session] : sessions_) {
    const Broker* broker = image.broker(id);
    const bool watched = broker != nullptr && !broker->fenced;
    if (watched && now - session.last_contact >= timeout_) silent.push_back(id);
  }
  std::stable_sort(silent.begin(), silent.end(), [this](BrokerId a, BrokerId b) {
    return sessions_.at(a).last_contact < sessions_.at(b).last_contact;
  });
  return silent;
}

std::optional<Instant> BrokerSessions::next_expiry(const Image& image) const {
  std::optional<Instant> earliest;
  for (const auto& [id, session] : sessions_) {
    const Broker* broker = image.broker(id);
    if (broker == nullptr || broker->fenced) continue;
    const Instant over = session.last_contact + timeout_;
    if (!earliest || over < *earliest) earliest = over;
  }
  return earliest;
}

bool BrokerSessions::shutdown_is_known_to_all(BrokerId broker, const Image& image) const {
  const auto found = sessions_.find(broker);
  if (found == sessions_.end() || !found->second.shutdown_offset) return true;
  const Offset needed = *found->second.shutdown_offset;
  return std::all_of(sessions_.begin(), sessions_.end(), [&](const auto& entry) {
    return !image.is_active(entry.first) || entry.second.metadata_offset >= needed;
  });
}

}  // namespace ottla::metadata
