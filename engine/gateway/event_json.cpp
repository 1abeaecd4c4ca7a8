#include "engine/gateway/event_json.h"

#include <nlohmann/json.hpp>

#include "engine/gateway/time_text.h"

namespace ottla::gateway {
namespace {

using nlohmann::json;

json text_or_null(const std::string& text) {
  return text.empty() ? json() : json(text);
}

}  // namespace

json to_json(const observe::Event& event, Instant start) {
  return {
      {"number", event.number},
      {"at", iso_8601(event.at)},
      {"since_start_ms", (event.at - start).count_millis()},
      {"kind", observe::name(event.kind)},
      {"severity", observe::name(event.severity)},
      {"node", text_or_null(event.node)},
      {"peer", text_or_null(event.peer)},
      {"topic", text_or_null(event.topic)},
      {"partition", event.partition ? json(event.partition->value()) : json()},
      {"group", text_or_null(event.group)},
      {"epoch", event.epoch < 0 ? json() : json(event.epoch)},
      {"text", event.text},
      {"cause", event.cause == 0 ? json() : json(event.cause)},
  };
}

}  // namespace ottla::gateway
