#include "app/desktop/desktop_options.h"

#include <CLI/CLI.hpp>
#include <charconv>

#include "app/options/duration_text.h"

namespace ottla::desktop {
namespace {

std::optional<WindowSize> parse_size(const std::string& text) {
  WindowSize size;
  const char* const end = text.data() + text.size();
  const auto width = std::from_chars(text.data(), end, size.width);
  if (width.ec != std::errc() || width.ptr == end || *width.ptr != 'x') return std::nullopt;
  const auto height = std::from_chars(width.ptr + 1, end, size.height);
  if (height.ec != std::errc() || height.ptr != end) return std::nullopt;
  if (size.width < 320 || size.height < 240 || size.width > 16'384 || size.height > 16'384) {
    return std::nullopt;
  }
  return size;
}

std::string check_duration(const std::string& text) {
  const auto parsed = command_line::parse_duration(text);
  return parsed ? std::string() : parsed.error();
}

// What two options say together; a sentence where they do not fit.
std::string check_together(const DesktopOptions& options) {
  if (!options.kill_leader_at) return {};
  if (!options.at) return "--kill-leader-at needs --at, the time to show after it";
  if (*options.kill_leader_at > *options.at) return "--kill-leader-at is after --at";
  return {};
}

}  // namespace

ParsedOptions parse_options(int argc, char** argv) {
  ParsedOptions parsed;
  DesktopOptions& options = parsed.options;
  std::string size;
  std::string at;
  std::string kill_leader_at;
  CLI::App app("Ottla: a laboratory for Kafka clusters");
  app.add_option("--brokers", options.brokers, "How many brokers the cluster has")
      ->check(CLI::Range(1, 200))
      ->capture_default_str();
  app.add_option("--controllers", options.controllers,
                 "How many controllers vote in the metadata quorum")
      ->check(CLI::Range(1, 9))
      ->capture_default_str();
  app.add_flag("--combined", options.combined,
               "Combined mode: the first brokers are the controllers too "
               "(process.roles=broker,controller)");
  app.add_option("--port", options.port,
                 "Where real clients reach the first broker; 0 takes free ports")
      ->capture_default_str();
  app.add_option("--data-dir", options.data_dir,
                 "Keeps logs in this folder, in Kafka's format; without it they are in memory");
  app.add_option("--seed", options.seed, "The seed of the run");
  app.add_option("--view", options.view, "The place to open")
      ->check(CLI::IsMember({"cluster", "topics", "groups", "metrics"}))
      ->capture_default_str();
  app.add_option("--theme", options.theme, "dark or light")
      ->check(CLI::IsMember({"dark", "light"}));
  app.add_option("--size", size, "The window's size, such as 1600x1000")
      ->check([](const std::string& text) {
        return parse_size(text) ? std::string() : "not a size: " + text + ". Write 1600x1000";
      });
  app.add_option("--at", at, "With --screenshot: the virtual time to show, such as 30s")
      ->check(check_duration);
  app.add_option("--kill-leader-at", kill_leader_at,
                 "With --at: when to kill the leader of the first topic's partition 0, for 10 s")
      ->check(check_duration);
  app.add_option("--screenshot", options.screenshot,
                 "Writes a picture of the window to this file and ends; needs no screen");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    parsed.exit_code = app.exit(error);
    return parsed;
  }
  if (!size.empty()) options.size = parse_size(size);
  if (!at.empty()) options.at = *command_line::parse_duration(at);
  if (!kill_leader_at.empty())
    options.kill_leader_at = *command_line::parse_duration(kill_leader_at);
  if (const std::string wrong = check_together(options); !wrong.empty()) {
    parsed.exit_code = app.exit(CLI::ValidationError(wrong));
  }
  return parsed;
}

}  // namespace ottla::desktop
