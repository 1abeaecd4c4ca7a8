#include "engine/broker/groups/group_service.h"

#include <algorithm>
#include <map>
#include <set>

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;
using coordinator::RequestToken;
using protocol::ErrorCode;
using protocol::RecordBatch;

namespace {

constexpr TopicId orders_id{7, 7};

// The partitions of __consumer_offsets on this broker: what is appended is in sync at once, unless
// the followers are held.
struct Offsets final : OffsetsLog {
  std::map<PartitionIndex, std::vector<RecordBatch>> logs;
  std::optional<ErrorCode> refuses;
  bool followers_held = false;
  GroupService* service = nullptr;
  Instant* now = nullptr;

  Result<Offset, ErrorCode> append(PartitionIndex partition, RecordBatch batch) override {
    if (refuses) return failure(*refuses);
    logs[partition].push_back(batch.placed_at(end_of(partition), LeaderEpoch{0}));
    const Offset end = end_of(partition);
    if (!followers_held) service->on_high_watermark(partition, end, *now);
    return end;
  }
  Bounds bounds(PartitionIndex partition) const override {
    return {Offset{0}, end_of(partition), end_of(partition)};
  }
  // One batch at a time.
  Result<std::vector<RecordBatch>, ErrorCode> read(PartitionIndex partition,
                                                   Offset from) const override {
    const auto log = logs.find(partition);
    if (log == logs.end()) return std::vector<RecordBatch>();
    for (const RecordBatch& batch : log->second) {
      if (batch.last_offset() >= from) return std::vector{batch};
    }
    return std::vector<RecordBatch>();
  }
  Offset end_of(PartitionIndex partition) const {
    const auto log = logs.find(partition);
    if (log == logs.end() || log->second.empty()) return Offset{0};
    return log->second.back().last_offset().next();
  }
};

// A broker with the topic `orders`, and __consumer_offsets once `partitions` says how many it has.
struct Host final : GroupHost {
  std::map<RequestToken, GroupApiResponse> replies;
  std::vector<RequestToken> answered_twice;
  std::vector<std::string> changes;
  std::vector<std::string> created;
  std::optional<std::int32_t> partitions = 4;
  std::set<PartitionIndex> leaderless;
  std::uint64_t last_id = 0;

  void reply(RequestToken token, GroupApiResponse response) override {
    if (!replies.emplace(token, std::move(response)).second) answered_twice.push_back(token);
  }
  void tell(const coordinator::GroupChange& change) override {
    changes.push_back(change.group + " " + std::string(coordinator::name(change.state)));
  }
  Uuid random_id() override { return Uuid(0, ++last_id); }
  bool topic_exists(std::string_view topic) const override { return topic == "orders"; }
  Uuid topic_id(std::string_view topic) const override {
    return topic == "orders" ? orders_id : Uuid();
  }
  std::optional<std::string> topic_name(const Uuid& id) const override {
    return id == orders_id ? std::optional<std::string>("orders") : std::nullopt;
  }
  std::optional<std::int32_t> partition_count(std::string_view topic) const override {
    if (topic == "orders") return 1;
    return topic == group_metadata_topic ? partitions : std::nullopt;
  }
  std::optional<CoordinatorNode> leader_of(std::string_view,
                                           PartitionIndex partition) const override {
    if (leaderless.contains(partition)) return std::nullopt;
    return CoordinatorNode{BrokerId{partition.value() + 1}, "broker", 9092};
  }
  void create_internal_topic(std::string_view topic) override { created.emplace_back(topic); }
};

// Broker 1 leads every partition of __consumer_offsets but those it does not.
struct Served {
  explicit Served(GroupServiceConfig config = {}, const std::set<int>& not_led = {})
      : service(config, host, log) {
    log.service = &service;
    log.now = &now;
    for (int partition = 0; partition < 4; ++partition) {
      if (!not_led.contains(partition)) service.become_leader(PartitionIndex{partition}, now);
    }
  }
  template <class Message>
  RequestToken ask(const Message& request, int version = Message::max_version.value()) {
    const RequestToken token{++last_token};
    service.handle(GroupRequest{token, ApiVersion{static_cast<std::int16_t>(version)}, "shop",
                                "10.0.0.7", now},
                   request);
    return token;
  }
  template <class Response>
  [[nodiscard]] const Response& answer(RequestToken token) const {
    return std::get<Response>(host.replies.at(token));
  }
  [[nodiscard]] bool is_answered(RequestToken token) const { return host.replies.contains(token); }
  void run_for(Duration duration) {
    const Instant end = now + duration;
    while (true) {
      const auto due = service.next_deadline();
      if (!due || *due > end) break;
      now = std::max(now, *due);
      service.on_time(now);
    }
    now = end;
  }

  RequestToken join(const std::string& group, const std::string& member = {}, int version = 9) {
    protocol::JoinGroupRequest request;
    request.group_id = group;
    request.member_id = member;
    request.session_timeout_ms = 10'000;
    request.rebalance_timeout_ms = 60'000;
    request.protocol_type = "consumer";
    request.protocols.emplace_back().name = "range";
    return ask(request, version);
  }
  // A stable group of one; its member's id.
  std::string make_group(const std::string& group) {
    const RequestToken joined = join(group, {}, 3);  // With that version, in one request.
    run_for(Duration::seconds(3));
    const auto& answered = answer<protocol::JoinGroupResponse>(joined);
    protocol::SyncGroupRequest sync;
    sync.group_id = group;
    sync.member_id = answered.member_id;
    sync.generation_id = answered.generation_id;
    sync.assignments.push_back({.member_id = answered.member_id});
    (void)ask(sync, 3);
    return answered.member_id;
  }
  RequestToken beat(const std::string& group, const std::string& member, int generation = 1) {
    protocol::HeartbeatRequest request;
    request.group_id = group;
    request.member_id = member;
    request.generation_id = GenerationId{generation};
    return ask(request);
  }
  // As a consumer without a group's membership commits.
  RequestToken commit(const std::string& group, const std::vector<std::string>& topics,
                      std::int64_t offset) {
    protocol::OffsetCommitRequest request;
    request.group_id = group;
    for (const std::string& topic : topics) {
      auto& out = request.topics.emplace_back();
      out.name = topic;
      out.partitions.push_back(
          {.partition_index = PartitionIndex{0}, .committed_offset = Offset{offset}});
    }
    return ask(request, 9);
  }
  // The topics of a commit's answer with their errors.
  [[nodiscard]] std::vector<std::string> outcome(RequestToken commit) const {
    std::vector<std::string> all;
    for (const auto& topic : answer<protocol::OffsetCommitResponse>(commit).topics) {
      all.push_back(topic.name + " " +
                    std::string(protocol::name(topic.partitions.at(0).error_code)));
    }
    return all;
  }
  // What a fetch of orders-0 gives: its offset, or the group's error.
  [[nodiscard]] std::string committed(const std::string& group) {
    protocol::OffsetFetchRequest request;
    auto& asked = request.groups.emplace_back();
    asked.group_id = group;
    asked.topics->push_back({.name = "orders", .partition_indexes = {PartitionIndex{0}}});
    const auto token = ask(request, 9);
    const auto& answered = answer<protocol::OffsetFetchResponse>(token).groups.at(0);
    if (answered.error_code != ErrorCode::none)
      return std::string(protocol::name(answered.error_code));
    return std::to_string(answered.topics.at(0).partitions.at(0).committed_offset.value());
  }
  // A group of a partition, one for each `nth`.
  [[nodiscard]] std::string group_in(int partition, int nth = 0) const {
    for (int i = 0;; ++i) {
      std::string group = "g" + std::to_string(i);
      if (service.partition_of(group) == PartitionIndex{partition} && nth-- == 0) return group;
    }
  }

  Instant now = scenario_epoch;
  Host host;
  Offsets log;
  GroupService service;
  std::uint64_t last_token = 0;
};

using Lines = std::vector<std::string>;
}  // namespace

class GroupServiceTest : public QObject {
  Q_OBJECT
 private slots:
  void a_member_joins_and_its_group_is_seen();
  void a_group_of_a_partition_that_another_broker_leads_is_refused();
  void a_request_without_a_group_is_refused();
  void a_commit_is_answered_when_the_followers_have_it();
  void a_commit_that_cannot_be_appended_is_refused();
  void topics_that_do_not_exist_are_refused_one_by_one();
  void partitions_that_do_not_exist_are_refused_within_their_topic();
  void a_new_leader_knows_what_was_committed();
  void while_a_partition_loads_clients_are_told_to_come_back();
  void a_broker_that_resigns_ends_every_wait();
  void a_silent_member_is_put_out_on_time();
  void groups_of_several_partitions_are_deleted_with_one_answer_in_order();
  void a_group_is_described_with_its_members();
  void an_unknown_group_is_dead_and_from_version_6_on_not_found();
  void groups_of_all_partitions_are_listed();
  void the_coordinator_of_a_group_leads_its_partition();
  void without_its_topic_there_is_no_coordinator_yet();
};

void GroupServiceTest::a_member_joins_and_its_group_is_seen() {
  Served f;
  const std::string member = f.make_group("billing");
  const auto groups = f.service.groups();
  QCOMPARE(groups.size(), std::size_t{1});
  QCOMPARE(groups[0].id, std::string("billing"));
  QVERIFY(groups[0].state == coordinator::GroupState::stable);
  QCOMPARE(groups[0].members.at(0).id, member);
  QCOMPARE(groups[0].members.at(0).client_host, std::string("/10.0.0.7"));
  QCOMPARE(groups[0].members.at(0).session_timeout, Duration::seconds(10));
  QCOMPARE(f.host.changes.back(), std::string("billing Stable"));
  QVERIFY(f.host.answered_twice.empty());
}

void GroupServiceTest::a_group_of_a_partition_that_another_broker_leads_is_refused() {
  Served f({}, {2});
  const std::string group = f.group_in(2);
  QCOMPARE(f.answer<protocol::JoinGroupResponse>(f.join(group, "me")).error_code,
           ErrorCode::not_coordinator);
  QCOMPARE(f.answer<protocol::JoinGroupResponse>(f.join(group, "me")).member_id, std::string("me"));
  const protocol::SyncGroupRequest sync{.group_id = group};  // Not as version 5 has to be.
  QCOMPARE(f.answer<protocol::SyncGroupResponse>(f.ask(sync, 5)).error_code,
           ErrorCode::inconsistent_group_protocol);
  QCOMPARE(f.answer<protocol::HeartbeatResponse>(f.beat(group, "me")).error_code,
           ErrorCode::not_coordinator);
  QCOMPARE(f.outcome(f.commit(group, {"orders"}, 5)), (Lines{"orders NOT_COORDINATOR"}));
  QCOMPARE(f.committed(group), std::string("NOT_COORDINATOR"));
}

void GroupServiceTest::a_request_without_a_group_is_refused() {
  Served f({}, {0, 1, 2, 3});
  QCOMPARE(f.answer<protocol::JoinGroupResponse>(f.join("")).error_code,
           ErrorCode::invalid_group_id);
  QCOMPARE(f.answer<protocol::HeartbeatResponse>(f.beat("", "me")).error_code,
           ErrorCode::invalid_group_id);
  QCOMPARE(f.answer<protocol::SyncGroupResponse>(f.ask(protocol::SyncGroupRequest(), 4)).error_code,
           ErrorCode::invalid_group_id);
  QCOMPARE(f.answer<protocol::LeaveGroupResponse>(f.ask(protocol::LeaveGroupRequest())).error_code,
           ErrorCode::invalid_group_id);
}

void GroupServiceTest::a_commit_is_answered_when_the_followers_have_it() {
  Served f;
  f.log.followers_held = true;
  const std::string group = f.group_in(1);
  const RequestToken commit = f.commit(group, {"orders"}, 5);
  QVERIFY(!f.is_answered(commit));
  QCOMPARE(f.committed(group), std::string("-1"));
  f.service.on_high_watermark(PartitionIndex{1}, Offset{1}, f.now);
  QCOMPARE(f.outcome(commit), (Lines{"orders NONE"}));
  QCOMPARE(f.committed(group), std::string("5"));
}

void GroupServiceTest::a_commit_that_cannot_be_appended_is_refused() {
  Served f;
  f.log.refuses = ErrorCode::not_enough_replicas;
  const std::string group = f.group_in(1);
  QCOMPARE(f.outcome(f.commit(group, {"orders"}, 5)), (Lines{"orders COORDINATOR_NOT_AVAILABLE"}));
  f.log.refuses.reset();
  QCOMPARE(f.committed(group), std::string("-1"));
}

void GroupServiceTest::topics_that_do_not_exist_are_refused_one_by_one() {
  Served f;
  f.log.followers_held = true;
  const std::string group = f.group_in(1);
  const RequestToken none_exists = f.commit(group, {"lost", "gone"}, 5);
  QCOMPARE(f.outcome(none_exists),
           (Lines{"lost UNKNOWN_TOPIC_OR_PARTITION", "gone UNKNOWN_TOPIC_OR_PARTITION"}));
  const RequestToken one_exists = f.commit(group, {"lost", "orders"}, 5);
  QVERIFY(!f.is_answered(one_exists));
  f.service.on_high_watermark(PartitionIndex{1}, Offset{1}, f.now);
  QCOMPARE(f.outcome(one_exists), (Lines{"lost UNKNOWN_TOPIC_OR_PARTITION", "orders NONE"}));
}

void GroupServiceTest::partitions_that_do_not_exist_are_refused_within_their_topic() {
  Served f;
  protocol::OffsetCommitRequest request;
  request.group_id = f.group_in(1);
  auto& topic = request.topics.emplace_back();
  topic.name = "orders";
  for (const std::int32_t index : {0, 1, -1}) {
    topic.partitions.push_back(
        {.partition_index = PartitionIndex{index}, .committed_offset = Offset{5}});
  }
  const auto commit = f.ask(request, 9);
  const auto& answered = f.answer<protocol::OffsetCommitResponse>(commit).topics;
  QCOMPARE(answered.size(), std::size_t{1});
  std::map<std::int32_t, ErrorCode> errors;
  for (const auto& each : answered[0].partitions) {
    errors[each.partition_index.value()] = each.error_code;
  }
  const std::map<std::int32_t, ErrorCode> expected{{-1, ErrorCode::unknown_topic_or_partition},
                                                   {0, ErrorCode::none},
                                                   {1, ErrorCode::unknown_topic_or_partition}};
  QVERIFY(errors == expected);
}

void GroupServiceTest::a_new_leader_knows_what_was_committed() {
  Served f({}, {3});
  f.make_group(f.group_in(1));
  QCOMPARE(f.outcome(f.commit(f.group_in(1, 1), {"orders"}, 5)), (Lines{"orders NONE"}));
  f.service.resign(PartitionIndex{1}, f.now);
  QVERIFY(f.service.groups().empty());
  QCOMPARE(f.committed(f.group_in(1, 1)), std::string("NOT_COORDINATOR"));
  f.service.become_leader(PartitionIndex{1}, f.now);
  QCOMPARE(f.committed(f.group_in(1, 1)), std::string("5"));
  QCOMPARE(f.service.groups().size(), std::size_t{2});
  QCOMPARE(f.service.groups()[0].members.size() + f.service.groups()[1].members.size(),
           std::size_t{1});
}

void GroupServiceTest::while_a_partition_loads_clients_are_told_to_come_back() {
  GroupServiceConfig slow;
  slow.load_bytes_max = 1;  // One batch at a time.
  Served f(slow);
  const std::string group = f.group_in(1);
  for (int offset = 1; offset <= 3; ++offset) (void)f.commit(group, {"orders"}, offset);
  f.service.resign(PartitionIndex{1}, f.now);
  f.service.become_leader(PartitionIndex{1}, f.now);
  QVERIFY(f.service.is_loading(PartitionIndex{1}));
  QVERIFY(f.service.next_deadline() && *f.service.next_deadline() <= f.now);
  QCOMPARE(f.committed(group), std::string("COORDINATOR_LOAD_IN_PROGRESS"));
  QCOMPARE(f.answer<protocol::HeartbeatResponse>(f.beat(group, "me")).error_code, ErrorCode::none);
  QCOMPARE(f.answer<protocol::ListGroupsResponse>(f.ask(protocol::ListGroupsRequest())).error_code,
           ErrorCode::coordinator_load_in_progress);
  QVERIFY(f.service.groups().empty());
  for (int slices = 0; slices < 3; ++slices) {
    QVERIFY(f.service.is_loading(PartitionIndex{1}));
    f.service.on_time(f.now);
  }
  QVERIFY(!f.service.is_loading(PartitionIndex{1}));
  QCOMPARE(f.committed(group), std::string("3"));
}

void GroupServiceTest::a_broker_that_resigns_ends_every_wait() {
  Served f;
  const RequestToken joining = f.join(f.group_in(1), {}, 3);
  f.log.followers_held = true;
  const RequestToken committing = f.commit(f.group_in(1, 1), {"lost", "orders"}, 5);
  const RequestToken elsewhere = f.join(f.group_in(2), {}, 3);
  f.service.resign(PartitionIndex{1}, f.now);
  QCOMPARE(f.answer<protocol::JoinGroupResponse>(joining).error_code, ErrorCode::not_coordinator);
  QCOMPARE(f.outcome(committing),
           (Lines{"lost UNKNOWN_TOPIC_OR_PARTITION", "orders NOT_COORDINATOR"}));
  QVERIFY(!f.is_answered(elsewhere));
  f.service.resign(PartitionIndex{1}, f.now);  // Once is enough.
  QVERIFY(f.host.answered_twice.empty());
}

void GroupServiceTest::a_silent_member_is_put_out_on_time() {
  Served f;
  const std::string group = f.group_in(1);
  const std::string member = f.make_group(group);
  f.run_for(Duration::seconds(9));
  QCOMPARE(f.answer<protocol::HeartbeatResponse>(f.beat(group, member)).error_code,
           ErrorCode::none);
  f.run_for(Duration::seconds(10) - Duration::micros(1));
  QCOMPARE(f.service.groups().at(0).members.size(), std::size_t{1});
  f.run_for(Duration::micros(1));
  QVERIFY(f.service.groups().at(0).members.empty());
  QCOMPARE(f.answer<protocol::HeartbeatResponse>(f.beat(group, member)).error_code,
           ErrorCode::unknown_member_id);
}

void GroupServiceTest::groups_of_several_partitions_are_deleted_with_one_answer_in_order() {
  Served f({}, {3});
  const std::string busy = f.group_in(0);
  f.make_group(busy);
  (void)f.commit(f.group_in(1), {"orders"}, 5);
  (void)f.commit(f.group_in(2), {"orders"}, 5);
  f.log.followers_held = true;
  protocol::DeleteGroupsRequest request;
  request.groups_names = {f.group_in(2), f.group_in(3), busy, f.group_in(1), f.group_in(1, 1)};
  const RequestToken deleting = f.ask(request);
  QVERIFY(!f.is_answered(deleting));
  f.service.on_high_watermark(PartitionIndex{1}, f.log.end_of(PartitionIndex{1}), f.now);
  QVERIFY(!f.is_answered(deleting));
  f.service.on_high_watermark(PartitionIndex{2}, f.log.end_of(PartitionIndex{2}), f.now);
  QVERIFY(f.is_answered(deleting));
  Lines outcome;
  for (const auto& each : f.answer<protocol::DeleteGroupsResponse>(deleting).results)
    outcome.push_back(each.group_id + " " + std::string(protocol::name(each.error_code)));
  QCOMPARE(outcome,
           (Lines{request.groups_names[0] + " NONE", request.groups_names[1] + " NOT_COORDINATOR",
                  busy + " NON_EMPTY_GROUP", request.groups_names[3] + " NONE",
                  request.groups_names[4] + " GROUP_ID_NOT_FOUND"}));
  QCOMPARE(f.committed(f.group_in(1)), std::string("-1"));
}

void GroupServiceTest::a_group_is_described_with_its_members() {
  Served f;
  const std::string member = f.make_group("billing");
  protocol::DescribeGroupsRequest request;
  request.groups = {"billing"};
  request.include_authorized_operations = true;
  const RequestToken asked = f.ask(request);
  const auto& group = f.answer<protocol::DescribeGroupsResponse>(asked).groups.at(0);
  QCOMPARE(group.error_code, ErrorCode::none);
  QCOMPARE(group.group_state, std::string("Stable"));
  QCOMPARE(group.members.at(0).member_id, member);
  QCOMPARE(group.members.at(0).client_id, std::string("shop"));
  QCOMPARE(group.authorized_operations, 0b1101'0100'1000);
}

void GroupServiceTest::an_unknown_group_is_dead_and_from_version_6_on_not_found() {
  Served f;
  protocol::DescribeGroupsRequest request;
  request.groups = {"unknown"};
  const auto described = [&](int version) {
    return f.answer<protocol::DescribeGroupsResponse>(f.ask(request, version)).groups.at(0);
  };
  QCOMPARE(described(5).error_code, ErrorCode::none);
  QCOMPARE(described(5).group_state, std::string("Dead"));
  QCOMPARE(described(6).error_code, ErrorCode::group_id_not_found);
}

void GroupServiceTest::groups_of_all_partitions_are_listed() {
  Served f;
  f.make_group(f.group_in(3));
  (void)f.commit(f.group_in(0), {"orders"}, 5);
  const auto listed = [&](const Lines& states) {
    protocol::ListGroupsRequest request;
    request.states_filter = states;
    Lines names;
    for (const auto& group : f.answer<protocol::ListGroupsResponse>(f.ask(request)).groups)
      names.push_back(group.group_id + " " + group.group_state);
    std::sort(names.begin(), names.end());
    return names;
  };
  Lines both{f.group_in(3) + " Stable", f.group_in(0) + " Empty"};
  std::sort(both.begin(), both.end());
  QCOMPARE(listed({}), both);
  QCOMPARE(listed({"Empty"}), (Lines{f.group_in(0) + " Empty"}));
}

void GroupServiceTest::the_coordinator_of_a_group_leads_its_partition() {
  Served f;
  f.host.leaderless = {PartitionIndex{3}};
  protocol::FindCoordinatorRequest request;
  request.coordinator_keys = {f.group_in(2), f.group_in(3)};
  const RequestToken asked = f.ask(request);
  const auto& found = f.answer<protocol::FindCoordinatorResponse>(asked).coordinators;
  QCOMPARE(found.at(0).error_code, ErrorCode::none);
  QCOMPARE(found.at(0).node_id, BrokerId{3});
  QCOMPARE(found.at(0).key, request.coordinator_keys[0]);
  QCOMPARE(found.at(1).error_code, ErrorCode::coordinator_not_available);
  QVERIFY(f.host.created.empty());

  protocol::FindCoordinatorRequest single;
  single.key = f.group_in(2);
  const RequestToken asked_single = f.ask(single, 3);
  QCOMPARE(f.answer<protocol::FindCoordinatorResponse>(asked_single).node_id, BrokerId{3});
  single.key_type = 2;
  const RequestToken asked_wrong = f.ask(single, 3);
  QCOMPARE(f.answer<protocol::FindCoordinatorResponse>(asked_wrong).error_code,
           ErrorCode::invalid_request);
}

void GroupServiceTest::without_its_topic_there_is_no_coordinator_yet() {
  Served f;
  f.host.partitions.reset();
  protocol::FindCoordinatorRequest request;
  request.coordinator_keys = {"billing"};
  const RequestToken asked = f.ask(request);
  QCOMPARE(f.answer<protocol::FindCoordinatorResponse>(asked).coordinators.at(0).error_code,
           ErrorCode::coordinator_not_available);
  QCOMPARE(f.host.created, (Lines{"__consumer_offsets"}));
}

OTTLA_TEST(GroupServiceTest)
#include "group_service_test.moc"
