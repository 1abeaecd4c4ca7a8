#include "engine/protocol/message_catalogue.h"

#include <algorithm>
#include <vector>

namespace ottla::protocol {
namespace {

template <class Predicate>
const MessageEntry* first_message(Predicate matches) {
  const auto messages = all_messages();
  const auto found = std::find_if(messages.begin(), messages.end(), matches);
  return found == messages.end() ? nullptr : &*found;
}

// By key, with null for the keys between; every message asks.
const std::vector<const ApiEntry*>& apis_by_key() {
  static const std::vector<const ApiEntry*> by_key = [] {
    const auto apis = all_apis();
    std::vector<const ApiEntry*> entries(static_cast<std::size_t>(apis.back().key) + 1);
    for (const ApiEntry& api : apis) entries[static_cast<std::size_t>(api.key)] = &api;
    return entries;
  }();
  return by_key;
}

}  // namespace

const ApiEntry* find_api(ApiKey key) {
  const auto& by_key = apis_by_key();
  const auto at = static_cast<std::size_t>(key);
  return at < by_key.size() ? by_key[at] : nullptr;
}

const MessageEntry* find_message(std::string_view name) {
  return first_message([&](const MessageEntry& message) { return message.name == name; });
}

const MessageEntry* find_message(MessageKind kind, std::int16_t key) {
  return first_message(
      [&](const MessageEntry& message) { return message.kind == kind && message.key == key; });
}

}  // namespace ottla::protocol
