#include "ui/models/time_bands.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace ottla::ui {
namespace {

using observe::Event;
using observe::EventKind;

bool is_number(const std::string& process) {
  return !process.empty() && std::all_of(process.begin(), process.end(),
                                         [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::string process_words(const Event& event) {
  if (is_number(event.node)) return "broker " + event.node;
  return event.group.empty() ? event.node : "member " + event.node;
}

std::string link_words(const Event& event) {
  return event.node + " \u2013 " + event.peer;
}

bool same_link(const Band& band, const Event& event) {
  return (band.node == event.node && band.peer == event.peer) ||
         (band.node == event.peer && band.peer == event.node);
}

template <class T>
void keep_newest(std::deque<T>& items, std::size_t most) {
  while (items.size() > most) items.pop_front();
}

}  // namespace

void TimeBands::add(const Event& event) {
  switch (event.kind) {
    case EventKind::process_killed: begin_fault(event, "Kill " + process_words(event)); break;
    case EventKind::process_stopped: begin_fault(event, "Shut down " + process_words(event)); break;
    case EventKind::process_paused: begin_fault(event, "Pause " + process_words(event)); break;
    case EventKind::link_cut: begin_fault(event, "Cut " + link_words(event)); break;
    case EventKind::link_changed:
      end_faults(event, {EventKind::link_changed});
      begin_fault(event, event.text.empty() ? "Slow " + link_words(event) : event.text);
      break;
    case EventKind::process_started:
      end_faults(event, {EventKind::process_killed, EventKind::process_stopped,
                         EventKind::process_paused});
      break;
    case EventKind::process_resumed: end_faults(event, {EventKind::process_paused}); break;
    case EventKind::link_healed:
      end_faults(event, {EventKind::link_cut, EventKind::link_changed});
      break;
    case EventKind::producer_changed:
      end_faults(event, {EventKind::producer_changed});
      if (event.severity >= observe::Severity::warning) begin_fault(event, event.text);
      break;
    case EventKind::group_rebalance:
    case EventKind::group_changed: enter_group_state(event, event.text); break;
    case EventKind::group_stable: enter_group_state(event, event.group + " Stable"); break;
    case EventKind::leader_elected:
      elections_.push_back({event.at, event.kind, event.epoch, event.number});
      keep_newest(elections_, moments_max);
      break;
    case EventKind::isr_shrank:
    case EventKind::isr_expanded:
      isr_changes_.push_back({event.at, event.kind, event.epoch, event.number});
      keep_newest(isr_changes_, moments_max);
      break;
    default: break;
  }
}

void TimeBands::begin_fault(const Event& event, std::string label) {
  // What was paused is no longer only paused once it is killed.
  if (event.kind == EventKind::process_killed || event.kind == EventKind::process_stopped) {
    end_faults(event,
               {EventKind::process_killed, EventKind::process_stopped, EventKind::process_paused});
  }
  faults_.push_back({event.at, std::nullopt, event.kind, event.severity, std::move(label),
                     event.node, event.peer, event.group, event.epoch, event.number});
  keep_newest(faults_, bands_max);
}

void TimeBands::end_faults(const Event& event, std::initializer_list<EventKind> begun_by) {
  for (Band& band : faults_) {
    if (band.end || std::find(begun_by.begin(), begun_by.end(), band.kind) == begun_by.end()) {
      continue;
    }
    const bool same =
        event.peer.empty() || band.peer.empty() ? band.node == event.node : same_link(band, event);
    if (same) band.end = event.at;
  }
}

void TimeBands::enter_group_state(const Event& event, std::string label) {
  std::deque<Band>& bands = groups_[event.group];
  if (!bands.empty() && !bands.back().end) {
    // Several reasons to rebalance in a row are one rebalance.
    if (bands.back().kind == EventKind::group_rebalance &&
        event.kind == EventKind::group_rebalance) {
      return;
    }
    bands.back().end = event.at;
  }
  bands.push_back({event.at, std::nullopt, event.kind, event.severity, std::move(label), event.node,
                   event.peer, event.group, event.epoch, event.number});
  keep_newest(bands, bands_max);
}

std::vector<int> stack_rows(const std::vector<const Band*>& bands, Instant now, int rows_max) {
  std::vector<int> rows(bands.size(), 0);
  std::vector<Instant> free_from;
  for (std::size_t i = 0; i < bands.size(); ++i) {
    const auto free = std::find_if(free_from.begin(), free_from.end(),
                                   [&](Instant end) { return end <= bands[i]->start; });
    auto row = free - free_from.begin();
    if (free == free_from.end()) {
      if (static_cast<int>(free_from.size()) < rows_max) {
        free_from.push_back({});
      } else {
        row = rows_max - 1;
      }
    }
    Instant& end = free_from[static_cast<std::size_t>(row)];
    end = std::max(end, bands[i]->end.value_or(std::max(now, bands[i]->start)));
    rows[i] = static_cast<int>(row);
  }
  return rows;
}

}  // namespace ottla::ui
