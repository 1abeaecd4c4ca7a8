// A ClusterSession without an engine: it holds one snapshot and the events that led to it, records
// the commands it is sent, and moves only when a test says so.
//
//   DemoSession session(DemoCluster::broken);      // The run that the design's pictures show.
//   session.change([](Snapshot& s) { s.run.running = false; });
//   QCOMPARE(session.posted().size(), 1);
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/observe/session.h"

namespace ottla::test {

enum class DemoCluster {
  broken,   // 6 brokers in 3 racks: broker 4 was killed and is back, link 4 - 6 is cut.
  healthy,  // The same before any fault.
  three,    // What the desktop opens on: 3 brokers, 1 controller, a small workload.
  hundred,  // 100 brokers in 10 racks, 10 000 partitions; one broker down, one hot, a lossy rack.
};

class DemoSession : public observe::ClusterSession {
 public:
  explicit DemoSession(DemoCluster cluster = DemoCluster::broken);

  using ClusterSession::post;
  void post(observe::Command command, std::function<void(observe::CommandResult)> done) override;
  std::shared_ptr<const observe::Snapshot> snapshot() override { return snapshot_; }
  observe::EventBatch take_events() override;
  void on_change(std::function<void()> wake) override { wake_ = std::move(wake); }

  // What was posted so far, in order.
  [[nodiscard]] const std::vector<observe::Command>& posted() const { return posted_; }
  // The next command is refused with this reason.
  void refuse_next(std::string reason) { refusal_ = std::move(reason); }

  // Publishes a changed copy of the snapshot.
  void change(const std::function<void(observe::Snapshot&)>& edit);
  // Lets virtual time pass: `now` and the messages under way move, nothing else does.
  void advance(Duration by);
  // Adds an event, numbered after the last.
  void add_event(observe::Event event);

 private:
  void wake();

  std::shared_ptr<const observe::Snapshot> snapshot_;
  std::vector<observe::Event> fresh_events_;
  std::uint64_t last_event_ = 0;
  std::vector<observe::Command> posted_;
  std::string refusal_;
  std::function<void()> wake_;
};

// The pieces, for tests that want to change one before the session exists.
[[nodiscard]] observe::Snapshot demo_snapshot(DemoCluster cluster);
[[nodiscard]] std::vector<observe::Event> demo_events(DemoCluster cluster);
[[nodiscard]] observe::Shared<observe::History> demo_history(DemoCluster cluster);
// A moment of the demo's run: "00:01:42.318" is demo_time(102'318).
[[nodiscard]] Instant demo_time(std::int64_t millis);

}  // namespace ottla::test
