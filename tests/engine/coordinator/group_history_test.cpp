#include "engine/base/prng.h"
#include "engine/coordinator/assignors/assignor.h"
#include "engine/coordinator/consumer_protocol.h"
#include "engine/coordinator/group_coordinator.h"

#include "tests/engine/coordinator/group_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::coordinator;
using ottla::coordinator::test::GroupFixture;
using protocol::ErrorCode;
using protocol::JoinGroupResponse;
using protocol::SyncGroupResponse;

namespace {

constexpr std::int32_t partition_count = 7;

// One consumer that does at random what a consumer may do, and now and then what it should not.
struct Agent {
  std::optional<std::string> instance_id;
  std::string member_id;
  std::int32_t generation = -1;
  bool is_leader = false;
  std::vector<JoinGroupResponse::JoinGroupResponseMember> members;
  std::optional<RequestToken> joining;
  std::optional<RequestToken> syncing;
};

class History {
 public:
  explicit History(std::uint64_t seed) : prng_(seed), f_(config()) {
    for (int i = 0; i < 4; ++i)
      agents_.push_back({i == 0 ? std::optional<std::string>("static") : std::nullopt,
                         "",
                         -1,
                         false,
                         {},
                         {},
                         {}});
  }

  void run(int steps) {
    for (int i = 0; i < steps && problem.empty(); ++i) {
      step(agents_[prng_.below(agents_.size())]);
      for (Agent& agent : agents_) take_answers(agent);
      check_generations();
      if (!f_.hold) check_replay();
    }
    f_.resign();
    for (const RequestToken token : f_.asked) {
      if (!f_.is_answered(token)) problem = "a request never ended";
    }
    if (!f_.answered_twice.empty()) problem = "a request ended twice";
  }

  std::string problem;
  int stable_generations = 0;

 private:
  static GroupConfig config() {
    GroupConfig config;
    config.max_size = 3;
    config.offsets_retention = Duration::seconds(300);
    config.offsets_retention_check_interval = Duration::seconds(60);
    return config;
  }

  void step(Agent& agent) {
    switch (prng_.below(16)) {
      case 0: f_.hold = !f_.hold && prng_.chance(0.5); break;
      case 1:
        f_.append_error =
            prng_.chance(0.2) ? std::optional(ErrorCode::not_enough_replicas) : std::nullopt;
        break;
      case 2: f_.run_for(Duration::millis(static_cast<std::int64_t>(prng_.below(8000)))); break;
      case 3: f_.run_for(Duration::millis(static_cast<std::int64_t>(prng_.below(2000)))); break;
      case 4:
        if (prng_.chance(0.1)) restart();
        break;
      case 5:
        if (prng_.chance(0.2)) agent = Agent{agent.instance_id, "", -1, false, {}, {}, {}};
        break;
      case 6:
        if (prng_.chance(0.2) && !agent.member_id.empty()) (void)f_.leave("g", {agent.member_id});
        break;
      case 7:
        if (prng_.chance(0.02)) (void)f_.delete_groups({"g"});
        break;
      case 8:
      case 9: commit(agent); break;
      case 10: (void)f_.heartbeat("g", agent.member_id, agent.generation, agent.instance_id); break;
      default: go_on(agent); break;
    }
    if (!f_.hold) f_.commit_log();
  }

  // Joins or syncs, whatever comes next; sometimes again while it waits.
  void go_on(Agent& agent) {
    if (agent.generation < 0 || prng_.chance(0.05)) {
      if (agent.joining && !prng_.chance(0.05)) return;
      GroupFixture::Join join;
      join.member_id = agent.member_id;
      join.instance_id = agent.instance_id;
      join.rebalance_ms = 15'000;
      join.version = prng_.chance(0.5) ? std::int16_t{9} : std::int16_t{5};
      agent.joining = f_.join(join);
      return;
    }
    if (agent.syncing && !prng_.chance(0.05)) return;
    std::map<std::string, std::string> assignments;
    if (agent.is_leader) {
      std::vector<SubscribedMember> subscribed;
      for (const auto& each : agent.members) {
        subscribed.push_back(*subscribed_member(Assignor::range, each.member_id,
                                                each.group_instance_id, each.metadata));
      }
      for (const auto& [id, share] :
           assign(Assignor::range, subscribed, {{"orders", partition_count}})) {
        assignments[id] = std::string(encode_assignment(to_assignment(share)).text());
      }
    }
    agent.syncing = f_.sync("g", agent.member_id, agent.generation, assignments, agent.instance_id);
  }

  void commit(Agent& agent) {
    (void)f_.commit("g", agent.member_id, agent.generation, "orders",
                    static_cast<std::int32_t>(prng_.below(partition_count)),
                    static_cast<std::int64_t>(prng_.below(1000)));
  }

  void take_answers(Agent& agent) {
    if (agent.joining && f_.is_answered(*agent.joining)) {
      const auto& joined = f_.answer<JoinGroupResponse>(*agent.joining);
      agent.joining.reset();
      if (joined.error_code == ErrorCode::none) {
        agent.member_id = joined.member_id;
        agent.generation = joined.generation_id.value();
        agent.is_leader = joined.leader == joined.member_id && !joined.skip_assignment;
        agent.members = joined.members;
      } else {
        agent.generation = -1;
        agent.member_id =
            joined.error_code == ErrorCode::member_id_required ? joined.member_id : "";
      }
    }
    if (agent.syncing && f_.is_answered(*agent.syncing)) {
      const auto& synced = f_.answer<SyncGroupResponse>(*agent.syncing);
      agent.syncing.reset();
      if (synced.error_code == ErrorCode::none) {
        own(agent, synced.assignment);
      } else {
        agent.generation = -1;
        if (synced.error_code == ErrorCode::unknown_member_id ||
            synced.error_code == ErrorCode::fenced_instance_id) {
          agent.member_id.clear();
        }
      }
    }
  }

  // One owner per partition and generation. A static member's place is known by its instance id.
  void own(const Agent& agent, const Bytes& assignment) {
    const auto decoded = decode_assignment(assignment);
    if (!decoded) return;
    ++stable_generations;
    const std::string who = agent.instance_id.value_or(agent.member_id);
    for (const auto& topic : decoded->assigned_partitions) {
      for (const PartitionIndex partition : topic.partitions) {
        const auto [owner, is_first] =
            owners_.try_emplace({incarnation_, agent.generation, partition}, who);
        if (!is_first && owner->second != who) problem = "two owners in one generation";
      }
    }
  }

  void restart() {
    f_.resign();
    f_.crash_and_replay();
  }

  void check_generations() {
    for (; checked_ < f_.log.size(); ++checked_) {
      const DecodedRecord decoded = decode_record(f_.log[checked_]);
      const auto* group = std::get_if<GroupRecord>(&decoded);
      if (group == nullptr) continue;
      if (!group->value) {
        ++incarnation_;  // A group that was deleted counts from 0 again.
        generation_ = 0;
      } else if (group->value->generation < generation_) {
        problem = "the generation went back";
      } else {
        generation_ = group->value->generation;
      }
    }
  }

  void check_replay() {
    GroupCoordinator fresh(config());
    for (std::size_t i = 0; i < f_.log.size(); ++i) {
      if (!fresh.replay(Offset(static_cast<std::int64_t>(i)), f_.log[i], f_.now))
        problem = "malformed";
    }
    (void)fresh.loaded(f_.now, Offset(static_cast<std::int64_t>(f_.log.size())));
    const GroupView live = f_.group();
    GroupView replayed;
    replayed.state = GroupState::dead;
    for (const GroupView& each : fresh.view()) {
      if (each.id == "g") replayed = each;
    }
    if (!same_offsets(live, replayed)) problem = "offsets differ after a replay";
    if (live.state != GroupState::stable && live.state != GroupState::empty) return;
    bool same = live.state == replayed.state && live.generation == replayed.generation &&
                live.leader == replayed.leader && live.members.size() == replayed.members.size();
    for (std::size_t i = 0; same && i < live.members.size(); ++i) {
      same = live.members[i].id == replayed.members[i].id &&
             live.members[i].instance_id == replayed.members[i].instance_id &&
             live.members[i].assignment == replayed.members[i].assignment &&
             live.members[i].subscription == replayed.members[i].subscription;
    }
    // A write that failed is told to its clients, and the next one makes it good.
    if (!same && !f_.append_error && !had_failure_) problem = "the group differs after a replay";
    if (f_.append_error) had_failure_ = true;
  }

  static bool same_offsets(const GroupView& a, const GroupView& b) {
    if (a.offsets.size() != b.offsets.size()) return false;
    for (std::size_t i = 0; i < a.offsets.size(); ++i) {
      if (a.offsets[i].partition != b.offsets[i].partition ||
          a.offsets[i].offset != b.offsets[i].offset)
        return false;
    }
    return true;
  }

  Prng prng_;
  GroupFixture f_;
  std::vector<Agent> agents_;
  std::map<std::tuple<int, std::int32_t, PartitionIndex>, std::string> owners_;
  std::size_t checked_ = 0;
  std::int32_t generation_ = 0;
  int incarnation_ = 0;
  bool had_failure_ = false;
};

}  // namespace

class GroupHistoryTest : public QObject {
  Q_OBJECT
 private slots:
  void random_histories_keep_the_invariants();
};

void GroupHistoryTest::random_histories_keep_the_invariants() {
  int stable_generations = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    History history(seed);
    history.run(600);
    QVERIFY2(
        history.problem.empty(),
        qPrintable(QString("seed %1: %2").arg(seed).arg(QString::fromStdString(history.problem))));
    stable_generations += history.stable_generations;
  }
  QVERIFY2(stable_generations > 500, "too few groups came to rest for the histories to mean much");
}

OTTLA_TEST(GroupHistoryTest)
#include "group_history_test.moc"
