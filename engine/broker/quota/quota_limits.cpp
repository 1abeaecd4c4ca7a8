#include "engine/broker/quota/quota_limits.h"

#include <array>

#include "engine/metadata/broker_config.h"

namespace ottla::broker {

QuotaSubject quota_subject(const RequestContext& request) {
  return {std::string(anonymous_user), request.head.client_id.value_or("")};
}

SampleWindow sample_window(const metadata::ConfigValues& settings, std::string_view prefix) {
  const auto number = [&](std::string_view name) {
    return metadata::broker_config_integer(settings, std::string(prefix).append(name));
  };
  return {.samples = static_cast<std::int32_t>(number("quota.window.num")),
          .span = Duration::seconds(number("quota.window.size.seconds"))};
}

QuotaLimits::Part QuotaLimits::part_of(const metadata::QuotaEntity& entity, std::string_view type) {
  const auto found = entity.find(type);
  if (found == entity.end()) return {};
  return found->second ? named(*found->second) : by_default();
}

void QuotaLimits::update(const metadata::Image& image) {
  limits_.clear();
  for (const auto& [entity, quotas] : image.client_quotas()) {
    const auto limit = quotas.find(quota_);
    const Part user = part_of(entity, "user");
    const Part client_id = part_of(entity, "client-id");
    const bool of_users = user.kind != Part::Kind::absent;
    const bool of_clients = client_id.kind != Part::Kind::absent;
    if (limit == quotas.end() || (!of_users && !of_clients)) continue;
    levels_ |= of_users && of_clients ? pairs : of_users ? users : client_ids;
    limits_[{user, client_id}] = limit->second;
  }
}

// While all limits are on one level, that level says by what to measure; the search for the most
// specific is for several.
QuotaTags QuotaLimits::tags_of(const QuotaSubject& subject) const {
  const QuotaTags both{subject.user, subject.client_id};
  const QuotaTags user_only{subject.user, {}};
  const QuotaTags client_only{{}, subject.client_id};
  switch (levels_) {
    case 0:
    case client_ids: return client_only;
    case users: return user_only;
    case pairs: return both;
    default: break;
  }
  const Part user = named(subject.user);
  const Part client = named(subject.client_id);
  if (has(user, client) || has(user, by_default())) return both;
  if (has(user, {})) return user_only;
  if (has(by_default(), client) || has(by_default(), by_default())) return both;
  return has(by_default(), {}) ? user_only : client_only;
}

std::optional<double> QuotaLimits::limit(const QuotaTags& tags) const {
  const bool of_user = !tags.user.empty();
  const bool of_client = !tags.client_id.empty();
  const auto first_of = [this](const auto& entities) -> std::optional<double> {
    for (const Entity& entity : entities) {
      if (const auto found = limits_.find(entity); found != limits_.end()) return found->second;
    }
    return std::nullopt;
  };
  const Part user = named(tags.user);
  const Part client = named(tags.client_id);
  if (of_user && of_client) {
    return first_of(std::array{Entity{user, client}, Entity{user, by_default()},
                               Entity{by_default(), client}, Entity{by_default(), by_default()}});
  }
  if (of_user) return first_of(std::array{Entity{user, {}}, Entity{by_default(), {}}});
  if (of_client) return first_of(std::array{Entity{{}, client}, Entity{{}, by_default()}});
  return std::nullopt;
}

}  // namespace ottla::broker
