// Turns what nodes tell and what becomes of processes into the events that a person reads.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/observe/event.h"
#include "engine/world/world.h"

namespace ottla::world {

class EventRecorder final : public WorldListener {
 public:
  // Times in texts count from the world's present.
  explicit EventRecorder(const World& world) : world_(world), start_(world.now()) {}

  void on_fact(const ObservedFact& fact) override;
  void on_process(Instant at, ProcessId process, BrokerId broker, ProcessChange change) override;

  // What no node tells: a cut link, a changed producer, a broken invariant. The number and time are
  // set here.
  void add(observe::Event event);

  // The events since the last call.
  [[nodiscard]] std::vector<observe::Event> take();
  // How many of a kind there were, as observe::name spells it; of all kinds for "".
  [[nodiscard]] std::uint64_t count_of(std::string_view kind) const;
  // When the process last changed, and how, in a few words: "Killed 00:01:30.000".
  [[nodiscard]] std::string story_of(ProcessId process) const;

 private:
  struct Translate;  // One overload a fact; event_recorder.cpp.

  const World& world_;
  const Instant start_;
  std::vector<observe::Event> events_;
  std::uint64_t next_number_ = 1;
  std::map<observe::EventKind, std::uint64_t> counts_;
  std::map<ProcessId, std::string> stories_;
  std::map<std::string, std::string> group_states_;  // As last told, by group.
};

// Time since the world's start as people write it: 00:01:30.004.
[[nodiscard]] std::string clock_text(Duration since_start);

}  // namespace ottla::world
