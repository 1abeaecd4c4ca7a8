// All that a broker holds clients and other brokers to.
#pragma once

#include "engine/broker/broker_config.h"
#include "engine/broker/quota/byte_quota.h"
#include "engine/broker/quota/replication_throttle.h"
#include "engine/broker/quota/request_quota.h"
#include "engine/metadata/image_delta.h"

namespace ottla::broker {

struct BrokerQuotas {
  explicit BrokerQuotas(const BrokerConfig& config)
      : produce("producer_byte_rate", sample_window(config.settings)),
        fetch("consumer_byte_rate", sample_window(config.settings)),
        requests(sample_window(config.settings)),
        leader(ReplicationThrottle::Side::leader, config.node_id,
               sample_window(config.settings, "replication.")),
        follower(ReplicationThrottle::Side::follower, config.node_id,
                 sample_window(config.settings, "replication.")) {}

  void apply(const metadata::Image& image, const metadata::ImageDelta& delta) {
    if (delta.client_quotas_changed) {
      produce.update(image);
      fetch.update(image);
      requests.update(image);
    }
    if (delta.broker_configs_changed || !delta.changed_topic_configs.empty() ||
        !delta.deleted_topics.empty()) {
      leader.update(image);
      follower.update(image);
    }
  }

  ByteQuota produce;
  ByteQuota fetch;
  RequestQuota requests;
  ReplicationThrottle leader;
  ReplicationThrottle follower;
};

}  // namespace ottla::broker
