#include "engine/base/prng.h"

#include <set>

#include "tests/support/test_registry.h"

using namespace ottla;

// The fixed numbers here are the contract: a seed means the same on every platform, compiler and
// build.
class PrngTest : public QObject {
  Q_OBJECT
 private slots:
  void the_first_outputs_of_a_seed_never_change();
  void draws_of_a_seed_never_change();
  void streams_split_by_name_differ_and_are_fixed();
  void bounded_draws_stay_in_bounds_and_reach_both_ends();
  void zipf_prefers_low_ranks();
};

void PrngTest::the_first_outputs_of_a_seed_never_change() {
  // xoshiro256++ seeded by splitmix64(42), computed independently.
  Prng prng(42);
  QCOMPARE(prng.next(), std::uint64_t{0xD076'4D4F'4476'689F});
  QCOMPARE(prng.next(), std::uint64_t{0x519E'4174'576F'3791});
  QCOMPARE(prng.next(), std::uint64_t{0xFBE0'7CFB'0C24'ED8C});
  QCOMPARE(prng.next(), std::uint64_t{0xB37D'9F60'0CD8'35B8});
}

void PrngTest::draws_of_a_seed_never_change() {
  Prng prng(7);
  QCOMPARE(prng.below(1'000'000), std::uint64_t{665'661});
  QCOMPARE(prng.between(-500, 500), std::int64_t{-137});
  // To the last bit, which QCOMPARE would forgive.
  QVERIFY(prng.unit() == 0x1.6f66236761a8bp-1);
  QVERIFY(prng.exponential(10) == 0x1.64a183b4678cep+2);
  QCOMPARE(ZipfTable(1000, 1.1).draw(prng), 672U);
}

void PrngTest::streams_split_by_name_differ_and_are_fixed() {
  QCOMPARE(Prng::split(42, "broker-1").next(), std::uint64_t{0x5A30'C578'5642'6513});
  QCOMPARE(Prng::split(42, "broker-2").next(), std::uint64_t{0x57FE'973F'5CE3'F800});
}

void PrngTest::bounded_draws_stay_in_bounds_and_reach_both_ends() {
  Prng prng(1);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(prng.between(-3, 3));
  QCOMPARE(seen.size(), std::size_t{7});
  QCOMPARE(*seen.begin(), std::int64_t{-3});
  QCOMPARE(*seen.rbegin(), std::int64_t{3});
  QCOMPARE(prng.below(1), std::uint64_t{0});
  for (int i = 0; i < 1000; ++i) QVERIFY(prng.unit() >= 0 && prng.unit() < 1);
}

void PrngTest::zipf_prefers_low_ranks() {
  Prng prng(3);
  const ZipfTable zipf(10, 1.0);
  std::array<int, 10> counts{};
  for (int i = 0; i < 10'000; ++i) ++counts.at(zipf.draw(prng));
  QVERIFY(counts[0] > 2 * counts[4]);
  QVERIFY(counts[9] > 0);
}

OTTLA_TEST(PrngTest)
#include "prng_test.moc"
