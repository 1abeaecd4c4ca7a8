#include "engine/observe/event.h"

namespace ottla::observe {

std::string_view name(EventKind kind) {
  switch (kind) {
    case EventKind::leader_elected: return "leader_elected";
    case EventKind::partition_offline: return "partition_offline";
    case EventKind::isr_shrank: return "isr_shrank";
    case EventKind::isr_expanded: return "isr_expanded";
    case EventKind::broker_registered: return "broker_registered";
    case EventKind::broker_fenced: return "broker_fenced";
    case EventKind::broker_unfenced: return "broker_unfenced";
    case EventKind::controller_activated: return "controller_activated";
    case EventKind::topic_created: return "topic_created";
    case EventKind::topic_deleted: return "topic_deleted";
    case EventKind::group_rebalance: return "group_rebalance";
    case EventKind::group_stable: return "group_stable";
    case EventKind::group_changed: return "group_changed";
    case EventKind::truncated: return "truncated";
    case EventKind::process_started: return "process_started";
    case EventKind::process_stopped: return "process_stopped";
    case EventKind::process_killed: return "process_killed";
    case EventKind::process_paused: return "process_paused";
    case EventKind::process_resumed: return "process_resumed";
    case EventKind::link_cut: return "link_cut";
    case EventKind::link_healed: return "link_healed";
    case EventKind::link_changed: return "link_changed";
    case EventKind::producer_changed: return "producer_changed";
    case EventKind::client_connected: return "client_connected";
    case EventKind::client_refused: return "client_refused";
    case EventKind::invariant_broken: return "invariant_broken";
    case EventKind::note: return "note";
  }
  return "note";
}

std::string_view name(Severity severity) {
  switch (severity) {
    case Severity::info: return "info";
    case Severity::good: return "good";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
  }
  return "info";
}

bool is_fault(EventKind kind) {
  switch (kind) {
    case EventKind::process_killed:
    case EventKind::process_paused:
    case EventKind::link_cut:
    case EventKind::link_changed:
    case EventKind::producer_changed: return true;
    default: return false;
  }
}

}  // namespace ottla::observe
