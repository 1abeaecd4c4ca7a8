// The program `ottla`: its options, and nothing else.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "app/cli/demo.h"
#include "app/cli/explore.h"
#include "app/cli/serve.h"
#include "app/options/duration_text.h"
#include "engine/base/planted.h"
#include "engine/base/uuid.h"
#include "engine/gateway/nearest_word.h"
#include "engine/runtime/pacer.h"

namespace {

using namespace ottla;
using namespace ottla::cli;

constexpr int exit_wrong_options = 2;

// The texts of `demo`, before they are times.
struct DemoTexts {
  std::string length = "30s";
  std::string kill_leader_at;
  std::string kill_controller_at;
};

constexpr auto combined_text =
    "Combined mode: the first brokers are the controllers too (process.roles=broker,controller)";

std::string is_duration(const std::string& text) {
  const auto parsed = command_line::parse_duration(text);
  return parsed ? std::string() : parsed.error();
}

std::string is_positive_duration(const std::string& text) {
  const auto parsed = command_line::parse_duration(text);
  if (!parsed) return parsed.error();
  return *parsed > Duration() ? std::string() : "it must be longer than nothing";
}

std::string is_speed(const std::string& text) {
  if (text == "max") return {};
  double speed = 0;
  const bool number = CLI::detail::lexical_cast(text, speed);
  if (number && speed >= 0.01 && speed <= 1000) return {};
  return fmt::format("\"{}\" is not a speed: a number from 0.01 to 1000, or max", text);
}

std::string is_cluster_id(const std::string& text) {
  if (Uuid::parse(text)) return {};
  return fmt::format(
      "\"{}\" is not a cluster id: 22 characters, as kafka-storage random-uuid makes", text);
}

std::string is_seed(const std::string& text) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error == std::errc() && end == text.data() + text.size()) return {};
  return fmt::format("\"{}\" is not a seed: a whole number from 0 to 2^64 - 1", text);
}

std::string is_address(const std::string& text) {
  if (CLI::ValidIPV4(text).empty() || text == "::1" || text == "::") return {};
  return fmt::format("\"{}\" is not an address to listen on: an IPv4 address, ::1 or ::", text);
}

CLI::App* add_serve(CLI::App& app, ServeOptions& options, std::string& speed) {
  CLI::App* serve = app.add_subcommand(
      "serve", "Runs a cluster that Kafka clients connect to, until Ctrl-C or SIGTERM");
  serve->add_option("--brokers", options.brokers, "How many brokers, with ids from 1 on")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  serve->add_option("--port", options.port, "The first broker's port; the others' follow")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  serve
      ->add_option("--controllers", options.controllers,
                   "How many controllers vote in the metadata quorum")
      ->check(CLI::Range(1, 9))
      ->capture_default_str();
  serve
      ->add_option("--controller-port", options.controller_port,
                   "The first controller's port, for bootstrap.controllers; the others' follow. "
                   "Without it only brokers reach them")
      ->check(CLI::Range(1, 65535));
  serve->add_flag("--combined", options.combined, combined_text);
  serve
      ->add_option("--kraft-version", options.kraft_version,
                   "Of a new cluster: 1 lets the log say who votes, and that can change (KIP-853)")
      ->check(CLI::Range(0, 1))
      ->capture_default_str();
  serve
      ->add_option("--voters", options.voters,
                   "With --kraft-version 1, how many of the controllers vote at first; else all")
      ->check(CLI::Range(1, 9));
  serve->add_option("--data-dir", options.data_dir,
                    "Where to keep the logs, in Kafka's format; without it, in memory");
  serve->add_option("--log-dirs", options.log_dirs,
                    "Every node's log.dirs, such as /disk1,/disk2; with --data-dir, below its "
                    "node's folder");
  serve
      ->add_option("--cluster-id", options.cluster_id,
                   "The cluster's id; the data folder must be its own or new")
      ->check(is_cluster_id);
  serve->add_option("--control", options.control_port, "The port of the HTTP control API")
      ->check(CLI::Range(1, 65535));
  serve->add_option("--bind", options.bind, "The IP address to listen on")
      ->check(is_address)
      ->type_name("ADDRESS")
      ->capture_default_str();
  serve->add_option("--advertise", options.advertise,
                    "The host that clients are told; else the address of --bind");
  serve->add_option("--seed", options.seed, "The seed of all that is drawn; else a new one")
      ->check(is_seed);
  serve->add_option("--racks", options.racks, "The brokers' racks in turn, such as a,b,c")
      ->delimiter(',');
  serve->add_option("--speed", speed, "Virtual seconds a second: 0.01 to 1000, or max")
      ->check(is_speed)
      ->type_name("SPEED")
      ->capture_default_str();
  serve->add_flag("--no-workload", options.no_workload,
                  "Without the simulated producers and consumers");
  return serve;
}

CLI::App* add_demo(CLI::App& app, DemoOptions& options, DemoTexts& texts) {
  CLI::App* demo = app.add_subcommand(
      "demo", "Runs a cluster under load without a network, and tells what happened");
  demo->add_option("--for", texts.length, "How much virtual time, such as 30s or 2m")
      ->check(is_positive_duration)
      ->type_name("TIME")
      ->capture_default_str();
  demo->add_option("--seed", options.seed, "The seed of all that is drawn")
      ->check(is_seed)
      ->capture_default_str();
  demo->add_option("--controllers", options.controllers,
                   "How many controllers vote in the metadata quorum")
      ->check(CLI::Range(1, 9))
      ->capture_default_str();
  demo->add_flag("--combined", options.combined, combined_text);
  demo->add_option("--kill-controller-at", texts.kill_controller_at,
                   "When to kill the active controller, for 10 s")
      ->check(is_duration)
      ->type_name("TIME");
  demo->add_option("--kill-leader-at", texts.kill_leader_at,
                   "When to kill the leader of the first topic's partition 0, for 10 s")
      ->check(is_duration)
      ->type_name("TIME");
  return demo;
}

// The texts of `explore`, before they are seeds and a profile.
struct ExploreTexts {
  std::string seeds = "1..100";
  std::string profile = "calm";
};

// "3..17" or "3"; nothing when it is neither, or the range is empty.
std::optional<std::pair<std::uint64_t, std::uint64_t>> parse_seeds(std::string_view text) {
  const auto number = [](std::string_view part) -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (part.empty() || error != std::errc() || end != part.data() + part.size()) return {};
    return value;
  };
  const std::size_t dots = text.find("..");
  const auto first = number(text.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : number(text.substr(dots + 2));
  if (!first || !last || *last < *first || *last == UINT64_MAX) return {};
  return std::pair(*first, *last);
}

std::string are_seeds(const std::string& text) {
  if (parse_seeds(text)) return {};
  return fmt::format("\"{}\" are not seeds: the first and the last, such as 1..100", text);
}

std::string profile_names() {
  std::string names;
  for (const explore::Profile& each : explore::profiles())
    names += fmt::format("{}{}", names.empty() ? "" : ", ", each.name);
  return names;
}

std::string is_profile(const std::string& text) {
  if (explore::find_profile(text) != nullptr) return {};
  return fmt::format("\"{}\" is not a profile; there are {}", text, profile_names());
}

std::string is_plant(const std::string& text) {
  if (plant_named(text)) return {};
  std::string names;
  for (const PlantName& each : plants())
    names += fmt::format("{}{}", names.empty() ? "" : ", ", each.name);
  return fmt::format("\"{}\" is not a planted fault; there are {}", text, names);
}

CLI::App* add_explore(CLI::App& app, ExploreOptions& options, ExploreTexts& texts) {
  CLI::App* explore = app.add_subcommand(
      "explore", "Runs random clusters under random faults, and checks what must hold");
  explore->add_option("--seeds", texts.seeds, "The first and the last seed")
      ->check(are_seeds)
      ->type_name("A..B")
      ->capture_default_str();
  explore->add_option("--profile", texts.profile, "Which faults: " + profile_names())
      ->check(is_profile)
      ->type_name("PROFILE")
      ->capture_default_str();
  explore->add_option("--jobs", options.jobs, "How many seeds at the same time")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  explore
      ->add_option("--brokers", options.brokers,
                   "How many brokers every cluster has; without it, 3 to 5 are drawn")
      ->check(CLI::Range(3, 9));
  explore->add_flag("--minimize", options.minimize,
                    "Looks for the fewest faults that still break the same thing");
  explore->add_flag("--quiet", options.quiet, "Tells of failures alone");
  explore->add_flag("--until-failure", options.until_failure,
                    "Ends with the first seed that fails");
  // For builds that have faults put in on purpose, to show that they are found.
  if (!plants().empty()) {
    explore
        ->add_option_function<std::string>(
            "--plant", [](const std::string& name) { put_in(*plant_named(name)); },
            "Switches on a fault that is planted in the code")
        ->check(is_plant)
        ->type_name("FAULT");
  }
  return explore;
}

// The long names of the options of whichever subcommand was given.
std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* part : app.get_subcommands()) {
    for (const CLI::Option* option : part->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  if (names.empty()) {
    for (const CLI::App* part : app.get_subcommands({})) names.push_back(part->get_name());
  }
  return names;
}

// CLI11's message, and what was probably meant.
int refuse(const CLI::App& app, const CLI::ParseError& error) {
  fmt::print(stderr, "ottla: {}\n", error.what());
  const std::vector<std::string> names = option_names(app);
  const std::vector<std::string_view> views(names.begin(), names.end());
  for (const std::string& extra : app.remaining(true)) {
    const std::string_view word = std::string_view(extra).substr(0, extra.find('='));
    const std::string_view nearest = gateway::nearest_word(word, views);
    if (!nearest.empty()) fmt::print(stderr, "Did you mean {} rather than {}?\n", nearest, word);
  }
  const auto chosen = app.get_subcommands();
  const std::string program =
      chosen.empty() ? "ottla" : fmt::format("ottla {}", chosen.front()->get_name());
  fmt::print(stderr, "{} takes: {}\nRun {} --help for more.\n", program, gateway::joined(views),
             program);
  return exit_wrong_options;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Ottla: a laboratory for Kafka clusters", "ottla");
  app.set_version_flag("--version", std::string("ottla ") + OTTLA_VERSION);
  app.require_subcommand(1);
  ServeOptions serve_options;
  std::string speed = "1";
  DemoOptions demo_options;
  DemoTexts demo_texts;
  ExploreOptions explore_options;
  ExploreTexts explore_texts;
  const CLI::App* serve_command = add_serve(app, serve_options, speed);
  add_demo(app, demo_options, demo_texts);
  const CLI::App* explore_command = add_explore(app, explore_options, explore_texts);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // Help and version.
    return refuse(app, error);
  }
  if (serve_command->parsed()) {
    serve_options.speed = speed == "max" ? runtime::Pacer::unlimited : std::stod(speed);
    return serve(serve_options);
  }
  if (explore_command->parsed()) {
    std::tie(explore_options.first_seed, explore_options.last_seed) =
        parse_seeds(explore_texts.seeds).value_or(std::pair<std::uint64_t, std::uint64_t>(1, 1));
    explore_options.profile = explore::find_profile(explore_texts.profile);
    return explore_seeds(explore_options);
  }
  demo_options.length =
      command_line::parse_duration(demo_texts.length).value_or(demo_options.length);
  if (!demo_texts.kill_controller_at.empty()) {
    demo_options.kill_controller_at =
        command_line::parse_duration(demo_texts.kill_controller_at).value_or(Duration());
  }
  if (!demo_texts.kill_leader_at.empty()) {
    demo_options.kill_leader_at =
        command_line::parse_duration(demo_texts.kill_leader_at).value_or(Duration());
  }
  return demo(demo_options);
}
