#include "ui/views/groups_page.h"

#include "tests/support/test_registry.h"
#include "tests/ui/views/page_fixture.h"
#include "ui/views/rebalance_view.h"

using namespace ottla;
using namespace ottla::ui;
using test::DemoCluster;
using test::PageFixture;

class GroupsPageTest : public QObject {
  Q_OBJECT
 private slots:
  void it_draws_in_both_themes_and_small();
  void selecting_a_member_elsewhere_shows_its_group();
  void every_partition_has_a_row_and_its_owner();
  void a_group_that_goes_leaves_the_page_whole();
  void the_verdict_comes_from_how_offsets_move();
  void a_rebalance_shows_its_deadline_and_whom_it_waits_for();
};

void GroupsPageTest::it_draws_in_both_themes_and_small() {
  for (const bool dark : {true, false}) {
    PageFixture fixture(DemoCluster::broken, dark);
    GroupsPage page(fixture.feed, fixture.selection, fixture.theme);
    PageFixture::show(page, 1216, 756);
    for (int i = 0; i < 12; ++i) {
      fixture.session.advance(Duration::millis(1'100));
      QTest::qWait(25);
    }
    QTest::qWait(120);
    const QString suffix = dark ? "dark" : "light";
    fixture.selection.select(SelectedGroup{"billing"});
    QTest::qWait(30);
    QVERIFY(test::colours_of(PageFixture::picture(page, "groups-billing-" + suffix)) > 60);
    fixture.selection.select(SelectedGroup{"analytics"});
    QTest::qWait(30);
    PageFixture::picture(page, "groups-analytics-" + suffix);
    PageFixture::show(page, 660, 430);
    PageFixture::picture(page, "groups-small-" + suffix);
  }
}

void GroupsPageTest::selecting_a_member_elsewhere_shows_its_group() {
  PageFixture fixture;
  GroupsPage page(fixture.feed, fixture.selection, fixture.theme);
  PageFixture::show(page, 1216, 756);
  for (const char* group : {"billing", "analytics"}) {
    const auto& member = fixture.feed.snapshot()->group(group)->members.front();
    fixture.selection.select(SelectedMember{group, member.member_id});
    QCOMPARE(page.shownGroup(), std::string(group));
  }
}

void GroupsPageTest::every_partition_has_a_row_and_its_owner() {
  PageFixture fixture;
  const observe::GroupState* group = fixture.feed.snapshot()->group("billing");
  const AssignmentLayout layout = AssignmentLayout::of(*group, 500, 300);
  QCOMPARE(layout.members.size(), group->members.size());
  std::size_t rows = 0;
  double last_bottom = -1;
  for (const auto& row : layout.rows) {
    QVERIFY(row.chip.top() >= last_bottom - 1e-6);
    last_bottom = row.chip.bottom();
    if (row.state < 0) continue;
    const auto& state = group->partitions[rows++];
    QCOMPARE(row.member < 0, state.member_id.empty());
    if (row.member >= 0) {
      QCOMPARE(group->members[std::size_t(row.member)].member_id, state.member_id);
    }
  }
  QCOMPARE(rows, group->partitions.size());
  QVERIFY(AssignmentLayout::of(*group, 500, 60).height > 60);
}

void GroupsPageTest::a_group_that_goes_leaves_the_page_whole() {
  PageFixture fixture;
  GroupsPage page(fixture.feed, fixture.selection, fixture.theme);
  PageFixture::show(page, 1216, 756);
  fixture.selection.select(SelectedGroup{"billing"});
  fixture.session.change([](observe::Snapshot& s) { s.groups.pop_back(); });
  QTRY_COMPARE(page.shownGroup(), std::string("analytics"));
  fixture.session.change([](observe::Snapshot& s) { s.groups.clear(); });
  QTRY_COMPARE(page.shownGroup(), std::string());
  (void)page.grab();
}

void GroupsPageTest::the_verdict_comes_from_how_offsets_move() {
  PageFixture fixture;
  GroupsPage page(fixture.feed, fixture.selection, fixture.theme);
  PageFixture::show(page, 1216, 756);
  for (int i = 0; i < 8; ++i) {
    fixture.session.advance(Duration::millis(1'100));
    QTest::qWait(25);
  }
  for (const Table* table : page.findChildren<Table*>()) {
    if (table->accessibleName() != "Consumer groups") continue;
    QTRY_COMPARE(table->model()->index(0, GroupsModel::verdict_column).data().toString(),
                 QString("STALL"));
  }
}

void GroupsPageTest::a_rebalance_shows_its_deadline_and_whom_it_waits_for() {
  PageFixture fixture;
  const auto snapshot = fixture.feed.snapshot();
  observe::GroupState group = *snapshot->group("billing");
  QVERIFY(deadline_words(group, snapshot->run.start).isEmpty());
  group.deadline = snapshot->run.now + Duration::seconds(1);
  for (auto& member : group.members) member.status = observe::MemberStatus::joining;
  group.members.back().status = observe::MemberStatus::in_poll;
  QCOMPARE(deadline_words(group, snapshot->run.start),
           QString("00:01:43.318, then billing-4 is removed"));
  group.members.front().status = observe::MemberStatus::consuming;
  QCOMPARE(deadline_words(group, snapshot->run.start),
           QString("00:01:43.318, then billing-1, billing-4 are removed"));

  RebalanceView view(fixture.theme);
  PageFixture::show(view, 560, 300);
  // Pixels of the mark's colour: the page has none of it but in words and spans.
  const auto marked = [&](const observe::GroupState& state) {
    auto shown = std::make_shared<observe::Snapshot>(*snapshot);
    shown->groups = {std::make_shared<observe::GroupState>(state)};
    view.show(shown, "billing", MemberSpans(), TimeBands());
    const QImage image = PageFixture::picture(view, "groups-deadline");
    int count = 0;
    for (int y = 0; y < image.height(); ++y) {
      for (int x = image.width() - 80; x < image.width(); ++x)
        count += image.pixelColor(x, y) == fixture.theme.warn;
    }
    return count;
  };
  const int with_deadline = marked(group);
  group.deadline.reset();
  QVERIFY2(with_deadline > marked(group) + 10, qPrintable(QString::number(with_deadline)));
}

OTTLA_TEST(GroupsPageTest)
#include "groups_page_test.moc"
