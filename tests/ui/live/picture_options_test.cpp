// What --at and --kill-leader-at make of the session that a picture is taken of.
#include "app/desktop/desktop_options.h"

#include <algorithm>

#include "app/desktop/session_factory.h"
#include "tests/support/test_registry.h"

using namespace ottla;

namespace {

desktop::ParsedOptions parse(std::vector<std::string> words) {
  words.insert(words.begin(), "ottla-desktop");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  return desktop::parse_options(static_cast<int>(argv.size()), argv.data());
}

}  // namespace

class PictureOptionsTest : public QObject {
  Q_OBJECT
 private slots:
  void a_killed_leader_is_down_at_the_time_that_is_shown();
  void a_kill_that_the_picture_would_not_show_is_refused();
};

void PictureOptionsTest::a_killed_leader_is_down_at_the_time_that_is_shown() {
  const auto parsed = parse({"--at", "24s", "--kill-leader-at", "20s", "--screenshot", "x.png"});
  QVERIFY(!parsed.exit_code);
  const auto session = desktop::make_session(parsed.options);
  QVERIFY(session);
  const auto snapshot = (*session)->snapshot();
  QCOMPARE((snapshot->run.now - snapshot->run.start).count_millis(), 24'000);
  const auto& brokers = snapshot->brokers;
  const auto down = std::find_if(brokers.begin(), brokers.end(), [](const auto& broker) {
    return broker.status == observe::ProcessStatus::down;
  });
  QVERIFY(down != brokers.end());
  QCOMPARE((down->status_since - snapshot->run.start).count_millis(), 20'000);
  // The preferred leader of the first topic's partition 0 led it, as nothing had happened before.
  QVERIFY(snapshot->topic("orders")->partitions.front().replicas.front().broker == down->id);
}

void PictureOptionsTest::a_kill_that_the_picture_would_not_show_is_refused() {
  QVERIFY(parse({"--at", "10s", "--kill-leader-at", "20s"}).exit_code.value_or(0) != 0);
  QVERIFY(parse({"--kill-leader-at", "20s"}).exit_code.value_or(0) != 0);
  QVERIFY(parse({"--at", "10s", "--kill-leader-at", "soon"}).exit_code.value_or(0) != 0);
}

OTTLA_TEST(PictureOptionsTest)
#include "picture_options_test.moc"
