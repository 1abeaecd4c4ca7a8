// What of a broker's configuration the log cleaner goes by; all of it but whether there is a
// cleaner may change while the broker runs (Kafka's LogCleaner.ReconfigurableConfigs).
#pragma once

#include "engine/broker/broker_config.h"
#include "engine/metadata/image.h"
#include "engine/storage/offset_map.h"

namespace ottla::broker {

struct CleanerSettings {
  bool enabled = true;  // log.cleaner.enable, and log.cleaner.threads
  // log.cleaner.dedupe.buffer.size for each thread, log.cleaner.io.buffer.load.factor
  storage::OffsetMap::Limits limits;
  Duration backoff;        // log.cleaner.backoff.ms
  double bytes_per_s = 0;  // log.cleaner.io.max.bytes.per.second
  bool operator==(const CleanerSettings&) const = default;
};

// As the broker was started, and as its dynamic configs in the image say.
[[nodiscard]] CleanerSettings cleaner_settings(const BrokerConfig& config,
                                               const metadata::Image& image);

}  // namespace ottla::broker
