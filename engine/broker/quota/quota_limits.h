// Which limit counts for a client, of those that the metadata image has for one kind of quota.
// Users, client ids, pairs of both, and the default of each may have one; the most specific counts
// (KIP-55), as in Kafka's DefaultQuotaCallback.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/broker/quota/windowed_rate.h"
#include "engine/broker/server/request_context.h"
#include "engine/metadata/image.h"

namespace ottla::broker {

// Who asks: the principal's name, and the client id of the request.
struct QuotaSubject {
  std::string user;
  std::string client_id;
};

// Who sent a request. On a PLAINTEXT listener every user is this one.
inline constexpr std::string_view anonymous_user = "ANONYMOUS";
[[nodiscard]] QuotaSubject quota_subject(const RequestContext& request);

// `quota.window.num` samples of `quota.window.size.seconds`; the names may have a prefix, such as
// "controller.".
[[nodiscard]] SampleWindow sample_window(const metadata::ConfigValues& settings,
                                         std::string_view prefix = "");

// The user, the client id or both, by which a subject is measured: what has one limit together.
// Empty where a part does not count.
struct QuotaTags {
  std::string user;
  std::string client_id;
  auto operator<=>(const QuotaTags&) const = default;
};

class QuotaLimits {
 public:
  // `quota` is one of Kafka's names of quotas, "producer_byte_rate" for one.
  explicit QuotaLimits(std::string_view quota) : quota_(quota) {}

  void update(const metadata::Image& image);
  // Whether anyone was limited since the start: as in Kafka, what was limited once goes on being
  // measured.
  [[nodiscard]] bool in_use() const { return levels_ != 0; }
  [[nodiscard]] QuotaTags tags_of(const QuotaSubject& subject) const;
  // Nothing: unlimited.
  [[nodiscard]] std::optional<double> limit(const QuotaTags& tags) const;

 private:
  struct Part {
    enum class Kind : std::uint8_t { absent, named, by_default } kind = Kind::absent;
    std::string name = {};
    auto operator<=>(const Part&) const = default;
  };
  using Entity = std::pair<Part, Part>;  // User and client id.
  // The levels of entities that had a limit, as bits.
  enum Level : std::uint8_t { client_ids = 1, users = 2, pairs = 4 };

  static Part part_of(const metadata::QuotaEntity& entity, std::string_view type);
  static Part named(const std::string& name) { return {Part::Kind::named, name}; }
  static Part by_default() { return {Part::Kind::by_default}; }
  [[nodiscard]] bool has(const Part& user, const Part& client_id) const {
    return limits_.count({user, client_id}) > 0;
  }

  const std::string quota_;
  std::map<Entity, double> limits_;
  unsigned levels_ = 0;
};

}  // namespace ottla::broker
