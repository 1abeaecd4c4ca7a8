#include "tests/engine/raft/test_quorum.h"

#include <algorithm>
#include <utility>

namespace ottla::raft::test {

TestQuorum::TestQuorum(int voters, std::uint64_t seed) : draws_(seed) {
  std::vector<BrokerId> ids;
  for (int id = 1; id <= voters; ++id) ids.push_back(BrokerId{id});
  for (const BrokerId id : ids) add(id, ids);
  for (const BrokerId id : ids) start(id);
}

TestQuorum::TestQuorum(Dynamic quorum, std::uint64_t seed) : draws_(seed) {
  std::vector<BrokerId> all;
  std::vector<BrokerId> initial;
  for (int id = 1; id <= quorum.controllers; ++id) {
    all.push_back(BrokerId{id});
    if (id <= quorum.voters) initial.push_back(BrokerId{id});
  }
  for (const BrokerId id : all) {
    add(id, all);
    nodes_.at(id)->make_dynamic(all, initial);
  }
  for (const BrokerId id : all) start(id);
}

template <class Change>
void TestQuorum::change(int at, const Change& body) {
  TestNode& one = node(at);
  if (!is_up(BrokerId{at})) return;
  one.now = now_;
  one.carry_out(one.raft->on_request(AskId{next_ask_++}, body, now_));
  after(BrokerId{at});
}

void TestQuorum::add_voter(int at, int voter) {
  AddVoter add{.cluster_id = "cluster", .voter = voter_of(BrokerId{voter})};
  add.voter.versions = {};
  change(at, add);
}

void TestQuorum::remove_voter(int at, int voter) {
  change(at, RemoveVoter{.cluster_id = "cluster", .voter = voter_of(BrokerId{voter}).key});
}

void TestQuorum::send_queries(BrokerId from) {
  for (const auto& query : std::exchange(nodes_.at(from)->queries, {})) {
    const bool is_answered = is_up(query.to) && !is_cut(from, query.to) && !is_cut(query.to, from);
    if (!is_answered) continue;
    post(from, latency() * 2, [request = query.request, this](TestNode& node) {
      const SupportedVersions versions{{}, supported_kraft_versions};
      node.carry_out(node.raft->on_reply(request, versions, now_));
    });
  }
}

void TestQuorum::add_observer(int id) {
  std::vector<BrokerId> voters;
  for (const auto& [each, node] : nodes_) {
    if (node->raft->is_voter()) voters.push_back(each);
  }
  add(BrokerId{id}, voters);
  start(BrokerId{id});
}

void TestQuorum::add(BrokerId id, const std::vector<BrokerId>& voters) {
  nodes_.emplace(id, std::make_unique<TestNode>(id, voters));
  nodes_.at(id)->make_lingering(Duration::millis(5));
  synced_[id] = Offset{0};
}

int TestQuorum::leader() const {
  int found = 0;
  LeaderEpoch newest{-1};
  for (const BrokerId id : up_) {
    const Raft& raft = *nodes_.at(id)->raft;
    if (!raft.is_leader() || raft.epoch() <= newest) continue;
    found = id.value();
    newest = raft.epoch();
  }
  return found;
}

void TestQuorum::isolate(int id) {
  for (const auto& [other, node] : nodes_) {
    cut(id, other.value());
    cut(other.value(), id);
  }
}

void TestQuorum::crash(int id, bool power) {
  up_.erase(BrokerId{id});
  if (power) node(id).log.truncate(synced_[BrokerId{id}]);
}

void TestQuorum::start(BrokerId id) {
  TestNode& one = *nodes_.at(id);
  ++incarnations_[id];
  up_.insert(id);
  one.now = now_;
  one.restart();
  after(id);
}

void TestQuorum::write(int id, std::string_view value) {
  TestNode& one = node(id);
  if (!is_up(BrokerId{id}) || !one.raft->is_leader()) return;
  one.now = now_;
  one.write(value);
  after(BrokerId{id});
}

void TestQuorum::snapshot_and_clean(int id) {
  TestNode& one = node(id);
  if (is_up(BrokerId{id})) one.log.snapshot_and_clean(one.raft->high_watermark());
}

void TestQuorum::shut_down(int id) {
  TestNode& one = node(id);
  one.now = now_;
  one.carry_out(one.raft->begin_shutdown(now_));
  after(BrokerId{id});
}

void TestQuorum::run_for(Duration time) {
  const Instant end = now_ + time;
  while (step(end)) {
  }
  now_ = end;
}

bool TestQuorum::step(Instant end) {
  std::optional<Instant> next;
  std::optional<BrokerId> timer_of;
  if (!events_.empty()) next = events_.begin()->first;
  for (const BrokerId id : up_) {
    const auto at = nodes_.at(id)->raft->deadline();
    if (!at || (next && *at >= *next)) continue;
    next = *at;
    timer_of = id;
  }
  if (!next || *next > end) return false;
  now_ = std::max(now_, *next);
  if (timer_of) {
    run_timer(*timer_of);
    return true;
  }
  const Event event = std::move(events_.begin()->second);
  events_.erase(events_.begin());
  if (!is_up(event.to) || incarnations_[event.to] != event.incarnation) return true;
  TestNode& one = *nodes_.at(event.to);
  one.now = now_;
  event.act(one);
  after(event.to);
  return true;
}

void TestQuorum::run_timer(BrokerId id) {
  TestNode& one = *nodes_.at(id);
  one.now = now_;
  one.carry_out(one.raft->on_time(now_));
  after(id);
}

void TestQuorum::post(BrokerId to, Duration after, std::function<void(TestNode&)> act) {
  events_.emplace(now_ + after, Event{to, incarnations_[to], std::move(act)});
}

void TestQuorum::after(BrokerId id) {
  TestNode& one = *nodes_.at(id);
  send(id, one.sent);
  send(id, one.snapshots_asked);
  send(id, one.votes);
  send(id, one.begins);
  send(id, one.ends);
  send(id, one.updates);
  send_queries(id);
  for (auto& [ask, reply] : std::exchange(one.replies, {})) answer(id, ask, reply);
  for (auto& [ask, chunk] : std::exchange(one.chunks, {})) answer(id, ask, chunk);
  for (auto& [ask, reply] : std::exchange(one.answers, {})) {
    std::visit([&, ask = ask](const auto& each) { answer(id, ask, each); }, reply);
  }
  for (; one.syncs_wanted > 0; --one.syncs_wanted) {
    post(id, Duration::micros(draws_.between(100, 5000)),
         [this, id, end = one.log.end_offset()](TestNode& node) {
           synced_[id] = std::min(end, node.log.end_offset());
           node.carry_out(node.raft->on_synced(synced_[id], now_));
         });
  }
  synced_[id] = std::clamp(synced_[id], one.log.start_offset(), one.log.end_offset());
  check(id);
}

template <class Request>
void TestQuorum::send(BrokerId from, std::vector<Send<Request>>& queue) {
  for (auto& request : std::exchange(queue, {})) {
    if (!is_up(request.to)) {
      post(from, latency(), [request = request.request, this](TestNode& node) {
        node.carry_out(node.raft->on_request_failed(request, now_));
      });
      continue;
    }
    if (is_cut(from, request.to)) continue;
    const AskId ask{next_ask_++};
    asks_[ask] = {from, incarnations_[from], request.request};
    post(request.to, latency(), [body = request.body, ask, this](TestNode& node) {
      node.carry_out(node.raft->on_request(ask, body, now_));
    });
  }
}

template <class Answer>
void TestQuorum::answer(BrokerId from, AskId ask, const Answer& reply) {
  if constexpr (std::is_base_of_v<VoterChangeAnswer, Answer>) {
    changes.push_back(reply);
    return;
  } else {
    reply_to_node(from, ask, reply);
  }
}

template <class Answer>
void TestQuorum::reply_to_node(BrokerId from, AskId ask, const Answer& reply) {
  const auto at = asks_.find(ask);
  if (at == asks_.end()) return;
  const Asked asked = at->second;
  asks_.erase(at);
  if (is_cut(from, asked.by) || !is_up(asked.by) || incarnations_[asked.by] != asked.incarnation)
    return;
  post(asked.by, latency(), [reply, request = asked.request, this](TestNode& node) {
    node.carry_out(node.raft->on_reply(request, reply, now_));
  });
}

void TestQuorum::check(BrokerId id) {
  const TestNode& one = *nodes_.at(id);
  if (one.broken && violation.empty()) violation = *one.broken;
  if (one.raft->is_leader()) {
    const auto [at, fresh] = leaders_.emplace(one.raft->epoch(), id);
    if (!fresh && at->second != id) violation = "two leaders in one epoch";
  }
  // What was committed once stays what it was.
  for (const auto& [offset, batch] : one.log.batches_below(one.raft->high_watermark())) {
    const auto [at, fresh] = committed_.emplace(offset, batch);
    if (!fresh && !(at->second == batch)) violation = "a committed record changed";
  }
}

}  // namespace ottla::raft::test
