#include "engine/broker/quota/request_quota.h"

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;

namespace {

const QuotaSubject shop{"ANONYMOUS", "shop"};
const QuotaSubject bank{"ANONYMOUS", "bank"};

// Client shop may have 5 % of a thread, measured over ten seconds and the one that has begun.
struct Limited {
  explicit Limited(std::optional<double> percent = 5) {
    metadata::Image image;
    if (percent) {
      protocol::ClientQuotaRecord record;
      record.entity.push_back({"client-id", "shop"});
      record.key = "request_percentage";
      record.value = *percent;
      image.apply(record, Offset{1});
    }
    quota.update(image);
  }
  std::int64_t wait_ms(const QuotaSubject& subject, std::int64_t handled_ms) {
    return quota.charge(subject, handled_ms * 1'000'000, scenario_epoch).count_millis();
  }
  RequestQuota quota{SampleWindow{}};
};

}  // namespace

class RequestQuotaTest : public QObject {
  Q_OBJECT
 private slots:
  void within_the_limit_nobody_waits();
  void over_it_the_client_waits_until_it_is_back_at_it();
  void nobody_waits_longer_than_a_sample();
  void the_time_of_sending_counts_for_the_next_request();
  void others_do_not_wait();
  void without_limits_nothing_is_counted();
};

void RequestQuotaTest::within_the_limit_nobody_waits() {
  QCOMPARE(Limited().wait_ms(shop, 500), 0);
}

// 520 ms are 5.2 % of ten seconds: 10 s x (5.2 - 5) / 5.
void RequestQuotaTest::over_it_the_client_waits_until_it_is_back_at_it() {
  QCOMPARE(Limited().wait_ms(shop, 520), 400);
}

void RequestQuotaTest::nobody_waits_longer_than_a_sample() {
  QCOMPARE(Limited().wait_ms(shop, 5000), 1000);
}

void RequestQuotaTest::the_time_of_sending_counts_for_the_next_request() {
  Limited limited;
  limited.quota.count(shop, 520'000'000, scenario_epoch);
  QCOMPARE(limited.wait_ms(shop, 0), 400);
}

void RequestQuotaTest::others_do_not_wait() {
  Limited limited;
  QVERIFY(limited.wait_ms(shop, 5000) > 0);
  QCOMPARE(limited.wait_ms(bank, 5000), 0);
}

void RequestQuotaTest::without_limits_nothing_is_counted() {
  Limited limited(std::nullopt);
  QVERIFY(!limited.quota.in_use());
  QCOMPARE(limited.wait_ms(shop, 5000), 0);
}

OTTLA_TEST(RequestQuotaTest)
#include "request_quota_test.moc"
