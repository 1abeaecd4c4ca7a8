// What a simulated producer sends, and how: the settings of Kafka's producer by their names in the
// comments, and the load that its application makes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "engine/env/network.h"

namespace ottla::client {

struct ProducerConfig {
  std::string client_id;            // client.id
  std::vector<Endpoint> bootstrap;  // bootstrap.servers
  std::string topic;

  double records_per_s = 0;
  std::int32_t record_bytes = 100;  // Of each value.
  std::int32_t keys = 0;            // Distinct keys; 0: records have none.
  double hot_key_share = 0;         // Share of the records that have one and the same key.

  std::int16_t acks = -1;  // acks: 0, 1 or -1 (all).
  bool idempotent = true;  // enable.idempotence; needs acks -1 and at most five in flight.

  // Tells which records were acknowledged and where, for who checks the history of a run.
  bool tells_history = false;

  Duration linger = Duration::millis(5);                // linger.ms
  std::int32_t batch_bytes = 16384;                     // batch.size
  std::int64_t buffer_memory = std::int64_t{32} << 20;  // buffer.memory
  Duration delivery_timeout = Duration::seconds(120);   // delivery.timeout.ms
  Duration request_timeout = Duration::seconds(30);     // request.timeout.ms
  std::int32_t max_in_flight = 5;                       // max.in.flight.requests.per.connection
};

struct ProducerStatistics {
  std::int64_t generated = 0;     // Records that the application sent.
  std::int64_t acknowledged = 0;  // Of these, acknowledged; with acks=0 handed to the network.
  std::int64_t failed = 0;        // Of these, given up.
  std::int64_t retries = 0;       // Batches that were sent again.
  double records_per_s = 0;       // Acknowledged in the last second.
  double bytes_per_s = 0;         // Of their batches.
  std::optional<Duration> latency_p50;  // From send to acknowledgement, over the last 5 s.
  std::optional<Duration> latency_p99;
  std::int64_t buffered_records = 0;  // Waiting or in flight.
  std::int32_t requests_in_flight = 0;
  std::string last_error;  // Kafka's name of it; empty when the last request succeeded.
};

}  // namespace ottla::client
