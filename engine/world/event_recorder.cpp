#include "engine/world/event_recorder.h"

#include <fmt/format.h>

#include <utility>

namespace ottla::world {

using observe::Event;
using observe::EventKind;
using observe::Severity;

std::string clock_text(Duration since_start) {
  const std::int64_t millis = since_start.count_millis();
  return fmt::format("{:02}:{:02}:{:02}.{:03}", millis / 3'600'000, millis / 60'000 % 60,
                     millis / 1000 % 60, millis % 1000);
}

namespace {

std::string ids(std::span<const BrokerId> brokers) {
  std::string text;
  for (const BrokerId id : brokers)
    text += fmt::format("{}{}", text.empty() ? "" : ", ", id.value());
  return text.empty() ? "nobody" : text;
}

Event about(const probe::PartitionName& partition, EventKind kind, Severity severity) {
  Event event;
  event.kind = kind;
  event.severity = severity;
  event.topic = std::string(partition.topic);
  event.partition = partition.partition;
  return event;
}

Event simple(EventKind kind, Severity severity, std::string text) {
  Event event;
  event.kind = kind;
  event.severity = severity;
  event.text = std::move(text);
  return event;
}

}  // namespace

// What is of no interest to a person by itself (watermarks, acknowledgements, consumption) makes no
// event.
struct EventRecorder::Translate {
  EventRecorder& recorder;
  const ObservedFact& observed;

  void operator()(const probe::BecameLeader&) const {}
  void operator()(const probe::BecameFollower&) const {}
  void operator()(const probe::HighWatermarkMoved&) const {}
  void operator()(const probe::Acknowledged&) const {}
  void operator()(const probe::Produced&) const {}
  void operator()(const probe::Consumed&) const {}

  void operator()(const probe::LeaderElected& fact) const {
    const bool offline = fact.to == no_broker;
    Event event = about(fact.of, offline ? EventKind::partition_offline : EventKind::leader_elected,
                        offline || fact.unclean ? Severity::error : Severity::info);
    event.epoch = fact.epoch.value();
    const std::string name = fmt::format("{}-{}", fact.of.topic, fact.of.partition.value());
    if (fact.from != no_broker) event.peer = std::to_string(fact.from.value());
    if (offline) {
      event.text = fmt::format("{} is offline: no replica that may lead is alive", name);
    } else {
      event.node = std::to_string(fact.to.value());
      const std::string from =
          fact.from == no_broker ? std::string() : fmt::format("{} to ", fact.from.value());
      event.text = fmt::format("{} leader {}{}, epoch {}{}", name, from, fact.to.value(),
                               fact.epoch.value(), fact.unclean ? ", unclean" : "");
    }
    recorder.add(std::move(event));
  }
  void operator()(const probe::IsrChanged& fact) const {
    Event event = about(fact.of, fact.shrank ? EventKind::isr_shrank : EventKind::isr_expanded,
                        fact.shrank ? Severity::warning : Severity::good);
    event.node = std::to_string(fact.leader.value());
    event.epoch = fact.epoch.value();
    event.text = fmt::format("{}-{} ISR {} to {}", fact.of.topic, fact.of.partition.value(),
                             fact.shrank ? "shrank" : "expanded", ids(fact.isr));
    recorder.add(std::move(event));
  }
  void operator()(const probe::Truncated& fact) const {
    Event event = about(fact.of, EventKind::truncated, Severity::warning);
    event.node = node();
    event.epoch = fact.epoch.value();
    event.text = fmt::format("Broker {} truncated {} records of {}-{}, to {}", node(),
                             fact.from.value() - fact.to.value(), fact.of.topic,
                             fact.of.partition.value(), fact.to.value());
    recorder.add(std::move(event));
  }
  void operator()(const probe::BrokerFenced& fact) const {
    add_about_broker(fact.broker,
                     simple(EventKind::broker_fenced, Severity::error,
                            fmt::format("Broker {} fenced: {}", fact.broker.value(), fact.reason)));
  }
  void operator()(const probe::BrokerUnfenced& fact) const {
    add_about_broker(fact.broker, simple(EventKind::broker_unfenced, Severity::good,
                                         fmt::format("Broker {} unfenced", fact.broker.value())));
  }
  void operator()(const probe::BrokerRegistered& fact) const {
    add_about_broker(fact.broker, simple(EventKind::broker_registered, Severity::info,
                                         fmt::format("Broker {} registered, epoch {}",
                                                     fact.broker.value(), fact.epoch.value())));
  }
  void operator()(const probe::ControllerActivated& fact) const {
    Event event = simple(EventKind::controller_activated, Severity::info,
                         fmt::format("Controller {} active, epoch {}", node(), fact.epoch));
    event.node = node();
    event.epoch = fact.epoch;
    recorder.add(std::move(event));
  }
  void operator()(const probe::TopicCreated& fact) const {
    Event event =
        simple(EventKind::topic_created, Severity::info,
               fmt::format("Topic {} created, {} partitions", fact.topic, fact.partitions));
    event.topic = std::string(fact.topic);
    recorder.add(std::move(event));
  }
  void operator()(const probe::TopicDeleted& fact) const {
    Event event = simple(EventKind::topic_deleted, Severity::info,
                         fmt::format("Topic {} deleted", fact.topic));
    event.topic = std::string(fact.topic);
    recorder.add(std::move(event));
  }
  void operator()(const probe::GroupChanged& fact) const {
    std::string& last = recorder.group_states_[std::string(fact.group)];
    const bool was_known = !last.empty();
    if (last == fact.state) return;
    last = std::string(fact.state);
    const bool stable = fact.state == "Stable";
    const bool rebalances = fact.state == "PreparingRebalance";
    if (!stable && !rebalances && !was_known) return;
    Event event = simple(stable       ? EventKind::group_stable
                         : rebalances ? EventKind::group_rebalance
                                      : EventKind::group_changed,
                         stable       ? Severity::good
                         : rebalances ? Severity::warning
                                      : Severity::info,
                         {});
    event.group = std::string(fact.group);
    event.node = node();
    event.epoch = fact.generation.value();
    event.text = fmt::format("{} {}, generation {}, {} members{}{}", fact.group, fact.state,
                             fact.generation.value(), fact.members, fact.reason.empty() ? "" : ": ",
                             fact.reason);
    recorder.add(std::move(event));
  }
  void operator()(const probe::Noted& fact) const {
    const Severity severity = fact.level == probe::Noted::Level::error     ? Severity::error
                              : fact.level == probe::Noted::Level::warning ? Severity::warning
                                                                           : Severity::info;
    Event event = simple(EventKind::note, severity, std::string(fact.text));
    event.node = node();
    recorder.add(std::move(event));
  }

 private:
  [[nodiscard]] const std::string& node() const {
    return recorder.world_.spec_of(observed.process).name;
  }
  void add_about_broker(BrokerId broker, Event event) const {
    event.node = std::to_string(broker.value());
    recorder.add(std::move(event));
  }
};

void EventRecorder::on_fact(const ObservedFact& fact) {
  std::visit(Translate{*this, fact}, fact.fact);
}

void EventRecorder::on_process(Instant at, ProcessId process, BrokerId broker,
                               ProcessChange change) {
  const std::string& name = world_.spec_of(process).name;
  const std::string who = broker == no_broker    ? name
                          : broker.value() > 100 ? fmt::format("Controller {}", name)
                                                 : fmt::format("Broker {}", name);
  const auto told = [&](EventKind kind, Severity severity, std::string_view verb) {
    Event event = simple(kind, severity, fmt::format("{} {}", who, verb));
    event.node = name;
    add(std::move(event));
  };
  const std::string when = clock_text(at - start_);
  std::string& story = stories_[process];
  switch (change) {
    case ProcessChange::started:
      if (!story.empty()) story += fmt::format(", back {}", when);
      return told(EventKind::process_started, Severity::info, "started");
    case ProcessChange::stopped:
      story = fmt::format("Stopped {}", when);
      return told(EventKind::process_stopped, Severity::warning, "stopped");
    case ProcessChange::killed:
      story = fmt::format("Killed {}", when);
      return told(EventKind::process_killed, Severity::error, "killed");
    case ProcessChange::power_lost:
      story = fmt::format("Lost power {}", when);
      return told(EventKind::process_killed, Severity::error, "lost power");
    case ProcessChange::paused:
      story = fmt::format("Paused {}", when);
      return told(EventKind::process_paused, Severity::warning, "paused");
    case ProcessChange::resumed:
      story += fmt::format(", resumed {}", when);
      return told(EventKind::process_resumed, Severity::good, "resumed");
  }
}

void EventRecorder::add(Event event) {
  event.number = next_number_++;
  event.at = world_.now();
  ++counts_[event.kind];
  events_.push_back(std::move(event));
}

std::vector<Event> EventRecorder::take() {
  return std::exchange(events_, {});
}

std::uint64_t EventRecorder::count_of(std::string_view kind) const {
  std::uint64_t count = 0;
  for (const auto& [each, times] : counts_) {
    if (kind.empty() || observe::name(each) == kind) count += times;
  }
  return count;
}

std::string EventRecorder::story_of(ProcessId process) const {
  const auto at = stories_.find(process);
  return at == stories_.end() ? std::string() : at->second;
}

}  // namespace ottla::world
