// Runs the scripts of tests/golden/coordinator: commands at the margin, the expected transcript
// indented below. With OTTLA_REWRITE_GOLDEN=1 in the environment the transcripts are written
// instead of compared.
#include <fmt/format.h>

#include <QDir>
#include <QFile>

#include "tests/engine/coordinator/group_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::coordinator;
using ottla::coordinator::test::GroupFixture;

namespace {

// A client that remembers, as clients do, its member id and generation.
struct Client {
  std::string member_id;
  std::optional<std::string> instance_id;
  std::int32_t generation = -1;
};

class Script {
 public:
  // The transcript of one command, a line for each thing that happened.
  QStringList run(const QStringList& words) {
    out_.clear();
    const QString verb = words.value(0);
    const QString name = words.value(1);
    Client& client = clients_[name];
    if (verb == "join") {
      for (const QString& word : words.mid(2)) {
        if (word.startsWith("instance=")) client.instance_id = word.mid(9).toStdString();
      }
      GroupFixture::Join join;
      join.client_id = name.toStdString();
      join.member_id = client.member_id;
      join.instance_id = client.instance_id;
      ask(f_.join(join), name, "join");
    } else if (verb == "sync") {
      std::map<std::string, std::string> assignments;
      for (const QString& word : words.mid(2)) {
        const QStringList parts = word.split('=');
        assignments[clients_[parts.value(0)].member_id] = parts.value(1).toStdString();
      }
      ask(f_.sync("g", client.member_id, client.generation, assignments, client.instance_id), name,
          "sync");
    } else if (verb == "heartbeat") {
      ask(f_.heartbeat("g", client.member_id, client.generation, client.instance_id), name,
          "heartbeat");
    } else if (verb == "leave") {
      ask(f_.leave("g", {client.member_id}), name, "leave");
    } else if (verb == "restart") {
      client.member_id.clear();
      client.generation = -1;
    } else if (verb == "commit") {
      ask(f_.commit("g", client.member_id, client.generation, "orders", 0,
                    words.value(2).toLongLong()),
          name, "commit");
    } else if (verb == "fetch") {
      out_ << QString("orders-0 %1").arg(f_.fetch("g", "orders", 0));
    } else if (verb == "run") {
      f_.run_for(Duration::millis(name.chopped(2).toLongLong()));
    } else if (verb == "hold") {
      f_.hold = true;
    } else if (verb == "release") {
      f_.hold = false;
      f_.commit_log();
    } else if (verb == "failover") {
      f_.resign();
      f_.crash_and_replay();
      out_ << QString("g %1 generation=%2 members=%3")
                  .arg(QString::fromUtf8(std::string(coordinator::name(f_.group().state)).c_str()))
                  .arg(f_.group().generation.value())
                  .arg(f_.group().members.size());
    } else {
      out_ << "unknown command";
    }
    tell_changes();
    tell_answers();
    return out_;
  }

 private:
  void ask(RequestToken token, const QString& client, const char* what) {
    waiting_[token] = {client, what};
  }

  void tell_changes() {
    for (; told_ < f_.changes.size(); ++told_) {
      const GroupChange& change = f_.changes[told_];
      out_ << shorten(fmt::format("{} {} generation={} members={}: {}", change.group,
                                  coordinator::name(change.state), change.generation.value(),
                                  change.members, change.reason));
    }
  }

  void tell_answers() {
    for (auto at = waiting_.begin(); at != waiting_.end();) {
      if (!f_.is_answered(at->first)) {
        ++at;
        continue;
      }
      const auto [name, what] = at->second;
      std::string line =
          fmt::format("{} {}: {}", name.toStdString(), what, protocol::name(f_.error(at->first)));
      Client& client = clients_[name];
      if (what == std::string("join")) {
        const auto& joined = f_.answer<protocol::JoinGroupResponse>(at->first);
        client.member_id = joined.member_id;
        client.generation = joined.generation_id.value();
        line += fmt::format(" id={}", joined.member_id);
        if (joined.error_code == protocol::ErrorCode::none) {
          line += fmt::format(" generation={} leader={} members={}", client.generation,
                              joined.leader, joined.members.size());
        }
      } else if (what == std::string("sync") && f_.error(at->first) == protocol::ErrorCode::none) {
        const auto& synced = f_.answer<protocol::SyncGroupResponse>(at->first);
        line += fmt::format(" assignment={}", synced.assignment.text());
      }
      out_ << shorten(line);
      at = waiting_.erase(at);
    }
  }

  static QString shorten(const std::string& line) {
    return QString::fromStdString(line).replace("-00000000-0000-0000-0000-00000000000", "#");
  }

  GroupFixture f_;
  std::map<QString, Client> clients_;
  std::map<RequestToken, std::pair<QString, std::string>> waiting_;
  std::size_t told_ = 0;
  QStringList out_;
};

}  // namespace

class GroupScriptTest : public QObject {
  Q_OBJECT
 private slots:
  void the_transcript_is_as_expected_data();
  void the_transcript_is_as_expected();
};

void GroupScriptTest::the_transcript_is_as_expected_data() {
  QTest::addColumn<QString>("path");
  const QDir folder(OTTLA_GOLDEN_DIR);
  const QStringList names = folder.entryList({"*.txt"}, QDir::Files, QDir::Name);
  QVERIFY(!names.isEmpty());
  for (const QString& name : names) QTest::newRow(qPrintable(name)) << folder.filePath(name);
}

void GroupScriptTest::the_transcript_is_as_expected() {
  QFETCH(QString, path);
  QFile file(path);
  QVERIFY(file.open(QIODevice::ReadOnly));
  const QString expected = QString::fromUtf8(file.readAll());
  file.close();
  Script script;
  QString actual;
  for (const QString& line : expected.split('\n', Qt::SkipEmptyParts)) {
    if (line.startsWith("  ")) continue;
    actual += line + '\n';
    if (line.startsWith('#')) continue;
    for (const QString& told : script.run(line.split(' ', Qt::SkipEmptyParts))) {
      actual += "  " + told + '\n';
    }
  }
  if (qEnvironmentVariableIsSet("OTTLA_REWRITE_GOLDEN")) {
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(actual.toUtf8());
    return;
  }
  QCOMPARE(actual, expected);
}

OTTLA_TEST(GroupScriptTest)
#include "group_script_test.moc"
