#include "engine/gateway/command_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>
#include <vector>

#include "engine/gateway/nearest_word.h"
#include "engine/observe/event.h"

namespace ottla::gateway {
namespace {

using nlohmann::json;
using namespace observe;

constexpr double millis_max = 1000.0 * 3600 * 24 * 365;  // A year.

std::string type_of(const json& value) {
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_null()) return "null";
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  if (value.is_string()) {
    return fmt::format("\"{}\"", value.get_ref<const std::string&>().substr(0, 64));
  }
  return value.dump();
}

// The keys of one command. The first thing that is wrong is kept; after it every answer is a
// default. Keys that were never asked for are refused in the end.
class Fields {
 public:
  Fields(std::string_view command, const json& object) : command_(command), object_(object) {
    asked_.push_back("command");
  }

  [[nodiscard]] bool has(std::string_view key) const { return object_.contains(key); }

  std::string text(std::string_view key) {
    const json* value = required(key, "a string");
    if (value == nullptr) return {};
    if (!value->is_string() || value->get_ref<const std::string&>().empty()) {
      wrong(key, "a string that is not empty", *value);
      return {};
    }
    return value->get<std::string>();
  }

  std::string text_or(std::string_view key, std::string otherwise) {
    return find(key) == nullptr ? std::move(otherwise) : text(key);
  }

  std::string one_of_or(std::string_view key, std::span<const std::string_view> choices,
                        std::string_view otherwise) {
    const json* value = find(key);
    if (value == nullptr) return std::string(otherwise);
    const bool is_one =
        value->is_string() &&
        std::ranges::find(choices, value->get_ref<const std::string&>()) != choices.end();
    if (is_one) return value->get<std::string>();
    wrong(key, fmt::format("one of {}", fmt::join(choices, ", ")), *value);
    return std::string(otherwise);
  }

  // A process: a node by its id or any process by its name.
  std::string process(std::string_view key) {
    constexpr std::string_view what = "a node's id or a process's name";
    const json* value = required(key, what);
    if (value == nullptr) return {};
    if (value->is_number_integer()) return value->dump();
    if (value->is_string() && !value->get_ref<const std::string&>().empty()) {
      return value->get<std::string>();
    }
    wrong(key, what, *value);
    return {};
  }

  double number(std::string_view key, double min, double max) {
    const std::string what = fmt::format("a number from {} to {}", min, max);
    const json* value = required(key, what);
    if (value == nullptr) return 0;
    return in_range(key, *value, min, max, what);
  }

  Duration millis(std::string_view key) { return from_millis(number(key, 0, millis_max)); }

  std::optional<Duration> optional_millis(std::string_view key) {
    const json* value = find(key);
    if (value == nullptr) return std::nullopt;
    const double ms = in_range(key, *value, 1, millis_max, "a number of milliseconds from 1 on");
    return from_millis(ms);
  }

  template <class Int>
  Int integer_or(std::string_view key, Int otherwise) {
    const json* value = find(key);
    if (value == nullptr) return otherwise;
    constexpr auto max = std::numeric_limits<Int>::max();
    const bool fits = value->is_number_integer() && *value >= 1 && *value <= max;
    if (!fits) {
      wrong(key, fmt::format("a whole number from 1 to {}", max), *value);
      return otherwise;
    }
    return value->get<Int>();
  }

  bool boolean_or(std::string_view key, bool otherwise) {
    const json* value = find(key);
    if (value == nullptr) return otherwise;
    if (!value->is_boolean()) {
      wrong(key, "true or false", *value);
      return otherwise;
    }
    return value->get<bool>();
  }

  // Numbers and booleans are taken as Kafka writes them.
  std::map<std::string, std::string> config(std::string_view key) {
    std::map<std::string, std::string> values;
    const json* object = find(key);
    if (object == nullptr) return values;
    if (!object->is_object()) {
      wrong(key, "an object of config names and values", *object);
      return values;
    }
    for (const auto& [name, value] : object->items()) {
      if (value.is_object() || value.is_array() || value.is_null()) {
        wrong(fmt::format("{}.{}", key, name), "a string, number or boolean", value);
        return {};
      }
      values[name] = value.is_string() ? value.get<std::string>() : value.dump();
    }
    return values;
  }

  // "max", or a number.
  double speed(std::string_view key) {
    const json* value = find(key);
    if (value != nullptr && value->is_string() && *value == "max") {
      return std::numeric_limits<double>::infinity();
    }
    constexpr std::string_view what = "a number from 0.01 to 1000, or \"max\"";
    if (value == nullptr) return missing(key, what), 1;
    return in_range(key, *value, 0.01, 1000, what);
  }

  void fail(std::string error) {
    if (error_.empty()) error_ = std::move(error);
  }

  // What is wrong, if anything is.
  std::string error() {
    for (const auto& [key, value] : object_.items()) {
      const bool known = std::find(asked_.begin(), asked_.end(), key) != asked_.end();
      if (!known) {
        fail(unknown_word(fmt::format("key in \"{}\":", command_), "Keys", key, asked_));
      }
    }
    return error_;
  }

 private:
  const json* find(std::string_view key) {
    asked_.push_back(key);
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
  }

  const json* required(std::string_view key, std::string_view what) {
    const json* value = find(key);
    if (value == nullptr) missing(key, what);
    return value;
  }

  void missing(std::string_view key, std::string_view what) {
    fail(fmt::format("\"{}\" needs \"{}\": {}", command_, key, what));
  }

  void wrong(std::string_view key, std::string_view what, const json& value) {
    fail(fmt::format("\"{}\" of \"{}\" must be {}, not {}", key, command_, what, type_of(value)));
  }

  double in_range(std::string_view key, const json& value, double min, double max,
                  std::string_view what) {
    if (value.is_number()) {
      const double number = value.get<double>();
      if (number >= min && number <= max) return number;
    }
    wrong(key, what, value);
    return min;
  }

  static Duration from_millis(double ms) {
    return Duration::micros(static_cast<std::int64_t>(std::llround(ms * 1000)));
  }

  const std::string_view command_;
  const json& object_;
  std::vector<std::string_view> asked_;
  std::string error_;
};

std::string event_kind(Fields& fields) {
  std::vector<std::string_view> kinds;
  for (int kind = 0; kind <= static_cast<int>(EventKind::note); ++kind) {
    kinds.push_back(name(static_cast<EventKind>(kind)));
  }
  std::string wanted = fields.text("event");
  if (!wanted.empty() && std::find(kinds.begin(), kinds.end(), wanted) == kinds.end()) {
    fields.fail(unknown_word("event", "Events", wanted, kinds));
  }
  return wanted;
}

struct Entry {
  std::string_view name;
  bool may_be_undone;  // Takes "duration_ms".
  Action (*read)(Fields&);
};

template <class OfProcess>
Action of_process(Fields& fields) {
  return OfProcess{fields.process("node")};
}

template <class OnLink>
OnLink between(Fields& fields) {
  OnLink action;
  action.from = fields.process("from");
  action.to = fields.process("to");
  return action;
}

template <class OnLink>
Action on_link(Fields& fields) {
  return between<OnLink>(fields);
}

Action read_cut_link(Fields& fields) {
  auto cut = between<CutLink>(fields);
  cut.one_way = fields.boolean_or("one_way", false);
  return cut;
}

std::optional<Jitter> read_jitter(Fields& fields) {
  const auto size = fields.has("distribution") ? std::optional(fields.millis("jitter_ms"))
                                               : fields.optional_millis("jitter_ms");
  const auto shape = jitter_shape_of(
      fields.one_of_or("distribution", jitter_shape_names, name(JitterShape::uniform)));
  if (!size) return std::nullopt;
  return Jitter{*size, shape.value_or(JitterShape::uniform)};
}

Action read_delay_link(Fields& fields) {
  auto delay = between<DelayLink>(fields);
  delay.latency = fields.millis("latency_ms");
  delay.jitter = read_jitter(fields);
  return delay;
}

Action read_lose_on_link(Fields& fields) {
  auto lose = between<LoseOnLink>(fields);
  lose.share = fields.number("share", 0, 1);
  return lose;
}

Action read_narrow_link(Fields& fields) {
  auto narrow = between<NarrowLink>(fields);
  narrow.bytes_per_s = static_cast<std::uint64_t>(fields.number("bytes_per_s", 1, 1e12));
  return narrow;
}

Action read_slow_disk(Fields& fields) {
  SlowDisk slow;
  slow.process = fields.process("node");
  slow.sync_latency = fields.millis("sync_latency_ms");
  return slow;
}

Action read_spoil_disk(Fields& fields) {
  SpoilDisk spoil;
  spoil.process = fields.process("node");
  spoil.trouble = fields.text("trouble");
  spoil.directory = fields.text_or("directory", spoil.directory);
  return spoil;
}

Action read_rot_bit(Fields& fields) {
  RotBit rot;
  rot.process = fields.process("node");
  rot.path = fields.text("path");
  rot.directory = fields.text_or("directory", rot.directory);
  return rot;
}

Action read_skew_clock(Fields& fields) {
  SkewClock skew;
  skew.process = fields.process("node");
  skew.by = Duration::micros(std::llround(fields.number("by_ms", -1e9, 1e9) * 1000));
  return skew;
}

Action read_create_topic(Fields& fields) {
  CreateTopic create;
  create.name = fields.text("name");
  create.partitions = fields.integer_or("partitions", create.partitions);
  create.replication_factor = fields.integer_or("replication_factor", create.replication_factor);
  create.config = fields.config("config");
  return create;
}

Action read_delete_topic(Fields& fields) {
  return DeleteTopic{fields.text("name")};
}

Action read_producer_rate(Fields& fields) {
  SetProducerRate rate;
  rate.producer = fields.text("producer");
  rate.records_per_s = fields.number("records_per_s", 0, 1e9);
  return rate;
}

Action read_hot_key_share(Fields& fields) {
  SetHotKeyShare hot;
  hot.producer = fields.text("producer");
  hot.share = fields.number("share", 0, 1);
  return hot;
}

constexpr std::array commands{
    Entry{"kill", true, of_process<Kill>},
    Entry{"power_loss", true, of_process<PowerLoss>},
    Entry{"shutdown", true, of_process<Shutdown>},
    Entry{"restart", false, of_process<Restart>},
    Entry{"pause", true, of_process<Pause>},
    Entry{"resume", false, of_process<Resume>},
    Entry{"cut_link", true, read_cut_link},
    Entry{"heal_link", false, on_link<HealLink>},
    Entry{"heal_all", false, [](Fields&) -> Action { return HealAll{}; }},
    Entry{"delay_link", true, read_delay_link},
    Entry{"lose_on_link", true, read_lose_on_link},
    Entry{"narrow_link", true, read_narrow_link},
    Entry{"reset_link", false, on_link<ResetLink>},
    Entry{"cut_zone", true, [](Fields& f) -> Action { return CutZone{f.text("zone")}; }},
    Entry{"slow_disk", true, read_slow_disk},
    Entry{"spoil_disk", true, read_spoil_disk},
    Entry{"rot_bit", false, read_rot_bit},
    Entry{"skew_clock", true, read_skew_clock},
    Entry{"create_topic", false, read_create_topic},
    Entry{"delete_topic", false, read_delete_topic},
    Entry{"set_producer_rate", false, read_producer_rate},
    Entry{"set_hot_key_share", false, read_hot_key_share},
    Entry{"play", false, [](Fields&) -> Action { return SetRunning{true}; }},
    Entry{"resume_clock", false, [](Fields&) -> Action { return SetRunning{true}; }},
    Entry{"stop_clock", false, [](Fields&) -> Action { return SetRunning{false}; }},
    Entry{"pause_clock", false, [](Fields&) -> Action { return SetRunning{false}; }},
    Entry{"set_speed", false, [](Fields& f) -> Action { return SetSpeed{f.speed("speed")}; }},
    Entry{"step", false, [](Fields&) -> Action { return StepEvent{}; }},
    Entry{"step_time", false, [](Fields& f) -> Action { return StepTime{f.millis("ms")}; }},
    Entry{"run_to", false, [](Fields& f) -> Action { return RunToNext{event_kind(f)}; }},
};

constexpr auto names = [] {
  std::array<std::string_view, commands.size()> list{};
  for (std::size_t i = 0; i < list.size(); ++i) list[i] = commands[i].name;
  return list;
}();

}  // namespace

std::span<const std::string_view> command_names() {
  return names;
}

Result<Command, std::string> command_from_json(const json& value) {
  if (!value.is_object()) {
    return failure(fmt::format("a command is an object such as {}, not {}",
                               R"({"command": "kill", "node": 2})", type_of(value)));
  }
  const auto word = value.find("command");
  if (word == value.end() || !word->is_string()) {
    return failure(fmt::format("\"command\" must say what to do. Commands: {}", joined(names)));
  }
  const auto& wanted = word->get_ref<const std::string&>();
  const auto entry = std::find_if(commands.begin(), commands.end(),
                                  [&wanted](const Entry& each) { return each.name == wanted; });
  if (entry == commands.end()) {
    return failure(unknown_word("command", "Commands", wanted, names));
  }
  Fields fields(entry->name, value);
  Command command;
  command.action = entry->read(fields);
  if (entry->may_be_undone) {
    command.duration = fields.optional_millis("duration_ms");
  } else if (value.contains("duration_ms")) {
    fields.fail(fmt::format("\"{}\" is not undone after a while: it takes no \"duration_ms\"",
                            entry->name));
  }
  if (std::string error = fields.error(); !error.empty()) return failure(std::move(error));
  return command;
}

Result<Command, std::string> command_from_text(std::string_view text) {
  json value;
  try {
    value = json::parse(text);
  } catch (const json::parse_error& error) {
    const std::string_view what = error.what();
    const std::size_t prefix = what.find("] ");  // "[json.exception.parse_error.101] parse error"
    return failure(fmt::format("not JSON: {}", what.substr(prefix == what.npos ? 0 : prefix + 2)));
  }
  return command_from_json(value);
}

}  // namespace ottla::gateway
