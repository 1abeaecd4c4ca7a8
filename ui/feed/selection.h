// What is selected, for the whole window: the map, the tables, the timeline and the inspector read
// and write one Selection. It names things and holds none, so it stays valid while they change. A
// span of time can be chosen beside it: places then show what happened in it.
#pragma once

#include <QObject>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/observe/event.h"

namespace ottla::ui {

struct SelectedBroker {
  BrokerId id;
  bool operator==(const SelectedBroker&) const = default;
};
struct SelectedController {
  BrokerId id;
  bool operator==(const SelectedController&) const = default;
};
struct SelectedPartition {
  std::string topic;
  PartitionIndex partition;
  bool operator==(const SelectedPartition&) const = default;
};
struct SelectedTopic {
  std::string topic;
  bool operator==(const SelectedTopic&) const = default;
};
struct SelectedGroup {
  std::string group;
  bool operator==(const SelectedGroup&) const = default;
};
struct SelectedMember {
  std::string group;
  std::string member;  // Its member id.
  bool operator==(const SelectedMember&) const = default;
};
struct SelectedProducer {
  std::string producer;
  bool operator==(const SelectedProducer&) const = default;
};
struct SelectedLink {
  std::string from;  // Processes, as a Snapshot names them.
  std::string to;
  bool operator==(const SelectedLink&) const = default;
};

using SelectedThing =
    std::variant<std::monostate, SelectedBroker, SelectedController, SelectedPartition,
                 SelectedTopic, SelectedGroup, SelectedMember, SelectedProducer, SelectedLink>;

struct TimeSpan {
  Instant from;
  Instant to;
  [[nodiscard]] bool holds(Instant at) const { return from <= at && at <= to; }
  bool operator==(const TimeSpan&) const = default;
};

class Selection : public QObject {
  Q_OBJECT

 public:
  explicit Selection(QObject* parent = nullptr) : QObject(parent) {}

  [[nodiscard]] const SelectedThing& current() const { return current_; }
  // Says changed() unless it is what is selected already.
  void select(SelectedThing thing);
  void clear() { select({}); }

  // Nothing: all of time.
  [[nodiscard]] const std::optional<TimeSpan>& span() const { return span_; }
  void chooseSpan(std::optional<TimeSpan> span);

 signals:
  void changed();
  void spanChanged();

 private:
  SelectedThing current_;
  std::optional<TimeSpan> span_;
};

// What an event is about: the most particular thing that it names. `controllers` tells a broker's
// number from a controller's, and either from a producer's name.
struct EventSubjects {
  std::vector<BrokerId> brokers;
  std::vector<BrokerId> controllers;
};
[[nodiscard]] SelectedThing subject_of(const observe::Event& event, const EventSubjects& known);

}  // namespace ottla::ui
