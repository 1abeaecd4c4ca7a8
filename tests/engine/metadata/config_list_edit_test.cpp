// Lists as IncrementalAlterConfigs edits them; what Kafka 4.1.0 made of the same edits.
#include "engine/metadata/config_list_edit.h"

#include "tests/support/test_registry.h"

using namespace ottla::metadata;

namespace {

class ConfigListEditTest : public QObject {
  Q_OBJECT

 private slots:
  void a_list_is_edited_data() {
    QTest::addColumn<QString>("present");
    QTest::addColumn<QString>("items");
    QTest::addColumn<QString>("appended");
    QTest::addColumn<QString>("subtracted");
    QTest::newRow("another") << "delete"
                             << "compact"
                             << "delete,compact"
                             << "delete";
    QTest::newRow("one there") << "delete,compact"
                               << "compact"
                               << "delete,compact"
                               << "delete";
    QTest::newRow("several") << "a,b,c"
                             << "c,d,a"
                             << "a,b,c,d"
                             << "b";
    QTest::newRow("to none") << ""
                             << "a"
                             << "a"
                             << "";
    QTest::newRow("an empty one") << "delete"
                                  << ""
                                  << "delete,"
                                  << "delete";
    QTest::newRow("a comma") << "delete"
                             << ","
                             << "delete"
                             << "delete";
    QTest::newRow("with blanks") << "delete"
                                 << " delete"
                                 << "delete, delete"
                                 << "delete";
    QTest::newRow("present with holes") << "a,,b,"
                                        << "c"
                                        << "a,b,c"
                                        << "a,b";
  }
  void a_list_is_edited() {
    QFETCH(QString, present);
    QFETCH(QString, items);
    QFETCH(QString, appended);
    QFETCH(QString, subtracted);
    const auto edited = [&](ListEdit edit) {
      return QString::fromStdString(edited_list(present.toStdString(), items.toStdString(), edit));
    };
    QCOMPARE(edited(ListEdit::append), appended);
    QCOMPARE(edited(ListEdit::subtract), subtracted);
  }
};

}  // namespace

OTTLA_TEST(ConfigListEditTest)
#include "config_list_edit_test.moc"
