#include "engine/gateway/control_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "engine/base/result.h"
#include "engine/gateway/command_json.h"
#include "engine/gateway/event_json.h"
#include "engine/gateway/nearest_word.h"
#include "engine/gateway/snapshot_json.h"

namespace ottla::gateway {
namespace {

using nlohmann::json;

constexpr std::uint64_t events_default = 1'000;
constexpr std::uint64_t events_max = 10'000;

constexpr std::string_view overview =
    "Ottla's control API\n"
    "\n"
    "GET  /v1/cluster                    the cluster now; ?history=true adds its series\n"
    "GET  /v1/events?after=N&limit=M     what happened after event N\n"
    "POST /v1/commands                   {\"command\": \"kill\", \"node\": 2}\n"
    "\n"
    "Commands: ";

// Bytes that are no UTF-8, as a client's id may hold, are shown as U+FFFD.
std::string dumped(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

ControlReply ok(const json& value) {
  return {.status = 200, .body = dumped(value), .allow = {}};
}

// "a=1&b=2", with only the keys of `known`.
using Query = std::map<std::string, std::string, std::less<>>;
Result<Query, std::string> parse_query(std::string_view query,
                                       std::span<const std::string_view> known) {
  Query values;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view key = pair.substr(0, equals);
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      return failure(unknown_word("parameter", "Parameters", key, known));
    }
    values[std::string(key)] = pair.substr(std::min(equals + 1, pair.size()));
  }
  return values;
}

Result<std::uint64_t, std::string> number_in(const Query& query, std::string_view key,
                                             std::uint64_t otherwise) {
  const auto found = query.find(key);
  if (found == query.end()) return otherwise;
  const std::string& text = found->second;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return failure(fmt::format("\"{}\" must be a whole number from 0 on, not \"{}\"", key, text));
  }
  return value;
}

// The name in a Host field or an Origin, without its port.
std::string_view host_name(std::string_view host) {
  if (!host.empty() && host.front() == '[') return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

// A page of any site may send requests to this machine, and a name may be made to point to it. A
// server for this machine alone therefore answers to its own names, and to pages of its own only.
std::string why_foreign(const ControlRequest& request, bool loopback) {
  const std::string_view name = host_name(request.host);
  const bool own = name.empty() || name == "localhost" || name == "[::1]" ||
                   (name.starts_with("127.") && name.find_first_not_of("0123456789.") == name.npos);
  if (loopback && !own) return fmt::format("\"{}\" is not a name of this machine's loopback", name);
  if (!request.origin.empty() && request.origin != "http://" + request.host) {
    return fmt::format("pages of {} may not use this", request.origin);
  }
  return {};
}

ControlReply not_allowed(std::string_view method, std::string_view path, std::string allow) {
  ControlReply reply =
      control_error(405, fmt::format("{} does not apply to {}; use {}", method, path, allow));
  reply.allow = std::move(allow);
  return reply;
}

ControlReply not_found(std::string_view path) {
  return control_error(404, fmt::format("there is no {}; there are GET /, GET /v1/cluster, "
                                        "GET /v1/events and POST /v1/commands",
                                        path));
}

}  // namespace

ControlReply control_error(unsigned status, const std::string& why) {
  return {.status = status, .body = dumped({{"error", why}}), .allow = {}};
}

void ControlApi::handle(const ControlRequest& request, bool loopback, Done done) {
  if (const std::string why = why_foreign(request, loopback); !why.empty()) {
    return done(control_error(403, why));
  }
  const std::size_t question = std::min(request.target.find('?'), request.target.size());
  const std::string path = request.target.substr(0, question);
  const std::string query = request.target.substr(std::min(question + 1, request.target.size()));
  if (path == "/v1/commands") {
    if (request.method != "POST") return done(not_allowed(request.method, path, "POST"));
    return command(request, std::move(done));
  }
  const bool is_known = path == "/" || path == "/v1/cluster" || path == "/v1/events";
  if (!is_known) return done(not_found(path));
  if (request.method != "GET") return done(not_allowed(request.method, path, "GET"));
  if (path == "/v1/cluster") return done(cluster(query));
  if (path == "/v1/events") return done(events(query));
  done({.status = 200,
        .body = fmt::format("{}{}\n", overview, joined(command_names())),
        .content_type = "text/plain; charset=utf-8",
        .allow = {}});
}

ControlReply ControlApi::cluster(const std::string& query) {
  static constexpr std::string_view known[] = {"history"};
  const auto values = parse_query(query, known);
  if (!values) return control_error(400, values.error());
  const auto wanted = values->find("history");
  if (wanted != values->end() && wanted->second != "true" && wanted->second != "false") {
    return control_error(400, "\"history\" must be true or false");
  }
  const bool history = wanted != values->end() && wanted->second == "true";
  return ok(to_json(*session_.snapshot(), history ? WithHistory::yes : WithHistory::no));
}

ControlReply ControlApi::events(const std::string& query) {
  static constexpr std::string_view known[] = {"after", "limit"};
  const auto values = parse_query(query, known);
  if (!values) return control_error(400, values.error());
  const auto after = number_in(*values, "after", 0);
  if (!after) return control_error(400, after.error());
  const auto limit = number_in(*values, "limit", events_default);
  if (!limit) return control_error(400, limit.error());
  if (*limit == 0 || *limit > events_max) {
    return control_error(400, fmt::format("\"limit\" must be from 1 to {}", events_max));
  }
  events_.add(session_.take_events());
  const auto page = events_.after(*after, static_cast<std::size_t>(*limit));
  const Instant start = session_.snapshot()->run.start;
  json list = json::array();
  for (const observe::Event& event : page.events) list.push_back(to_json(event, start));
  return ok({{"events", list}, {"next_after", page.next_after}, {"dropped", page.dropped}});
}

void ControlApi::command(const ControlRequest& request, Done done) {
  auto parsed = command_from_text(request.body);
  if (!parsed) return done(control_error(400, parsed.error()));
  session_.post(std::move(*parsed), [done = std::move(done)](const observe::CommandResult& why) {
    done(why.empty() ? ok({{"result", "done"}}) : control_error(409, why));
  });
}

}  // namespace ottla::gateway
