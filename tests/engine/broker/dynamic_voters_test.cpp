// Controllers whose log says who votes (KIP-853), in a simulated world: voters are added and
// removed by requests, through faults and restarts.
#include "engine/protocol/messages/describe_quorum_request.h"
#include "engine/protocol/messages/describe_quorum_response.h"
#include "engine/protocol/messages/update_features_request.h"
#include "engine/protocol/messages/update_features_response.h"
#include "tests/engine/broker/quorum_world.h"

using namespace ottla;
using namespace ottla::broker;
using namespace ottla::broker::test;
using namespace ottla::world;

namespace {

// The first `count` controllers as the log names voters, each with a directory of its own.
raft::VoterSet logged_voters_of(int count) {
  std::vector<raft::Voter> voters;
  for (const ControllerVoter& each : voters_of(count)) {
    voters.push_back({.key = {each.id, Uuid(5, static_cast<std::uint64_t>(each.id.value()))},
                      .endpoints = {{"CONTROLLER", each.endpoint.host, each.endpoint.port}},
                      .versions = raft::supported_kraft_versions});
  }
  return raft::VoterSet(voters);
}

protocol::AddRaftVoterRequest addition_of(int place) {
  const ControllerVoter node = voters_of(place).back();
  protocol::AddRaftVoterRequest request;
  request.cluster_id = "cluster";
  request.voter_id = node.id.value();
  request.listeners.push_back(
      {.name = "CONTROLLER", .host = node.endpoint.host, .port = node.endpoint.port});
  return request;
}

std::vector<BrokerId> ids(std::initializer_list<int> values) {
  std::vector<BrokerId> all;
  for (const int value : values) all.push_back(BrokerId{value});
  return all;
}

// Four controllers, the first of which vote, and a broker that asks.
struct DynamicQuorum : Quorum {
  explicit DynamicQuorum(raft::VoterSet initial = logged_voters_of(3),
                         metadata::ConfigValues server = {})
      : Quorum(std::move(server), 4, std::move(initial)) {
    add_follower(1);
    world.run_for(Duration::seconds(5));
  }
  [[nodiscard]] const ControllerNode& leader() const { return at(active()); }
  [[nodiscard]] Uuid directory(std::size_t place) const {
    const std::vector<raft::ReplicaStatus> observers = leader().raft().observers(world.now());
    for (const auto& each : observers) {
      if (each.replica.id == at(place).config().node_id) return each.replica.directory;
    }
    const raft::Voter* voter = leader().raft().voter_set().find(at(place).config().node_id);
    return voter == nullptr ? Uuid{} : voter->key.directory;
  }
  template <class Response, class Request>
  std::optional<Response> ask(const Request& request, ApiVersion version = ApiVersion{0}) {
    followers[1]->turn_to(leader().config().listener);
    followers[1]->ask(request, version);
    world.run_for(Duration::seconds(3));
    return followers[1]->take<Response>();
  }
  std::optional<protocol::AddRaftVoterResponse> add(int place) {
    auto request = addition_of(place);
    request.voter_directory_id = directory(static_cast<std::size_t>(place) - 1);
    return ask<protocol::AddRaftVoterResponse>(request, ApiVersion{1});
  }
  [[nodiscard]] protocol::RemoveRaftVoterRequest removal_of(std::size_t place) const {
    protocol::RemoveRaftVoterRequest request;
    request.cluster_id = "cluster";
    request.voter_id = at(place).config().node_id.value();
    request.voter_directory_id = directory(place);
    return request;
  }
  [[nodiscard]] std::vector<BrokerId> voters_at(std::size_t place) const {
    return at(place).raft().voter_set().ids();
  }
};

}  // namespace

class DynamicVotersTest : public QObject {
  Q_OBJECT
 private slots:
  void the_first_voters_are_those_of_the_format();
  void a_controller_is_added_and_counts();
  void a_change_is_answered_through_an_envelope();
  void refusals_have_kafkas_codes_and_words();
  void the_leader_is_removed_and_another_takes_over();
  void a_change_is_done_or_undone_when_the_leader_dies();
  void voters_are_known_again_from_the_log_and_from_a_snapshot();
  void a_voter_tells_what_it_can_run_with();
  void a_static_quorum_is_upgraded();
  void a_log_of_kraft_version_0_keeps_its_static_voters();
};

void DynamicVotersTest::the_first_voters_are_those_of_the_format() {
  DynamicQuorum quorum;
  for (std::size_t place = 0; place < 4; ++place) {
    QCOMPARE(quorum.voters_at(place), ids({101, 102, 103}));
    QCOMPARE(quorum.at(place).raft().is_voter(), place < 3);
    QCOMPARE(int{quorum.at(place).raft().kraft_version()}, 1);
  }
  QCOMPARE(quorum.followers[1]->replica.raft().voter_set().ids(), ids({101, 102, 103}));
  protocol::DescribeQuorumRequest request;
  request.topics.push_back({.topic_name = "__cluster_metadata", .partitions = {{}}});
  const auto described = quorum.ask<protocol::DescribeQuorumResponse>(request, ApiVersion{2});
  QVERIFY(described.has_value());
  const auto& partition = described->topics.at(0).partitions.at(0);
  QCOMPARE(partition.current_voters.size(), 3U);
  QCOMPARE(partition.current_voters[1].replica_directory_id, Uuid(5, 102));
  QCOMPARE(partition.observers.size(), 2U);  // A controller and a broker.
  QCOMPARE(described->nodes.size(), 3U);
  QCOMPARE(described->nodes[1].listeners.at(0).host, std::string("controller-2"));
}

void DynamicVotersTest::a_controller_is_added_and_counts() {
  DynamicQuorum quorum;
  const auto added = quorum.add(4);
  QVERIFY(added.has_value());
  QCOMPARE(added->error_code, ErrorCode::none);
  QCOMPARE(added->error_message, std::optional<std::string>("NONE"));
  for (std::size_t place = 0; place < 4; ++place)
    QCOMPARE(quorum.voters_at(place), ids({101, 102, 103, 104}));
  // Half of four is no majority: the leader cannot go on with one other.
  const std::size_t leader = quorum.active();
  int killed = 0;
  for (std::size_t place = 0; place < 4 && killed < 2; ++place) {
    if (place == leader) continue;
    quorum.world.kill(quorum.controller_processes[place]);
    ++killed;
  }
  quorum.world.run_for(Duration::seconds(10));
  QVERIFY(!quorum.at(leader).is_active());
}

void DynamicVotersTest::a_change_is_answered_through_an_envelope() {
  DynamicQuorum quorum;
  const auto removal = quorum.removal_of(quorum.active() == 0 ? 1 : 0);
  ByteWriter inner;
  protocol::RequestHead head;
  head.key = protocol::ApiKey::remove_raft_voter;
  head.version = ApiVersion{0};
  head.correlation_id = CorrelationId{78};
  protocol::write_request_head(inner, head);
  removal.encode(inner, ApiVersion{0});
  protocol::EnvelopeRequest envelope;
  envelope.request_data = inner.take();
  envelope.request_principal.reset();
  const auto answer = quorum.ask<protocol::EnvelopeResponse>(envelope);
  QVERIFY(answer && answer->error_code == ErrorCode::none && answer->response_data);
  ByteReader reader(*answer->response_data);
  const auto answered =
      protocol::read_response_head(reader, protocol::ApiKey::remove_raft_voter, ApiVersion{0});
  QCOMPARE(answered->correlation_id, CorrelationId{78});
  const auto body = protocol::RemoveRaftVoterResponse::decode(reader, ApiVersion{0});
  QVERIFY(body.has_value());
  QCOMPARE(body->error_code, ErrorCode::none);
  QCOMPARE(quorum.leader().raft().voter_set().size(), 2U);
}

void DynamicVotersTest::refusals_have_kafkas_codes_and_words() {
  DynamicQuorum quorum;
  const auto refused_add = [&](const protocol::AddRaftVoterRequest& request) {
    const auto response = quorum.ask<protocol::AddRaftVoterResponse>(request);
    return response.value_or(protocol::AddRaftVoterResponse{});
  };
  auto foreign = addition_of(4);
  foreign.cluster_id = "other";
  QCOMPARE(refused_add(foreign).error_code, ErrorCode::inconsistent_cluster_id);
  QCOMPARE(refused_add(foreign).error_message,
           std::optional<std::string>(
               "The given id \"other\" doesn't match the cluster id \"cluster\""));
  QCOMPARE(refused_add(addition_of(4)).error_code, ErrorCode::invalid_request);  // No directory.
  QCOMPARE(quorum.add(2)->error_code, ErrorCode::duplicate_voter);
  auto stranger = addition_of(4);
  stranger.voter_directory_id = Uuid(8, 8);
  const auto lagging = refused_add(stranger);
  QCOMPARE(lagging.error_code, ErrorCode::request_timed_out);
  QVERIFY(lagging.error_message->ends_with("since it is lagging behind"));
  auto unknown = quorum.removal_of(3);
  QCOMPARE(quorum.ask<protocol::RemoveRaftVoterResponse>(unknown)->error_code,
           ErrorCode::voter_not_found);
  // Who does not lead says so, in no words.
  const std::size_t other = quorum.active() == 0 ? 1 : 0;
  quorum.followers[1]->turn_to(quorum.at(other).config().listener);
  quorum.followers[1]->ask(addition_of(4), ApiVersion{0});
  quorum.world.run_for(Duration::seconds(1));
  const auto elsewhere = quorum.followers[1]->take<protocol::AddRaftVoterResponse>();
  QVERIFY(elsewhere.has_value());
  QCOMPARE(elsewhere->error_code, ErrorCode::not_leader_or_follower);
  QCOMPARE(elsewhere->error_message, std::optional<std::string>(""));
}

void DynamicVotersTest::the_leader_is_removed_and_another_takes_over() {
  DynamicQuorum quorum;
  const std::size_t first = quorum.active();
  const auto removed = quorum.ask<protocol::RemoveRaftVoterResponse>(quorum.removal_of(first));
  QVERIFY(removed.has_value());
  QCOMPARE(removed->error_code, ErrorCode::none);
  quorum.world.run_for(Duration::seconds(5));
  QVERIFY(quorum.active() != first);
  QCOMPARE(quorum.leader().raft().voter_set().size(), 2U);
  // It follows on, and so does the broker.
  QVERIFY(quorum.at(first).raft().role() == raft::Raft::Role::follower);
  const Endpoint* active = quorum.followers[1]->replica.active_controller();
  QVERIFY(active != nullptr);
  QCOMPARE(*active, quorum.leader().config().listener);
}

void DynamicVotersTest::a_change_is_done_or_undone_when_the_leader_dies() {
  for (int after_ms = 0; after_ms < 60; after_ms += 4) {
    DynamicQuorum quorum;
    const std::size_t first = quorum.active();
    auto request = addition_of(4);
    request.voter_directory_id = quorum.directory(3);
    quorum.followers[1]->turn_to(quorum.leader().config().listener);
    quorum.followers[1]->ask(request, ApiVersion{0});
    quorum.world.run_for(Duration::millis(after_ms));
    quorum.world.power_loss(quorum.controller_processes[first]);
    const auto answered = quorum.followers[1]->take<protocol::AddRaftVoterResponse>();
    quorum.world.run_for(Duration::seconds(10));
    const auto voters = quorum.leader().raft().voter_set().ids();
    const bool is_done = voters == ids({101, 102, 103, 104});
    QVERIFY(is_done || voters == ids({101, 102, 103}));
    if (answered && answered->error_code == ErrorCode::none) QVERIFY(is_done);
    quorum.world.start(quorum.controller_processes[first]);
    quorum.world.run_for(Duration::seconds(5));
    for (std::size_t place = 0; place < 4; ++place) QCOMPARE(quorum.voters_at(place), voters);
  }
}

void DynamicVotersTest::voters_are_known_again_from_the_log_and_from_a_snapshot() {
  DynamicQuorum quorum(logged_voters_of(3),
                       {{"metadata.log.max.record.bytes.between.snapshots", "500"},
                        {"metadata.max.retention.bytes", "100"}});
  QCOMPARE(quorum.add(4)->error_code, ErrorCode::none);
  for (const bool power : {false, true}) {
    for (const ProcessId process : quorum.controller_processes) {
      power ? quorum.world.power_loss(process) : quorum.world.kill(process);
      quorum.world.start(process, Duration::millis(500));
    }
    quorum.world.run_for(Duration::seconds(120));
    for (std::size_t place = 0; place < 4; ++place)
      QCOMPARE(quorum.voters_at(place), ids({101, 102, 103, 104}));
  }
  // Whoever comes now finds no log from the beginning on.
  QVERIFY(quorum.leader().quorum().log().start_offset() > Offset{0});
  quorum.add_follower(2);
  quorum.world.run_for(Duration::seconds(5));
  QVERIFY(quorum.followers[2]->replica.quorum().log().start_offset() > Offset{0});
  QCOMPARE(quorum.followers[2]->replica.raft().voter_set().ids(), ids({101, 102, 103, 104}));
}

void DynamicVotersTest::a_voter_tells_what_it_can_run_with() {
  raft::VoterSet initial = logged_voters_of(3);
  raft::Voter old = *initial.find(BrokerId{102});
  old.versions = {};
  old.endpoints.push_back({"OTHER", "nowhere", 1});
  initial = *initial.with_update(old);
  DynamicQuorum quorum(initial);
  quorum.world.run_for(Duration::seconds(5));
  for (std::size_t place = 0; place < 4; ++place)
    QVERIFY(quorum.at(place).raft().voter_set() == logged_voters_of(3));
}

void DynamicVotersTest::a_static_quorum_is_upgraded() {
  DynamicQuorum quorum{raft::VoterSet()};
  quorum.world.run_for(Duration::seconds(5));
  QCOMPARE(int{quorum.leader().raft().kraft_version()}, 0);
  const auto unsupported =
      quorum.ask<protocol::RemoveRaftVoterResponse>(quorum.removal_of(0))->error_code;
  QCOMPARE(unsupported, ErrorCode::invalid_request);  // No directory is known of it.
  protocol::UpdateFeaturesRequest upgrade;
  upgrade.feature_updates.push_back(
      {.feature = "kraft.version", .max_version_level = 1, .upgrade_type = 1});
  upgrade.validate_only = true;
  const auto ask = [&] {
    return *quorum.ask<protocol::UpdateFeaturesResponse>(upgrade, ApiVersion{2});
  };
  QCOMPARE(ask().error_code, ErrorCode::none);
  QCOMPARE(int{quorum.leader().raft().kraft_version()}, 0);
  upgrade.validate_only = false;
  QCOMPARE(ask().error_code, ErrorCode::none);
  for (std::size_t place = 0; place < 4; ++place) {
    QCOMPARE(int{quorum.at(place).raft().kraft_version()}, 1);
    const raft::Voter* voter = quorum.at(place).raft().voter_set().find(BrokerId{101});
    QVERIFY(voter != nullptr && !voter->key.directory.is_zero());
  }
  const std::size_t other = quorum.active() == 0 ? 1 : 0;
  QCOMPARE(quorum.ask<protocol::RemoveRaftVoterResponse>(quorum.removal_of(other))->error_code,
           ErrorCode::none);
  upgrade.feature_updates[0].max_version_level = 0;
  upgrade.feature_updates[0].upgrade_type = 2;
  const auto refused = ask();
  QCOMPARE(refused.error_code, ErrorCode::invalid_update_version);
  QVERIFY(refused.error_message->ends_with(
      "Invalid update version 0 for feature kraft.version. Can't downgrade the version of this "
      "feature."));
}

// Whatever the nodes are started with later: nobody else could ever be elected.
void DynamicVotersTest::a_log_of_kraft_version_0_keeps_its_static_voters() {
  Quorum quorum({}, 3);
  quorum.world.run_for(Duration::seconds(3));
  quorum.voters_in_log = true;
  for (const ProcessId process : quorum.controller_processes) quorum.world.kill(process);
  for (const ProcessId process : quorum.controller_processes) quorum.world.start(process);
  quorum.world.run_for(Duration::seconds(5));
  int active = 0;
  for (std::size_t place = 0; place < 3; ++place) {
    active += quorum.at(place).is_active() ? 1 : 0;
    QCOMPARE(quorum.at(place).raft().voter_set().ids(), ids({101, 102, 103}));
    QCOMPARE(int{quorum.at(place).raft().kraft_version()}, 0);
  }
  QCOMPARE(active, 1);
}

OTTLA_TEST(DynamicVotersTest)
#include "dynamic_voters_test.moc"
