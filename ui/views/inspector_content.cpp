#include "ui/views/inspector_content.h"

#include <algorithm>

#include "engine/observe/heat.h"
#include "ui/canvas/format.h"
#include "ui/views/inspector_writer.h"

namespace ottla::ui {
namespace {

using namespace ottla::observe;

QString ids(const std::vector<BrokerId>& brokers) {
  QStringList words;
  for (const BrokerId id : brokers) words << QString::number(id.value());
  return words.isEmpty() ? QString("none") : words.join(", ");
}

template <class T>
QString known(const Known<T>& value) {
  if (!value.has_value()) return unknown_value();
  if constexpr (std::is_same_v<T, Offset>)
    return number(value.value->value());
  else
    return number(*value.value);
}

void status_field(InspectorWriter& w, const Snapshot& s, ProcessStatus status, Instant since) {
  const StateLook look = process_look(status);
  InspectorRow& row = w.field("Status", look.words + ", " + duration(s.run.now - since));
  row.glyph = look.glyph;
  row.tone = look.tone;
}

void process_actions(InspectorWriter& w, const std::string& name, ProcessStatus status) {
  if (status == ProcessStatus::down)
    w.action("Start", Restart{name});
  else if (status == ProcessStatus::paused)
    w.action("Resume", Resume{name});
  else if (status != ProcessStatus::unknown) {
    w.action("Kill", Kill{name});
    w.action("Pause", Pause{name});
  }
}

void write(InspectorWriter& w, const Snapshot& s, const SelectedBroker& of) {
  const BrokerState* b = s.broker(of.id);
  const std::string name = std::to_string(of.id.value());
  if (!b) return w.title("Broker " + text(name), "No longer in the cluster");
  w.title("Broker " + text(name),
          b->rack.empty() ? QString("Broker") : "Broker in rack " + text(b->rack));
  const int behind = b->replicas - b->in_sync;
  const StateLook look = process_look(b->status);
  if (b->status != ProcessStatus::online) {
    w.verdict(look.tone, look.glyph, look.words + " for " + duration(s.run.now - b->status_since),
              text(b->story));
  } else if (behind > 0) {
    w.verdict(Tone::warning, Glyph::not_equal,
              counted(behind, "replica out of sync", "replicas out of sync"));
  } else {
    w.verdict(Tone::good, Glyph::check,
              "All " + counted(b->replicas, "replica", "replicas") + " in sync");
  }
  process_actions(w, name, b->status);
  status_field(w, s, b->status, b->status_since);
  w.field("Address", text(b->host) + ":" + QString::number(b->port));
  w.field("Rack", b->rack.empty() ? unknown_value() : text(b->rack));
  w.field("Broker epoch", number(b->epoch.value()));
  if (b->session_left) {
    InspectorRow& session = w.field("Session left", percent(*b->session_left));
    if (*b->session_left <= 0.5)
      session.tone = *b->session_left <= 0.2 ? Tone::error : Tone::warning;
  }
  w.heading("Replicas");
  w.field("Leaders", QString("%1, preferred %2").arg(b->leaders).arg(b->preferred_leaders));
  w.field("Replicas", number(b->replicas));
  InspectorRow& out = w.field("Out of sync", number(behind));
  if (behind > 0) out.glyph = Glyph::not_equal, out.tone = Tone::warning;
  w.field("Log size", bytes(b->log_bytes));
  w.heading("Load", load_scale());
  const auto load = [&](const char* label, const std::optional<double>& value, bool hot) {
    InspectorRow& row = w.field(label, load_text(value));
    if (hot) row.glyph = Glyph::flame, row.tone = Tone::hot;
  };
  load("Network", b->load.network, is_hot_by_bytes(*b));
  load("Requests", b->load.requests, is_hot_by_requests(*b));
  load("Disk", b->load.disk, false);
  w.field("Bytes in", bytes_per_second(b->bytes_in_per_s));
  w.field("Bytes out", bytes_per_second(b->bytes_out_per_s));
  w.field("Requests per second", short_number(b->requests_per_s));
  w.field("Connections", number(b->connections));
  w.field("Waiting requests", number(b->waiting_requests));
  w.waits([&](const WaitState& wait) { return wait.node == name || wait.from == name; });
  w.process_events(name);
}

void write(InspectorWriter& w, const Snapshot& s, const SelectedController& of) {
  const std::string name = std::to_string(of.id.value());
  for (const ControllerState& c : s.controllers) {
    if (c.id != of.id) continue;
    w.title("Controller " + text(name),
            c.active ? "Active controller" : "Follower in the metadata quorum");
    if (c.status == ProcessStatus::online) {
      w.verdict(
          c.active ? Tone::accent : Tone::good, c.active ? Glyph::crown : Glyph::check,
          c.active ? QString("Active since epoch %1").arg(c.epoch) : QString("Follows the quorum"));
    } else {
      const StateLook look = process_look(c.status);
      w.verdict(look.tone, look.glyph, look.words + " for " + duration(s.run.now - c.status_since));
    }
    process_actions(w, name, c.status);
    status_field(w, s, c.status, c.status_since);
    w.field("Rack", c.rack.empty() ? unknown_value() : text(c.rack));
    w.field("Epoch", number(c.epoch));
    w.field("Log end offset", known(c.log_end_offset));
    w.field("Lag", known(c.lag));
    w.heading("Quorum", s.quorum.leader ? "leader " + QString::number(s.quorum.leader->value())
                                        : "no leader");
    w.field("Epoch", number(s.quorum.epoch));
    w.field("High watermark", s.quorum.high_watermark == no_offset
                                  ? unknown_value()
                                  : number(s.quorum.high_watermark.value()));
    for (const QuorumReplica& r : s.quorum.replicas) {
      if (!r.voter) continue;
      w.field("Voter " + QString::number(r.id.value()),
              QString("%1, lag %2").arg(known(r.log_end_offset), number(r.lag)));
    }
    w.waits([&](const WaitState& wait) { return wait.node == name; });
    w.process_events(name);
    return;
  }
  w.title("Controller " + text(name), "No longer in the cluster");
}

// One bar a replica: how far its log reaches, with the high watermark as a line over all.
void write_logs(InspectorWriter& w, const PartitionState& p) {
  const double start = static_cast<double>(p.log_start_offset.value_or(Offset(0)).value());
  const double end = static_cast<double>(p.log_end_offset.value_or(Offset(0)).value());
  const double whole = std::max(1.0, end - start) * 1.02;
  for (const ReplicaState& r : p.replicas) {
    InspectorRow row;
    row.kind = InspectorRow::Kind::log;
    row.label = QString::number(r.broker.value());
    row.value = known(r.log_end_offset);
    row.state = cell_state(r.role);
    row.share = std::clamp(
        (static_cast<double>(r.log_end_offset.value_or(Offset(0)).value()) - start) / whole, 0.0,
        1.0);
    if (p.high_watermark.has_value()) {
      row.mark = (static_cast<double>(p.high_watermark.value->value()) - start) / whole;
    }
    row.link = SelectedBroker{r.broker};
    w.row(std::move(row));
  }
}

void write(InspectorWriter& w, const Snapshot& s, const SelectedPartition& of) {
  const QString name = text(of.topic) + "-" + QString::number(of.partition.value());
  const TopicState* topic = s.topic(of.topic);
  const auto at = static_cast<std::size_t>(of.partition.value());
  if (!topic || at >= topic->partitions.size()) return w.title(name, "No longer there", true);
  const PartitionState& p = topic->partitions[at];
  w.title(name,
          QString("Partition of %1, %2")
              .arg(text(of.topic),
                   counted(static_cast<std::int64_t>(p.replicas.size()), "replica", "replicas")),
          true);
  std::vector<BrokerId> out;
  std::vector<BrokerId> assigned;
  for (const ReplicaState& r : p.replicas) {
    assigned.push_back(r.broker);
    if (std::find(p.isr.begin(), p.isr.end(), r.broker) == p.isr.end()) out.push_back(r.broker);
  }
  if (p.offline()) {
    w.verdict(Tone::error, Glyph::cross, "Offline", "No replica in sync is alive to lead it.");
  } else if (p.under_min_isr) {
    w.verdict(Tone::error, Glyph::cross, "Under min ISR",
              QString("acks=all is refused: %1 in sync, %2 needed.")
                  .arg(p.isr.size())
                  .arg(topic->min_insync_replicas));
  } else if (p.under_replicated()) {
    w.verdict(Tone::warning, Glyph::not_equal,
              p.under_replicated_since
                  ? "Under-replicated for " + duration(s.run.now - *p.under_replicated_since)
                  : QString("Under-replicated"),
              QString("%1 %2 not in sync with leader %3.")
                  .arg(out.size() == 1 ? "Replica" : "Replicas", ids(out))
                  .arg(p.leader->value()));
  } else {
    w.verdict(Tone::good, Glyph::check, QString("All %1 replicas in sync").arg(p.replicas.size()));
  }
  InspectorRow& leader = w.field(
      "Leader", p.leader ? "broker " + QString::number(p.leader->value()) : QString("none"));
  if (p.leader) leader.glyph = Glyph::diamond, leader.link = SelectedBroker{*p.leader};
  w.field("Leader epoch", number(p.leader_epoch.value()));
  w.field("Partition epoch", number(p.partition_epoch.value()));
  w.field("Replicas", ids(assigned));
  w.field("ISR", ids(p.isr));
  InspectorRow& missing = w.field("Out of sync", ids(out));
  if (!out.empty()) missing.glyph = Glyph::not_equal, missing.tone = Tone::warning;
  w.field("ELR", ids(p.elr));
  w.field("min.insync.replicas", number(topic->min_insync_replicas));
  w.heading("Offsets");
  w.field("Log end offset", known(p.log_end_offset));
  w.field("High watermark", known(p.high_watermark));
  w.field("Last stable offset", known(p.last_stable_offset));
  w.field("Log start offset", known(p.log_start_offset));
  write_logs(w, p);
  w.heading("Traffic");
  w.field("Records in", short_number(p.records_in_per_s) + "/s");
  w.field("Bytes in", bytes_per_second(p.bytes_in_per_s));
  InspectorRow& share = w.field("Share of " + text(of.topic), percent(p.share));
  if (hot_partitions(s, *topic).contains(p.index))
    share.glyph = Glyph::flame, share.tone = Tone::hot;
  w.field("Size", bytes(p.size_bytes));
  w.waits([&](const WaitState& wait) {
    return wait.topic == of.topic && wait.partition == of.partition.value();
  });
  w.events([&](const Event& e) { return e.topic == of.topic && e.partition == of.partition; });
}

void write(InspectorWriter& w, const Snapshot& s, const SelectedTopic& of) {
  const TopicState* topic = s.topic(of.topic);
  if (!topic) return w.title(text(of.topic), "No longer there", true);
  w.title(text(of.topic), topic->internal ? "Internal topic" : "Topic", true);
  int under = 0;
  int offline = 0;
  std::int64_t size = 0;
  for (const PartitionState& p : topic->partitions) {
    under += p.under_replicated();
    offline += p.offline();
    size += p.size_bytes;
  }
  if (offline > 0)
    w.verdict(Tone::error, Glyph::cross,
              counted(offline, "partition offline", "partitions offline"));
  else if (under > 0)
    w.verdict(Tone::warning, Glyph::not_equal,
              counted(under, "partition", "partitions") + " under-replicated");
  else
    w.verdict(Tone::good, Glyph::check, "Every replica in sync");
  w.field("Partitions", number(static_cast<std::int64_t>(topic->partitions.size())));
  w.field("Replication factor", number(topic->replication_factor));
  w.field("min.insync.replicas", number(topic->min_insync_replicas));
  w.field("Records in", short_number(topic->records_in_per_s) + "/s");
  w.field("Bytes in", bytes_per_second(topic->bytes_in_per_s));
  w.field("Bytes out", bytes_per_second(topic->bytes_out_per_s));
  w.field("Size", bytes(size));
  w.waits([&](const WaitState& wait) { return wait.topic == of.topic; });
  w.events([&](const Event& e) { return e.topic == of.topic; });
}

void write(InspectorWriter& w, const Snapshot& s, const SelectedGroup& of) {
  const GroupState* g = s.group(of.group);
  if (!g) return w.title(text(of.group), "No longer there", true);
  w.title(text(g->name), "Consumer group", true);
  const StateLook look = group_look(g->state);
  w.verdict(look.tone, look.glyph, look.words + " for " + duration(s.run.now - g->state_since),
            text(g->why));
  InspectorRow& coordinator =
      w.field("Coordinator", g->coordinator ? "broker " + QString::number(g->coordinator->value())
                                            : unknown_value());
  if (g->coordinator) coordinator.link = SelectedBroker{*g->coordinator};
  w.field("Protocol", text(g->type));
  w.field("Assignor", g->assignor.empty() ? unknown_value() : text(g->assignor));
  w.field(g->type == "consumer" ? "Epoch" : "Generation", number(g->generation.value()));
  w.field("Rebalances", number(g->rebalances));
  w.heading("Lag");
  w.field("Records", number(g->lag));
  w.field("Seconds", g->lag_time ? duration(*g->lag_time) : unknown_value());
  auto worst = g->partitions;
  std::sort(worst.begin(), worst.end(), [](const auto& a, const auto& b) { return a.lag > b.lag; });
  for (std::size_t i = 0; i < std::min<std::size_t>(worst.size(), 5); ++i) {
    InspectorRow& row =
        w.field(text(worst[i].topic) + "-" + QString::number(worst[i].partition.value()),
                number(worst[i].lag));
    row.link = SelectedPartition{worst[i].topic, worst[i].partition};
  }
  w.heading("Members", number(static_cast<std::int64_t>(g->members.size())));
  for (const MemberState& m : g->members) {
    const StateLook state = member_look(m.status);
    InspectorRow& row = w.field(
        text(m.client_id),
        QString("%1, %2").arg(state.words, counted(static_cast<std::int64_t>(m.assignment.size()),
                                                   "partition", "partitions")));
    row.glyph = state.glyph;
    row.tone = state.tone == Tone::good ? Tone::neutral : state.tone;
    row.link = SelectedMember{g->name, m.member_id};
  }
  w.waits([&](const WaitState& wait) {
    return std::any_of(g->members.begin(), g->members.end(),
                       [&](const MemberState& m) { return m.client_id == wait.from; });
  });
  w.events([&](const Event& e) { return e.group == of.group; });
}

void write(InspectorWriter& w, const Snapshot& s, const SelectedMember& of) {
  const GroupState* g = s.group(of.group);
  const MemberState* m = nullptr;
  for (const MemberState& each : g ? g->members : std::vector<MemberState>{}) {
    if (each.member_id != of.member) continue;
    m = &*std::find_if(g->members.begin(), g->members.end(),
                       [&](const MemberState& x) { return x.member_id == of.member; });
  }
  if (!m) return w.title(text(of.member), "No longer in " + text(of.group), true);
  w.title(text(m->client_id), "Member of " + text(of.group), true);
  const StateLook look = member_look(m->status);
  w.verdict(look.tone, look.glyph, look.words.left(1).toUpper() + look.words.mid(1),
            m->status == MemberStatus::paused || m->status == MemberStatus::expired
                ? QString("When it resumes, its heartbeat gets UNKNOWN_MEMBER_ID and it rejoins.")
                : QString());
  if (m->status == MemberStatus::paused || m->status == MemberStatus::expired)
    w.action("Resume", Resume{m->client_id});
  else
    w.action("Pause", Pause{m->client_id});
  w.field("Member id", text(m->member_id));
  w.field("Client id", text(m->client_id));
  w.field("Host", text(m->host));
  if (!m->instance_id.empty()) w.field("Instance id", text(m->instance_id));
  w.field("Leader of the group", m->leader ? "yes" : "no");
  w.field("Session left", m->session_left ? percent(*m->session_left) : unknown_value());
  w.field("Records read", short_number(m->records_per_s) + "/s");
  w.heading("Assignment",
            counted(static_cast<std::int64_t>(m->assignment.size()), "partition", "partitions"));
  for (const auto& [topic, partition] : m->assignment) {
    QString lag = unknown_value();
    for (const GroupPartitionState& p : g->partitions) {
      if (p.topic == topic && p.partition == partition) lag = "lag " + number(p.lag);
    }
    w.field(text(topic) + "-" + QString::number(partition.value()), lag).link =
        SelectedPartition{topic, partition};
  }
  w.waits([&](const WaitState& wait) { return wait.from == m->client_id; });
  w.process_events(m->client_id);
}

void write(InspectorWriter& w, const Snapshot& s, const SelectedProducer& of) {
  for (const ProducerState& p : s.producers) {
    if (p.name != of.producer) continue;
    w.title(text(p.name), "Producer to " + text(p.topic), true);
    if (!p.last_error.empty())
      w.verdict(Tone::warning, Glyph::warning, text(p.last_error),
                "It retries until delivery.timeout.ms.");
    else if (p.hot_key_share > 0)
      w.verdict(Tone::hot, Glyph::flame, percent(p.hot_key_share) + " of its records have one key");
    else
      w.verdict(Tone::good, Glyph::check, "Acknowledged without errors");
    process_actions(w, p.name, p.status);
    w.field("Topic", text(p.topic)).link = SelectedTopic{p.topic};
    w.field("acks", text(p.acks));
    w.field("enable.idempotence", p.idempotent ? "true" : "false");
    w.field("Record size", bytes(p.record_bytes));
    w.heading("Rate");
    w.field("Asked", short_number(p.target_records_per_s) + "/s");
    w.field("Acknowledged", short_number(p.records_per_s) + "/s");
    w.field("Bytes", bytes_per_second(p.bytes_per_s));
    w.field("Hot-key share", percent(p.hot_key_share));
    w.heading("Since it started");
    w.field("Acknowledged", number(p.acknowledged));
    InspectorRow& failed = w.field("Failed", number(p.failed));
    if (p.failed > 0) failed.tone = Tone::error, failed.glyph = Glyph::cross;
    w.field("Retries", number(p.retries));
    w.field("Requests in flight", number(p.requests_in_flight));
    w.field("Buffered records", number(p.buffered_records));
    w.field("Latency p50", p.latency_p50 ? duration(*p.latency_p50) : unknown_value());
    w.field("Latency p99", p.latency_p99 ? duration(*p.latency_p99) : unknown_value());
    w.waits([&](const WaitState& wait) { return wait.from == p.name; });
    w.process_events(p.name);
    return;
  }
  w.title(text(of.producer), "No longer there", true);
}

void write(InspectorWriter& w, const Snapshot& s, const SelectedLink& of) {
  const QString from = text(of.from);
  const QString to = text(of.to);
  w.title(from + " – " + to, "Link");
  bool cut = false;
  bool faulty = false;
  for (const LinkState& l : s.links) {
    const bool there = l.from == of.from && l.to == of.to;
    const bool back = l.from == of.to && l.to == of.from;
    if (!there && !back) continue;
    cut = cut || l.cut;
    faulty = faulty || l.cut || l.faulty_since;
    w.heading(QString("%1 to %2").arg(text(l.from), text(l.to)));
    w.field("Latency", duration(l.latency));
    w.field("Loss", percent(l.loss));
    w.field("Traffic", bytes_per_second(l.bytes_per_s));
    if (l.cut)
      w.field("Cut",
              l.faulty_since ? "for " + duration(s.run.now - *l.faulty_since) : QString("yes"))
          .tone = Tone::error;
    if (l.heals_at) w.field("Heals at", virtual_time(*l.heals_at, s.run.start));
  }
  if (cut)
    w.verdict(Tone::error, Glyph::scissors, "Cut",
              "Connections over it stall until their timeouts act.");
  else if (faulty)
    w.verdict(Tone::warning, Glyph::clock, "Slow or lossy");
  else
    w.verdict(Tone::good, Glyph::check, "Up");
  if (faulty)
    w.action("Heal", HealLink{of.from, of.to});
  else
    w.action("Cut", CutLink{of.from, of.to, false});
  w.events([&](const Event& e) {
    return (e.node == of.from && e.peer == of.to) || (e.node == of.to && e.peer == of.from);
  });
}

// While every replica counts as in sync: a broker that does not run, and whose session at the
// controller has yet to expire.
const BrokerState* silent_broker(const Snapshot& s) {
  const auto found = std::ranges::find_if(s.brokers, [](const BrokerState& b) {
    const bool runs = b.status != ProcessStatus::down && b.status != ProcessStatus::paused;
    return !runs && b.replicas > 0;
  });
  return found == s.brokers.end() ? nullptr : &*found;
}

// Nothing selected: the cluster itself.
void write(InspectorWriter& w, const Snapshot& s, std::monostate) {
  w.title("Cluster", s.run.title.empty() ? text(s.run.kind) : text(s.run.title));
  const Health& h = s.health;
  if (h.offline > 0)
    w.verdict(Tone::error, Glyph::cross,
              counted(h.offline, "partition", "partitions") + " offline");
  else if (h.under_min_isr > 0)
    w.verdict(Tone::error, Glyph::cross,
              counted(h.under_min_isr, "partition", "partitions") + " under min ISR");
  else if (h.under_replicated > 0)
    w.verdict(Tone::warning, Glyph::not_equal,
              counted(h.under_replicated, "partition", "partitions") + " under-replicated");
  else if (const BrokerState* gone = silent_broker(s))
    w.verdict(Tone::warning, Glyph::warning, QString("Broker %1 is silent").arg(gone->id.value()),
              "Its replicas count as in sync until the controller fences it.");
  else
    w.verdict(Tone::good, Glyph::check, QString("All %1 partitions in sync").arg(h.partitions));
  w.field("Cluster id", text(s.cluster_id));
  w.field("bootstrap.servers",
          s.bootstrap.empty() ? unknown_value() : text(s.bootstrap).section(',', 0, 0));
  w.field("Brokers", number(static_cast<std::int64_t>(s.brokers.size())));
  w.field("Controllers", number(static_cast<std::int64_t>(s.controllers.size())));
  InspectorRow& active =
      w.field("Active controller",
              s.quorum.leader ? QString::number(s.quorum.leader->value()) : QString("none"));
  if (s.quorum.leader)
    active.link = SelectedController{*s.quorum.leader}, active.glyph = Glyph::crown;
  w.field("Topics", number(static_cast<std::int64_t>(s.topics.size())));
  w.field("Partitions", number(h.partitions));
  w.field("Groups", number(static_cast<std::int64_t>(s.groups.size())));
  w.field("Real clients", number(static_cast<std::int64_t>(s.real_clients.size())));
  for (const RealClientState& c : s.real_clients) {
    w.field(c.client_id.empty() ? text(c.address) : text(c.client_id),
            c.software.empty() ? "node " + QString::number(c.node.value()) : text(c.software));
  }
  w.heading("Run");
  w.field("Seed", QString::number(s.run.seed));
  w.field("Events", number(static_cast<std::int64_t>(s.run.events)));
  w.field("Trace", trace(s.run.trace_hash));
  InspectorRow& invariants = w.field("Invariants broken", number(s.run.invariants_broken));
  if (s.run.invariants_broken > 0) invariants.glyph = Glyph::cross, invariants.tone = Tone::error;
  w.waits([](const WaitState&) { return true; });
  w.events([](const Event&) { return true; });
}

}  // namespace

InspectorContent inspect(const Snapshot& snapshot, const SelectedThing& selected,
                         const std::deque<Event>& events, const std::optional<TimeSpan>& span) {
  InspectorWriter writer(snapshot, events, span);
  std::visit([&](const auto& thing) { write(writer, snapshot, thing); }, selected);
  return std::move(writer).take();
}

}  // namespace ottla::ui
