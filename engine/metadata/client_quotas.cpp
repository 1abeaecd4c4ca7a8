#include "engine/metadata/client_quotas.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>

#include "engine/metadata/operation_bounds.h"

namespace ottla::metadata {

using namespace protocol;

namespace {

constexpr std::string_view user_type = "user";
constexpr std::string_view client_type = "client-id";
constexpr std::string_view ip_type = "ip";

struct QuotaKey {
  std::string_view name;
  bool of_ip;
  // Integral ones may not be more than this; the others are of type DOUBLE.
  std::optional<double> integer_max;
  std::string_view type;
};
constexpr double long_max = static_cast<double>(std::numeric_limits<std::int64_t>::max());
constexpr double int_max = std::numeric_limits<std::int32_t>::max();
constexpr QuotaKey keys[] = {
    {"producer_byte_rate", false, long_max, "a LONG"},
    {"consumer_byte_rate", false, long_max, "a LONG"},
    {"request_percentage", false, std::nullopt, {}},
    {"controller_mutation_rate", false, std::nullopt, {}},
    {"connection_creation_rate", true, int_max, "an INT"},
};

ApiError invalid(std::string why) {
  return {ErrorCode::invalid_request, std::move(why)};
}

template <class Asked>
QuotaEntity entity_of(const Asked& asked) {
  QuotaEntity entity;
  for (const auto& part : asked.entity) entity[part.entity_type] = part.entity_name;
  return entity;
}

bool is_known_type(std::string_view type) {
  return type == user_type || type == client_type || type == ip_type;
}

// Four numbers below 256.
bool is_ipv4(std::string_view text) {
  int parts = 0;
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view part = text.substr(0, dot);
    int number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc{} || end != part.data() + part.size() || number < 0 || number > 255) {
      return false;
    }
    ++parts;
    if (dot == std::string_view::npos) return parts == 4;
    text.remove_prefix(dot + 1);
  }
}

// Eight groups of hexadecimal digits, of which one run of zeros may be left out.
bool is_ipv6(std::string_view text) {
  const std::size_t gap = text.find("::");
  if (gap != std::string_view::npos && text.find("::", gap + 1) != std::string_view::npos) {
    return false;
  }
  int groups = 0;
  std::size_t digits = 0;
  for (const char c : text) {
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (!hex && c != ':') return false;
    if (hex && digits == 0) ++groups;
    digits = hex ? digits + 1 : 0;
    if (digits > 4) return false;
  }
  return gap != std::string_view::npos ? groups < 8 : groups == 8;
}

ApiError refuse_entity(const QuotaEntity& entity) {
  if (entity.empty()) return invalid("Invalid empty client quota entity");
  for (const auto& [type, name] : entity) {
    if (!is_known_type(type)) return invalid("Unhandled client quota entity type: " + type);
    if (name && name->empty()) return invalid(fmt::format("Empty {} not supported", type));
  }
  const auto ip = entity.find(ip_type);
  if (ip == entity.end()) return {};
  if (entity.size() > 1) {
    // Kafka's words.
    return invalid(
        "Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId");
  }
  // No names are asked for but the one that every host knows (RFC 6761).
  const bool resolvable =
      !ip->second || is_ipv4(*ip->second) || is_ipv6(*ip->second) || *ip->second == "localhost";
  if (resolvable) return {};
  return invalid(*ip->second + " is not a valid IP or resolvable host.");
}

ApiError refuse_value(const QuotaEntity& entity, const std::string& name, double value) {
  const bool of_ip = entity.count(ip_type) > 0;
  const auto* key = std::find_if(std::begin(keys), std::end(keys), [&](const QuotaKey& known) {
    return known.name == name && known.of_ip == of_ip;
  });
  if (key == std::end(keys)) return invalid("Invalid configuration key " + name);
  if (value <= 0.0) return invalid(fmt::format("Quota {} must be greater than 0", name));
  if (!key->integer_max) return {};
  if (value > *key->integer_max) {
    return invalid(fmt::format("Proposed value for {} is too large for {}.", name, key->type));
  }
  constexpr double rounding = 1e-6;
  if (std::fmod(value, 1.0) > rounding) return invalid(name + " cannot be a fractional value.");
  return {};
}

// As java.util.HashMap prints an entity: client-id before user.
std::string shown(const QuotaEntity& entity) {
  std::vector<std::string> parts;
  for (const auto& [type, name] : entity) {
    parts.push_back(fmt::format("{}={}", type, name.value_or("null")));
  }
  return fmt::format("ClientQuotaEntity(entries={{{}}})", fmt::join(parts, ", "));
}

ClientQuotaRecord record_of(const QuotaEntity& entity, const std::string& key) {
  ClientQuotaRecord record;
  for (const auto& [type, name] : entity) {
    auto& part = record.entity.emplace_back();
    part.entity_type = type;
    part.entity_name = name;
  }
  record.key = key;
  return record;
}

// Adds the records of all changes to the entity, or none.
ApiError alter(const Image& image, const QuotaEntity& entity,
               const std::vector<AlterClientQuotasRequest::OpData>& ops, Records& records) {
  if (ApiError refused = refuse_entity(entity); refused.failed()) return refused;
  const auto known = image.client_quotas().find(entity);
  Records own;
  for (const auto& op : ops) {
    const double* present = nullptr;
    if (known != image.client_quotas().end()) {
      const auto value = known->second.find(op.key);
      if (value != known->second.end()) present = &value->second;
    }
    ClientQuotaRecord record = record_of(entity, op.key);
    record.remove = op.remove;
    if (op.remove) {
      if (present != nullptr) own.emplace_back(std::move(record));
      continue;
    }
    if (ApiError refused = refuse_value(entity, op.key, op.value); refused.failed()) return refused;
    record.value = op.value;
    if (present == nullptr || *present != op.value) own.emplace_back(std::move(record));
  }
  std::move(own.begin(), own.end(), std::back_inserter(records));
  return {};
}

bool has_key_twice(const std::vector<AlterClientQuotasRequest::OpData>& ops) {
  std::set<std::string> seen;
  return !std::all_of(ops.begin(), ops.end(),
                      [&seen](const auto& op) { return seen.insert(op.key).second; });
}

// What DescribeClientQuotas asks for. A type without a name to match is to be there.
struct QuotaFilter {
  QuotaEntity exact;  // A null name is the default's.
  std::set<std::string, std::less<>> present;
  bool strict = false;

  [[nodiscard]] bool names(std::string_view type) const {
    return exact.count(type) > 0 || present.count(type) > 0;
  }
  [[nodiscard]] bool matches(const QuotaEntity& entity) const {
    if (strict && entity.size() != exact.size() + present.size()) return false;
    const auto is_same = [&entity](const auto& part) {
      const auto at = entity.find(part.first);
      return at != entity.end() && at->second == part.second;
    };
    return std::all_of(exact.begin(), exact.end(), is_same) &&
           std::all_of(present.begin(), present.end(),
                       [&entity](const auto& type) { return entity.count(type) > 0; });
  }
};

ApiError add_component(const DescribeClientQuotasRequest::ComponentData& asked,
                       QuotaFilter& filter) {
  enum class Match : std::int8_t { exact = 0, by_default = 1, specified = 2 };
  const std::string& type = asked.entity_type;
  if (type.empty()) return invalid("Invalid empty entity type.");
  if (filter.names(type)) {
    return invalid(fmt::format("Entity type {} cannot appear more than once in the filter.", type));
  }
  if (!is_known_type(type)) {
    return {ErrorCode::unsupported_version, "Unsupported entity type " + type};
  }
  const auto unwanted = [&asked](const char* name) {
    return asked.match ? invalid(fmt::format(
                             "Request specified {}, but also specified a match string.", name))
                       : ApiError{};
  };
  switch (static_cast<Match>(asked.match_type)) {
    case Match::exact:
      if (!asked.match) {
        return invalid("Request specified MATCH_TYPE_EXACT, but set match string to null.");
      }
      filter.exact[type] = asked.match;
      return {};
    case Match::by_default: filter.exact[type].reset(); return unwanted("MATCH_TYPE_DEFAULT");
    case Match::specified: filter.present.insert(type); return unwanted("MATCH_TYPE_SPECIFIED");
  }
  return invalid(fmt::format("Unknown match type {}", asked.match_type));
}

ApiError read_filter(const DescribeClientQuotasRequest& request, QuotaFilter& filter) {
  filter.strict = request.strict;
  for (const auto& component : request.components) {
    ApiError error = add_component(component, filter);
    if (error.failed()) return error;
  }
  if (filter.names(ip_type) && (filter.names(user_type) || filter.names(client_type))) {
    return invalid(
        "Invalid entity filter component combination. IP filter component should not be used with "
        "user or clientId filter component.");
  }
  return {};
}

}  // namespace

ControllerResult<AlterClientQuotasResponse> alter_client_quotas(
    const Image& image, const AlterClientQuotasRequest& request) {
  ControllerResult<AlterClientQuotasResponse> result;
  std::map<QuotaEntity, std::size_t> answered;  // Where the entity's answer is.
  for (const auto& asked : request.entries) {
    const QuotaEntity entity = entity_of(asked);
    const auto [at, is_new] = answered.emplace(entity, result.response.entries.size());
    if (is_new) result.response.entries.emplace_back();
    auto& answer = result.response.entries[at->second];
    if (!is_new || has_key_twice(asked.ops)) {
      set_error(answer, invalid("Ignoring duplicate entity " + shown(entity)));
    } else {
      set_error(answer, alter(image, entity, asked.ops, result.records));
    }
    answer.entity.clear();
    for (const auto& [type, name] : entity) {
      answer.entity.push_back({.entity_type = type, .entity_name = name});
    }
  }
  finish_operation(result, request.validate_only);
  return result;
}

DescribeClientQuotasResponse describe_client_quotas(const Image& image,
                                                    const DescribeClientQuotasRequest& request) {
  DescribeClientQuotasResponse response;
  QuotaFilter filter;
  const ApiError error = read_filter(request, filter);
  if (error.failed()) {
    set_error(response, error);
    response.entries.reset();
    return response;
  }
  response.entries.emplace();
  for (const auto& [entity, quotas] : image.client_quotas()) {
    if (!filter.matches(entity)) continue;
    auto& entry = response.entries->emplace_back();
    for (const auto& [type, name] : entity) {
      entry.entity.push_back({.entity_type = type, .entity_name = name});
    }
    for (const auto& [key, value] : quotas) entry.values.push_back({.key = key, .value = value});
  }
  return response;
}

}  // namespace ottla::metadata
