// One measure for each user and client id that the limits of a quota tell apart.
#pragma once

#include <map>
#include <optional>

#include "engine/base/time.h"
#include "engine/broker/quota/quota_limits.h"
#include "engine/broker/quota/windowed_rate.h"

namespace ottla::broker {

template <class Measure>
class QuotaMeters {
 public:
  // Kafka's InactiveSensorExpirationTimeSeconds.
  static constexpr Duration forgotten_after = Duration::seconds(3600);

  struct Meter {
    Measure measure;
    std::optional<double> limit;  // Nothing: unlimited.
    Instant last_used;
  };

  QuotaMeters(std::string_view quota, SampleWindow window) : limits_(quota), window_(window) {}

  // What was measured stays; only the limits are new.
  void update(const metadata::Image& image) {
    limits_.update(image);
    for (auto& [tags, meter] : meters_) meter.limit = limits_.limit(tags);
  }
  [[nodiscard]] bool in_use() const { return limits_.in_use(); }
  [[nodiscard]] const SampleWindow& window() const { return window_; }

  // Made when first asked for; good until the next call.
  Meter& of(const QuotaSubject& subject, Instant now) {
    const QuotaTags tags = limits_.tags_of(subject);
    auto found = meters_.find(tags);
    if (found == meters_.end()) {
      std::erase_if(meters_, [now](const auto& entry) {
        return now - entry.second.last_used > forgotten_after;
      });
      found = meters_.emplace(tags, Meter{Measure(window_), limits_.limit(tags), now}).first;
    }
    found->second.last_used = now;
    return found->second;
  }

 private:
  QuotaLimits limits_;
  const SampleWindow window_;
  std::map<QuotaTags, Meter> meters_;
};

}  // namespace ottla::broker
