// Voters that come and go (KIP-853): what is asked of a change, what it does to the quorum, and
// that nothing breaks when it meets faults.
#include "tests/engine/raft/test_quorum.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::raft;
using namespace ottla::raft::test;
using protocol::ErrorCode;

namespace {

// Three voters and two more controllers, with a leader that has committed in its epoch.
struct DynamicQuorum : TestQuorum {
  explicit DynamicQuorum(Dynamic quorum = {.controllers = 5, .voters = 3}) : TestQuorum(quorum) {
    const bool has_leader = run_until([this] { return leader() != 0; });
    OTTLA_ASSERT(has_leader);
    run_for(Duration::seconds(2));
  }
  [[nodiscard]] std::vector<BrokerId> voters_at(int id) { return node(id).raft->voter_set().ids(); }
  [[nodiscard]] const VoterChangeAnswer& last() const { return changes.back(); }
  // A voter that does not lead.
  [[nodiscard]] int follower() const { return leader() == 1 ? 2 : 1; }
};

std::vector<BrokerId> ids(std::initializer_list<int> values) {
  std::vector<BrokerId> all;
  for (const int value : values) all.push_back(BrokerId{value});
  return all;
}

}  // namespace

class RaftVotersTest : public QObject {
  Q_OBJECT
 private slots:
  void the_first_leader_writes_who_votes_into_the_log();
  void a_controller_that_has_caught_up_is_added();
  void changes_that_cannot_be_are_refused_with_kafkas_words();
  void a_voter_that_lags_behind_is_not_added();
  void there_is_one_change_at_a_time();
  void a_leader_that_is_removed_leads_until_that_is_committed();
  void a_leader_that_is_removed_resigns_when_nobody_waits_any_more();
  void a_voter_that_was_removed_stands_for_no_election();
  void a_change_that_is_cut_off_is_undone();
  void a_node_of_another_directory_is_no_voter();
  void a_static_quorum_learns_its_directories_and_is_upgraded();
  void a_change_of_voters_is_refused_in_a_static_quorum();
  void a_snapshot_tells_who_votes();
  void a_lone_voter_shows_only_what_it_has_synced();
  void faults_break_nothing_while_voters_change_data();
  void faults_break_nothing_while_voters_change();
};

void RaftVotersTest::the_first_leader_writes_who_votes_into_the_log() {
  DynamicQuorum quorum;
  for (int id = 1; id <= 5; ++id) {
    const VoterHistory& history = quorum.node(id).log.voter_history();
    QCOMPARE(int{history.kraft_version()}, 1);
    QVERIFY(*history.last() == voters_of(ids({1, 2, 3})));
    QCOMPARE(*history.last_offset(),
             Offset{2});  // After LeaderChangeMessage and KRaftVersionRecord.
    QCOMPARE(quorum.node(id).raft->is_voter(), id <= 3);
  }
  QCOMPARE(int{quorum.node(1).persisted->data_version}, 1);
}

void RaftVotersTest::a_controller_that_has_caught_up_is_added() {
  DynamicQuorum quorum;
  const int leader = quorum.leader();
  quorum.add_voter(leader, 4);
  QVERIFY(quorum.run_until([&] { return !quorum.changes.empty(); }));
  QVERIFY(quorum.last().error == ErrorCode::none);
  QVERIFY(!quorum.last().message);
  quorum.run_for(Duration::seconds(1));
  QCOMPARE(quorum.voters_at(leader), ids({1, 2, 3, 4}));
  QVERIFY(quorum.node(4).raft->is_voter());
  QCOMPARE(quorum.node(leader).raft->voters(quorum.now()).size(), 4U);
  // Of four voters two are no majority.
  quorum.isolate(quorum.follower());
  quorum.isolate(4);
  const Offset before = quorum.node(leader).raft->high_watermark();
  quorum.write(leader, "not committed");
  quorum.run_for(Duration::millis(900));
  QCOMPARE(quorum.node(leader).raft->high_watermark(), before);
}

void RaftVotersTest::changes_that_cannot_be_are_refused_with_kafkas_words() {
  DynamicQuorum quorum;
  const int leader = quorum.leader();
  const auto refused = [&](ErrorCode error, const std::string& words) {
    return quorum.last().error == error && quorum.last().message.value_or("") == words;
  };
  quorum.add_voter(leader, 2);
  QVERIFY(quorum.last().error == ErrorCode::duplicate_voter);
  QVERIFY(quorum.last().message->starts_with("The voter id for ReplicaKey(id=2, directoryId="));
  quorum.remove_voter(leader, 5);
  QVERIFY(quorum.last().error == ErrorCode::voter_not_found);
  QVERIFY(quorum.last().message->starts_with("Cannot remove voter ReplicaKey(id=5, directoryId="));
  quorum.add_voter(quorum.follower(), 4);
  QVERIFY(refused(ErrorCode::not_leader_or_follower, ""));
  TestNode& node = quorum.node(leader);
  const auto ask = [&](const auto& request) {
    node.now = quorum.now();
    node.carry_out(node.raft->on_request(AskId{1'000'000}, request, node.now));
    const auto answer = node.answers.at(AskId{1'000'000});
    node.answers.clear();
    using Answer = std::conditional_t<std::is_same_v<std::decay_t<decltype(request)>, AddVoter>,
                                      AddVoterAnswer, RemoveVoterAnswer>;
    quorum.changes.push_back(std::get<Answer>(answer));
  };
  ask(AddVoter{"another", voter_of(BrokerId{4})});
  QVERIFY(refused(ErrorCode::inconsistent_cluster_id,
                  "The given id \"another\" doesn't match the cluster id \"cluster\""));
  Voter voter = voter_of(BrokerId{4});
  voter.key.directory = {};
  ask(AddVoter{std::nullopt, voter});
  QVERIFY(refused(ErrorCode::invalid_request, "Add voter request didn't include a valid voter"));
  voter = voter_of(BrokerId{4});
  voter.endpoints[0].listener = "OTHER";
  ask(AddVoter{std::nullopt, voter});
  QVERIFY(quorum.last().error == ErrorCode::invalid_request);
  QVERIFY(quorum.last().message->find("for the default listener ListenerName(CONTROLLER)") !=
          std::string::npos);
  ask(RemoveVoter{std::nullopt, {BrokerId{-1}, Uuid{1, 1}}});
  QVERIFY(refused(ErrorCode::invalid_request, "Remove voter request didn't include a valid voter"));
  QCOMPARE(quorum.voters_at(leader), ids({1, 2, 3}));
}

void RaftVotersTest::a_voter_that_lags_behind_is_not_added() {
  DynamicQuorum quorum;
  TestNode& leader = quorum.node(quorum.leader());
  Voter stranger = voter_of(BrokerId{9});
  leader.now = quorum.now();
  leader.carry_out(leader.raft->on_request(AskId{1'000'000}, AddVoter{{}, stranger}, leader.now));
  QCOMPARE(leader.queries.size(), 1U);
  const auto answer = [&](const SupportedVersions& versions) {
    leader.carry_out(leader.raft->on_reply(leader.queries.back().request, versions, leader.now));
    return std::get<AddVoterAnswer>(leader.answers.at(AskId{1'000'000}));
  };
  const auto lagging = answer({{}, supported_kraft_versions});
  QVERIFY(lagging.error == ErrorCode::request_timed_out);
  QVERIFY(lagging.message->ends_with("since it is lagging behind"));
  leader.carry_out(leader.raft->on_request(AskId{1'000'000}, AddVoter{{}, stranger}, leader.now));
  const auto old = answer({{}, KRaftVersions{0, 0}});
  QVERIFY(old.error == ErrorCode::invalid_request);
  QVERIFY(old.message->ends_with("doesn't support the finalized version 1"));
  leader.carry_out(leader.raft->on_request(AskId{1'000'000}, AddVoter{{}, stranger}, leader.now));
  leader.carry_out(leader.raft->on_request_failed(leader.queries.back().request, leader.now));
  QCOMPARE(*std::get<AddVoterAnswer>(leader.answers.at(AskId{1'000'000})).message,
           std::string("Aborted add voter operation for since API_VERSIONS returned an error "
                       "BROKER_NOT_AVAILABLE"));
  // The leader does not ask it again before its back-off is over.
  leader.carry_out(leader.raft->on_request(AskId{1'000'000}, AddVoter{{}, stranger}, leader.now));
  QVERIFY(std::get<AddVoterAnswer>(leader.answers.at(AskId{1'000'000}))
              .message->ends_with("is not ready to receive requests"));
  QCOMPARE(leader.queries.size(), 3U);
  QCOMPARE(quorum.voters_at(quorum.leader()), ids({1, 2, 3}));
}

void RaftVotersTest::there_is_one_change_at_a_time() {
  DynamicQuorum quorum;
  const int leader = quorum.leader();
  quorum.isolate(leader);
  quorum.remove_voter(leader, quorum.follower());
  QVERIFY(quorum.changes.empty());
  quorum.add_voter(leader, 4);
  QVERIFY(quorum.last().error == ErrorCode::request_timed_out);
  QCOMPARE(*quorum.last().message,
           std::string("Request timed out waiting for leader to handle previous voter change "
                       "request"));
  // The first one is given up; what it wrote waits for its commit all the same.
  quorum.run_for(Duration::millis(2100));
  QCOMPARE(quorum.changes.size(), 2U);
  QVERIFY(quorum.last().error == ErrorCode::request_timed_out);
  if (!quorum.node(leader).raft->is_leader()) return;
  quorum.add_voter(leader, 4);
  QVERIFY(quorum.last().message->starts_with(
      "Request timed out waiting for voters to commit the latest voter change at Optional["));
}

void RaftVotersTest::a_leader_that_is_removed_leads_until_that_is_committed() {
  DynamicQuorum quorum;
  const int first = quorum.leader();
  quorum.remove_voter(first, first);
  QVERIFY(quorum.node(first).raft->is_leader());
  QVERIFY(!quorum.node(first).raft->is_voter());
  QVERIFY(quorum.run_until([&] { return !quorum.changes.empty(); }));
  QVERIFY(quorum.last().error == ErrorCode::none);
  QVERIFY(!quorum.node(first).raft->is_leader());
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0; }));
  QVERIFY(quorum.leader() != first);
  quorum.run_for(Duration::seconds(10));
  QVERIFY(quorum.node(first).raft->role() == Raft::Role::follower);
  QCOMPARE(quorum.node(first).raft->leader().leader, BrokerId{quorum.leader()});
  QCOMPARE(quorum.voters_at(quorum.leader()).size(), 2U);
  QCOMPARE(QString::fromStdString(quorum.violation), QString());
}

void RaftVotersTest::a_leader_that_is_removed_resigns_when_nobody_waits_any_more() {
  DynamicQuorum quorum;
  const int first = quorum.leader();
  TestNode& leader = quorum.node(first);
  quorum.remove_voter(first, first);
  // The request is given up before anybody has fetched the record.
  leader.carry_out(leader.raft->on_time(quorum.now() + Duration::millis(2100)));
  QVERIFY(quorum.run_until([&] { return !quorum.changes.empty(); }));
  QVERIFY(quorum.last().error == ErrorCode::request_timed_out);
  QVERIFY(quorum.run_until([&] { return !leader.raft->is_leader(); }));
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0 && quorum.leader() != first; }));
}

void RaftVotersTest::a_voter_that_was_removed_stands_for_no_election() {
  DynamicQuorum quorum;
  const int leader = quorum.leader();
  const int removed = quorum.follower();
  quorum.remove_voter(leader, removed);
  quorum.run_for(Duration::seconds(1));
  QVERIFY(quorum.last().error == ErrorCode::none);
  const LeaderEpoch epoch = quorum.node(removed).raft->epoch();
  quorum.isolate(removed);
  quorum.run_for(Duration::seconds(20));
  QCOMPARE(quorum.node(removed).raft->epoch(), epoch);
  QVERIFY(quorum.node(removed).raft->role() == Raft::Role::follower);
  QVERIFY(quorum.node(leader).raft->is_leader());
}

void RaftVotersTest::a_change_that_is_cut_off_is_undone() {
  DynamicQuorum quorum;
  const int first = quorum.leader();
  quorum.isolate(first);
  quorum.remove_voter(first, quorum.follower());
  QCOMPARE(quorum.voters_at(first).size(), 2U);
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0 && quorum.leader() != first; }));
  quorum.run_for(Duration::seconds(1));
  quorum.heal();
  quorum.run_for(Duration::seconds(5));
  QCOMPARE(quorum.voters_at(first), ids({1, 2, 3}));
  QVERIFY(quorum.node(first).raft->role() == Raft::Role::follower);
  QVERIFY(quorum.changes.at(0).error != ErrorCode::none);
}

void RaftVotersTest::a_node_of_another_directory_is_no_voter() {
  DynamicQuorum quorum;
  TestNode& leader = quorum.node(quorum.leader());
  const BrokerId follower{quorum.follower()};
  const VoterSet& voters = leader.raft->voter_set();
  QVERIFY(voters.contains(voter_of(follower).key));
  QVERIFY(!voters.contains({follower, Uuid{8, 8}}));
  QVERIFY(!voters.contains({follower, {}}));
  ReplicaFetch fetch;
  fetch.replica = {follower, Uuid{8, 8}};
  fetch.current_leader_epoch = leader.raft->epoch();
  fetch.fetch_offset = leader.log.end_offset();
  fetch.last_fetched_epoch = leader.log.last_epoch();
  leader.write("only the leader has it");
  const Offset before = leader.raft->high_watermark();
  leader.sync();
  fetch.fetch_offset = leader.log.end_offset();
  leader.now = quorum.now();
  leader.carry_out(leader.raft->on_request(AskId{1'000'000}, fetch, leader.now));
  QCOMPARE(leader.raft->high_watermark(), before);
  QCOMPARE(leader.raft->observers(leader.now).size(), 3U);  // Beside the two controllers.
}

void RaftVotersTest::a_static_quorum_learns_its_directories_and_is_upgraded() {
  TestQuorum quorum(3);
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0; }));
  const int leader = quorum.leader();
  TestNode& node = quorum.node(leader);
  const auto upgrade = [&](std::int16_t level, bool validate_only = false) {
    Effects effects;
    KRaftUpgrade done =
        node.raft->upgrade_kraft_version(level, validate_only, quorum.now(), effects);
    node.now = quorum.now();
    node.carry_out(effects);
    return done;
  };
  const KRaftUpgrade early = upgrade(1);
  QVERIFY(early.error == ErrorCode::invalid_update_version);
  QCOMPARE(early.message, std::string("Invalid upgrade of kraft.version to KRAFT_VERSION_1 because "
                                      "not all of the voters support it"));
  quorum.run_for(Duration::seconds(5));
  QVERIFY(node.raft->voters(quorum.now())[0].replica.directory.is_zero());
  QVERIFY(upgrade(1, true).error == ErrorCode::none);
  QCOMPARE(int{node.raft->kraft_version()}, 0);
  QVERIFY(upgrade(1).error == ErrorCode::none);
  QCOMPARE(int{node.raft->kraft_version()}, 1);
  quorum.write(leader, "after it");
  quorum.run_for(Duration::seconds(1));
  for (int id = 1; id <= 3; ++id) {
    QCOMPARE(int{quorum.node(id).raft->kraft_version()}, 1);
    QVERIFY(quorum.node(id).raft->voter_set() == voters_of(ids({1, 2, 3})));
  }
  QCOMPARE(node.raft->voters(quorum.now())[0].replica, voter_of(BrokerId{1}).key);
  const KRaftUpgrade back = upgrade(0);
  QCOMPARE(back.message,
           std::string("Invalid upgrade of kraft.version from version KRAFT_VERSION_1 to "
                       "KRAFT_VERSION_0 because the new version is a downgrade"));
}

void RaftVotersTest::a_change_of_voters_is_refused_in_a_static_quorum() {
  TestQuorum quorum(3);
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0; }));
  quorum.run_for(Duration::seconds(1));
  quorum.remove_voter(quorum.leader(), 1);
  QVERIFY(quorum.changes.at(0).error == ErrorCode::unsupported_version);
  QCOMPARE(*quorum.changes[0].message,
           std::string("Cluster doesn't support removing voter because the kraft.version feature "
                       "is 0"));
}

void RaftVotersTest::a_snapshot_tells_who_votes() {
  DynamicQuorum quorum;
  const int leader = quorum.leader();
  quorum.crash(5);
  quorum.add_voter(leader, 4);
  quorum.run_for(Duration::seconds(1));
  QVERIFY(quorum.last().error == ErrorCode::none);
  quorum.write(leader, "one more");
  quorum.run_for(Duration::seconds(1));
  quorum.snapshot_and_clean(leader);
  quorum.start(BrokerId{5});
  quorum.node(5).log = MemoryLog();
  quorum.start(BrokerId{5});
  quorum.run_for(Duration::seconds(3));
  QCOMPARE(quorum.node(5).installed.size(), 1U);
  QCOMPARE(quorum.voters_at(5), ids({1, 2, 3, 4}));
}

// Else the voter that it removed could have a longer log than what a power loss leaves it.
void RaftVotersTest::a_lone_voter_shows_only_what_it_has_synced() {
  DynamicQuorum quorum({.controllers = 2, .voters = 1});
  TestNode& leader = quorum.node(1);
  ReplicaFetch fetch;
  fetch.replica = voter_of(BrokerId{2}).key;
  fetch.current_leader_epoch = leader.raft->epoch();
  fetch.fetch_offset = leader.log.end_offset();
  fetch.last_fetched_epoch = leader.log.last_epoch();
  fetch.max_wait = {};
  fetch.bytes_max = 1000;
  leader.now = quorum.now();
  const auto records_of = [&](AskId ask) {
    leader.carry_out(leader.raft->on_request(ask, fetch, leader.now));
    return leader.replies.at(ask).records.size();
  };
  leader.write("not synced");
  leader.advance(Duration::millis(5));
  QCOMPARE(records_of(AskId{1'000'000}), 0U);
  leader.sync();
  QVERIFY(records_of(AskId{1'000'001}) > 0);
}

void RaftVotersTest::faults_break_nothing_while_voters_change_data() {
  QTest::addColumn<int>("seed");
  for (int seed = 1; seed <= 60; ++seed) QTest::addRow("seed %d", seed) << seed;
}

void RaftVotersTest::faults_break_nothing_while_voters_change() {
  QFETCH(int, seed);
  constexpr int controllers = 5;
  TestQuorum quorum(TestQuorum::Dynamic{controllers, 3}, static_cast<std::uint64_t>(seed));
  Prng draws(static_cast<std::uint64_t>(seed) + 5000);
  const auto any = [&] { return static_cast<int>(draws.between(1, controllers)); };
  const auto start_all = [&] {
    for (int id = 1; id <= controllers; ++id) {
      if (!quorum.is_up(BrokerId{id})) quorum.start(BrokerId{id});
    }
  };
  // A leader that leaves two voters with nobody but the other must not be lost before that one has
  // the record: its log is longer, and it does not stand for election any more (as in Kafka).
  const auto remove = [&](int at, int voter) {
    const bool leaves_one = quorum.node(at).raft->voter_set().size() == 2;
    if (at != voter || !leaves_one) quorum.remove_voter(at, voter);
  };
  for (int round = 0; round < 200; ++round) {
    const int leads = quorum.leader();
    switch (draws.below(12)) {
      case 0: quorum.crash(any(), draws.chance(0.5)); break;
      case 1: start_all(); break;
      case 2: quorum.isolate(any()); break;
      case 3: quorum.cut(any(), any()); break;
      case 4:
      case 5: quorum.heal(); break;
      case 6: quorum.snapshot_and_clean(any()); break;
      case 7:
      case 8:
        for (int id = 1; id <= controllers; ++id) quorum.add_voter(id, any());
        break;
      case 9:
        for (int id = 1; id <= controllers; ++id) remove(id, any());
        break;
      case 10:
        if (leads != 0) quorum.isolate(leads);
        if (leads != 0) remove(leads, any());
        break;
      default:
        for (int id = 1; id <= controllers; ++id)
          quorum.write(id, "round " + std::to_string(round));
    }
    quorum.run_for(Duration::millis(draws.between(1, 1500)));
    QVERIFY2(quorum.violation.empty(), quorum.violation.c_str());
  }
  quorum.heal();
  start_all();
  quorum.run_for(Duration::seconds(20));
  QVERIFY(quorum.leader() != 0);
  const TestNode& leader = quorum.node(quorum.leader());
  quorum.write(quorum.leader(), "after it all");
  quorum.run_for(Duration::seconds(3));
  QCOMPARE(leader.raft->high_watermark(), leader.log.end_offset());
  for (int id = 1; id <= controllers; ++id) {
    QVERIFY(quorum.node(id).log.content() == leader.log.content());
    QVERIFY(quorum.node(id).raft->voter_set() == leader.raft->voter_set());
  }
  QVERIFY2(quorum.violation.empty(), quorum.violation.c_str());
}

OTTLA_TEST(RaftVotersTest)
#include "raft_voters_test.moc"
