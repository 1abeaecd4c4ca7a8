#include "engine/world/rates.h"

#include "tests/support/test_registry.h"

using ottla::world::Rates;

namespace {

constexpr int samples_a_second = 10;

struct Counted {
  Rates rates;
  double counter = 0;

  // Samples in which the counter grows by `each` every time.
  void grow(int samples, double each, std::int64_t origin = 0) {
    for (int i = 0; i < samples; ++i) {
      counter += each;
      rates.add("orders-0", counter, origin);
      rates.end_sample();
    }
  }
  [[nodiscard]] double per_s() const { return rates.of("orders-0"); }
};

}  // namespace

class RatesTest : public QObject {
  Q_OBJECT
 private slots:
  void a_rate_is_what_was_counted_in_the_last_second();
  void what_a_counter_has_at_first_is_not_growth();
  void a_counter_that_stands_still_has_no_rate_after_a_second();
  void a_counter_that_is_gone_has_no_rate();
  void another_origin_counts_on_without_a_jump();
  void a_counter_that_fell_counts_on_from_there();
};

void RatesTest::a_rate_is_what_was_counted_in_the_last_second() {
  Counted c;
  c.grow(3 * samples_a_second, 4);
  QCOMPARE(c.per_s(), 40.0);
  c.grow(samples_a_second / 2, 8);
  QCOMPARE(c.per_s(), 60.0);
  c.grow(samples_a_second / 2, 8);
  QCOMPARE(c.per_s(), 80.0);
}

void RatesTest::what_a_counter_has_at_first_is_not_growth() {
  Counted c;
  c.counter = 1e9;
  c.grow(1, 0);
  QCOMPARE(c.per_s(), 0.0);
  c.grow(1, 5);
  QCOMPARE(c.per_s(), 5.0);
}

void RatesTest::a_counter_that_stands_still_has_no_rate_after_a_second() {
  Counted c;
  c.grow(2 * samples_a_second, 0.125);
  c.grow(samples_a_second - 1, 0);
  QCOMPARE(c.per_s(), 0.125);
  c.grow(1, 0);
  QCOMPARE(c.per_s(), 0.0);
}

void RatesTest::a_counter_that_is_gone_has_no_rate() {
  Counted c;
  c.grow(2 * samples_a_second, 4);
  c.rates.add("payments-0", 1);
  c.rates.end_sample();
  QCOMPARE(c.per_s(), 0.0);
  c.grow(1, 4);  // It is back, and what it grew meanwhile is not known.
  QCOMPARE(c.per_s(), 0.0);
}

void RatesTest::another_origin_counts_on_without_a_jump() {
  Counted c;
  c.grow(samples_a_second, 4, 7);
  const double before = c.per_s();
  c.counter += 1000;
  c.grow(1, 0, 8);
  QCOMPARE(c.per_s(), before);
  c.grow(samples_a_second, 4, 8);
  QCOMPARE(c.per_s(), 40.0);
}

void RatesTest::a_counter_that_fell_counts_on_from_there() {
  Counted c;
  c.counter = 1000;
  c.grow(samples_a_second, 4);
  const double before = c.per_s();
  c.counter = 900;
  c.grow(1, 0);
  QCOMPARE(c.per_s(), before);
  c.grow(samples_a_second, 4);
  QCOMPARE(c.per_s(), 40.0);
}

OTTLA_TEST(RatesTest)
#include "rates_test.moc"
