#include "ui/feed/selection.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace ottla::ui {
namespace {

std::optional<BrokerId> node_id(const std::string& process) {
  std::int32_t number = 0;
  const char* end = process.data() + process.size();
  const auto [stop, error] = std::from_chars(process.data(), end, number);
  if (error != std::errc() || stop != end || process.empty()) return std::nullopt;
  return BrokerId(number);
}

bool contains(const std::vector<BrokerId>& ids, BrokerId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

bool about_link(observe::EventKind kind) {
  return kind == observe::EventKind::link_cut || kind == observe::EventKind::link_healed ||
         kind == observe::EventKind::link_changed;
}

}  // namespace

void Selection::select(SelectedThing thing) {
  if (thing == current_) return;
  current_ = std::move(thing);
  emit changed();
}

void Selection::chooseSpan(std::optional<TimeSpan> span) {
  if (span == span_) return;
  span_ = span;
  emit spanChanged();
}

SelectedThing subject_of(const observe::Event& event, const EventSubjects& known) {
  if (about_link(event.kind) && !event.node.empty() && !event.peer.empty()) {
    return SelectedLink{event.node, event.peer};
  }
  if (!event.topic.empty() && event.partition) {
    return SelectedPartition{event.topic, *event.partition};
  }
  if (!event.topic.empty()) return SelectedTopic{event.topic};
  if (!event.group.empty() && !event.node.empty() && !node_id(event.node)) {
    return SelectedMember{event.group, event.node};
  }
  if (!event.group.empty()) return SelectedGroup{event.group};
  if (event.node.empty()) return std::monostate{};
  const auto id = node_id(event.node);
  // In combined mode a node is both.
  if (id && contains(known.brokers, *id)) return SelectedBroker{*id};
  if (id && contains(known.controllers, *id)) return SelectedController{*id};
  if (id) return std::monostate{};
  return SelectedProducer{event.node};
}

}  // namespace ottla::ui
