// Controllers make themselves known in the metadata log, each in every life of its own (KIP-919).
#include "engine/metadata/features.h"
#include "engine/protocol/messages/describe_cluster_request.h"
#include "engine/protocol/messages/describe_cluster_response.h"
#include "engine/protocol/messages/update_features_request.h"
#include "engine/protocol/messages/update_features_response.h"
#include "tests/engine/broker/quorum_world.h"

using namespace ottla;
using namespace ottla::broker;
using namespace ottla::broker::test;

namespace {

constexpr std::int8_t brokers_endpoint = 1;
constexpr std::int8_t controllers_endpoint = 2;

protocol::DescribeClusterResponse describe(Quorum& quorum, std::int8_t endpoint_type) {
  protocol::DescribeClusterRequest request;
  request.endpoint_type = endpoint_type;
  quorum.followers[1]->ask(request, ApiVersion{1});
  quorum.world.run_for(Duration::millis(300));
  return quorum.followers[1]->take<protocol::DescribeClusterResponse>().value();
}

}  // namespace

class ControllerRegistrationTest : public QObject {
  Q_OBJECT
 private slots:
  void every_controller_registers_itself();
  void a_controller_that_starts_again_registers_anew();
  void a_controller_registers_with_the_next_one_when_the_active_one_is_gone();
  void clients_are_told_of_the_controllers_that_have_registered();
  void a_voter_that_never_registered_holds_features_back();
};

void ControllerRegistrationTest::every_controller_registers_itself() {
  Quorum quorum({}, 3);
  quorum.add_follower(1);
  quorum.world.run_for(Duration::seconds(5));
  const auto& controllers = quorum.followers[1]->replica.image().controllers();
  QCOMPARE(controllers.size(), 3U);
  for (const ControllerVoter& voter : voters_of(3)) {
    const metadata::ControllerRegistration& known = controllers.at(voter.id);
    QCOMPARE(known.endpoints.at(0).name, std::string("CONTROLLER"));
    QCOMPARE(known.endpoints[0].host, voter.endpoint.host);
    QCOMPARE(known.endpoints[0].port, voter.endpoint.port);
    QCOMPARE(known.features.size(), metadata::supported_features().size());
  }
}

void ControllerRegistrationTest::a_controller_that_starts_again_registers_anew() {
  Quorum quorum({}, 3);
  quorum.add_follower(1);
  quorum.world.run_for(Duration::seconds(5));
  const auto& image = quorum.followers[1]->replica.image();
  for (std::size_t place = 0; place < 3; ++place) {
    const BrokerId id{101 + static_cast<int>(place)};
    const Uuid before = image.controllers().at(id).incarnation;
    const Offset written = image.applied_offset();
    quorum.world.restart(quorum.controller_processes[place], Duration::millis(100));
    quorum.world.run_for(Duration::seconds(8));
    QVERIFY(image.controllers().at(id).incarnation != before);
    QVERIFY(image.applied_offset() > written);
  }
}

void ControllerRegistrationTest::
    a_controller_registers_with_the_next_one_when_the_active_one_is_gone() {
  Quorum quorum({}, 3);
  quorum.add_follower(1);
  quorum.world.run_for(Duration::seconds(5));
  const auto& image = quorum.followers[1]->replica.image();
  const std::size_t active = quorum.active();
  const std::size_t other = (active + 1) % 3;
  const BrokerId id{101 + static_cast<int>(other)};
  const Uuid before = image.controllers().at(id).incarnation;
  quorum.world.kill(quorum.controller_processes[other]);
  quorum.world.start(quorum.controller_processes[other], Duration::millis(100));
  quorum.world.run_for(Duration::millis(50));
  quorum.world.kill(quorum.controller_processes[active]);
  quorum.world.run_for(Duration::seconds(10));
  QVERIFY(image.controllers().at(id).incarnation != before);
}

void ControllerRegistrationTest::clients_are_told_of_the_controllers_that_have_registered() {
  Quorum quorum({}, 3);
  quorum.add_follower(1);
  quorum.world.run_for(Duration::seconds(5));
  const auto told = describe(quorum, controllers_endpoint);
  QVERIFY(told.error_code == ErrorCode::none);
  QCOMPARE(told.cluster_id, std::string("cluster"));
  QCOMPARE(told.controller_id, BrokerId{101 + static_cast<int>(quorum.active())});
  QCOMPARE(told.brokers.size(), 3U);
  QCOMPARE(told.brokers[0].broker_id, BrokerId{101});
  QCOMPARE(told.brokers[0].host, controller_endpoint.host);
  QCOMPARE(told.brokers[0].port, static_cast<int>(controller_endpoint.port));
  QVERIFY(describe(quorum, brokers_endpoint).error_code == ErrorCode::mismatched_endpoint_type);
  QVERIFY(describe(quorum, 9).error_code == ErrorCode::unsupported_endpoint_type);
}

void ControllerRegistrationTest::a_voter_that_never_registered_holds_features_back() {
  Quorum quorum({}, 3);
  quorum.world.kill(quorum.controller_processes[2]);
  quorum.add_follower(1);
  quorum.world.run_for(Duration::seconds(5));
  quorum.followers[1]->turn_to(quorum.at(quorum.active()).config().listener);
  const auto update = [&] {
    protocol::UpdateFeaturesRequest request;
    auto& feature = request.feature_updates.emplace_back();
    feature.feature = "eligible.leader.replicas.version";
    feature.max_version_level = 0;
    feature.upgrade_type = 2;
    quorum.followers[1]->ask(request, ApiVersion{2});
    quorum.world.run_for(Duration::seconds(1));
    return quorum.followers[1]->take<protocol::UpdateFeaturesResponse>().value();
  };
  const auto refused = update();
  QVERIFY(refused.error_code == ErrorCode::invalid_update_version);
  QVERIFY(refused.error_message->find("controller 103 has not registered") != std::string::npos);
  quorum.world.start(quorum.controller_processes[2]);
  quorum.world.run_for(Duration::seconds(5));
  QVERIFY(update().error_code == ErrorCode::none);
}

OTTLA_TEST(ControllerRegistrationTest)
#include "controller_registration_test.moc"
