// Numbers as Java reads and writes them. The texts are those of Double.toString of OpenJDK 17.
#include "engine/metadata/java_double.h"

#include <cmath>
#include <limits>

#include "tests/support/test_registry.h"

using namespace ottla::metadata;

namespace {

class JavaDoubleTest : public QObject {
  Q_OBJECT

 private slots:
  void numbers_are_written_as_java_does_data() {
    QTest::addColumn<double>("number");
    QTest::addColumn<QString>("text");
    QTest::newRow("whole") << 7.0 << "7.0";
    QTest::newRow("negative") << -3.0 << "-3.0";
    QTest::newRow("zero") << 0.0 << "0.0";
    QTest::newRow("negative zero") << -0.0 << "-0.0";
    QTest::newRow("fraction") << 1.5 << "1.5";
    QTest::newRow("least without an exponent") << 0.001 << "0.001";
    QTest::newRow("just below it") << 0.00099 << "9.9E-4";
    QTest::newRow("most without an exponent") << 9'999'999.5 << "9999999.5";
    QTest::newRow("ten millions") << 1e7 << "1.0E7";
    QTest::newRow("beyond int") << 2147483647.0 << "2.147483647E9";
    QTest::newRow("beyond long") << 9223372036854775808.0 << "9.223372036854776E18";
    QTest::newRow("large negative") << -1e300 << "-1.0E300";
    QTest::newRow("tiny") << 1.25e-100 << "1.25E-100";
    QTest::newRow("infinite") << std::numeric_limits<double>::infinity() << "Infinity";
    QTest::newRow("negative infinite") << -std::numeric_limits<double>::infinity() << "-Infinity";
    QTest::newRow("none") << std::numeric_limits<double>::quiet_NaN() << "NaN";
  }
  void numbers_are_written_as_java_does() {
    QFETCH(double, number);
    QFETCH(QString, text);
    QCOMPARE(QString::fromStdString(java_double_text(number)), text);
  }

  void texts_are_read_as_java_does_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<double>("number");
    for (const auto& [text, number] : std::initializer_list<std::pair<const char*, double>>{
             {"7", 7},
             {" +7.5 ", 7.5},
             {"-.5", -0.5},
             {"5.", 5},
             {"007", 7},
             {"1e3", 1000},
             {"1E-3", 0.001},
             {"1.5f", 1.5},
             {"2D", 2},
             {"Infinity", std::numeric_limits<double>::infinity()},
             {"-Infinity", -std::numeric_limits<double>::infinity()}}) {
      QTest::newRow(text) << text << number;
    }
  }
  void texts_are_read_as_java_does() {
    QFETCH(QString, text);
    QFETCH(double, number);
    const auto read = parse_java_double(text.toStdString());
    QVERIFY(read.has_value());
    QCOMPARE(*read, number);
  }

  void no_number_is_a_number_too() {
    const auto read = parse_java_double("NaN");
    QVERIFY(read && std::isnan(*read));
  }

  void what_java_does_not_read_is_refused() {
    for (const char* text : {"", " ", "soon", "nan", "inf", "infinity", "NaNf", "1_000", "1,5",
                             "--1", "+-1", "1e", "e3", "f", "1 2", "1.2.3"}) {
      QVERIFY2(!parse_java_double(text).has_value(), text);
    }
  }
};

}  // namespace

OTTLA_TEST(JavaDoubleTest)
#include "java_double_test.moc"
