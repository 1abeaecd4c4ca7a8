#include "engine/protocol/message_catalogue.h"

#include <algorithm>

namespace ottla::protocol {
namespace {

template <class Predicate>
const MessageEntry* first_message(Predicate matches) {
  const auto messages = all_messages();
  const auto found = std::find_if(messages.begin(), messages.end(), matches);
  return found == messages.end() ? nullptr : &*found;
}

}  // namespace

const ApiEntry* find_api(ApiKey key) {
  const auto apis = all_apis();
  const auto found =
      std::lower_bound(apis.begin(), apis.end(), key,
                       [](const ApiEntry& api, ApiKey sought) { return api.key < sought; });
  return found != apis.end() && found->key == key ? &*found : nullptr;
}

const MessageEntry* find_message(std::string_view name) {
  return first_message([&](const MessageEntry& message) { return message.name == name; });
}

const MessageEntry* find_message(MessageKind kind, std::int16_t key) {
  return first_message(
      [&](const MessageEntry& message) { return message.kind == kind && message.key == key; });
}

}  // namespace ottla::protocol
