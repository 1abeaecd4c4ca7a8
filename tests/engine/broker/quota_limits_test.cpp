#include "engine/broker/quota/quota_limits.h"

#include "engine/broker/quota/byte_quota.h"
#include "engine/broker/quota/mutation_quota.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;

namespace {

constexpr std::string_view produce = "producer_byte_rate";
constexpr std::string_view mutations = "controller_mutation_rate";
const QuotaSubject shop{"ANONYMOUS", "shop"};
using Mode = MutationCharge::Mode;

// An image with limits; "user=, client-id=shop" is the default user's client shop.
struct Limits {
  void set(const metadata::QuotaEntity& entity, double value, std::string_view key = produce) {
    put(entity, value, false, key);
  }
  void remove(const metadata::QuotaEntity& entity, std::string_view key = produce) {
    put(entity, 0, true, key);
  }
  void put(const metadata::QuotaEntity& entity, double value, bool gone, std::string_view key) {
    protocol::ClientQuotaRecord record;
    for (const auto& [type, name] : entity) record.entity.push_back({type, name});
    record.key = std::string(key);
    record.value = value;
    record.remove = gone;
    image.apply(record, Offset{++offset});
    limits.update(image);
    bytes.update(image);
    partitions.update(image);
  }
  // The limit of a subject, through its tags.
  std::optional<double> of(const QuotaSubject& subject) {
    return limits.limit(limits.tags_of(subject));
  }

  std::int64_t offset = 0;
  metadata::Image image;
  QuotaLimits limits{produce};
  ByteQuota bytes{produce, SampleWindow{}};
  MutationQuota partitions{{.samples = 10, .span = Duration::seconds(1)}};
  Instant now = scenario_epoch;
};

metadata::QuotaEntity user(std::optional<std::string> name) {
  return {{"user", std::move(name)}};
}
metadata::QuotaEntity client(std::optional<std::string> name) {
  return {{"client-id", std::move(name)}};
}
metadata::QuotaEntity pair(std::optional<std::string> user, std::optional<std::string> client) {
  return {{"user", std::move(user)}, {"client-id", std::move(client)}};
}
constexpr std::nullopt_t by_default = std::nullopt;

}  // namespace

class QuotaLimitsTest : public QObject {
  Q_OBJECT
 private slots:
  void without_limits_nobody_is_limited();
  void the_most_specific_limit_counts();
  void users_count_before_client_ids();
  void what_has_one_limit_together_is_measured_together();
  void other_kinds_of_quota_and_addresses_do_not_count();
  void a_removed_limit_lets_everything_through();

  void bytes_over_the_limit_make_the_client_wait();
  void a_new_limit_counts_for_what_was_measured_before();
  void clients_of_a_user_share_its_limit();
  void a_refund_leaves_the_rate_as_it_was();
  void a_fetch_gets_no_more_than_a_window_allows();

  void a_strict_charge_is_refused_while_in_debt();
  void a_permissive_charge_is_let_through_and_waits();
  void a_wait_grows_shorter_while_time_passes();
  void without_a_limit_every_charge_is_granted();
};

void QuotaLimitsTest::without_limits_nobody_is_limited() {
  Limits l;
  QVERIFY(!l.limits.in_use());
  QVERIFY(!l.of(shop));
  QCOMPARE(l.bytes.charge(shop, 1'000'000'000, l.now), Duration());
}

void QuotaLimitsTest::the_most_specific_limit_counts() {
  Limits l;
  // From the least specific on: each takes the place of the one before.
  const std::vector<metadata::QuotaEntity> entities{client(by_default),
                                                    client("shop"),
                                                    user(by_default),
                                                    pair(by_default, by_default),
                                                    pair(by_default, "shop"),
                                                    user("ANONYMOUS"),
                                                    pair("ANONYMOUS", by_default),
                                                    pair("ANONYMOUS", "shop")};
  double limit = 100;
  for (const auto& entity : entities) {
    l.set(entity, limit);
    QCOMPARE(l.of(shop), std::optional(limit));
    limit += 1;
  }
}

void QuotaLimitsTest::users_count_before_client_ids() {
  Limits l;
  l.set(client("shop"), 10);
  l.set(user(by_default), 20);
  QCOMPARE(l.of(shop), std::optional(20.0));
  l.set(user("alice"), 30);
  QCOMPARE(l.of(shop), std::optional(20.0));
}

void QuotaLimitsTest::what_has_one_limit_together_is_measured_together() {
  Limits l;
  l.set(user(by_default), 20);
  QCOMPARE(l.limits.tags_of(shop), (QuotaTags{"ANONYMOUS", ""}));
  l.set(pair("ANONYMOUS", "till"), 30);
  QCOMPARE(l.limits.tags_of(shop), (QuotaTags{"ANONYMOUS", ""}));
  QCOMPARE(l.limits.tags_of({"ANONYMOUS", "till"}), (QuotaTags{"ANONYMOUS", "till"}));
  Limits clients;
  clients.set(client(by_default), 20);
  QCOMPARE(clients.limits.tags_of(shop), (QuotaTags{"", "shop"}));
}

void QuotaLimitsTest::other_kinds_of_quota_and_addresses_do_not_count() {
  Limits l;
  l.set(client("shop"), 10, "consumer_byte_rate");
  l.set({{"ip", "10.0.0.1"}}, 10);
  QVERIFY(!l.limits.in_use());
  QVERIFY(!l.of(shop));
}

void QuotaLimitsTest::a_removed_limit_lets_everything_through() {
  Limits l;
  l.set(client("shop"), 100);
  QVERIFY(l.bytes.charge(shop, 2000, l.now) > Duration());
  l.remove(client("shop"));
  QVERIFY(l.limits.in_use());  // As in Kafka, measured on.
  QCOMPARE(l.bytes.charge(shop, 2000, l.now), Duration());
}

void QuotaLimitsTest::bytes_over_the_limit_make_the_client_wait() {
  Limits l;
  l.set(client("shop"), 100);
  QCOMPARE(l.bytes.charge(shop, 1000, l.now), Duration());
  // 1500 bytes over 10 s are 150 a second: 5 s over.
  QCOMPARE(l.bytes.charge(shop, 500, l.now), Duration::seconds(5));
  QCOMPARE(l.bytes.charge({"ANONYMOUS", "other"}, 5000, l.now), Duration());
}

void QuotaLimitsTest::a_new_limit_counts_for_what_was_measured_before() {
  Limits l;
  l.set(client("shop"), 1000);
  QCOMPARE(l.bytes.charge(shop, 1500, l.now), Duration());
  l.set(client("shop"), 100);
  QCOMPARE(l.bytes.charge(shop, 0, l.now), Duration::seconds(5));
}

void QuotaLimitsTest::clients_of_a_user_share_its_limit() {
  Limits l;
  l.set(user("ANONYMOUS"), 100);
  QCOMPARE(l.bytes.charge(shop, 1000, l.now), Duration());
  QCOMPARE(l.bytes.charge({"ANONYMOUS", "till"}, 500, l.now), Duration::seconds(5));
}

void QuotaLimitsTest::a_refund_leaves_the_rate_as_it_was() {
  Limits l;
  l.set(client("shop"), 100);
  QCOMPARE(l.bytes.charge(shop, 1500, l.now), Duration::seconds(5));
  l.bytes.refund(shop, 1500, l.now);
  QCOMPARE(l.bytes.charge(shop, 1000, l.now), Duration());
}

void QuotaLimitsTest::a_fetch_gets_no_more_than_a_window_allows() {
  Limits l;
  QVERIFY(l.bytes.bytes_at_once_max(shop, l.now) > 1e300);
  l.set(client("shop"), 100);
  QCOMPARE(l.bytes.bytes_at_once_max(shop, l.now), 1000.0);
  QVERIFY(l.bytes.bytes_at_once_max({"ANONYMOUS", "other"}, l.now) > 1e300);
}

void QuotaLimitsTest::a_strict_charge_is_refused_while_in_debt() {
  Limits l;
  l.set(client("shop"), 10, mutations);
  MutationCharge first(l.partitions, shop, Mode::strict);
  QVERIFY(first.take(110, l.now));  // The bucket had 100: what was there lets more through.
  QCOMPARE(first.throttle_time(l.now), Duration());
  MutationCharge second(l.partitions, shop, Mode::strict);
  QVERIFY(!second.take(1, l.now));
  QCOMPARE(second.throttle_time(l.now), Duration::seconds(1));
  l.now += Duration::seconds(1);
  QVERIFY(MutationCharge(l.partitions, shop, Mode::strict).take(1, l.now));
}

void QuotaLimitsTest::a_permissive_charge_is_let_through_and_waits() {
  Limits l;
  l.set(client("shop"), 10, mutations);
  MutationCharge charge(l.partitions, shop, Mode::permissive);
  QVERIFY(charge.take(100, l.now));
  QCOMPARE(charge.throttle_time(l.now), Duration());
  QVERIFY(charge.take(20, l.now));
  QCOMPARE(charge.throttle_time(l.now), Duration::seconds(2));
  QVERIFY(charge.take(20, l.now));
  QCOMPARE(charge.throttle_time(l.now), Duration::seconds(4));
}

void QuotaLimitsTest::a_wait_grows_shorter_while_time_passes() {
  Limits l;
  l.set(client("shop"), 10, mutations);
  MutationCharge charge(l.partitions, shop, Mode::permissive);
  QVERIFY(charge.take(120, l.now));
  QCOMPARE(charge.throttle_time(l.now + Duration::millis(300)), Duration::millis(1700));
  QCOMPARE(charge.throttle_time(l.now + Duration::seconds(3)), Duration());
}

void QuotaLimitsTest::without_a_limit_every_charge_is_granted() {
  Limits l;
  QVERIFY(MutationCharge(l.partitions, shop, Mode::strict).take(1'000'000, l.now));
  l.set(client("till"), 10, mutations);
  MutationCharge charge(l.partitions, shop, Mode::strict);
  QVERIFY(charge.take(1'000'000, l.now));
  QVERIFY(charge.take(1, l.now));
  QCOMPARE(charge.throttle_time(l.now), Duration());
}

OTTLA_TEST(QuotaLimitsTest)
#include "quota_limits_test.moc"
