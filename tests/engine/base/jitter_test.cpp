#include "engine/base/jitter.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/support/test_registry.h"

using namespace ottla;

namespace {

// Ten thousand draws of a size of one second, in microseconds, the smallest first.
std::vector<std::int64_t> draws(JitterShape shape) {
  Prng prng(7);
  std::vector<std::int64_t> all(10'000);
  for (std::int64_t& one : all) one = draw({Duration::seconds(1), shape}, prng).count_micros();
  std::ranges::sort(all);
  return all;
}
double mean(const std::vector<std::int64_t>& all) {
  double sum = 0;
  for (const std::int64_t one : all) sum += static_cast<double>(one);
  return sum / static_cast<double>(all.size()) / 1e6;
}
// The value that this share of the draws lies below, in seconds.
double quantile(const std::vector<std::int64_t>& all, double share) {
  return static_cast<double>(all[static_cast<std::size_t>(share * 10'000)]) / 1e6;
}
bool near(double value, double expected) {
  return std::abs(value - expected) < 0.05 * std::max(expected, 1.0);
}

}  // namespace

class JitterTest : public QObject {
  Q_OBJECT
 private slots:
  void a_uniform_one_lies_between_nothing_and_its_size();
  void a_normal_one_goes_to_either_side();
  void an_exponential_one_has_its_size_as_the_mean();
  void a_pareto_one_has_a_heavy_tail();
  void no_draw_is_longer_than_a_hundred_times_its_size();
  void none_draws_nothing();
  void shapes_are_found_by_their_names();
};

void JitterTest::a_uniform_one_lies_between_nothing_and_its_size() {
  const auto all = draws(JitterShape::uniform);
  QVERIFY(all.front() >= 0 && all.back() < 1'000'000);
  QVERIFY(near(mean(all), 0.5));
  QVERIFY(near(quantile(all, 0.9), 0.9));
}

void JitterTest::a_normal_one_goes_to_either_side() {
  const auto all = draws(JitterShape::normal);
  QVERIFY(near(mean(all), 0));
  QVERIFY(near(quantile(all, 0.16), -0.99));
  QVERIFY(near(quantile(all, 0.84), 0.99));
  QVERIFY(near(quantile(all, 0.975), 1.96));
}

void JitterTest::an_exponential_one_has_its_size_as_the_mean() {
  const auto all = draws(JitterShape::exponential);
  QVERIFY(all.front() >= 0);
  QVERIFY(near(mean(all), 1));
  QVERIFY(near(quantile(all, 0.5), 0.693));
}

// 1 / sqrt(1 - share) - 1 of its size.
void JitterTest::a_pareto_one_has_a_heavy_tail() {
  const auto all = draws(JitterShape::pareto);
  QVERIFY(all.front() >= 0 && all.back() <= 100'000'000);
  QVERIFY(near(quantile(all, 0.5), 0.414));
  QVERIFY(std::abs(quantile(all, 0.9) - 2.162) < 0.2);
  QVERIFY(std::abs(quantile(all, 0.99) - 9) < 2);
}

void JitterTest::no_draw_is_longer_than_a_hundred_times_its_size() {
  Prng prng(7);
  Duration longest;
  for (int i = 0; i < 200'000; ++i)
    longest = std::max(longest, draw({Duration::seconds(1), JitterShape::pareto}, prng));
  QCOMPARE(longest.count_micros(), 100'000'000);
}

void JitterTest::none_draws_nothing() {
  Prng prng(7);
  Prng untouched(7);
  QVERIFY(draw({Duration(), JitterShape::pareto}, prng) == Duration());
  QCOMPARE(prng.next(), untouched.next());
}

void JitterTest::shapes_are_found_by_their_names() {
  for (const JitterShape shape :
       {JitterShape::uniform, JitterShape::normal, JitterShape::exponential, JitterShape::pareto}) {
    QVERIFY(jitter_shape_of(name(shape)) == shape);
  }
  QVERIFY(!jitter_shape_of("gamma"));
}

OTTLA_TEST(JitterTest)
#include "jitter_test.moc"
