// The configurations of a subscription to clients' metrics (KIP-714), as Kafka's
// org.apache.kafka.server.metrics.ClientMetricsConfigs defines them. They are kept and described;
// no metrics are collected.
#pragma once

#include <span>
#include <string>

#include "engine/metadata/config_definition.h"
#include "engine/metadata/controller_result.h"
#include "engine/metadata/image.h"

namespace ottla::metadata {

// In the order of their names.
[[nodiscard]] std::span<const ConfigDefinition> client_metrics_configs();
[[nodiscard]] const ConfigDefinition* find_client_metrics_config(std::string_view name);

// The first thing wrong with these configs for a subscription. A pattern is not compiled.
[[nodiscard]] ApiError refuse_client_metrics(const std::string& subscription,
                                             const ConfigValues& values);

}  // namespace ottla::metadata
