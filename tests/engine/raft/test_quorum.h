// Several voters and observers in a network of their own: messages take a while, get lost on cut
// links, and nodes crash with or without what they had not synced. What must hold in every quorum
// is checked after every event.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>

#include "engine/base/prng.h"
#include "tests/engine/raft/raft_fixture.h"

namespace ottla::raft::test {

class TestQuorum {
 public:
  explicit TestQuorum(int voters, std::uint64_t seed = 1);
  void add_observer(int id);
  // A quorum whose log says who votes: the first `voters` of `controllers`, and who is added.
  struct Dynamic {
    int controllers;
    int voters;
  };
  explicit TestQuorum(Dynamic quorum, std::uint64_t seed = 1);
  // Asks the node for the change; its answer is in `changes` once there is one.
  void add_voter(int at, int voter);
  void remove_voter(int at, int voter);
  std::vector<VoterChangeAnswer> changes;

  TestNode& node(int id) { return *nodes_.at(BrokerId{id}); }
  [[nodiscard]] Instant now() const { return now_; }
  [[nodiscard]] bool is_up(BrokerId id) const { return up_.count(id) != 0; }
  // The leader of the newest epoch among those that are up; 0 when there is none.
  [[nodiscard]] int leader() const;

  void cut(int from, int to) { cut_.insert({BrokerId{from}, BrokerId{to}}); }
  void isolate(int id);
  void heal() { cut_.clear(); }
  // The process ends; without power it also loses what it had not synced.
  void crash(int id, bool power = false);
  void start(BrokerId id);
  void write(int id, std::string_view value);
  // Lets a snapshot stand for all that the node knows to be committed.
  void snapshot_and_clean(int id);
  void shut_down(int id);

  void run_for(Duration time);
  // False when it did not come to be in time.
  template <class Condition>
  bool run_until(Condition condition, Duration limit = Duration::seconds(30)) {
    const Instant end = now_ + limit;
    while (!condition()) {
      if (!step(end)) return condition();
    }
    return true;
  }

  // What broke, if anything did.
  std::string violation;

 private:
  struct Event {
    BrokerId to;
    int incarnation;
    std::function<void(TestNode&)> act;
  };
  struct Asked {
    BrokerId by;
    int incarnation;
    RequestId request;
  };

  void add(BrokerId id, const std::vector<BrokerId>& voters);
  bool step(Instant end);
  void run_timer(BrokerId id);
  void post(BrokerId to, Duration after, std::function<void(TestNode&)> act);
  Duration latency() { return Duration::micros(draws_.between(200, 3000)); }
  [[nodiscard]] bool is_cut(BrokerId from, BrokerId to) const {
    return cut_.count({from, to}) != 0;
  }
  // Carries what a node has sent, and starts the syncs that it wants.
  void after(BrokerId id);
  template <class Request>
  void send(BrokerId from, std::vector<Send<Request>>& queue);
  template <class Answer>
  void answer(BrokerId from, AskId ask, const Answer& reply);
  template <class Answer>
  void reply_to_node(BrokerId from, AskId ask, const Answer& reply);
  void check(BrokerId id);
  void send_queries(BrokerId from);
  template <class Change>
  void change(int at, const Change& body);

  Prng draws_;
  std::map<BrokerId, std::unique_ptr<TestNode>> nodes_;
  std::map<BrokerId, int> incarnations_;
  std::map<BrokerId, Offset> synced_;
  std::set<BrokerId> up_;
  std::set<std::pair<BrokerId, BrokerId>> cut_;
  std::multimap<Instant, Event> events_;
  std::map<AskId, Asked> asks_;
  std::uint64_t next_ask_ = 1;
  Instant now_ = start_time;
  std::map<LeaderEpoch, BrokerId> leaders_;
  std::map<Offset, Bytes> committed_;
};

}  // namespace ottla::raft::test
