// The one way from a session to the window: follows a ClusterSession, whose wake-ups come from its
// own thread, and tells the thread it lives in, at most once a frame.
//
// The session must outlive the feed. Every function is for the feed's own thread.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTimer>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "engine/observe/session.h"

namespace ottla::ui {

class SessionFeed : public QObject {
  Q_OBJECT

 public:
  // The oldest events go when there are more than this.
  static constexpr std::size_t events_max = 100'000;
  static constexpr int frame_ms = 16;

  explicit SessionFeed(observe::ClusterSession& session, QObject* parent = nullptr);
  ~SessionFeed() override;

  // The snapshot that the last snapshotChanged was about; never null.
  [[nodiscard]] std::shared_ptr<const observe::Snapshot> snapshot() const { return snapshot_; }
  // The newest events_max events of this run, the oldest first.
  [[nodiscard]] const std::deque<observe::Event>& events() const { return events_; }
  // How many events of this run are not in events(): the oldest, and those the session dropped.
  [[nodiscard]] std::uint64_t eventsDropped() const { return events_dropped_; }
  // The event with this number, or null when it is not kept. Valid until the next eventsAdded.
  [[nodiscard]] const observe::Event* eventNumbered(std::uint64_t number) const;

  // Hands the command to the session and returns at once; a refusal comes as commandRefused.
  void post(observe::Command command);
  // The same, for one who waits for the result: `done` is called once in the feed's thread, with
  // the reason when it was refused and empty when it was done; never after `context` is gone.
  void post(observe::Command command, QObject* context, std::function<void(QString reason)> done);

 signals:
  void snapshotChanged();
  // The last `count` of events() are new.
  void eventsAdded(int count);
  // Another run began (a seek or a fork): all events before are gone from events().
  void eventsCleared();
  void commandRefused(QString reason);

 private:
  struct Gate;

  void schedule();
  void deliver();
  void takeEvents();

  // Constant after construction.
  observe::ClusterSession& session_;
  const std::shared_ptr<Gate> gate_;  // Shared with the session's thread.

  std::shared_ptr<const observe::Snapshot> snapshot_;
  std::deque<observe::Event> events_;
  std::uint64_t events_dropped_ = 0;
  QElapsedTimer since_delivery_;
  QTimer next_frame_;
};

}  // namespace ottla::ui
