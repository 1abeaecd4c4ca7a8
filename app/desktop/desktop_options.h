// What `ottla-desktop` is told on its command line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "engine/base/time.h"

namespace ottla::desktop {

struct WindowSize {
  int width = 1600;
  int height = 1000;
};

struct DesktopOptions {
  // The cluster.
  int brokers = 3;
  int controllers = 1;
  bool combined = false;           // The first brokers are the controllers too.
  std::uint16_t port = 9092;       // Of the first broker; 0 takes free ones.
  std::filesystem::path data_dir;  // Empty: in memory.
  std::optional<std::uint64_t> seed;

  // The window.
  std::string view = "cluster";
  std::string theme;  // "dark", "light", or empty for what was chosen last.
  std::optional<WindowSize> size;

  // A picture instead of a window.
  std::optional<Duration> at;              // The virtual time to show.
  std::optional<Duration> kill_leader_at;  // Not after `at`.
  std::filesystem::path screenshot;
};

// Parses the command line. When the program is done with that (help, or a mistake, which it has
// told), `exit_code` is set.
struct ParsedOptions {
  DesktopOptions options;
  std::optional<int> exit_code;
};
[[nodiscard]] ParsedOptions parse_options(int argc, char** argv);

}  // namespace ottla::desktop
