// What eligible leader replicas (KIP-966) ask of min.insync.replicas. The controller decides by it
// who stays eligible, so while they are in force it must be the same for every broker: it is set
// for the cluster or a topic, never for one broker, and a change of it forgets who was eligible.
#pragma once

#include "engine/metadata/controller_result.h"
#include "engine/metadata/image.h"

namespace ottla::metadata {

// Kafka's refusal where the change to a config (a null value removes it) would break that.
[[nodiscard]] ApiError refuse_min_insync_change(const Image& image,
                                                const protocol::ConfigRecord& change);

// The ClearElrRecords that the ConfigRecords among `records` call for; appended to them.
void add_clear_elr_records(const Image& image, Records& records);

// What makes it so when the feature is switched on: the cluster gets the value that `settings`, the
// controller's own properties, have for it, unless it has one; the brokers' own are removed.
void add_elr_safety_records(const Image& image, const ConfigValues& settings, Records& records);

}  // namespace ottla::metadata
