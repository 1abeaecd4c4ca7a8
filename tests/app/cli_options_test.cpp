// What the program `ottla` makes of its command line: it is run, and says what is wrong before it
// does anything.
#include <QProcess>
#include <QTest>

#include "tests/support/test_registry.h"

namespace {

constexpr int patience_ms = 30'000;
constexpr int wrong_options = 2;
constexpr int cannot_serve = 1;

struct Ended {
  int code = -1;
  QString out;
  QString err;
};

// "serve --brokers 0", by blanks.
Ended run(const QString& arguments) {
  QProcess program;
  program.start(QStringLiteral(OTTLA_PROGRAM), arguments.split(' ', Qt::SkipEmptyParts));
  if (!program.waitForFinished(patience_ms)) {
    program.kill();
    program.waitForFinished();
    return {};
  }
  return {program.exitStatus() == QProcess::NormalExit ? program.exitCode() : -1,
          QString::fromUtf8(program.readAllStandardOutput()),
          QString::fromUtf8(program.readAllStandardError())};
}

}  // namespace

class CliOptionsTest : public QObject {
  Q_OBJECT
 private slots:
  void a_wrong_value_is_named_data();
  void a_wrong_value_is_named();
  void what_cannot_be_together_is_said_in_a_sentence_data();
  void what_cannot_be_together_is_said_in_a_sentence();
  void a_misspelt_option_brings_the_one_that_was_meant();
  void a_misspelt_command_brings_the_one_that_was_meant();
  void a_command_is_needed();
  void help_and_version_go_to_the_output();
  void a_short_demo_ends_with_its_verdict();
  void a_demo_of_one_seed_is_always_the_same();
};

void CliOptionsTest::a_wrong_value_is_named_data() {
  QTest::addColumn<QString>("why");
  const auto row = [](const char* arguments, const char* why) {
    QTest::newRow(arguments) << QString::fromUtf8(why);
  };
  row("serve --brokers 0", "--brokers: Value 0 not in range 1 to 100");
  row("serve --brokers 101", "--brokers: Value 101 not in range 1 to 100");
  row("serve --brokers many", "--brokers: ");
  row("serve --port 0", "--port: Value 0 not in range 1 to 65535");
  row("serve --port 65536", "--port: Value 65536 not in range 1 to 65535");
  row("serve --speed 0", "\"0\" is not a speed: a number from 0.01 to 1000, or max");
  row("serve --speed fast", "\"fast\" is not a speed");
  row("serve --cluster-id short", "\"short\" is not a cluster id: 22 characters");
  row("serve --bind localhost", "--bind: ");
  row("serve --brokers", "--brokers");
  row("serve now", "now");
  row("demo --for 30", "\"30\" is not a time: write 500ms, 30s, 2m or 1h");
  row("demo --for 0s", "--for: it must be longer than nothing");
  row("demo --kill-leader-at soon", "\"soon\" is not a time");
}

void CliOptionsTest::a_wrong_value_is_named() {
  QFETCH(QString, why);
  const QString arguments = QString::fromUtf8(QTest::currentDataTag());
  const Ended ended = run(arguments);
  QCOMPARE(ended.code, wrong_options);
  QVERIFY2(ended.err.startsWith("ottla: ") && ended.err.section('\n', 0, 0).contains(why),
           qPrintable(ended.err));
  const QString command = "ottla " + arguments.section(' ', 0, 0);
  QVERIFY2(ended.err.contains("Run " + command + " --help for more."), qPrintable(ended.err));
  QCOMPARE(ended.out, QString());
}

void CliOptionsTest::what_cannot_be_together_is_said_in_a_sentence_data() {
  QTest::addColumn<QString>("why");
  const auto row = [](const char* arguments, const char* why) {
    QTest::newRow(arguments) << QString::fromUtf8(why);
  };
  row("serve --port 65534 --brokers 3",
      "ottla: 3 brokers from port 65534 on would need port 65536; the last port is 65535. Choose a "
      "lower --port.\n");
  row("serve --brokers 3 --control 9094",
      "ottla: --control 9094 is one of the brokers' ports, 9092 to 9094. Choose another.\n");
}

void CliOptionsTest::what_cannot_be_together_is_said_in_a_sentence() {
  QFETCH(QString, why);
  const Ended ended = run(QString::fromUtf8(QTest::currentDataTag()));
  QCOMPARE(ended.code, cannot_serve);
  QCOMPARE(ended.err, why);
  QCOMPARE(ended.out, QString());
}

void CliOptionsTest::a_misspelt_option_brings_the_one_that_was_meant() {
  for (const QString& arguments : {QString("serve --broker 3"), QString("serve --broker=3")}) {
    const Ended ended = run(arguments);
    QCOMPARE(ended.code, wrong_options);
    QVERIFY2(ended.err.contains("Did you mean --brokers rather than --broker?"),
             qPrintable(ended.err));
  }
}

void CliOptionsTest::a_misspelt_command_brings_the_one_that_was_meant() {
  const Ended ended = run("sreve");
  QCOMPARE(ended.code, wrong_options);
  QVERIFY2(ended.err.contains("Did you mean serve rather than sreve?"), qPrintable(ended.err));
}

void CliOptionsTest::a_command_is_needed() {
  const Ended ended = run("");
  QCOMPARE(ended.code, wrong_options);
  QVERIFY2(ended.err.contains("ottla takes: serve, demo"), qPrintable(ended.err));
}

void CliOptionsTest::help_and_version_go_to_the_output() {
  const Ended help = run("serve --help");
  QCOMPARE(help.code, 0);
  QVERIFY2(help.out.contains("--data-dir"), qPrintable(help.out));
  QCOMPARE(help.err, QString());
  const Ended version = run("--version");
  QCOMPARE(version.code, 0);
  QVERIFY2(version.out.startsWith("ottla "), qPrintable(version.out));
}

void CliOptionsTest::a_short_demo_ends_with_its_verdict() {
  const Ended ended = run("demo --for 100ms --seed 3");
  QCOMPARE(ended.code, 0);
  QVERIFY2(ended.out.contains("every invariant held"), qPrintable(ended.out));
}

void CliOptionsTest::a_demo_of_one_seed_is_always_the_same() {
  const Ended once = run("demo --for 2s --seed 3");
  QCOMPARE(once.code, 0);
  QCOMPARE(run("demo --for 2s --seed 3").out, once.out);
}

OTTLA_TEST(CliOptionsTest)
#include "cli_options_test.moc"
