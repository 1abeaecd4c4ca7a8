// How a Channel connects and what it limits. Defaults are those of Kafka's clients, by the names in
// the comments.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "engine/base/time.h"

namespace ottla::wire {

struct ChannelOptions {
  std::optional<std::string> client_id;                       // client.id
  Duration request_timeout = Duration::seconds(30);           // request.timeout.ms
  Duration reconnect_backoff = Duration::millis(50);          // reconnect.backoff.ms
  Duration reconnect_backoff_max = Duration::millis(1000);    // reconnect.backoff.max.ms
  Duration connection_setup_timeout = Duration::seconds(10);  // socket.connection.setup.timeout.ms
  Duration connection_setup_timeout_max =
      Duration::seconds(30);      // socket.connection.setup.timeout.max.ms
  std::size_t in_flight_max = 5;  // max.in.flight.requests.per.connection
  std::size_t queued_max = 1000;
  // Asks the peer for its versions when a connection opens (KIP-35), and is ready only then.
  bool negotiate = true;
  std::string software_name = "ottla";  // KIP-511, sent with ApiVersions.
  std::string software_version = "0.1.0";
};

struct SendOptions {
  std::optional<Duration> timeout;  // Instead of ChannelOptions::request_timeout.
  // False for a Produce with acks=0: it completes as soon as it is handed to the network.
  bool expects_response = true;
};

}  // namespace ottla::wire
