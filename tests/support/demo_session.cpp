#include "tests/support/demo_session.h"

#include <utility>

namespace ottla::test {

using namespace ottla::observe;

DemoSession::DemoSession(DemoCluster cluster)
    : snapshot_(std::make_shared<const Snapshot>(demo_snapshot(cluster))),
      fresh_events_(demo_events(cluster)),
      last_event_(fresh_events_.empty() ? 0 : fresh_events_.back().number) {}

void DemoSession::post(Command command, std::function<void(CommandResult)> done) {
  posted_.push_back(std::move(command));
  if (done) done(std::exchange(refusal_, {}));
}

EventBatch DemoSession::take_events() {
  return {std::exchange(fresh_events_, {}), 0};
}

void DemoSession::change(const std::function<void(Snapshot&)>& edit) {
  auto next = std::make_shared<Snapshot>(*snapshot_);
  edit(*next);
  snapshot_ = std::move(next);
  wake();
}

void DemoSession::advance(Duration by) {
  change([by](Snapshot& s) {
    s.run.now += by;
    for (MessageInFlight& message : s.in_flight) {
      if (message.arrives > s.run.now || message.stalled) continue;
      const Duration flight = message.arrives - message.sent;
      message.id += 1'000'000;
      message.sent = s.run.now;
      message.arrives = s.run.now + flight;
    }
  });
}

void DemoSession::add_event(Event event) {
  event.number = ++last_event_;
  fresh_events_.push_back(std::move(event));
  wake();
}

void DemoSession::wake() {
  if (wake_) wake_();
}

}  // namespace ottla::test
