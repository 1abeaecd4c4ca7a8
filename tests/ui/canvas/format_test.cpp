#include "ui/canvas/format.h"

#include <limits>

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::ui;

class FormatTest : public QObject {
  Q_OBJECT
 private slots:
  void thousands_are_parted_by_thin_spaces();
  void times_have_milliseconds_and_hours_only_where_they_matter();
  void spans_use_the_unit_that_reads_best_data();
  void spans_use_the_unit_that_reads_best();
  void rates_and_sizes_have_decimal_units();
  void the_speed_without_a_limit_is_max();
};

void FormatTest::thousands_are_parted_by_thin_spaces() {
  QCOMPARE(number(0), QString("0"));
  QCOMPARE(number(999), QString("999"));
  QCOMPARE(number(51146), QString("51\u2009146"));
  QCOMPARE(number(1822411), QString("1\u2009822\u2009411"));
  QCOMPARE(number(-51146), QString("\u221251\u2009146"));
  QCOMPARE(short_number(9400), QString("9\u2009400"));
  QCOMPARE(short_number(412907), QString("413 k"));
  QCOMPARE(short_number(1'204'881), QString("1.20 M"));
}

void FormatTest::times_have_milliseconds_and_hours_only_where_they_matter() {
  QCOMPARE(virtual_time(Duration::millis(102'318)), QString("00:01:42.318"));
  QCOMPARE(short_time(Duration::millis(102'318)), QString("01:42.318"));
  QCOMPARE(short_time(Duration::millis(3'702'318)), QString("01:01:42.318"));
  QCOMPARE(virtual_time(Duration::millis(360'000'000)), QString("100:00:00.000"));
}

void FormatTest::spans_use_the_unit_that_reads_best_data() {
  QTest::addColumn<qint64>("micros");
  QTest::addColumn<QString>("text");
  QTest::newRow("micro") << qint64{640} << "640 µs";
  QTest::newRow("milli") << qint64{2'150} << "2.1 ms";
  QTest::newRow("millis") << qint64{11'400} << "11 ms";
  QTest::newRow("second") << qint64{6'400'000} << "6.4 s";
  QTest::newRow("minute") << qint64{125'000'000} << "2 min 5 s";
  QTest::newRow("hour") << qint64{4'320'000'000} << "1 h 12 min";
}

void FormatTest::spans_use_the_unit_that_reads_best() {
  QFETCH(qint64, micros);
  QFETCH(QString, text);
  QCOMPARE(duration(Duration::micros(micros)), text);
}

void FormatTest::rates_and_sizes_have_decimal_units() {
  QCOMPARE(bytes_per_second(14.1e6), QString("14.1 MB/s"));
  QCOMPARE(bytes_per_second(880), QString("880 B/s"));
  QCOMPARE(bytes_per_second(0), QString("0 B/s"));
  QCOMPARE(bytes(1'234'000'000), QString("1.2 GB"));
  QCOMPARE(percent(0.61), QString("61 %"));
}

void FormatTest::the_speed_without_a_limit_is_max() {
  QCOMPARE(speed(1), QString("1x"));
  QCOMPARE(speed(0.25), QString("0.25x"));
  QCOMPARE(speed(std::numeric_limits<double>::infinity()), QString("max"));
}

OTTLA_TEST(FormatTest)
#include "format_test.moc"
