#include <QAbstractItemModelTester>
#include <QSignalSpy>

#include "tests/support/test_registry.h"
#include "tests/ui/models/random_snapshots.h"
#include "ui/models/group_partitions_model.h"
#include "ui/models/groups_model.h"
#include "ui/models/members_model.h"
#include "ui/models/partitions_model.h"
#include "ui/models/rows_proxy.h"
#include "ui/models/text.h"
#include "ui/models/topics_model.h"

using namespace ottla;
using namespace ottla::ui;

class SnapshotModelsTest : public QObject {
  Q_OBJECT
 private slots:
  void models_follow_any_sequence_of_snapshots_without_a_reset();
  void a_partition_says_what_is_wrong_with_it();
  void a_stale_offset_keeps_its_value_and_an_unknown_one_is_a_dash();
  void proxies_filter_by_words_and_sort_numbers_as_numbers();
};

void SnapshotModelsTest::models_follow_any_sequence_of_snapshots_without_a_reset() {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    test::RandomSnapshots snapshots(seed);
    TopicsModel topics;
    PartitionsModel partitions;
    GroupsModel groups;
    GroupPartitionsModel read;
    MembersModel members;
    LagTracker tracker;
    RowsProxy sorted;
    read.setGroup("group-1");
    members.setGroup("group-1");
    sorted.setSourceModel(&partitions);
    sorted.sort(PartitionsModel::end_offset_column, Qt::DescendingOrder);
    const QAbstractItemModelTester testers[] = {
        QAbstractItemModelTester(&topics),  QAbstractItemModelTester(&partitions),
        QAbstractItemModelTester(&groups),  QAbstractItemModelTester(&read),
        QAbstractItemModelTester(&members), QAbstractItemModelTester(&sorted)};
    QSignalSpy resets(&partitions, &PartitionsModel::modelReset);
    for (int i = 0; i < 60; ++i) {
      const auto snapshot = snapshots.next();
      tracker.observe(*snapshot);
      topics.update(*snapshot);
      partitions.update(*snapshot);
      groups.update(*snapshot, tracker);
      read.update(*snapshot, tracker);
      members.update(*snapshot);
      QCOMPARE(topics.rows().size(), snapshot->topics.size());
      QCOMPARE(groups.rows().size(), snapshot->groups.size());
      std::size_t count = 0;
      for (const auto& topic : snapshot->topics) {
        for (const auto& partition : topic->partitions) {
          const auto& row = partitions.rows()[count++];
          QCOMPARE(row.topic->name, topic->name);
          QVERIFY(row.partition() == partition);
        }
      }
      QCOMPARE(partitions.rows().size(), count);
      QCOMPARE(sorted.rowCount(), partitions.rowCount());
      const auto* group = snapshot->group("group-1");
      QCOMPARE(members.rows().size(), group ? group->members.size() : 0U);
    }
    QCOMPARE(resets.count(), 0);
  }
}

void SnapshotModelsTest::a_partition_says_what_is_wrong_with_it() {
  auto topic = std::make_shared<observe::TopicState>();
  topic->name = "orders";
  observe::PartitionState partition;
  for (const std::int32_t id : {4, 6, 1}) {
    partition.replicas.emplace_back().broker = BrokerId(id);
  }
  partition.leader = BrokerId(6);
  partition.isr = {BrokerId(6), BrokerId(1)};
  topic->partitions = {partition};
  observe::Snapshot snapshot;
  snapshot.topics = {topic};
  PartitionsModel model;
  model.update(snapshot);
  const auto said = [&](int column) { return model.index(0, column).data().toString(); };
  QCOMPARE(said(PartitionsModel::state_column), QString("Under-replicated"));
  QCOMPARE(said(PartitionsModel::leader_column), QString("6"));
  QCOMPARE(said(PartitionsModel::replicas_column), QString("4, 6, 1"));
  QCOMPARE(said(PartitionsModel::out_of_sync_column), QString("4"));
  QCOMPARE(said(PartitionsModel::elr_column), QString("none"));
  QCOMPARE(model.index(0, PartitionsModel::state_column).data(cell_role).value<Cell>().mark,
           Mark::not_equal);

  auto worse = std::make_shared<observe::TopicState>(*topic);
  worse->partitions[0].under_min_isr = true;
  snapshot.topics = {worse};
  model.update(snapshot);
  QCOMPARE(said(PartitionsModel::state_column), QString("Under min ISR"));

  auto worst = std::make_shared<observe::TopicState>(*worse);
  worst->partitions[0].leader.reset();
  snapshot.topics = {worst};
  model.update(snapshot);
  QCOMPARE(said(PartitionsModel::state_column), QString("Offline"));
  QCOMPARE(said(PartitionsModel::leader_column), QString("none"));
}

void SnapshotModelsTest::a_stale_offset_keeps_its_value_and_an_unknown_one_is_a_dash() {
  auto topic = std::make_shared<observe::TopicState>();
  topic->name = "orders";
  topic->partitions.resize(1);
  topic->partitions[0].log_end_offset = observe::Known<Offset>::at(Offset(51146), scenario_epoch);
  observe::Snapshot snapshot;
  snapshot.topics = {topic};
  PartitionsModel model;
  const auto cell = [&](int column) {
    return model.index(0, column).data(cell_role).value<Cell>();
  };
  const auto at = [&](int seconds) {
    snapshot.run.now = scenario_epoch + Duration::seconds(seconds);
    model.update(snapshot);
    return cell(PartitionsModel::end_offset_column);
  };
  QCOMPARE(at(1).tone, CellTone::plain);
  QCOMPARE(at(5).tone, CellTone::stale);
  QCOMPARE(at(5).text, number_text(51146));
  QCOMPARE(at(31).text, dash());
  QVERIFY(at(31).tip.contains(number_text(51146)));
  QCOMPARE(cell(PartitionsModel::high_watermark_column).text, dash());
}

void SnapshotModelsTest::proxies_filter_by_words_and_sort_numbers_as_numbers() {
  observe::Snapshot snapshot;
  for (const auto& [name, count] : {std::pair{"orders", 12}, {"clicks", 24}, {"payments", 6}}) {
    auto topic = std::make_shared<observe::TopicState>();
    topic->name = name;
    topic->partitions.resize(static_cast<std::size_t>(count));
    snapshot.topics.push_back(topic);
  }
  TopicsModel model;
  model.update(snapshot);
  RowsProxy proxy;
  proxy.setSourceModel(&model);
  proxy.sort(TopicsModel::partitions_column);
  QCOMPARE(proxy.index(0, 0).data().toString(), QString("payments"));
  QCOMPARE(proxy.index(2, 0).data().toString(), QString("clicks"));
  proxy.setWords("RDER");
  QCOMPARE(proxy.rowCount(), 1);
  proxy.setWords({});
  proxy.setCondition([&](int row) { return model.row(row).topic->partitions.size() > 10; });
  QCOMPARE(proxy.rowCount(), 2);
}

OTTLA_TEST(SnapshotModelsTest)
#include "snapshot_models_test.moc"
