#include "engine/replication/leader_state.h"

#include <set>
#include <utility>

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::replication;
using protocol::ErrorCode;

namespace {

using Brokers = std::vector<BrokerId>;

constexpr Instant start = scenario_epoch;
constexpr BrokerEpoch epoch{50};  // Of every broker's registration.

Instant after(std::int64_t seconds) {
  return start + Duration::seconds(seconds);
}

Brokers ids(std::initializer_list<int> numbers) {
  Brokers brokers;
  for (const int number : numbers) brokers.emplace_back(number);
  return brokers;
}

// What the leader's image says of the other brokers.
struct Registrations final : Eligibility {
  std::set<BrokerId> fenced;
  bool may_join_isr(BrokerId broker, BrokerEpoch seen_in_fetch) const override {
    return is_alive(broker) && seen_in_fetch == epoch;
  }
  bool is_alive(BrokerId broker) const override { return fenced.count(broker) == 0; }
};

// Broker 1 leads replicas 1, 2 and 3 in leader epoch 7 and partition epoch 20.
struct Led {
  explicit Led(const Brokers& isr, std::int64_t log_end = 10, std::int64_t high_watermark = 0,
               std::int32_t min_insync = 1)
      : state({.self = BrokerId{1}, .min_insync_replicas = min_insync}, leadership(isr, 20),
              Offset{log_end}, Offset{high_watermark}, start) {}

  static Leadership leadership(const Brokers& isr, int partition_epoch) {
    return {.leader_epoch = LeaderEpoch{7},
            .partition_epoch = PartitionEpoch{partition_epoch},
            .replicas = ids({1, 2, 3}),
            .isr = isr};
  }
  LeaderState::FetchOutcome fetch(int follower, std::int64_t offset, BrokerEpoch seen = epoch) {
    const auto outcome =
        state.fetched(BrokerId{follower}, seen, Offset{offset}, Offset{0}, now, registrations);
    return outcome.value_or(LeaderState::FetchOutcome());
  }
  bool append_to(std::int64_t log_end) {
    return state.appended(Offset{log_end}, now, registrations);
  }
  std::int64_t high_watermark() const { return state.high_watermark().value(); }

  Registrations registrations;
  Instant now = start;
  LeaderState state;
};

}  // namespace

class LeaderStateTest : public QObject {
  Q_OBJECT
 private slots:
  void the_high_watermark_is_the_least_log_end_of_the_in_sync_replicas();
  void it_waits_for_the_first_fetch_of_every_in_sync_replica();
  void it_never_goes_back();
  void a_leader_alone_in_sync_moves_it_by_appending();
  void a_lagging_follower_outside_the_isr_does_not_hold_it_back();
  void one_that_keeps_up_is_waited_for_before_it_joins();
  void it_stands_still_below_min_insync_replicas();

  void a_follower_at_the_high_watermark_is_proposed();
  void one_behind_the_high_watermark_is_not_proposed();
  void one_behind_the_start_of_the_epoch_is_not_proposed();
  void a_fenced_follower_is_not_proposed();
  void one_that_fetches_with_an_old_broker_epoch_is_not_proposed();
  void one_proposal_is_under_way_at_a_time();
  void a_fetch_of_a_broker_that_has_no_replica_is_not_taken();

  void a_proposed_replica_holds_the_high_watermark_before_it_is_committed();
  void an_accepted_proposal_is_the_committed_set();
  void an_acceptance_of_an_older_partition_epoch_is_ignored();
  void a_refusal_that_keeps_the_committed_set_falls_back_to_it();
  void a_refusal_by_a_newer_decision_waits_for_the_metadata_log();
  void any_other_refusal_sends_the_proposal_again();

  void a_member_that_lags_for_too_long_is_proposed_to_leave();
  void a_member_that_always_asks_for_the_last_end_stays();
  void a_member_that_lacks_nothing_stays_though_it_is_silent();
  void a_member_that_has_not_fetched_has_one_lag_time();
  void a_leaving_member_counts_until_the_controller_has_agreed();

  void newer_metadata_ends_a_proposal_and_keeps_what_followers_have();
  void metadata_of_an_older_partition_epoch_is_ignored();

  void acks_all_needs_the_committed_isr_to_append();
  void acks_all_counts_a_proposed_member_when_it_acknowledges();
  void min_insync_replicas_is_at_most_the_number_of_replicas();

  void the_low_watermark_is_the_least_log_start_of_the_live_replicas();
};

void LeaderStateTest::the_high_watermark_is_the_least_log_end_of_the_in_sync_replicas() {
  Led led(ids({1, 2, 3}));
  QVERIFY(!led.fetch(2, 10).high_watermark_moved);
  QVERIFY(led.fetch(3, 4).high_watermark_moved);
  QCOMPARE(led.high_watermark(), 4);
  QVERIFY(led.fetch(3, 10).high_watermark_moved);
  QCOMPARE(led.high_watermark(), 10);
}

void LeaderStateTest::it_waits_for_the_first_fetch_of_every_in_sync_replica() {
  Led led(ids({1, 2, 3}), 10, 6);
  QVERIFY(!led.state.advance_high_watermark(led.now, led.registrations));
  led.fetch(2, 10);
  QCOMPARE(led.high_watermark(), 6);
}

void LeaderStateTest::it_never_goes_back() {
  Led led(ids({1, 2, 3}), 10, 8);
  led.fetch(2, 10);
  QVERIFY(!led.fetch(3, 5).high_watermark_moved);
  QCOMPARE(led.high_watermark(), 8);
}

void LeaderStateTest::a_leader_alone_in_sync_moves_it_by_appending() {
  Led led(ids({1}), 10, 10);
  QVERIFY(led.append_to(12));
  QCOMPARE(led.high_watermark(), 12);
}

void LeaderStateTest::a_lagging_follower_outside_the_isr_does_not_hold_it_back() {
  Led led(ids({1, 2}));
  led.fetch(3, 4);
  QVERIFY(led.fetch(2, 10).high_watermark_moved);
  QCOMPARE(led.high_watermark(), 10);
}

void LeaderStateTest::one_that_keeps_up_is_waited_for_before_it_joins() {
  Led led(ids({1, 2}));
  led.registrations.fenced = {BrokerId{3}};
  led.fetch(3, 10);  // Caught up, and may not join.
  led.append_to(15);
  led.fetch(2, 15);
  QCOMPARE(led.high_watermark(), 15);
  led.registrations.fenced.clear();
  led.append_to(20);
  led.fetch(2, 20);
  QCOMPARE(led.high_watermark(), 15);
  led.fetch(3, 20);
  QCOMPARE(led.high_watermark(), 20);
}

void LeaderStateTest::it_stands_still_below_min_insync_replicas() {
  Led led(ids({1}), 10, 10, 2);
  QVERIFY(!led.append_to(12));
  QCOMPARE(led.high_watermark(), 10);
  led.state.set_min_insync_replicas(1);
  QVERIFY(led.state.advance_high_watermark(led.now, led.registrations));
  QCOMPARE(led.high_watermark(), 12);
}

void LeaderStateTest::a_follower_at_the_high_watermark_is_proposed() {
  Led led(ids({2, 1}), 10, 8);
  led.append_to(12);
  QCOMPARE(led.fetch(2, 11).proposal, std::nullopt);
  QCOMPARE(led.high_watermark(), 11);
  const auto proposal = led.fetch(3, 11).proposal;
  const IsrProposal expected{
      .isr = ids({1, 2, 3}), .partition_epoch = PartitionEpoch{20}, .leader_epoch = LeaderEpoch{7}};
  QVERIFY(proposal == expected);
  QVERIFY(led.state.proposal_under_way() == expected);
  QCOMPARE(led.state.isr(), ids({1, 2}));
}

void LeaderStateTest::one_behind_the_high_watermark_is_not_proposed() {
  Led led(ids({1, 2}), 10, 8);
  led.append_to(12);
  led.fetch(2, 12);
  QVERIFY(!led.fetch(3, 11).proposal);
  QVERIFY(led.fetch(3, 12).proposal);
}

// Else it could lack a record of an earlier leader that a restart brought above
// the watermark.
void LeaderStateTest::one_behind_the_start_of_the_epoch_is_not_proposed() {
  Led led(ids({1, 2}), 10, 6);
  QVERIFY(!led.fetch(3, 9).proposal);
  QVERIFY(led.fetch(3, 10).proposal);
}

void LeaderStateTest::a_fenced_follower_is_not_proposed() {
  Led led(ids({1, 2}));
  led.registrations.fenced = {BrokerId{3}};
  QVERIFY(!led.fetch(3, 10).proposal);
  led.registrations.fenced.clear();
  QVERIFY(led.fetch(3, 10).proposal);
}

void LeaderStateTest::one_that_fetches_with_an_old_broker_epoch_is_not_proposed() {
  Led led(ids({1, 2}));
  QVERIFY(!led.fetch(3, 10, BrokerEpoch{49}).proposal);
  QVERIFY(led.fetch(3, 10).proposal);
}

void LeaderStateTest::one_proposal_is_under_way_at_a_time() {
  Led led(ids({1}));
  QVERIFY(led.fetch(2, 10).proposal);
  QVERIFY(!led.fetch(3, 10).proposal);
  QVERIFY(!led.state.shrink_laggards(after(60)));
  led.state.proposal_accepted(ids({1, 2}), PartitionEpoch{21});
  const auto next = led.fetch(3, 10).proposal;
  QVERIFY(next && next->isr == ids({1, 2, 3}));
  QVERIFY(next->partition_epoch == PartitionEpoch{21});
}

void LeaderStateTest::a_fetch_of_a_broker_that_has_no_replica_is_not_taken() {
  Led led(ids({1, 2}));
  for (const int stranger : {1, 4}) {
    QVERIFY(!led.state.fetched(BrokerId{stranger}, epoch, Offset{10}, Offset{0}, led.now,
                               led.registrations));
  }
  QCOMPARE(led.state.followers().size(), std::size_t{2});
}

void LeaderStateTest::a_proposed_replica_holds_the_high_watermark_before_it_is_committed() {
  Led led(ids({1, 2}));
  QVERIFY(led.fetch(3, 10).proposal);
  QCOMPARE(led.state.maximal_isr(), ids({1, 2, 3}));
  // Long after, when it has stopped to keep up.
  led.now = after(100);
  led.append_to(15);
  led.fetch(2, 15);
  QCOMPARE(led.high_watermark(), 10);
  led.fetch(3, 15);
  QCOMPARE(led.high_watermark(), 15);
}

void LeaderStateTest::an_accepted_proposal_is_the_committed_set() {
  Led led(ids({1, 2}));
  led.fetch(3, 10);
  led.state.proposal_accepted(ids({3, 2, 1}), PartitionEpoch{21});
  QCOMPARE(led.state.isr(), ids({1, 2, 3}));
  QCOMPARE(led.state.maximal_isr(), ids({1, 2, 3}));
  QCOMPARE(led.state.partition_epoch().value(), 21);
  QVERIFY(!led.state.proposal_under_way());
}

void LeaderStateTest::an_acceptance_of_an_older_partition_epoch_is_ignored() {
  Led led(ids({1, 2}));
  led.fetch(3, 10);
  led.state.proposal_accepted(ids({1}), PartitionEpoch{19});
  QCOMPARE(led.state.isr(), ids({1, 2}));
  QVERIFY(led.state.proposal_under_way());
}

void LeaderStateTest::a_refusal_that_keeps_the_committed_set_falls_back_to_it() {
  for (const ErrorCode error :
       {ErrorCode::ineligible_replica, ErrorCode::operation_not_attempted}) {
    Led led(ids({1, 2}));
    led.fetch(3, 10);
    QVERIFY(!led.state.proposal_refused(error));
    QCOMPARE(led.state.maximal_isr(), ids({1, 2}));
    QVERIFY(led.fetch(3, 10).proposal);
  }
}

void LeaderStateTest::a_refusal_by_a_newer_decision_waits_for_the_metadata_log() {
  for (const ErrorCode error : {ErrorCode::invalid_update_version, ErrorCode::fenced_leader_epoch,
                                ErrorCode::invalid_request, ErrorCode::unknown_topic_or_partition,
                                ErrorCode::unknown_topic_id, ErrorCode::new_leader_elected}) {
    Led led(ids({1, 2}));
    led.fetch(3, 10);
    QVERIFY(!led.state.proposal_refused(error));
    // The controller may have made the change after all: nothing is
    // acknowledged without it.
    QCOMPARE(led.state.maximal_isr(), ids({1, 2, 3}));
    QVERIFY(!led.fetch(3, 10).proposal);
    led.state.adopt(Led::leadership(ids({1, 2}), 21));
    QCOMPARE(led.state.maximal_isr(), ids({1, 2}));
    QVERIFY(led.fetch(3, 10).proposal);
  }
}

void LeaderStateTest::any_other_refusal_sends_the_proposal_again() {
  for (const ErrorCode error : {ErrorCode::not_controller, ErrorCode::network_exception,
                                ErrorCode::unknown_server_error, ErrorCode::request_timed_out}) {
    Led led(ids({1, 2}));
    const auto proposal = led.fetch(3, 10).proposal;
    QVERIFY(proposal.has_value());
    QVERIFY(led.state.proposal_refused(error));
    QVERIFY(led.state.proposal_under_way() == proposal);
  }
  Led idle(ids({1, 2}));
  QVERIFY(!idle.state.proposal_refused(ErrorCode::network_exception));
}

void LeaderStateTest::a_member_that_lags_for_too_long_is_proposed_to_leave() {
  Led led(ids({1, 2, 3}));
  led.fetch(2, 10);
  led.fetch(3, 10);
  led.append_to(15);
  led.now = after(20);
  led.fetch(2, 15);
  QVERIFY(!led.state.shrink_laggards(after(30)));
  const auto proposal = led.state.shrink_laggards(after(31));
  QVERIFY(proposal && proposal->isr == ids({1, 2}));
  QVERIFY(!led.state.shrink_laggards(after(32)));
}

// A busy leader's end is never reached: what counts is that it asks for what
// was the end before.
void LeaderStateTest::a_member_that_always_asks_for_the_last_end_stays() {
  Led led(ids({1, 2, 3}));
  for (int second = 0; second <= 100; second += 5) {
    led.now = after(second);
    led.append_to(15 + second);
    led.fetch(2, 10 + second);
    led.fetch(3, 10);
  }
  const auto proposal = led.state.shrink_laggards(after(105));
  QVERIFY(proposal && proposal->isr == ids({1, 2}));
}

void LeaderStateTest::a_member_that_lacks_nothing_stays_though_it_is_silent() {
  Led led(ids({1, 2, 3}));
  led.fetch(2, 10);
  led.fetch(3, 9);
  const auto proposal = led.state.shrink_laggards(after(60));
  QVERIFY(proposal && proposal->isr == ids({1, 2}));
}

void LeaderStateTest::a_member_that_has_not_fetched_has_one_lag_time() {
  Led led(ids({1, 2}));
  QVERIFY(!led.state.shrink_laggards(after(30)));
  const auto proposal = led.state.shrink_laggards(after(31));
  QVERIFY(proposal && proposal->isr == ids({1}));
}

void LeaderStateTest::a_leaving_member_counts_until_the_controller_has_agreed() {
  Led led(ids({1, 2}), 10, 10);
  led.fetch(2, 10);
  led.append_to(15);
  led.now = after(31);
  QVERIFY(led.state.shrink_laggards(led.now));
  QCOMPARE(led.state.isr(), ids({1, 2}));
  QVERIFY(!led.state.advance_high_watermark(led.now, led.registrations));
  led.state.proposal_accepted(ids({1}), PartitionEpoch{21});
  QVERIFY(led.state.advance_high_watermark(led.now, led.registrations));
  QCOMPARE(led.high_watermark(), 15);
}

void LeaderStateTest::newer_metadata_ends_a_proposal_and_keeps_what_followers_have() {
  Led led(ids({1, 2}));
  led.fetch(2, 10);
  led.fetch(3, 10);
  led.state.adopt(Led::leadership(ids({1, 3}), 21));
  QCOMPARE(led.state.isr(), ids({1, 3}));
  QCOMPARE(led.state.maximal_isr(), ids({1, 3}));
  QVERIFY(!led.state.proposal_under_way());
  QCOMPARE(led.state.followers().at(BrokerId{2}).log_end_offset.value(), 10);
  const auto proposal = led.fetch(2, 10).proposal;
  QVERIFY(proposal && proposal->partition_epoch == PartitionEpoch{21});
}

void LeaderStateTest::metadata_of_an_older_partition_epoch_is_ignored() {
  Led led(ids({1, 2}));
  led.fetch(3, 10);
  led.state.adopt(Led::leadership(ids({1}), 19));
  QCOMPARE(led.state.isr(), ids({1, 2}));
  QCOMPARE(led.state.partition_epoch().value(), 20);
  QVERIFY(led.state.proposal_under_way());
}

void LeaderStateTest::acks_all_needs_the_committed_isr_to_append() {
  Led led(ids({1}), 10, 0, 2);
  QCOMPARE(led.state.admits_acks_all(), ErrorCode::not_enough_replicas);
  led.fetch(2, 10);
  QCOMPARE(led.state.admits_acks_all(), ErrorCode::not_enough_replicas);
  led.state.proposal_accepted(ids({1, 2}), PartitionEpoch{21});
  QCOMPARE(led.state.admits_acks_all(), ErrorCode::none);
}

void LeaderStateTest::acks_all_counts_a_proposed_member_when_it_acknowledges() {
  Led led(ids({1}), 10, 0, 2);
  QCOMPARE(led.state.acknowledges_acks_all(), ErrorCode::not_enough_replicas_after_append);
  led.fetch(2, 10);
  QCOMPARE(led.state.acknowledges_acks_all(), ErrorCode::none);
}

void LeaderStateTest::min_insync_replicas_is_at_most_the_number_of_replicas() {
  Led led(ids({1, 2, 3}), 10, 0, 5);
  QCOMPARE(led.state.admits_acks_all(), ErrorCode::none);
  led.fetch(2, 10);
  led.fetch(3, 10);
  QCOMPARE(led.high_watermark(), 10);
}

// Those out of the in-sync set count too: their records are gone only when they have deleted them.
void LeaderStateTest::the_low_watermark_is_the_least_log_start_of_the_live_replicas() {
  Led led(ids({1, 2}));
  const auto tells = [&](int follower, int log_start) {
    QVERIFY(led.state.fetched(BrokerId{follower}, epoch, Offset{10}, Offset{log_start}, led.now,
                              led.registrations));
  };
  const auto low = [&](int own) {
    return led.state.low_watermark(Offset{own}, led.registrations).value();
  };
  tells(2, 5);
  QCOMPARE(low(7), no_offset.value());  // Broker 3 has not told.
  tells(3, 2);
  QCOMPARE(low(7), 2);
  led.registrations.fenced = {BrokerId{3}};
  QCOMPARE(low(7), 5);
  led.registrations.fenced.clear();
  tells(3, 7);
  QCOMPARE(low(7), 5);
  tells(2, 7);
  QCOMPARE(low(7), 7);
  QCOMPARE(low(6), 6);
}

OTTLA_TEST(LeaderStateTest)
#include "leader_state_test.moc"
