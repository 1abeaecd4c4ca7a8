#include "engine/broker/quota/windowed_rate.h"

#include "engine/broker/quota/token_bucket.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;

namespace {

constexpr SampleWindow ten_samples{.samples = 10, .span = Duration::seconds(1)};

Instant at_ms(std::int64_t millis) {
  return scenario_epoch + Duration::millis(millis);
}

}  // namespace

// The arithmetic of quotas beside the values that Kafka's formulas give.
class WindowedRateTest : public QObject {
  Q_OBJECT
 private slots:
  void a_burst_after_silence_counts_over_the_full_window();
  void a_steady_rate_is_that_rate();
  void a_spike_is_throttled_until_the_rate_is_back_at_the_bound();
  void what_lies_before_the_window_is_forgotten();
  void what_is_taken_back_was_never_there();
  void a_simple_rate_counts_over_the_time_that_it_saw();
  void a_window_of_one_sample_counts_a_millisecond_at_least();
  void throttle_times_are_rounded_to_milliseconds();

  void a_bucket_is_full_at_first_and_never_more_than_full();
  void tokens_come_at_their_rate();
  void a_debt_is_paid_at_the_rate();
  void tokens_given_back_do_not_overflow();
};

void WindowedRateTest::a_burst_after_silence_counts_over_the_full_window() {
  WindowedRate rate(SampleWindow{});
  rate.record(5000, at_ms(0));
  QCOMPARE(rate.window(at_ms(0)), Duration::seconds(10));
  QCOMPARE(rate.per_second(at_ms(0)), 500.0);
  // Half a sample has passed: it is part of the window, and the lacking ones are added to it.
  QCOMPARE(rate.window(at_ms(500)), Duration::millis(10'500));
  QCOMPARE(rate.per_second(at_ms(500)), 5000.0 / 10.5);
}

void WindowedRateTest::a_steady_rate_is_that_rate() {
  WindowedRate rate(SampleWindow{});
  for (int second = 0; second < 30; ++second) rate.record(400, at_ms(second * 1000));
  // Ten whole samples, and the one that began now.
  QCOMPARE(rate.window(at_ms(29'000)), Duration::seconds(10));
  QCOMPARE(rate.per_second(at_ms(29'000)), 11 * 400 / 10.0);
  QCOMPARE(rate.per_second(at_ms(29'999)), 11 * 400 / 10.999);
}

// As in Kafka's ClientQuotaManagerTest: 10 x 400 + 2300 in 10.5 s is 600 a second.
void WindowedRateTest::a_spike_is_throttled_until_the_rate_is_back_at_the_bound() {
  WindowedRate rate(SampleWindow{});
  for (int second = 0; second < 10; ++second) rate.record(400, at_ms(second * 1000));
  const Instant spike = at_ms(10'500);
  rate.record(2300, spike);
  QCOMPARE(rate.per_second(spike), 600.0);
  QCOMPARE(throttle_time(600.0, 500.0, rate.window(spike)), Duration::millis(2100));
}

void WindowedRateTest::what_lies_before_the_window_is_forgotten() {
  WindowedRate rate(ten_samples);
  rate.record(900, at_ms(0));
  QCOMPARE(rate.per_second(at_ms(9'999)), 900 / 9.999);
  QCOMPARE(rate.per_second(at_ms(10'000)), 0.0);
  QCOMPARE(rate.window(at_ms(10'000)), Duration::seconds(9));  // As at the start.
}

void WindowedRateTest::what_is_taken_back_was_never_there() {
  WindowedRate rate(SampleWindow{});
  rate.record(300, at_ms(0));
  rate.record(700, at_ms(1200));
  rate.record(-700, at_ms(1200));
  QCOMPARE(rate.per_second(at_ms(1200)), 300 / 10.2);
}

void WindowedRateTest::a_simple_rate_counts_over_the_time_that_it_saw() {
  WindowedRate rate(SampleWindow{}, WindowedRate::Divisor::covered_time);
  rate.record(500, at_ms(0));
  QCOMPARE(rate.per_second(at_ms(0)), 500.0);  // One sample at least.
  QCOMPARE(rate.per_second(at_ms(800)), 500.0);
  QCOMPARE(rate.per_second(at_ms(2500)), 200.0);
}

void WindowedRateTest::a_window_of_one_sample_counts_a_millisecond_at_least() {
  WindowedRate rate({.samples = 1, .span = Duration::seconds(1)});
  rate.record(3, at_ms(0));
  QCOMPARE(rate.window(at_ms(0)), Duration::millis(1));
  QCOMPARE(rate.per_second(at_ms(0)), 3000.0);
}

void WindowedRateTest::throttle_times_are_rounded_to_milliseconds() {
  QCOMPARE(throttle_time(300.0, 200.0, Duration::seconds(10)), Duration::seconds(5));
  QCOMPARE(throttle_time(200.004, 200.0, Duration::seconds(10)), Duration());
  QCOMPARE(throttle_time(200.018, 200.0, Duration::seconds(10)), Duration::millis(1));
}

void WindowedRateTest::a_bucket_is_full_at_first_and_never_more_than_full() {
  TokenBucket bucket(ten_samples);
  QCOMPARE(bucket.tokens(5.0, at_ms(0)), 50.0);
  QCOMPARE(bucket.tokens(5.0, at_ms(60'000)), 50.0);
}

void WindowedRateTest::tokens_come_at_their_rate() {
  TokenBucket bucket(ten_samples);
  bucket.take(60, 5.0, at_ms(0));
  QCOMPARE(bucket.tokens(5.0, at_ms(0)), -10.0);
  QCOMPARE(bucket.tokens(5.0, at_ms(1000)), -5.0);
  QCOMPARE(bucket.tokens(5.0, at_ms(2000)), 0.0);
  QCOMPARE(bucket.tokens(5.0, at_ms(2100)), 0.5);
}

void WindowedRateTest::a_debt_is_paid_at_the_rate() {
  QCOMPARE(time_to_pay(-10, 5.0), Duration::seconds(2));
  QCOMPARE(time_to_pay(-1, 3.0), Duration::millis(333));
  QCOMPARE(time_to_pay(0, 5.0), Duration());
  QCOMPARE(time_to_pay(7, 5.0), Duration());
}

void WindowedRateTest::tokens_given_back_do_not_overflow() {
  TokenBucket bucket(ten_samples);
  bucket.take(-30, 5.0, at_ms(0));
  QCOMPARE(bucket.tokens(5.0, at_ms(0)), 50.0);
}

OTTLA_TEST(WindowedRateTest)
#include "windowed_rate_test.moc"
