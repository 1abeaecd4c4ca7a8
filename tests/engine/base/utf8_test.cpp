#include "engine/base/utf8.h"

#include "tests/support/test_registry.h"

using namespace ottla;

#define BAD "\xEF\xBF\xBD"

class Utf8Test : public QObject {
  Q_OBJECT
 private slots:
  void malformed_parts_are_replaced_as_java_does_data();
  void malformed_parts_are_replaced_as_java_does();
  void a_character_tells_its_length();
};

// What OpenJDK 17's String makes of the same bytes.
void Utf8Test::malformed_parts_are_replaced_as_java_does_data() {
  QTest::addColumn<QByteArray>("bytes");
  QTest::addColumn<QByteArray>("repaired");
  const auto row = [](const char* name, const QByteArray& bytes, const QByteArray& repaired) {
    QTest::newRow(name) << bytes << repaired;
  };
  row("nothing", "", "");
  row("ascii", "retention.ms", "retention.ms");
  row("well-formed", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80",
      "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  row("no first byte", "\xFF", BAD);
  row("continuation alone", "\x80", BAD);
  row("in the middle",
      "a\xFF"
      "b",
      "a" BAD "b");
  row("behind eight", "ABCDEFGH\xFF", "ABCDEFGH" BAD);
  row("overlong, two bytes", "\xC0\xAF", BAD BAD);
  row("overlong, three", "\xE0\x80\x80", BAD BAD BAD);
  row("overlong, four", "\xF0\x80\x80", BAD BAD BAD);
  row("second is none", "\xC3(", BAD "(");
  row("third is none",
      "\xE2\x82"
      "A",
      BAD "A");
  row("third is missing", "\xE2\x82", BAD);
  row("third of four is none",
      "\xF0\x9F"
      "A",
      BAD "A");
  row("fourth is missing", "\xF0\x9F\x98", BAD);
  row("surrogate", "\xED\xA0\x80", BAD);
  row("beyond U+10FFFF", "\xF4\x90\x80\x80", BAD BAD BAD BAD);
  row("five bytes", "\xF8\x88\x80\x80", BAD BAD BAD BAD);
}

void Utf8Test::malformed_parts_are_replaced_as_java_does() {
  QFETCH(QByteArray, bytes);
  QFETCH(QByteArray, repaired);
  std::string text = bytes.toStdString();
  repair_utf8(text);
  QCOMPARE(text, repaired.toStdString());
}

void Utf8Test::a_character_tells_its_length() {
  const CodePoint euro = first_code_point("\xE2\x82\xAC.");
  QCOMPARE(euro.value, 0x20ACU);
  QCOMPARE(euro.length, std::size_t{3});
  QVERIFY(euro.well_formed);
  const CodePoint broken = first_code_point("\xE2\x82.");
  QCOMPARE(broken.value, replacement_character);
  QCOMPARE(broken.length, std::size_t{2});
  QVERIFY(!broken.well_formed);
}

OTTLA_TEST(Utf8Test)
#include "utf8_test.moc"
