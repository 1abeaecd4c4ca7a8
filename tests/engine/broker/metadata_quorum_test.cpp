// A controller and brokers' metadata replicas in a simulated world: the log travels, survives
// restarts, and what was lost with the power is cut off.
#include "engine/protocol/messages/create_topics_response.h"
#include "tests/engine/broker/quorum_world.h"

using namespace ottla;
using namespace ottla::broker;
using namespace ottla::broker::test;
using namespace ottla::world;

namespace {

protocol::CreateTopicsRequest one_topic(const std::string& name) {
  protocol::CreateTopicsRequest request;
  request.topics.push_back({.name = name,
                            .num_partitions = 2,
                            .replication_factor = 1,
                            .assignments = {},
                            .configs = {}});
  return request;
}

}  // namespace

class MetadataQuorumTest : public QObject {
  Q_OBJECT
 private slots:
  void brokers_get_the_log_and_the_same_image();
  void an_answer_comes_after_the_commit();
  void a_request_in_an_envelope_is_answered_in_one();
  void a_restarted_controller_carries_on_from_its_log();
  void a_broker_that_restarts_fills_its_image_again();
  void a_silent_broker_is_fenced_on_every_image();
  void a_broker_that_comes_late_gets_a_snapshot();
  void a_controller_that_was_away_too_long_decides_nothing();
  void a_controller_that_follows_names_the_active_one_for_each_item();
};

void MetadataQuorumTest::brokers_get_the_log_and_the_same_image() {
  Quorum quorum;
  quorum.add_follower(1);
  quorum.add_follower(2);
  quorum.world.run_for(Duration::seconds(1));
  QVERIFY(quorum.bring_up(1) != no_broker_epoch);
  quorum.world.run_for(Duration::seconds(2));
  QVERIFY(quorum.controller().is_active());
  const Endpoint* active = quorum.followers[1]->replica.active_controller();
  QVERIFY(active != nullptr);
  QCOMPARE(*active, controller_endpoint);
  QCOMPARE(static_cast<int>(quorum.followers[2]->replica.image().feature_level("metadata.version")),
           27);
  QVERIFY(quorum.followers[2]->replica.image() == quorum.followers[1]->replica.image());
  QVERIFY(quorum.followers[2]->replica.image().is_active(BrokerId{1}));
  QCOMPARE(quorum.controller().raft().observers(quorum.world.now()).size(), 2U);
}

void MetadataQuorumTest::an_answer_comes_after_the_commit() {
  Quorum quorum;
  quorum.add_follower(1);
  quorum.world.run_for(Duration::seconds(1));
  QVERIFY(quorum.bring_up(1) != no_broker_epoch);
  quorum.world.set_sync_latency(quorum.controller_process, Duration::millis(200));
  quorum.followers[1]->ask(one_topic("orders"), ApiVersion{7});
  quorum.world.run_for(Duration::millis(100));
  QVERIFY(quorum.controller().image().topic(std::string_view("orders")) != nullptr);
  QVERIFY(quorum.controller().committed_image().topic(std::string_view("orders")) == nullptr);
  QVERIFY(quorum.followers[1]->answers.empty());
  quorum.world.run_for(Duration::seconds(1));
  const auto answer = quorum.followers[1]->take<protocol::CreateTopicsResponse>();
  QVERIFY(answer && answer->topics.at(0).error_code == ErrorCode::none);
  QVERIFY(quorum.followers[1]->replica.image().topic(std::string_view("orders")) != nullptr);
}

void MetadataQuorumTest::a_request_in_an_envelope_is_answered_in_one() {
  Quorum quorum;
  quorum.add_follower(1);
  quorum.world.run_for(Duration::seconds(1));
  QVERIFY(quorum.bring_up(1) != no_broker_epoch);
  ByteWriter inner;
  protocol::RequestHead head;
  head.key = protocol::ApiKey::create_topics;
  head.version = ApiVersion{7};
  head.correlation_id = CorrelationId{77};
  protocol::write_request_head(inner, head);
  one_topic("orders").encode(inner, ApiVersion{7});
  protocol::EnvelopeRequest envelope;
  envelope.request_data = inner.take();
  envelope.request_principal.reset();
  quorum.followers[1]->ask(envelope, ApiVersion{0});
  quorum.world.run_for(Duration::seconds(1));
  const auto answer = quorum.followers[1]->take<protocol::EnvelopeResponse>();
  QVERIFY(answer && answer->error_code == ErrorCode::none && answer->response_data);
  ByteReader reader(*answer->response_data);
  const auto answered =
      protocol::read_response_head(reader, protocol::ApiKey::create_topics, ApiVersion{7});
  QCOMPARE(answered->correlation_id, CorrelationId{77});
  const auto body = protocol::CreateTopicsResponse::decode(reader, ApiVersion{7});
  QVERIFY(body && body->topics.at(0).error_code == ErrorCode::none);
}

void MetadataQuorumTest::a_restarted_controller_carries_on_from_its_log() {
  Quorum quorum;
  quorum.add_follower(1);
  quorum.world.run_for(Duration::seconds(1));
  QVERIFY(quorum.bring_up(1) != no_broker_epoch);
  quorum.followers[1]->ask(one_topic("orders"), ApiVersion{7});
  quorum.world.run_for(Duration::seconds(1));
  for (const bool power : {false, true}) {
    const LeaderEpoch epoch = quorum.controller().raft().epoch();
    if (power) {
      quorum.world.power_loss(quorum.controller_process);
      quorum.world.start(quorum.controller_process, Duration::seconds(1));
    } else {
      quorum.world.restart(quorum.controller_process, Duration::seconds(1));
    }
    quorum.world.run_for(Duration::seconds(6));
    QCOMPARE(quorum.controller().raft().epoch(), epoch.next());
    QVERIFY(quorum.controller().image().topic(std::string_view("orders")) != nullptr);
    QCOMPARE(quorum.followers[1]->replica.raft().epoch(), epoch.next());
    QVERIFY(quorum.followers[1]->replica.take_controller_changed());
    QVERIFY(!quorum.followers[1]->replica.failed());
    QVERIFY(quorum.followers[1]->replica.raft().high_watermark() > Offset{0});
  }
}

void MetadataQuorumTest::a_broker_that_restarts_fills_its_image_again() {
  Quorum quorum;
  quorum.add_follower(1);
  quorum.world.run_for(Duration::seconds(1));
  QVERIFY(quorum.bring_up(1) != no_broker_epoch);
  quorum.followers[1]->ask(one_topic("orders"), ApiVersion{7});
  quorum.world.run_for(Duration::seconds(1));
  quorum.world.restart(quorum.follower_processes[1], Duration::millis(100));
  quorum.world.run_for(Duration::seconds(1));
  QVERIFY(quorum.followers[1]->replica.image().topic(std::string_view("orders")) != nullptr);
  const auto delta = quorum.followers[1]->replica.take_delta();
  QVERIFY(delta && delta->created_topics.size() == 1);
  QVERIFY(!quorum.followers[1]->replica.take_delta());
}

void MetadataQuorumTest::a_silent_broker_is_fenced_on_every_image() {
  Quorum quorum;
  quorum.add_follower(1);
  quorum.world.run_for(Duration::seconds(1));
  QVERIFY(quorum.bring_up(1) != no_broker_epoch);
  quorum.world.run_for(Duration::seconds(8));
  QVERIFY(quorum.followers[1]->replica.image().is_active(BrokerId{1}));
  quorum.world.run_for(Duration::seconds(2));
  QVERIFY(!quorum.followers[1]->replica.image().is_active(BrokerId{1}));
}

void MetadataQuorumTest::a_broker_that_comes_late_gets_a_snapshot() {
  Quorum quorum({{"metadata.log.max.record.bytes.between.snapshots", "2000"},
                 {"metadata.max.retention.bytes", "1000"},
                 {"metadata.max.idle.interval.ms", "0"}});
  quorum.add_follower(1);
  quorum.world.run_for(Duration::seconds(1));
  QVERIFY(quorum.bring_up(1) != no_broker_epoch);
  for (int n = 0; n < 40; ++n) {
    quorum.followers[1]->ask(one_topic("topic-" + std::to_string(n)), ApiVersion{7});
    quorum.world.run_for(Duration::millis(50));
  }
  quorum.world.run_for(Duration::seconds(70));  // The log is cleaned once a minute.
  const auto& log = quorum.controller().quorum().log();
  QVERIFY(log.latest_snapshot().has_value());
  QVERIFY(log.start_offset() > Offset{0});
  quorum.add_follower(2);
  quorum.world.run_for(Duration::seconds(2));
  const MetadataReplica& late = quorum.followers[2]->replica;
  QCOMPARE(late.quorum().log().start_offset(), log.latest_snapshot()->offset);
  QVERIFY(late.image() == quorum.followers[1]->replica.image());
  QVERIFY(late.image().topic(std::string_view("topic-0")) != nullptr);
  const auto delta = quorum.followers[2]->replica.take_delta();
  QCOMPARE(delta->created_topics.size(), 40U);

  // Both start again from a snapshot and the log after it.
  quorum.world.restart(quorum.controller_process, Duration::millis(100));
  quorum.world.restart(quorum.follower_processes[2], Duration::millis(100));
  quorum.world.run_for(Duration::seconds(5));
  QVERIFY(quorum.controller().is_active());
  QVERIFY(quorum.controller().image().topic(std::string_view("topic-39")) != nullptr);
  QVERIFY(quorum.followers[2]->replica.image() == quorum.followers[1]->replica.image());
}

// Its first request comes before it has found out that the quorum has let go of it.
void MetadataQuorumTest::a_controller_that_was_away_too_long_decides_nothing() {
  Quorum quorum({}, 3);
  quorum.add_follower(1);
  quorum.world.run_for(Duration::seconds(3));
  const std::size_t old = quorum.active();
  quorum.followers[1]->turn_to(voters_of(3).at(old).endpoint);
  QVERIFY(quorum.bring_up(1) != no_broker_epoch);
  quorum.world.pause(quorum.controller_processes[old]);
  quorum.followers[1]->ask(one_topic("orders"), ApiVersion{7});
  quorum.world.run_for(Duration::seconds(6));
  quorum.world.resume(quorum.controller_processes[old]);
  quorum.world.run_for(Duration::seconds(6));
  QVERIFY(quorum.active() != old);
  QVERIFY(quorum.at(old).image() == quorum.at(old).committed_image());
  QVERIFY(quorum.at(old).image() == quorum.at(quorum.active()).committed_image());
  QVERIFY(quorum.at(old).image().topic(std::string_view("orders")) == nullptr);
  QCOMPARE(quorum.at(old).held_answers(), 0U);
  const auto answer = quorum.followers[1]->take<protocol::CreateTopicsResponse>();
  QVERIFY(answer && answer->topics.at(0).error_code == ErrorCode::not_controller);
  QCOMPARE(answer->topics.at(0).error_message,
           std::optional<std::string>("No controller appears to be active."));
}

void MetadataQuorumTest::a_controller_that_follows_names_the_active_one_for_each_item() {
  Quorum quorum({}, 3);
  quorum.add_follower(1);
  quorum.world.run_for(Duration::seconds(3));
  const std::size_t active = quorum.active();
  const std::size_t other = active == 0 ? 1 : 0;
  quorum.followers[1]->turn_to(voters_of(3).at(other).endpoint);
  protocol::CreateTopicsRequest request = one_topic("orders");
  request.topics.push_back(one_topic("payments").topics.front());
  quorum.followers[1]->ask(request, ApiVersion{7});
  quorum.world.run_for(Duration::millis(300));
  const auto answer = quorum.followers[1]->take<protocol::CreateTopicsResponse>();
  QVERIFY(answer && answer->topics.size() == 2);
  const std::string why = "The active controller appears to be node " +
                          std::to_string(voters_of(3).at(active).id.value()) + ".";
  for (const auto& topic : answer->topics) {
    QVERIFY(topic.error_code == ErrorCode::not_controller);
    QCOMPARE(topic.error_message, std::optional(why));
  }
  QCOMPARE(answer->topics.at(1).name, std::string("payments"));
}

OTTLA_TEST(MetadataQuorumTest)
#include "metadata_quorum_test.moc"
