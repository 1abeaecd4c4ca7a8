#include "ui/feed/session_feed.h"

#include <QSignalSpy>
#include <mutex>
#include <thread>

#include "tests/support/test_registry.h"

using ottla::observe::Command;
using ottla::observe::CommandResult;
using ottla::observe::Event;
using ottla::observe::EventBatch;
using ottla::observe::Snapshot;
using ottla::ui::SessionFeed;

namespace {

// A session whose snapshots and events the test makes, from any thread.
class ScriptedSession : public ottla::observe::ClusterSession {
 public:
  void post(Command, std::function<void(CommandResult)> done) override {
    if (done) done(refusal);
  }
  std::shared_ptr<const Snapshot> snapshot() override {
    const std::lock_guard lock(mutex_);
    return snapshot_;
  }
  EventBatch take_events() override {
    const std::lock_guard lock(mutex_);
    return std::exchange(batch_, {});
  }
  void on_change(std::function<void()> wake) override {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
  }

  void publish() {
    const std::lock_guard lock(mutex_);
    snapshot_ = std::make_shared<Snapshot>();
    ++published;
    if (wake_) wake_();
  }
  void happen(std::uint64_t number, std::uint64_t dropped = 0) {
    const std::lock_guard lock(mutex_);
    Event event;
    event.number = number;
    batch_.events.push_back(event);
    batch_.dropped += dropped;
    if (wake_) wake_();
  }
  // A wake-up that was under way while the feed went.
  std::function<void()> wake_held() {
    const std::lock_guard lock(mutex_);
    return wake_;
  }

  CommandResult refusal;
  int published = 0;

 private:
  std::mutex mutex_;
  std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<Snapshot>();
  EventBatch batch_;
  std::function<void()> wake_;
};

}  // namespace

class SessionFeedTest : public QObject {
  Q_OBJECT
 private slots:
  void the_newest_snapshot_arrives_in_the_feeds_thread();
  void many_wake_ups_become_few_deliveries();
  void a_feed_that_is_gone_is_not_woken();
  void a_refused_command_is_told_with_its_reason();
  void one_who_waits_for_a_result_gets_it_once();
  void events_are_kept_in_order_and_found_by_number();
  void the_oldest_events_go_and_are_counted();
  void a_new_run_clears_the_events();
};

void SessionFeedTest::the_newest_snapshot_arrives_in_the_feeds_thread() {
  ScriptedSession session;
  SessionFeed feed(session);
  bool in_own_thread = false;
  connect(&feed, &SessionFeed::snapshotChanged, this,
          [&] { in_own_thread = QThread::currentThread() == feed.thread(); });
  QSignalSpy changed(&feed, &SessionFeed::snapshotChanged);
  std::thread([&] { session.publish(); }).join();
  QCOMPARE(changed.count(), 0);
  QVERIFY(changed.wait());
  QVERIFY(in_own_thread);
  QCOMPARE(feed.snapshot(), session.snapshot());
}

void SessionFeedTest::many_wake_ups_become_few_deliveries() {
  ScriptedSession session;
  SessionFeed feed(session);
  QSignalSpy changed(&feed, &SessionFeed::snapshotChanged);
  std::thread engine([&] {
    for (int i = 0; i < 10'000; ++i) session.publish();
  });
  engine.join();
  QTRY_COMPARE(feed.snapshot(), session.snapshot());
  QCOMPARE(changed.count(), 1);
}

void SessionFeedTest::a_feed_that_is_gone_is_not_woken() {
  ScriptedSession session;
  std::function<void()> held;
  {
    SessionFeed feed(session);
    held = session.wake_held();
    session.publish();
  }
  QVERIFY(!session.wake_held());
  held();
  QCoreApplication::processEvents();
}

void SessionFeedTest::a_refused_command_is_told_with_its_reason() {
  ScriptedSession session;
  SessionFeed feed(session);
  QSignalSpy refused(&feed, &SessionFeed::commandRefused);
  feed.post({ottla::observe::Kill{"2"}, {}});
  session.refusal = "Broker 9 does not exist";
  feed.post({ottla::observe::Kill{"9"}, {}});
  QVERIFY(refused.wait());
  QCOMPARE(refused.count(), 1);
  QCOMPARE(refused[0][0].toString(), QString("Broker 9 does not exist"));
}

void SessionFeedTest::one_who_waits_for_a_result_gets_it_once() {
  ScriptedSession session;
  SessionFeed feed(session);
  QSignalSpy refused(&feed, &SessionFeed::commandRefused);
  QStringList results;
  const auto take = [&](const QString& reason) { results << reason; };
  session.refusal = "Topic orders exists";
  feed.post({ottla::observe::DeleteTopic{"orders"}, {}}, this, take);
  auto gone = std::make_unique<QObject>();
  feed.post({ottla::observe::DeleteTopic{"orders"}, {}}, gone.get(), take);
  gone.reset();
  QTRY_COMPARE(results, QStringList{"Topic orders exists"});
  QCoreApplication::processEvents();
  QCOMPARE(results.size(), 1);
  QCOMPARE(refused.count(), 0);
}

void SessionFeedTest::events_are_kept_in_order_and_found_by_number() {
  ScriptedSession session;
  SessionFeed feed(session);
  QSignalSpy added(&feed, &SessionFeed::eventsAdded);
  session.happen(1);
  session.happen(2);
  session.happen(5, 2);
  QTRY_COMPARE(feed.events().size(), std::size_t{3});
  QCOMPARE(added[0][0].toInt(), 3);
  QCOMPARE(feed.eventsDropped(), std::uint64_t{2});
  QVERIFY(feed.eventNumbered(5) == &feed.events().back());
  QVERIFY(feed.eventNumbered(3) == nullptr);
}

void SessionFeedTest::the_oldest_events_go_and_are_counted() {
  ScriptedSession session;
  SessionFeed feed(session);
  for (std::uint64_t n = 1; n <= SessionFeed::events_max; ++n) session.happen(n);
  QTRY_COMPARE(feed.events().size(), SessionFeed::events_max);
  session.happen(SessionFeed::events_max + 1);
  QTRY_COMPARE(feed.events().back().number, std::uint64_t{SessionFeed::events_max + 1});
  QCOMPARE(feed.events().size(), SessionFeed::events_max);
  QCOMPARE(feed.events().front().number, std::uint64_t{2});
  QCOMPARE(feed.eventsDropped(), std::uint64_t{1});
}

void SessionFeedTest::a_new_run_clears_the_events() {
  ScriptedSession session;
  SessionFeed feed(session);
  QSignalSpy cleared(&feed, &SessionFeed::eventsCleared);
  session.happen(7);
  QTRY_COMPARE(feed.events().size(), std::size_t{1});
  session.happen(1);
  QTRY_COMPARE(feed.events().back().number, std::uint64_t{1});
  QCOMPARE(cleared.count(), 1);
  QCOMPARE(feed.events().size(), std::size_t{1});
}

OTTLA_TEST(SessionFeedTest)
#include "session_feed_test.moc"
