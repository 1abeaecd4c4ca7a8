// What each state is called, and its glyph and tone.
#include "ui/canvas/glyphs.h"

namespace ottla::ui {

using observe::EventKind;
using observe::MemberStatus;
using observe::ProcessStatus;

StateLook process_look(ProcessStatus status) {
  switch (status) {
    case ProcessStatus::starting: return {"Catching up", Glyph::arrow_up, Tone::warning};
    case ProcessStatus::online: return {"Online", Glyph::check, Tone::good};
    case ProcessStatus::fenced: return {"Fenced", Glyph::lock, Tone::warning};
    case ProcessStatus::paused: return {"Paused", Glyph::pause, Tone::warning};
    case ProcessStatus::stopping: return {"Shutting down", Glyph::arrow_down, Tone::warning};
    case ProcessStatus::down: return {"Down", Glyph::cross, Tone::error};
    case ProcessStatus::unknown: return {"Unknown", Glyph::clock, Tone::neutral};
  }
  return {};
}

StateLook group_look(std::string_view kafka_state) {
  const QString words =
      QString::fromUtf8(kafka_state.data(), static_cast<qsizetype>(kafka_state.size()));
  if (kafka_state == "Stable") return {words, Glyph::check, Tone::good};
  if (kafka_state == "CompletingRebalance") return {words, Glyph::hourglass, Tone::good};
  if (kafka_state == "PreparingRebalance" || kafka_state == "Assigning" ||
      kafka_state == "Reconciling") {
    return {words, Glyph::turning, Tone::warning};
  }
  if (kafka_state == "Empty") return {words, Glyph::empty_ring, Tone::warning};
  if (kafka_state == "Dead") return {words, Glyph::cross, Tone::error};
  return {words.isEmpty() ? QStringLiteral("Unknown") : words, Glyph::clock, Tone::neutral};
}

StateLook member_look(MemberStatus status) {
  switch (status) {
    case MemberStatus::joining: return {"joined", Glyph::arrow_up, Tone::good};
    case MemberStatus::syncing: return {"syncing", Glyph::hourglass, Tone::good};
    case MemberStatus::consuming: return {"consuming", Glyph::check, Tone::good};
    case MemberStatus::in_poll: return {"in poll", Glyph::clock, Tone::warning};
    case MemberStatus::paused: return {"paused", Glyph::pause, Tone::warning};
    case MemberStatus::expired: return {"expired", Glyph::pause, Tone::error};
    case MemberStatus::unknown: return {"unknown", Glyph::clock, Tone::neutral};
  }
  return {};
}

Glyph event_glyph(EventKind kind) {
  switch (kind) {
    case EventKind::leader_elected: return Glyph::diamond;
    case EventKind::partition_offline: return Glyph::cross;
    case EventKind::isr_shrank: return Glyph::not_equal;
    case EventKind::isr_expanded: return Glyph::equal;
    case EventKind::broker_registered: return Glyph::arrow_up;
    case EventKind::broker_fenced: return Glyph::lock;
    case EventKind::broker_unfenced: return Glyph::check;
    case EventKind::controller_activated: return Glyph::crown;
    case EventKind::topic_created: return Glyph::plus;
    case EventKind::topic_deleted: return Glyph::minus;
    case EventKind::group_rebalance: return Glyph::turning;
    case EventKind::group_stable: return Glyph::check;
    case EventKind::group_changed: return Glyph::dot;
    case EventKind::truncated: return Glyph::hatch;
    case EventKind::process_started: return Glyph::arrow_up;
    case EventKind::process_stopped: return Glyph::square;
    case EventKind::process_killed: return Glyph::cross;
    case EventKind::process_paused: return Glyph::pause;
    case EventKind::process_resumed: return Glyph::play;
    case EventKind::link_cut: return Glyph::scissors;
    case EventKind::link_healed: return Glyph::check;
    case EventKind::link_changed: return Glyph::clock;
    case EventKind::producer_changed: return Glyph::flame;
    case EventKind::client_connected: return Glyph::plus;
    case EventKind::client_refused: return Glyph::lock;
    case EventKind::invariant_broken: return Glyph::warning;
    case EventKind::note: return Glyph::dot;
  }
  return Glyph::dot;
}

Tone event_tone(observe::Severity severity) {
  switch (severity) {
    case observe::Severity::info: return Tone::neutral;
    case observe::Severity::good: return Tone::good;
    case observe::Severity::warning: return Tone::warning;
    case observe::Severity::error: return Tone::error;
  }
  return Tone::neutral;
}

QString family_words(observe::ApiFamily family) {
  switch (family) {
    case observe::ApiFamily::produce: return "Produce";
    case observe::ApiFamily::fetch: return "Fetch";
    case observe::ApiFamily::replicate: return "Replicate";
    case observe::ApiFamily::group: return "Group";
    case observe::ApiFamily::transaction: return "Txn";
    case observe::ApiFamily::admin: return "Quorum";
  }
  return {};
}

}  // namespace ottla::ui
