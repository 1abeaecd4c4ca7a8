#include "ui/feed/session_feed.h"

#include <QPointer>
#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

namespace ottla::ui {

// What the session's thread holds. It may call after the feed is gone, so the feed is reached under
// a lock that its destructor takes as well; queueing a call is all that happens inside.
struct SessionFeed::Gate {
  std::mutex mutex;
  SessionFeed* feed = nullptr;  // Null once the feed is being destroyed.
  std::atomic<bool> pending = false;

  template <class Call>
  void queue(Call call) {
    const std::lock_guard lock(mutex);
    if (feed != nullptr) {
      QMetaObject::invokeMethod(feed, std::move(call), Qt::QueuedConnection);
    }
  }
};

SessionFeed::SessionFeed(observe::ClusterSession& session, QObject* parent)
    : QObject(parent), session_(session), gate_(std::make_shared<Gate>()) {
  gate_->feed = this;
  next_frame_.setSingleShot(true);
  next_frame_.setTimerType(Qt::PreciseTimer);
  connect(&next_frame_, &QTimer::timeout, this, &SessionFeed::deliver);
  snapshot_ = session_.snapshot();
  takeEvents();
  since_delivery_.start();
  session_.on_change([this, gate = gate_] {
    if (!gate->pending.exchange(true)) gate->queue([this] { schedule(); });
  });
  // What came between the first look and the wake function must not wait for the next change.
  gate_->pending = true;
  schedule();
}

SessionFeed::~SessionFeed() {
  session_.on_change({});
  const std::lock_guard lock(gate_->mutex);
  gate_->feed = nullptr;
}

const observe::Event* SessionFeed::eventNumbered(std::uint64_t number) const {
  const auto at = std::lower_bound(
      events_.begin(), events_.end(), number,
      [](const observe::Event& event, std::uint64_t n) { return event.number < n; });
  return at != events_.end() && at->number == number ? &*at : nullptr;
}

void SessionFeed::post(observe::Command command) {
  session_.post(std::move(command), [this, gate = gate_](const observe::CommandResult& reason) {
    if (reason.empty()) return;
    gate->queue([this, reason = QString::fromStdString(reason)] { emit commandRefused(reason); });
  });
}

void SessionFeed::post(observe::Command command, QObject* context,
                       std::function<void(QString)> done) {
  session_.post(std::move(command), [gate = gate_, context = QPointer<QObject>(context),
                                     done = std::move(done)](const observe::CommandResult& reason) {
    gate->queue([context, done, reason = QString::fromStdString(reason)] {
      if (context) done(reason);
    });
  });
}

void SessionFeed::schedule() {
  if (next_frame_.isActive()) return;
  const auto left = frame_ms - since_delivery_.elapsed();
  next_frame_.start(static_cast<int>(std::max<qint64>(left, 0)));
}

void SessionFeed::deliver() {
  // Before the reads: a change that comes after them queues another round.
  gate_->pending = false;
  since_delivery_.restart();
  auto newest = session_.snapshot();
  const bool changed = newest != snapshot_;
  snapshot_ = std::move(newest);
  takeEvents();
  if (changed) emit snapshotChanged();
}

void SessionFeed::takeEvents() {
  observe::EventBatch batch = session_.take_events();
  events_dropped_ += batch.dropped;
  if (batch.events.empty()) return;
  if (!events_.empty() && batch.events.front().number <= events_.back().number) {
    events_.clear();
    events_dropped_ = batch.dropped;
    emit eventsCleared();
  }
  const std::size_t kept = std::min(batch.events.size(), events_max);
  const auto first = batch.events.end() - static_cast<std::ptrdiff_t>(kept);
  std::move(first, batch.events.end(), std::back_inserter(events_));
  events_dropped_ += batch.events.size() - kept;
  while (events_.size() > events_max) {
    events_.pop_front();
    ++events_dropped_;
  }
  emit eventsAdded(static_cast<int>(kept));
}

}  // namespace ottla::ui
