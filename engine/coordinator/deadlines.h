// The moments at which a coordinator must act by itself, each with a name that arming again moves
// and cancelling removes. One deadline per kind, group and member.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "engine/base/time.h"

namespace ottla::coordinator {

struct DeadlineName {
  enum class Kind : std::uint8_t {
    session,         // A member has sent nothing for its session timeout.
    join_phase,      // The members that have not rejoined by now are out.
    sync_phase,      // The members that have not sent SyncGroup by now are out.
    offsets_expiry,  // Time to look for expired offsets; armed under an empty group.
  };
  std::string group;  // Empty for offsets_expiry, which is the whole coordinator's.
  Kind kind;
  std::string member;  // Of a session.
  auto operator<=>(const DeadlineName&) const = default;
};

class Deadlines {
 public:
  void arm(const DeadlineName& name, Instant at) {
    cancel(name);
    moments_.emplace(name, at);
    order_.emplace(at, name);
  }
  void cancel(const DeadlineName& name) {
    const auto found = moments_.find(name);
    if (found == moments_.end()) return;
    order_.erase({found->second, name});
    moments_.erase(found);
  }
  // Everything of one group.
  void cancel_group(const std::string& group) {
    auto it = moments_.lower_bound({group, DeadlineName::Kind::session, ""});
    while (it != moments_.end() && it->first.group == group) {
      order_.erase({it->second, it->first});
      it = moments_.erase(it);
    }
  }
  [[nodiscard]] std::optional<Instant> of(const DeadlineName& name) const {
    const auto found = moments_.find(name);
    if (found == moments_.end()) return std::nullopt;
    return found->second;
  }
  [[nodiscard]] std::optional<Instant> next() const {
    if (order_.empty()) return std::nullopt;
    return order_.begin()->first;
  }
  // Takes the earliest that is due at `now`.
  [[nodiscard]] std::optional<DeadlineName> take_due(Instant now) {
    if (order_.empty() || order_.begin()->first > now) return std::nullopt;
    DeadlineName name = order_.begin()->second;
    cancel(name);
    return name;
  }

 private:
  std::map<DeadlineName, Instant> moments_;
  std::set<std::pair<Instant, DeadlineName>> order_;
};

}  // namespace ottla::coordinator
