// `ottla serve`: a cluster that real clients use, until a signal ends it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ottla::cli {

struct ServeOptions {
  std::int32_t brokers = 3;
  std::int32_t controllers = 1;
  bool combined = false;  // The first brokers are the controllers too.
  std::int16_t kraft_version = 0;
  std::int32_t voters = 0;  // With kraft.version 1; 0: all controllers.
  std::uint16_t port = 9092;
  std::optional<std::uint16_t> controller_port;
  std::string bind = "127.0.0.1";
  std::string advertise;  // Empty: after `bind`.
  std::optional<std::uint16_t> control_port;
  std::string data_dir;    // Empty: in memory.
  std::string log_dirs;    // log.dirs of every node; empty: Kafka's default.
  std::string cluster_id;  // Empty: the data folder's, or a new one.
  std::optional<std::uint64_t> seed;
  std::vector<std::string> racks;
  double speed = 1;
  bool no_workload = false;
};

// The exit code: 0 after an orderly end, 1 when it could not serve, with the reason on stderr.
[[nodiscard]] int serve(const ServeOptions& options);

}  // namespace ottla::cli
