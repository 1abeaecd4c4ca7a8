// Elections among voters, and what a quorum of them keeps through every kind of failure.
#include "tests/engine/raft/test_quorum.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::raft;
using namespace ottla::raft::test;
using protocol::ErrorCode;

class RaftQuorumTest : public QObject {
  Q_OBJECT
 private slots:
  void three_voters_elect_one_leader_and_stay_with_it();
  void what_a_leader_writes_is_committed_on_every_node();
  void another_voter_leads_when_the_leader_dies_and_nothing_committed_is_lost();
  void a_leader_cut_off_from_the_majority_resigns();
  void a_voter_that_was_cut_off_does_not_disturb_the_leader_when_it_is_back();
  void a_leader_that_shuts_down_hands_over_at_once();
  void a_follower_that_is_behind_is_not_elected();
  void what_an_old_leader_could_not_commit_is_cut_off();
  void a_voter_grants_one_vote_an_epoch_through_a_restart();
  void a_leader_that_restarts_does_not_lead_its_old_epoch_on();
  void observers_follow_the_new_leader();
  void a_voter_that_is_far_behind_gets_a_snapshot();
  void a_snapshot_that_is_gone_is_given_up_for_a_newer_one();
  void snapshots_are_served_by_the_leader_of_the_epoch_alone();
  void a_voter_fetches_on_when_what_it_has_is_on_its_disk();
  void a_follower_that_is_served_grants_no_pre_vote();
  void faults_of_every_kind_break_nothing_data();
  void faults_of_every_kind_break_nothing();
};

void RaftQuorumTest::three_voters_elect_one_leader_and_stay_with_it() {
  TestQuorum quorum(3);
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0; }));
  const int leader = quorum.leader();
  quorum.run_for(Duration::seconds(1));
  const LeaderEpoch epoch = quorum.node(leader).raft->epoch();
  for (int id = 1; id <= 3; ++id) {
    QVERIFY((quorum.node(id).raft->leader() == LeaderAndEpoch{BrokerId{leader}, epoch}));
    QCOMPARE(quorum.node(id).persisted->leader, BrokerId{leader});
  }
  quorum.run_for(Duration::seconds(60));
  QCOMPARE(quorum.leader(), leader);
  QCOMPARE(quorum.node(leader).raft->epoch(), epoch);
  QCOMPARE(QString::fromStdString(quorum.violation), QString());
}

void RaftQuorumTest::what_a_leader_writes_is_committed_on_every_node() {
  TestQuorum quorum(5);
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0; }));
  for (int n = 0; n < 20; ++n) {
    quorum.write(quorum.leader(), "record " + std::to_string(n));
    quorum.run_for(Duration::millis(1));
  }
  quorum.run_for(Duration::seconds(1));
  const TestNode& leader = quorum.node(quorum.leader());
  for (int id = 1; id <= 5; ++id) {
    QCOMPARE(quorum.node(id).raft->high_watermark(), leader.log.end_offset());
    QVERIFY(quorum.node(id).log.read(Offset{0}) == leader.log.read(Offset{0}));
  }
}

void RaftQuorumTest::another_voter_leads_when_the_leader_dies_and_nothing_committed_is_lost() {
  TestQuorum quorum(3);
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0; }));
  const int first = quorum.leader();
  quorum.write(first, "kept");
  quorum.run_for(Duration::seconds(1));
  const Offset committed = quorum.node(first).raft->high_watermark();
  const LeaderEpoch epoch = quorum.node(first).raft->epoch();
  quorum.crash(first);
  const Instant died = quorum.now();
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0; }));
  QVERIFY(quorum.leader() != first);
  // The fetch timeout, and a vote or two.
  QVERIFY(quorum.now() - died < Duration::seconds(5));
  QVERIFY(quorum.node(quorum.leader()).raft->epoch() > epoch);
  quorum.run_for(Duration::seconds(1));
  QVERIFY(quorum.node(quorum.leader()).raft->high_watermark() > committed);
  quorum.start(BrokerId{first});
  quorum.run_for(Duration::seconds(3));
  QVERIFY(!quorum.node(first).raft->is_leader());
  QVERIFY(quorum.node(first).log.read(Offset{0}) ==
          quorum.node(quorum.leader()).log.read(Offset{0}));
  QCOMPARE(QString::fromStdString(quorum.violation), QString());
}

void RaftQuorumTest::a_leader_cut_off_from_the_majority_resigns() {
  TestQuorum quorum(3);
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0; }));
  const int first = quorum.leader();
  quorum.run_for(Duration::seconds(1));
  quorum.isolate(first);
  quorum.run_for(Duration::millis(2400));
  QVERIFY(quorum.node(first).raft->is_leader());
  quorum.run_for(Duration::millis(700));  // CheckQuorum: 1.5 times the fetch timeout.
  QVERIFY(!quorum.node(first).raft->is_leader());
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0; }));
  QVERIFY(quorum.leader() != first);
}

void RaftQuorumTest::a_voter_that_was_cut_off_does_not_disturb_the_leader_when_it_is_back() {
  TestQuorum quorum(3);
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0; }));
  const int leader = quorum.leader();
  const LeaderEpoch epoch = quorum.node(leader).raft->epoch();
  const int cut = leader == 1 ? 2 : 1;
  quorum.run_for(Duration::seconds(1));
  quorum.isolate(cut);
  quorum.run_for(Duration::seconds(30));
  // It asks in vain whether it would be elected, and takes no new epoch (KIP-996).
  QCOMPARE(quorum.node(cut).raft->epoch(), epoch);
  quorum.heal();
  quorum.run_for(Duration::seconds(5));
  QCOMPARE(quorum.leader(), leader);
  QCOMPARE(quorum.node(leader).raft->epoch(), epoch);
  QVERIFY(quorum.node(cut).raft->role() == Raft::Role::follower);
}

void RaftQuorumTest::a_leader_that_shuts_down_hands_over_at_once() {
  TestQuorum quorum(3);
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0; }));
  const int first = quorum.leader();
  quorum.run_for(Duration::seconds(1));
  const Instant asked = quorum.now();
  QVERIFY(!quorum.node(first).raft->may_stop());
  quorum.shut_down(first);
  QVERIFY(quorum.run_until([&] { return quorum.node(first).raft->may_stop(); }));
  QVERIFY2(quorum.now() - asked < Duration::millis(100), "a fetch timeout would take two seconds");
  QVERIFY(quorum.leader() != first && quorum.leader() != 0);
}

void RaftQuorumTest::a_follower_that_is_behind_is_not_elected() {
  TestQuorum quorum(3);
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0; }));
  const int first = quorum.leader();
  const int behind = first == 1 ? 2 : 1;
  const int current = 6 - first - behind;
  quorum.run_for(Duration::seconds(1));
  quorum.isolate(behind);
  quorum.write(first, "committed without the third");
  quorum.run_for(Duration::millis(500));
  quorum.crash(first);
  quorum.heal();
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0; }));
  QCOMPARE(quorum.leader(), current);
  QCOMPARE(QString::fromStdString(quorum.violation), QString());
}

void RaftQuorumTest::what_an_old_leader_could_not_commit_is_cut_off() {
  TestQuorum quorum(3);
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0; }));
  const int first = quorum.leader();
  quorum.run_for(Duration::seconds(1));
  quorum.isolate(first);
  quorum.write(first, "never committed");
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0 && quorum.leader() != first; }));
  quorum.write(quorum.leader(), "committed");
  quorum.run_for(Duration::seconds(1));
  quorum.heal();
  quorum.run_for(Duration::seconds(5));
  QCOMPARE(quorum.node(first).truncations.size(), 1U);
  QVERIFY(quorum.node(first).log.read(Offset{0}) ==
          quorum.node(quorum.leader()).log.read(Offset{0}));
}

void RaftQuorumTest::a_voter_grants_one_vote_an_epoch_through_a_restart() {
  const std::vector<BrokerId> voters{BrokerId{1}, BrokerId{2}, BrokerId{3}};
  TestNode voter(BrokerId{1}, voters);
  voter.start();
  VoteRequest vote;
  vote.candidate = {BrokerId{2}, {}};
  vote.candidate_epoch = LeaderEpoch{5};
  const auto ask = [&](std::uint64_t id) {
    voter.carry_out(voter.raft->on_request(AskId{id}, vote, voter.now));
    return std::get<VoteAnswer>(voter.answers.at(AskId{id}));
  };
  vote.pre_vote = true;
  QVERIFY(ask(1).granted);
  QCOMPARE(voter.persisted->voted, no_broker);  // A pre-vote binds nobody.
  vote.pre_vote = false;
  QVERIFY(ask(2).granted);
  QCOMPARE(voter.persisted->voted, BrokerId{2});
  vote.candidate = {BrokerId{3}, {}};
  QVERIFY(!ask(3).granted);
  voter.restart();
  QVERIFY(!ask(4).granted);
  vote.candidate = {BrokerId{2}, {}};
  QVERIFY(ask(5).granted);
  vote.candidate_epoch = LeaderEpoch{4};
  QVERIFY(ask(6).error == ErrorCode::fenced_leader_epoch);
  vote.candidate_epoch = LeaderEpoch{6};
  vote.voter = ReplicaKey{BrokerId{9}, {}};
  QVERIFY(ask(7).error == ErrorCode::invalid_voter_key);
}

void RaftQuorumTest::a_leader_that_restarts_does_not_lead_its_old_epoch_on() {
  TestQuorum quorum(3);
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0; }));
  const int first = quorum.leader();
  const LeaderEpoch epoch = quorum.node(first).raft->epoch();
  quorum.crash(first, true);
  quorum.start(BrokerId{first});
  QVERIFY(quorum.node(first).raft->role() == Raft::Role::resigned);
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0; }));
  QVERIFY(quorum.node(quorum.leader()).raft->epoch() > epoch);
}

void RaftQuorumTest::observers_follow_the_new_leader() {
  TestQuorum quorum(3);
  quorum.add_observer(11);
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0; }));
  quorum.run_for(Duration::seconds(1));
  const int first = quorum.leader();
  QVERIFY(!quorum.node(11).raft->is_voter());
  QCOMPARE(quorum.node(first).raft->observers(quorum.now()).size(), 1U);
  quorum.crash(first);
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0; }));
  quorum.run_for(Duration::seconds(3));
  QCOMPARE(quorum.node(11).raft->leader().leader, BrokerId{quorum.leader()});
  QCOMPARE(quorum.node(11).log.end_offset(), quorum.node(quorum.leader()).log.end_offset());
  QVERIFY(quorum.node(11).raft->role() == Raft::Role::follower);
}

void RaftQuorumTest::a_voter_that_is_far_behind_gets_a_snapshot() {
  TestQuorum quorum(3);
  QVERIFY(quorum.run_until([&] { return quorum.leader() != 0; }));
  const int leader = quorum.leader();
  const int behind = leader == 1 ? 2 : 1;
  quorum.run_for(Duration::seconds(1));
  quorum.crash(behind);
  for (int n = 0; n < 50; ++n) quorum.write(leader, "record " + std::to_string(n));
  quorum.run_for(Duration::seconds(1));
  quorum.snapshot_and_clean(leader);
  quorum.write(leader, "after the snapshot");
  quorum.run_for(Duration::seconds(1));
  QVERIFY(quorum.node(leader).log.start_offset() > Offset{50});
  quorum.start(BrokerId{behind});
  quorum.add_observer(11);
  quorum.run_for(Duration::seconds(3));
  for (const int id : {behind, 11}) {
    const TestNode& node = quorum.node(id);
    QCOMPARE(node.installed.size(), 1U);
    QVERIFY(node.installed[0] == quorum.node(leader).log.latest_snapshot());
    QCOMPARE(node.log.start_offset(), quorum.node(leader).log.start_offset());
    QCOMPARE(node.raft->high_watermark(), quorum.node(leader).log.end_offset());
    QVERIFY(node.log.content() == quorum.node(leader).log.content());
  }
  QCOMPARE(QString::fromStdString(quorum.violation), QString());
  // It starts again from the snapshot, which stands for what is committed.
  quorum.crash(11);
  quorum.start(BrokerId{11});
  QCOMPARE(quorum.node(11).raft->high_watermark(), quorum.node(11).log.start_offset());
}

void RaftQuorumTest::a_snapshot_that_is_gone_is_given_up_for_a_newer_one() {
  TestNode observer(BrokerId{1}, {BrokerId{9}});
  observer.persisted.emplace();
  observer.persisted->leader = BrokerId{9};
  observer.persisted->leader_epoch = LeaderEpoch{3};
  observer.start();
  FetchReply reply;
  reply.leader = {BrokerId{9}, LeaderEpoch{3}};
  reply.snapshot = OffsetAndEpoch{Offset{40}, LeaderEpoch{2}};
  observer.carry_out(observer.raft->on_reply(observer.sent[0].request, reply, observer.now));
  QCOMPARE(observer.snapshots_asked.size(), 1U);
  QVERIFY(observer.snapshots_asked[0].body.snapshot == reply.snapshot);
  SnapshotChunk chunk;
  chunk.leader = reply.leader;
  chunk.snapshot = *reply.snapshot;
  chunk.size = 10;
  chunk.bytes = ByteChain(Bytes::copy_of(std::string_view("half ")));
  const auto answer = [&](std::size_t asked) {
    observer.carry_out(
        observer.raft->on_reply(observer.snapshots_asked.at(asked).request, chunk, observer.now));
  };
  answer(0);
  QCOMPARE(observer.snapshots_asked.at(1).body.position, 5);
  QVERIFY(observer.installed.empty());
  chunk.error = ErrorCode::snapshot_not_found;
  answer(1);
  QCOMPARE(observer.snapshots_asked.size(), 2U);
  QCOMPARE(observer.sent.size(), 2U);  // What is there instead?
}

void RaftQuorumTest::snapshots_are_served_by_the_leader_of_the_epoch_alone() {
  TestNode leader(BrokerId{9}, {BrokerId{9}});
  leader.start();
  for (int n = 0; n < 5; ++n) leader.write();
  leader.sync();
  leader.log.snapshot_and_clean(leader.raft->high_watermark());
  SnapshotFetch fetch;
  fetch.replica = {BrokerId{1}, {}};
  fetch.current_leader_epoch = LeaderEpoch{1};
  fetch.snapshot = *leader.log.latest_snapshot();
  fetch.bytes_max = 7;
  std::uint64_t next = 1;
  const auto ask = [&] {
    const AskId id{next++};
    leader.carry_out(leader.raft->on_request(id, fetch, leader.now));
    return leader.chunks.at(id);
  };
  QCOMPARE(ask().bytes.size(), 7U);
  QVERIFY(ask().error == ErrorCode::none);
  QCOMPARE(ask().size, *leader.log.snapshot_size(fetch.snapshot));
  fetch.position = ask().size;
  QVERIFY(ask().error == ErrorCode::position_out_of_range);
  fetch.position = -1;
  QVERIFY(ask().error == ErrorCode::position_out_of_range);
  fetch.position = 0;
  fetch.snapshot.offset = Offset{1};
  QVERIFY(ask().error == ErrorCode::snapshot_not_found);
  fetch.current_leader_epoch = LeaderEpoch{0};
  QVERIFY(ask().error == ErrorCode::fenced_leader_epoch);
  fetch.current_leader_epoch = LeaderEpoch{2};
  QVERIFY(ask().error == ErrorCode::unknown_leader_epoch);
  fetch.cluster_id = "another";
  QVERIFY(ask().top_level_error == ErrorCode::inconsistent_cluster_id);
}

void RaftQuorumTest::a_voter_fetches_on_when_what_it_has_is_on_its_disk() {
  TestNode voter(BrokerId{1}, {BrokerId{1}, BrokerId{2}});
  voter.persisted.emplace();
  voter.persisted->leader = BrokerId{2};
  voter.persisted->leader_epoch = LeaderEpoch{1};
  voter.start();
  QCOMPARE(voter.sent.size(), 1U);
  FetchReply reply;
  reply.leader = {BrokerId{2}, LeaderEpoch{1}};
  reply.records = one_record(Offset{0}, LeaderEpoch{1});
  voter.carry_out(voter.raft->on_reply(voter.sent[0].request, reply, voter.now));
  QCOMPARE(voter.log.end_offset(), Offset{1});
  QCOMPARE(voter.sent.size(), 1U);  // The next fetch would say that it has the record.
  voter.sync();
  QCOMPARE(voter.sent.size(), 2U);
  QCOMPARE(voter.sent[1].body.fetch_offset, Offset{1});
}

void RaftQuorumTest::a_follower_that_is_served_grants_no_pre_vote() {
  TestNode voter(BrokerId{1}, {BrokerId{1}, BrokerId{2}, BrokerId{3}});
  voter.persisted.emplace();
  voter.persisted->leader = BrokerId{2};
  voter.persisted->leader_epoch = LeaderEpoch{1};
  voter.start();
  VoteRequest vote;
  vote.candidate = {BrokerId{3}, {}};
  vote.candidate_epoch = LeaderEpoch{1};
  vote.pre_vote = true;
  voter.carry_out(voter.raft->on_request(AskId{1}, vote, voter.now));
  QVERIFY(std::get<VoteAnswer>(voter.answers.at(AskId{1})).granted);
  FetchReply reply;
  reply.leader = {BrokerId{2}, LeaderEpoch{1}};
  voter.carry_out(voter.raft->on_reply(voter.sent[0].request, reply, voter.now));
  voter.carry_out(voter.raft->on_request(AskId{2}, vote, voter.now));
  QVERIFY(!std::get<VoteAnswer>(voter.answers.at(AskId{2})).granted);
}

void RaftQuorumTest::faults_of_every_kind_break_nothing_data() {
  QTest::addColumn<int>("voters");
  QTest::addColumn<int>("seed");
  for (int seed = 1; seed <= 40; ++seed) {
    const int voters = seed % 3 == 0 ? 5 : 3;
    QTest::addRow("seed %d, %d voters", seed, voters) << voters << seed;
  }
}

void RaftQuorumTest::faults_of_every_kind_break_nothing() {
  QFETCH(int, voters);
  QFETCH(int, seed);
  TestQuorum quorum(voters, static_cast<std::uint64_t>(seed));
  quorum.add_observer(11);
  Prng draws(static_cast<std::uint64_t>(seed) + 1000);
  const auto any = [&] { return static_cast<int>(draws.between(1, voters)); };
  for (int round = 0; round < 200; ++round) {
    switch (draws.below(9)) {
      case 8: quorum.snapshot_and_clean(any()); break;
      case 0: quorum.crash(any(), draws.chance(0.5)); break;
      case 1:
        for (int id = 1; id <= voters; ++id) {
          if (!quorum.is_up(BrokerId{id})) quorum.start(BrokerId{id});
        }
        break;
      case 2: quorum.isolate(any()); break;
      case 3: quorum.cut(any(), any()); break;
      case 4: quorum.heal(); break;
      default:
        for (int id = 1; id <= voters; ++id) quorum.write(id, "round " + std::to_string(round));
    }
    quorum.run_for(Duration::millis(draws.between(1, 1500)));
    QVERIFY2(quorum.violation.empty(), quorum.violation.c_str());
  }
  quorum.heal();
  for (int id = 1; id <= voters; ++id) {
    if (!quorum.is_up(BrokerId{id})) quorum.start(BrokerId{id});
  }
  quorum.run_for(Duration::seconds(20));
  QVERIFY(quorum.leader() != 0);
  const TestNode& leader = quorum.node(quorum.leader());
  quorum.write(quorum.leader(), "after it all");
  quorum.run_for(Duration::seconds(3));
  QCOMPARE(leader.raft->high_watermark(), leader.log.end_offset());
  for (int id = 1; id <= voters; ++id)
    QVERIFY(quorum.node(id).log.content() == leader.log.content());
  QCOMPARE(quorum.node(11).raft->high_watermark(), leader.log.end_offset());
  QVERIFY2(quorum.violation.empty(), quorum.violation.c_str());
}

OTTLA_TEST(RaftQuorumTest)
#include "raft_quorum_test.moc"
