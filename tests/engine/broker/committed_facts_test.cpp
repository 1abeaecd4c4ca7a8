#include "engine/broker/controller/committed_facts.h"

#include <QTest>
#include <variant>
#include <vector>

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;

namespace {

struct Recorder : probe::Probe {
  void tell(const probe::Fact& fact) override {
    registered += std::holds_alternative<probe::BrokerRegistered>(fact) ? 1 : 0;
    if (const auto* unfenced = std::get_if<probe::BrokerUnfenced>(&fact))
      serving.push_back(unfenced->broker);
  }
  int registered = 0;
  std::vector<BrokerId> serving;
};

protocol::MetadataRecord registration(bool fenced) {
  protocol::RegisterBrokerRecord record;
  record.broker_id = BrokerId{3};
  record.broker_epoch = BrokerEpoch{7};
  record.fenced = fenced;
  return record;
}

}  // namespace

class CommittedFactsTest : public QObject {
  Q_OBJECT
 private slots:
  void a_new_incarnation_is_registered_and_fenced();
  void an_incarnation_that_registers_again_serves_on();
};

void CommittedFactsTest::a_new_incarnation_is_registered_and_fenced() {
  Recorder recorder;
  CommittedFacts facts(recorder);
  facts.commit(registration(true), Offset{7});
  QCOMPARE(recorder.registered, 1);
  QVERIFY(recorder.serving.empty());
}

void CommittedFactsTest::an_incarnation_that_registers_again_serves_on() {
  Recorder recorder;
  CommittedFacts facts(recorder);
  facts.commit(registration(false), Offset{7});
  QCOMPARE(recorder.registered, 1);
  QVERIFY(recorder.serving == std::vector<BrokerId>{BrokerId{3}});
}

OTTLA_TEST(CommittedFactsTest)
#include "committed_facts_test.moc"
