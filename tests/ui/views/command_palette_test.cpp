#include "ui/views/command_palette.h"

#include <QSignalSpy>

#include "tests/support/test_registry.h"
#include "tests/ui/views/page_fixture.h"
#include "ui/views/fuzzy.h"

using namespace ottla;
using namespace ottla::ui;
using test::DemoCluster;
using test::PageFixture;

class CommandPaletteTest : public QObject {
  Q_OBJECT
 private slots:
  void letters_match_in_order_and_beginnings_win_data();
  void letters_match_in_order_and_beginnings_win();
  void it_draws_in_both_themes();
  void a_command_is_found_and_run_with_keys_alone();
  void an_object_is_selected();
  void escape_gives_the_focus_back();
};

void CommandPaletteTest::letters_match_in_order_and_beginnings_win_data() {
  QTest::addColumn<QString>("typed");
  QTest::addColumn<QStringList>("names");  // The best first; what does not match is last, in "-".
  QTest::newRow("in order") << "kb4" << QStringList{"Kill broker 4", "-4bk"};
  QTest::newRow("prefix") << "ord" << QStringList{"orders", "records", "-odr"};
  QTest::newRow("words") << "fm" << QStringList{"Fit map", "Form"};
  QTest::newRow("exact number") << "orders-1" << QStringList{"orders-1", "orders-10", "orders-21"};
  QTest::newRow("case") << "CLICKS" << QStringList{"clicks"};
  QTest::newRow("spaces") << "broker 4" << QStringList{"broker 4", "Kill broker 4", "-broker"};
}

void CommandPaletteTest::letters_match_in_order_and_beginnings_win() {
  QFETCH(QString, typed);
  QFETCH(QStringList, names);
  int last = std::numeric_limits<int>::max();
  for (const QString& name : names) {
    const bool wanted = !name.startsWith('-');
    const auto match = fuzzy_match(typed, wanted ? name : name.mid(1));
    QCOMPARE(match.has_value(), wanted);
    if (!match) continue;
    QVERIFY2(match->score < last, qPrintable(name));
    last = match->score;
    QString letters = typed;
    letters.remove(' ');
    QCOMPARE(match->positions.size(), std::size_t(letters.size()));
    for (int i = 0; i < letters.size(); ++i) {
      QCOMPARE(name[match->positions[std::size_t(i)]].toLower(), letters[i].toLower());
    }
  }
}

void CommandPaletteTest::it_draws_in_both_themes() {
  for (const bool dark : {true, false}) {
    PageFixture fixture(DemoCluster::broken, dark);
    QWidget window;
    CommandPalette palette(fixture.feed, fixture.selection, fixture.theme, &window);
    palette.addCommand({"Kill broker 4", "Faults", "", [] {}, Icon::kill});
    palette.addCommand({"Fit the map", "View", "Ctrl+0", [] {}, Icon::fit});
    palette.addCommand({"Event log", "View", "Ctrl+L", [] {}, Icon::log});
    PageFixture::show(window, 1000, 600);
    palette.open();
    QTest::keyClicks(QApplication::focusWidget(), "bro4");
    const QString suffix = dark ? "dark" : "light";
    QVERIFY(test::colours_of(PageFixture::picture(window, "palette-" + suffix)) > 30);
  }
}

void CommandPaletteTest::a_command_is_found_and_run_with_keys_alone() {
  PageFixture fixture;
  QWidget window;
  CommandPalette palette(fixture.feed, fixture.selection, fixture.theme, &window);
  int ran = 0;
  palette.addCommand({"Go to Metrics", "View", "Ctrl+4", [&] { ran = 1; }});
  palette.addCommand({"Go to Groups", "View", "Ctrl+3", [&] { ran = 2; }});
  palette.addCommand(
      {"Go nowhere", "View", "", [&] { ran = 3; }, Icon::chevron, [] { return false; }});
  PageFixture::show(window, 1000, 600);
  palette.open();
  QCOMPARE(palette.listed().size(), 2);
  QTest::keyClicks(QApplication::focusWidget(), "go");
  QCOMPARE(palette.listed().first(), QString("Go to Groups"));
  QTest::keyClick(QApplication::focusWidget(), Qt::Key_Down);
  QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
  QCOMPARE(ran, 1);
  QVERIFY(!palette.isVisible());
}

void CommandPaletteTest::an_object_is_selected() {
  PageFixture fixture;
  QWidget window;
  CommandPalette palette(fixture.feed, fixture.selection, fixture.theme, &window);
  PageFixture::show(window, 1000, 600);
  palette.open();
  QTest::keyClicks(QApplication::focusWidget(), "orders-3");
  QCOMPARE(palette.listed().first(), QString("orders-3"));
  QSignalSpy chosen(&palette, &CommandPalette::objectChosen);
  QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
  QCOMPARE(chosen.count(), 1);
  QVERIFY(fixture.selection.current() ==
          SelectedThing(SelectedPartition{"orders", PartitionIndex(3)}));
}

void CommandPaletteTest::escape_gives_the_focus_back() {
  PageFixture fixture;
  QWidget window;
  QLineEdit field(&window);
  CommandPalette palette(fixture.feed, fixture.selection, fixture.theme, &window);
  PageFixture::show(window, 1000, 600);
  window.activateWindow();
  field.setFocus();
  palette.open();
  QVERIFY(QApplication::focusWidget() != &field);
  QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
  QVERIFY(!palette.isVisible());
  QCOMPARE(QApplication::focusWidget(), static_cast<QWidget*>(&field));
}

OTTLA_TEST(CommandPaletteTest)
#include "command_palette_test.moc"
