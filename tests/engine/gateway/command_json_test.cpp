#include "engine/gateway/command_json.h"

#include <QTest>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/support/test_registry.h"

using namespace ottla;
using gateway::command_from_text;

namespace {

const char* const examples[] = {
    R"({"command": "kill", "node": 2})",
    R"({"command": "power_loss", "node": 2})",
    R"({"command": "shutdown", "node": 2})",
    R"({"command": "restart", "node": 2})",
    R"({"command": "pause", "node": 2, "duration_ms": 500})",
    R"({"command": "resume", "node": 2})",
    R"({"command": "cut_link", "from": 1, "to": 2})",
    R"({"command": "heal_link", "from": 1, "to": 2})",
    R"({"command": "heal_all"})",
    R"({"command": "delay_link", "from": 1, "to": 2, "latency_ms": 2.5})",
    R"({"command": "delay_link", "from": 1, "to": 2, "latency_ms": 2, "jitter_ms": 5})",
    R"({"command": "delay_link", "from": 1, "to": 2, "latency_ms": 2, "jitter_ms": 5,
        "distribution": "pareto"})",
    R"({"command": "lose_on_link", "from": 1, "to": 2, "share": 0.1, "duration_ms": 500})",
    R"({"command": "narrow_link", "from": 1, "to": 2, "bytes_per_s": 10000})",
    R"({"command": "reset_link", "from": 1, "to": 2})",
    R"({"command": "cut_zone", "zone": "a", "duration_ms": 500})",
    R"({"command": "slow_disk", "node": 2, "sync_latency_ms": 200})",
    R"({"command": "spoil_disk", "node": 2, "trouble": "full"})",
    R"({"command": "spoil_disk", "node": 2, "trouble": "full", "directory": "/disk2"})",
    R"({"command": "rot_bit", "node": 2, "path": "orders-0/"})",
    R"({"command": "skew_clock", "node": 2, "by_ms": -500})",
    R"({"command": "create_topic", "name": "orders"})",
    R"({"command": "delete_topic", "name": "orders"})",
    R"({"command": "set_producer_rate", "producer": "checkout", "records_per_s": 0})",
    R"({"command": "set_hot_key_share", "producer": "checkout", "share": 0.5})",
    R"({"command": "play"})",
    R"({"command": "resume_clock"})",
    R"({"command": "stop_clock"})",
    R"({"command": "pause_clock"})",
    R"({"command": "set_speed", "speed": 0.01})",
    R"({"command": "step"})",
    R"({"command": "step_time", "ms": 10})",
    R"({"command": "run_to", "event": "leader_elected"})",
};

template <class Action>
Action action_of(const char* text) {
  const auto command = command_from_text(text);
  if (!command || !std::holds_alternative<Action>(command->action)) return {};
  return std::get<Action>(command->action);
}

}  // namespace

class CommandJsonTest : public QObject {
  Q_OBJECT
 private slots:
  void every_command_is_read_data();
  void every_command_is_read();
  void every_name_has_an_example();
  void nodes_are_named_by_number_or_by_name();
  void links_are_cut_both_ways_unless_one_is_asked_for();
  void a_duration_undoes_what_can_be_undone();
  void a_topic_has_defaults_and_kafkas_config();
  void the_fastest_speed_is_max();
  void the_clock_stops_and_goes_by_two_names_each();
  void what_is_wrong_is_said_data();
  void what_is_wrong_is_said();
};

void CommandJsonTest::every_command_is_read_data() {
  QTest::addColumn<QByteArray>("text");
  for (const char* text : examples) QTest::newRow(text) << QByteArray(text);
}

void CommandJsonTest::every_command_is_read() {
  QFETCH(QByteArray, text);
  const auto command = command_from_text(text.toStdString());
  QVERIFY2(command.has_value(), command ? "" : command.error().c_str());
}

void CommandJsonTest::every_name_has_an_example() {
  std::set<std::string> seen;
  for (const char* text : examples) {
    seen.insert(nlohmann::json::parse(text)["command"].get<std::string>());
  }
  for (const std::string_view name : gateway::command_names()) {
    QVERIFY2(seen.count(std::string(name)) == 1, std::string(name).c_str());
  }
}

void CommandJsonTest::nodes_are_named_by_number_or_by_name() {
  QCOMPARE(action_of<observe::Kill>(R"({"command":"kill","node":2})").process, std::string("2"));
  QCOMPARE(action_of<observe::Kill>(R"({"command":"kill","node":"checkout"})").process,
           std::string("checkout"));
}

void CommandJsonTest::links_are_cut_both_ways_unless_one_is_asked_for() {
  const auto both = action_of<observe::CutLink>(R"({"command":"cut_link","from":1,"to":"101"})");
  QCOMPARE(both.from, std::string("1"));
  QCOMPARE(both.to, std::string("101"));
  QVERIFY(!both.one_way);
  QVERIFY(action_of<observe::CutLink>(R"({"command":"cut_link","from":1,"to":2,"one_way":true})")
              .one_way);
}

void CommandJsonTest::a_duration_undoes_what_can_be_undone() {
  const auto kill = command_from_text(R"({"command":"kill","node":2,"duration_ms":1500})");
  QVERIFY(kill.has_value());
  QVERIFY(kill->duration == Duration::millis(1500));
  const auto for_good = command_from_text(R"({"command":"kill","node":2})");
  QVERIFY(for_good.has_value() && !for_good->duration);
}

void CommandJsonTest::a_topic_has_defaults_and_kafkas_config() {
  const auto plain =
      action_of<observe::CreateTopic>(R"({"command":"create_topic","name":"orders"})");
  QCOMPARE(plain.partitions, 1);
  QCOMPARE(int{plain.replication_factor}, 1);
  QVERIFY(plain.config.empty());
  const auto whole = action_of<observe::CreateTopic>(
      R"({"command":"create_topic","name":"orders","partitions":6,"replication_factor":3,
          "config":{"min.insync.replicas":2,"retention.ms":"60000","preallocate":false}})");
  QCOMPARE(whole.partitions, 6);
  QCOMPARE(int{whole.replication_factor}, 3);
  const std::map<std::string, std::string> config{
      {"min.insync.replicas", "2"}, {"preallocate", "false"}, {"retention.ms", "60000"}};
  QVERIFY(whole.config == config);
}

void CommandJsonTest::the_fastest_speed_is_max() {
  QVERIFY(qIsInf(action_of<observe::SetSpeed>(R"({"command":"set_speed","speed":"max"})").speed));
  QCOMPARE(action_of<observe::SetSpeed>(R"({"command":"set_speed","speed":10})").speed, 10.0);
}

void CommandJsonTest::the_clock_stops_and_goes_by_two_names_each() {
  for (const char* text : {R"({"command":"stop_clock"})", R"({"command":"pause_clock"})"}) {
    QVERIFY(!action_of<observe::SetRunning>(text).running);
  }
  for (const char* text : {R"({"command":"play"})", R"({"command":"resume_clock"})"}) {
    QVERIFY(action_of<observe::SetRunning>(text).running);
  }
}

void CommandJsonTest::what_is_wrong_is_said_data() {
  QTest::addColumn<QByteArray>("text");
  QTest::addColumn<QByteArray>("error");  // A part of it.
  const auto row = [](const char* name, const char* text, const char* error) {
    QTest::newRow(name) << QByteArray(text) << QByteArray(error);
  };
  row("no JSON", R"({"command": )", "not JSON: parse error at line 1");
  row("no body", "", "not JSON");
  row("no object", "[1]", "not an array");
  row("no command", R"({"node":2})", "\"command\" must say what to do. Commands: kill,");
  row("command is a number", R"({"command":7})", "\"command\" must say what to do");
  row("misspelt", R"({"command":"kil","node":2})", "did you mean \"kill\"? Commands: kill,");
  row("swapped letters", R"({"command":"paly"})", "did you mean \"play\"?");
  row("unlike any", R"({"command":"destroy"})", "unknown command \"destroy\". Commands: kill,");
  row("no node", R"({"command":"kill"})", "\"kill\" needs \"node\": a node's id or");
  row("node is null", R"({"command":"kill","node":null})", "not null");
  row("node is a fraction", R"({"command":"kill","node":1.5})", "not 1.5");
  row("unknown key", R"({"command":"kill","node":2,"nod":3})", "did you mean \"node\"?");
  row("another command's key", R"({"command":"heal_all","node":2})", "unknown key in \"heal_all\"");
  row("truth as text", R"({"command":"cut_link","from":1,"to":2,"one_way":"yes"})",
      "must be true or false, not \"yes\"");
  row("negative latency", R"({"command":"delay_link","from":1,"to":2,"latency_ms":-1})",
      "a number from 0 to");
  row("unknown distribution",
      R"({"command":"delay_link","from":1,"to":2,"latency_ms":1,"jitter_ms":1,"distribution":"x"})",
      "one of uniform, normal, exponential, pareto, not \"x\"");
  row("a distribution of nothing",
      R"({"command":"delay_link","from":1,"to":2,"latency_ms":1,"distribution":"normal"})",
      "\"delay_link\" needs \"jitter_ms\"");
  row("no partitions", R"({"command":"create_topic","name":"a","partitions":0})",
      "a whole number from 1 to 2147483647, not 0");
  row("too many replicas", R"({"command":"create_topic","name":"a","replication_factor":40000})",
      "a whole number from 1 to 32767");
  row("config is a list", R"({"command":"create_topic","name":"a","config":[]})",
      "an object of config names and values");
  row("config holds null", R"({"command":"create_topic","name":"a","config":{"x":null}})",
      "\"config.x\"");
  row("empty name", R"({"command":"create_topic","name":""})", "a string that is not empty");
  row("share above one", R"({"command":"set_hot_key_share","producer":"a","share":2})",
      "a number from 0 to 1, not 2");
  row("no speed", R"({"command":"set_speed"})", "a number from 0.01 to 1000, or \"max\"");
  row("speed is zero", R"({"command":"set_speed","speed":0})", "0.01 to 1000");
  row("unknown event", R"({"command":"run_to","event":"leader_electd"})",
      "did you mean \"leader_elected\"?");
  row("duration is zero", R"({"command":"kill","node":2,"duration_ms":0})",
      "a number of milliseconds from 1 on");
  row("nothing to undo", R"({"command":"step","duration_ms":5})", "takes no \"duration_ms\"");
}

void CommandJsonTest::what_is_wrong_is_said() {
  QFETCH(QByteArray, text);
  QFETCH(QByteArray, error);
  const auto command = command_from_text(text.toStdString());
  QVERIFY(!command.has_value());
  const QByteArray why = QByteArray::fromStdString(command.error());
  QVERIFY2(why.contains(error), why.constData());
}

OTTLA_TEST(CommandJsonTest)
#include "command_json_test.moc"
