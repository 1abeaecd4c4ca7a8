// DescribeConfigs (32), v1-v4. The configs of topics, brokers, groups and client metrics
// subscriptions with value, source, synonyms (v1), type and documentation (v3), as Kafka's
// ConfigHelper lists them for brokers and controllers. A node answers for its own configs alone; ""
// names the default of all brokers.
#pragma once

#include "engine/base/ids.h"
#include "engine/metadata/image.h"
#include "engine/protocol/messages/describe_configs_request.h"
#include "engine/protocol/messages/describe_configs_response.h"

namespace ottla::broker {

// What a node knows of configs. What it refers to outlives it.
struct NodeConfigs {
  BrokerId id;
  const metadata::Image& image;
  const metadata::ConfigValues& settings;  // What server.properties sets,
  const metadata::ConfigValues& stated;    // and all that it says: static_configs().
};

[[nodiscard]] protocol::DescribeConfigsResponse describe_configs(
    const NodeConfigs& node, const protocol::DescribeConfigsRequest& request);

}  // namespace ottla::broker
