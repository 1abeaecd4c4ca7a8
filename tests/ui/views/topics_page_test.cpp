#include "ui/views/topics_page.h"

#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>

#include "tests/support/test_registry.h"
#include "tests/ui/views/page_fixture.h"
#include "ui/views/topic_dialogs.h"

using namespace ottla;
using namespace ottla::ui;
using test::DemoCluster;
using test::PageFixture;

class TopicsPageTest : public QObject {
  Q_OBJECT
 private slots:
  void it_draws_a_broken_cluster_in_both_themes();
  void choosing_a_topic_selects_it_and_shows_its_partitions();
  void a_partition_selected_elsewhere_is_shown();
  void the_selection_stays_while_snapshots_come();
  void the_filter_leaves_what_is_under_replicated();
  void a_topic_is_created_and_a_refusal_is_shown();
  void names_are_checked_as_Kafka_does();
  void config_lines_are_key_and_value();
};

namespace {

Table* table_of(QWidget& page, const char* name) {
  for (Table* table : page.findChildren<Table*>()) {
    if (table->accessibleName() == name) return table;
  }
  return nullptr;
}

}  // namespace

void TopicsPageTest::it_draws_a_broken_cluster_in_both_themes() {
  for (const bool dark : {true, false}) {
    PageFixture fixture(DemoCluster::broken, dark);
    TopicsPage page(fixture.feed, fixture.selection, fixture.theme);
    fixture.selection.select(SelectedPartition{"orders", PartitionIndex(3)});
    PageFixture::show(page, 1216, 756);
    const QString suffix = dark ? "dark" : "light";
    QVERIFY(test::colours_of(PageFixture::picture(page, "topics-" + suffix)) > 60);
    PageFixture::show(page, 680, 420);
    QVERIFY(test::colours_of(PageFixture::picture(page, "topics-small-" + suffix)) > 60);
  }
}

void TopicsPageTest::choosing_a_topic_selects_it_and_shows_its_partitions() {
  PageFixture fixture;
  TopicsPage page(fixture.feed, fixture.selection, fixture.theme);
  PageFixture::show(page, 1200, 700);
  Table* topics = table_of(page, "Topics");
  Table* partitions = table_of(page, "Partitions");
  QVERIFY(topics && partitions);
  QCOMPARE(partitions->model()->rowCount(), 42);
  topics->setFocus();
  topics->selectRow(1);
  QCOMPARE(topics->model()->index(1, 0).data().toString(), QString("orders"));
  QVERIFY(fixture.selection.current() == SelectedThing(SelectedTopic{"orders"}));
  QCOMPARE(partitions->model()->rowCount(), 12);
  QTest::keyClick(topics, Qt::Key_Down);
  QVERIFY(fixture.selection.current() == SelectedThing(SelectedTopic{"payments"}));
  QCOMPARE(partitions->model()->rowCount(), 6);
}

void TopicsPageTest::a_partition_selected_elsewhere_is_shown() {
  PageFixture fixture;
  TopicsPage page(fixture.feed, fixture.selection, fixture.theme);
  PageFixture::show(page, 1200, 700);
  fixture.selection.select(SelectedPartition{"clicks", PartitionIndex(7)});
  Table* partitions = table_of(page, "Partitions");
  QCOMPARE(partitions->model()->rowCount(), 24);
  const QModelIndex current = partitions->currentIndex();
  QCOMPARE(current.siblingAtColumn(PartitionsModel::partition_column).data().toString(),
           QString("7"));
}

void TopicsPageTest::the_selection_stays_while_snapshots_come() {
  PageFixture fixture;
  TopicsPage page(fixture.feed, fixture.selection, fixture.theme);
  PageFixture::show(page, 1200, 700);
  fixture.selection.select(SelectedTopic{"payments"});
  QSignalSpy changed(&fixture.feed, &SessionFeed::snapshotChanged);
  fixture.session.change([](observe::Snapshot& snapshot) {
    auto topic = std::make_shared<observe::TopicState>();
    topic->name = "aaa";
    snapshot.topics.insert(snapshot.topics.begin(), topic);
    snapshot.run.now += Duration::seconds(1);
  });
  QVERIFY(changed.wait());
  Table* topics = table_of(page, "Topics");
  QTRY_COMPARE(topics->model()->rowCount(), 4);
  QCOMPARE(topics->currentIndex().siblingAtColumn(0).data().toString(), QString("payments"));
}

void TopicsPageTest::the_filter_leaves_what_is_under_replicated() {
  PageFixture fixture;
  TopicsPage page(fixture.feed, fixture.selection, fixture.theme);
  PageFixture::show(page, 1200, 700);
  for (auto* button : page.findChildren<QToolButton*>()) {
    if (button->text() == "Under-replicated only") button->click();
  }
  const Table* partitions = table_of(page, "Partitions");
  QCOMPARE(partitions->model()->rowCount(), fixture.feed.snapshot()->health.under_replicated);
  QCOMPARE(table_of(page, "Topics")->model()->rowCount(), 2);
}

void TopicsPageTest::a_topic_is_created_and_a_refusal_is_shown() {
  PageFixture fixture;
  CreateTopicDialog dialog(fixture.feed, fixture.theme);
  PageFixture::show(dialog, 440, 340);
  auto* name = dialog.findChild<QLineEdit*>();
  auto* config = dialog.findChild<QPlainTextEdit*>();
  QPushButton* create = nullptr;
  for (auto* button : dialog.findChildren<QPushButton*>()) {
    if (button->text() == "Create topic") create = button;
  }
  QVERIFY(!create->isEnabled());
  QTest::keyClicks(name, "returns");
  config->setPlainText("min.insync.replicas=2");
  fixture.session.refuse_next("Topic returns exists already");
  QTest::mouseClick(create, Qt::LeftButton);
  auto* error = dialog.findChild<ErrorBox*>();
  QTRY_VERIFY(error->isVisible());
  PageFixture::picture(dialog, "create-topic-refused");
  QCOMPARE(error->what(), QString("returns was not created."));
  QTest::mouseClick(create, Qt::LeftButton);
  QTRY_COMPARE(dialog.result(), int(QDialog::Accepted));
  const auto& posted = std::get<observe::CreateTopic>(fixture.session.posted().back().action);
  QCOMPARE(posted.name, std::string("returns"));
  QCOMPARE(posted.partitions, 6);
  QCOMPARE(posted.replication_factor, std::int16_t{3});
  QCOMPARE(posted.config.at("min.insync.replicas"), std::string("2"));
}

void TopicsPageTest::names_are_checked_as_Kafka_does() {
  QVERIFY(topic_name_problem("orders.eu-west_1").isEmpty());
  QVERIFY(!topic_name_problem("").isEmpty());
  QVERIFY(!topic_name_problem("..").isEmpty());
  QVERIFY(topic_name_problem("a b").contains("\" \""));
  QVERIFY(topic_name_problem(QString(249, 'a')).isEmpty());
  QVERIFY(!topic_name_problem(QString(250, 'a')).isEmpty());
}

void TopicsPageTest::config_lines_are_key_and_value() {
  const auto good = parse_topic_config("a.b=1\n\n# a word\n c = x=y \n");
  QVERIFY(good.problem.isEmpty());
  QCOMPARE(good.config.size(), std::size_t{2});
  QCOMPARE(good.config.at("c"), std::string("x=y"));
  QVERIFY(parse_topic_config("a=1\nnonsense").problem.contains("Line 2"));
}

OTTLA_TEST(TopicsPageTest)
#include "topics_page_test.moc"
