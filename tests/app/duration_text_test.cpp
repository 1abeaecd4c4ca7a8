#include "app/options/duration_text.h"

#include "tests/support/test_registry.h"

using namespace ottla;
using command_line::parse_duration;

class DurationTextTest : public QObject {
  Q_OBJECT
 private slots:
  void numbers_with_a_unit_are_times_data();
  void numbers_with_a_unit_are_times();
  void anything_else_is_refused_with_what_is_right_data();
  void anything_else_is_refused_with_what_is_right();
};

void DurationTextTest::numbers_with_a_unit_are_times_data() {
  QTest::addColumn<QByteArray>("text");
  QTest::addColumn<qint64>("micros");
  QTest::newRow("milliseconds") << QByteArray("500ms") << qint64{500'000};
  QTest::newRow("seconds") << QByteArray("30s") << qint64{30'000'000};
  QTest::newRow("minutes") << QByteArray("2m") << qint64{120'000'000};
  QTest::newRow("hours") << QByteArray("1h") << qint64{3'600'000'000};
  QTest::newRow("a fraction") << QByteArray("1.5h") << qint64{5'400'000'000};
  QTest::newRow("less than one") << QByteArray("0.25ms") << qint64{250};
  QTest::newRow("rounded to a microsecond") << QByteArray("0.0006ms") << qint64{1};
  QTest::newRow("nothing") << QByteArray("0s") << qint64{0};
  QTest::newRow("a year") << QByteArray("8760h") << qint64{31'536'000'000'000};
}

void DurationTextTest::numbers_with_a_unit_are_times() {
  QFETCH(QByteArray, text);
  QFETCH(qint64, micros);
  const auto parsed = parse_duration(text.toStdString());
  QVERIFY2(parsed.has_value(), parsed ? "" : parsed.error().c_str());
  QCOMPARE(qint64{parsed->count_micros()}, micros);
}

void DurationTextTest::anything_else_is_refused_with_what_is_right_data() {
  QTest::addColumn<QByteArray>("text");
  for (const char* text : {"", "30", "s", "30x", "30 s", " 30s", "30s ", "30S", "3m20s", "-1s",
                           "1e3s", "0x10s", "8761h", "1,5s", "nans", "infs", "30µs", "ms"}) {
    QTest::newRow(text) << QByteArray(text);
  }
}

void DurationTextTest::anything_else_is_refused_with_what_is_right() {
  QFETCH(QByteArray, text);
  const auto parsed = parse_duration(text.toStdString());
  QVERIFY(!parsed.has_value());
  QCOMPARE(parsed.error(), "\"" + text.toStdString() +
                               "\" is not a time: write 500ms, 30s, 2m or 1h, up to a year");
}

OTTLA_TEST(DurationTextTest)
#include "duration_text_test.moc"
