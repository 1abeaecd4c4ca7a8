#include "engine/broker/data/fetch_session_client.h"

#include <algorithm>

#include "engine/broker/data/fetch_sessions.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;
using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;
using Wanted = FetchSessionClient::Wanted;

namespace {

constexpr TopicId orders{7, 7};
constexpr TopicId payments{8, 8};

void want(Wanted& wanted, const TopicId& topic, int partition, std::int64_t offset) {
  const FetchSessionClient::Key key{topic, PartitionIndex{partition}};
  auto at = std::ranges::lower_bound(wanted, key, {}, &FetchSessionClient::Want::key);
  if (at == wanted.end() || at->key != key) at = wanted.insert(at, {key, {}});
  at->partition.partition = key.index;
  at->partition.fetch_offset = Offset{offset};
}

void unwant(Wanted& wanted, const TopicId& topic, int partition) {
  const FetchSessionClient::Key key{topic, PartitionIndex{partition}};
  std::erase_if(wanted, [&key](const FetchSessionClient::Want& each) { return each.key == key; });
}

FetchRequest request_for(FetchSessionClient& client, Wanted wanted) {
  FetchRequest request;
  client.fill(request, wanted);
  return request;
}

FetchResponse answer(std::int32_t session, ErrorCode error = ErrorCode::none) {
  FetchResponse response;
  response.session_id = session;
  response.error_code = error;
  return response;
}

// "7:0@5 7:1@9": topics by the start of their ids, partitions and offsets.
std::string named(const FetchRequest& request) {
  std::string all;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      if (!all.empty()) all += ' ';
      all += std::to_string(topic.topic_id == orders ? 7 : 8) + ":" +
             std::to_string(partition.partition.value()) + "@" +
             std::to_string(partition.fetch_offset.value());
    }
  }
  return all;
}

std::string forgotten(const FetchRequest& request) {
  std::string all;
  for (const auto& topic : request.forgotten_topics_data) {
    for (const PartitionIndex partition : topic.partitions) {
      if (!all.empty()) all += ' ';
      all += std::to_string(topic.topic_id == orders ? 7 : 8) + ":" +
             std::to_string(partition.value());
    }
  }
  return all;
}

// The request as a broker's sessions take it.
FetchSessions::Asked asked_of(const FetchRequest& request) {
  FetchSessions::Asked asked{.session_id = request.session_id,
                             .session_epoch = request.session_epoch,
                             .by_topic_id = true,
                             .items = {},
                             .forgotten = {}};
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      asked.items.push_back({FetchKey{topic.topic_id, {}, partition.partition},
                             {.fetch_offset = partition.fetch_offset}});
    }
  }
  for (const auto& topic : request.forgotten_topics_data) {
    for (const PartitionIndex partition : topic.partitions) {
      asked.forgotten.push_back(FetchKey{topic.topic_id, {}, partition});
    }
  }
  return asked;
}

}  // namespace

class FetchSessionClientTest : public QObject {
  Q_OBJECT
 private slots:
  void init();
  void the_first_request_names_everything_and_asks_for_a_session();
  void the_next_names_only_what_changed();
  void what_is_not_wanted_any_more_is_forgotten_once();
  void without_room_for_a_session_every_request_is_full();
  void a_session_that_the_broker_has_ended_is_asked_for_again();
  void an_error_starts_over_and_closes_the_session();
  void a_lost_response_starts_over();
  void the_broker_fetches_what_the_client_wants();

 private:
  Wanted wanted_;
};

void FetchSessionClientTest::init() {
  wanted_.clear();
  want(wanted_, orders, 0, 5);
  want(wanted_, orders, 1, 9);
  want(wanted_, payments, 0, 1);
}

void FetchSessionClientTest::the_first_request_names_everything_and_asks_for_a_session() {
  FetchSessionClient client;
  const FetchRequest request = request_for(client, wanted_);
  QCOMPARE(request.session_id, 0);
  QCOMPARE(request.session_epoch, 0);
  QCOMPARE(named(request), "7:0@5 7:1@9 8:0@1");
  QCOMPARE(request.topics.size(), std::size_t{2});
  QVERIFY(request.forgotten_topics_data.empty());
}

void FetchSessionClientTest::the_next_names_only_what_changed() {
  FetchSessionClient client;
  (void)request_for(client, wanted_);
  QVERIFY(client.take(answer(33)));
  want(wanted_, orders, 1, 12);
  want(wanted_, payments, 4, 0);
  const FetchRequest second = request_for(client, wanted_);
  QCOMPARE(second.session_id, 33);
  QCOMPARE(second.session_epoch, 1);
  QCOMPARE(named(second), "7:1@12 8:4@0");
  QVERIFY(client.take(answer(33)));
  const FetchRequest third = request_for(client, wanted_);
  QCOMPARE(third.session_epoch, 2);
  QVERIFY(third.topics.empty() && third.forgotten_topics_data.empty());
}

void FetchSessionClientTest::what_is_not_wanted_any_more_is_forgotten_once() {
  FetchSessionClient client;
  (void)request_for(client, wanted_);
  QVERIFY(client.take(answer(33)));
  unwant(wanted_, orders, 0);
  unwant(wanted_, payments, 0);
  const FetchRequest second = request_for(client, wanted_);
  QCOMPARE(forgotten(second), "7:0 8:0");
  QVERIFY(second.topics.empty());
  QVERIFY(client.take(answer(33)));
  QCOMPARE(forgotten(request_for(client, wanted_)), "");
}

void FetchSessionClientTest::without_room_for_a_session_every_request_is_full() {
  FetchSessionClient client;
  for (int i = 0; i < 2; ++i) {
    const FetchRequest request = request_for(client, wanted_);
    QCOMPARE(request.session_epoch, 0);
    QCOMPARE(named(request), "7:0@5 7:1@9 8:0@1");
    QVERIFY(client.take(answer(0)));
  }
}

void FetchSessionClientTest::a_session_that_the_broker_has_ended_is_asked_for_again() {
  FetchSessionClient client;
  (void)request_for(client, wanted_);
  QVERIFY(client.take(answer(33)));
  (void)request_for(client, wanted_);
  QVERIFY(client.take(answer(0)));
  const FetchRequest request = request_for(client, wanted_);
  QCOMPARE(request.session_epoch, 0);
  QCOMPARE(named(request), "7:0@5 7:1@9 8:0@1");
}

void FetchSessionClientTest::an_error_starts_over_and_closes_the_session() {
  FetchSessionClient client;
  (void)request_for(client, wanted_);
  QVERIFY(client.take(answer(33)));
  (void)request_for(client, wanted_);
  QVERIFY(!client.take(answer(0, ErrorCode::invalid_fetch_session_epoch)));
  const FetchRequest request = request_for(client, wanted_);
  // A full request that names a session replaces it (KIP-227).
  QCOMPARE(request.session_id, 33);
  QCOMPARE(request.session_epoch, 0);
  QCOMPARE(named(request), "7:0@5 7:1@9 8:0@1");
  QVERIFY(client.take(answer(34)));
  QCOMPARE(request_for(client, wanted_).session_id, 34);
}

void FetchSessionClientTest::a_lost_response_starts_over() {
  FetchSessionClient client;
  (void)request_for(client, wanted_);
  QVERIFY(client.take(answer(33)));
  want(wanted_, orders, 0, 6);
  (void)request_for(client, wanted_);
  client.start_over();
  unwant(wanted_, payments, 0);
  const FetchRequest request = request_for(client, wanted_);
  QCOMPARE(request.session_epoch, 0);
  QCOMPARE(named(request), "7:0@6 7:1@9");
  QVERIFY(request.forgotten_topics_data.empty());
}

void FetchSessionClientTest::the_broker_fetches_what_the_client_wants() {
  FetchSessionClient client;
  FetchSessions broker({});
  for (int round = 0; round < 20; ++round) {
    want(wanted_, orders, round % 3, round);
    if (round % 4 == 3) unwant(wanted_, orders, round % 3);
    if (round == 10) client.start_over();
    const auto plan = broker.begin(asked_of(request_for(client, wanted_)), scenario_epoch, 9);
    QCOMPARE(plan.error, ErrorCode::none);
    std::map<std::pair<TopicId, PartitionIndex>, Offset> fetched;
    for (const FetchItem& each : plan.items) {
      fetched[{each.key.id, each.key.partition}] = each.spec.fetch_offset;
    }
    QCOMPARE(plan.items.size(), wanted_.size());
    for (const auto& [key, partition] : wanted_) {
      const std::pair place(key.topic, key.index);
      QVERIFY(fetched.count(place) == 1 && fetched.at(place) == partition.fetch_offset);
    }
    QCOMPARE(plan.incremental, round != 0 && round != 10);
    QVERIFY(client.take(answer(plan.session_id)));
  }
  QCOMPARE(broker.size(), std::size_t{1});
}

OTTLA_TEST(FetchSessionClientTest)
#include "fetch_session_client_test.moc"
