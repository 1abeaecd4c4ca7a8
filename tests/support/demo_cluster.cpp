#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "tests/support/demo_session.h"

namespace ottla::test {

using namespace ottla::observe;

Instant demo_time(std::int64_t millis) {
  return scenario_epoch + Duration::millis(millis);
}

namespace {

using Assignment = std::vector<std::int32_t>;  // The first is the preferred leader.

struct TopicPlan {
  std::string name;
  std::vector<Assignment> partitions;
  std::int64_t end = 0;  // Log end offset of an average partition.
  double records_per_s = 0;
  double record_bytes = 0;
  bool internal = false;
};

// What the pictures of the six-broker run show.
const std::vector<Assignment> orders_assignment = {{3, 2, 5}, {5, 2, 4}, {2, 4, 6}, {4, 6, 1},
                                                   {6, 1, 3}, {1, 3, 5}, {3, 1, 6}, {5, 1, 3},
                                                   {2, 3, 5}, {4, 5, 2}, {6, 2, 4}, {1, 4, 6}};
const std::vector<Assignment> payments_assignment = {{6, 1, 3}, {1, 3, 5}, {3, 2, 5},
                                                     {5, 2, 4}, {2, 4, 6}, {4, 6, 1}};

std::vector<Assignment> clicks_assignment() {
  const std::vector<Assignment> half = {{2, 4, 6}, {4, 6, 1}, {6, 1, 3}, {1, 3, 5},
                                        {3, 2, 5}, {5, 2, 4}, {2, 3, 5}, {4, 5, 2},
                                        {6, 2, 4}, {1, 4, 6}, {3, 1, 6}, {5, 1, 3}};
  std::vector<Assignment> whole = half;
  whole.insert(whole.end(), half.begin(), half.end());
  return whole;
}

std::vector<Assignment> spread(int partitions, int brokers, int stride, int shift) {
  std::vector<Assignment> made;
  for (int p = 0; p < partitions; ++p) {
    Assignment replicas;
    for (int k = 0; k < 3; ++k) replicas.push_back((p + shift + k * stride) % brokers + 1);
    made.push_back(std::move(replicas));
  }
  return made;
}

struct Plan {
  DemoCluster which = DemoCluster::broken;
  std::int64_t now_ms = 0;
  int brokers = 6;
  int racks = 3;
  int controllers = 3;
  int active_controller = 102;
  bool broken = false;
  std::vector<TopicPlan> topics;
};

Plan make_plan(DemoCluster which) {
  Plan plan;
  plan.which = which;
  switch (which) {
    case DemoCluster::broken:
    case DemoCluster::healthy:
      plan.broken = which == DemoCluster::broken;
      plan.now_ms = plan.broken ? 102'318 : 65'204;
      plan.topics = {{"orders", orders_assignment, plan.broken ? 51'000 : 32'500, 6000, 240, false},
                     {"payments", payments_assignment, 14'200, 900, 400, false},
                     {"clicks", clicks_assignment(), 88'300, 18'750, 140, false}};
      break;
    case DemoCluster::three:
      plan = {which, 18'420, 3, 3, 1, 101, false, {}};
      plan.topics = {{"clicks", spread(6, 3, 1, 2), 9'100, 900, 140, false},
                     {"orders", spread(6, 3, 1, 0), 4'300, 400, 240, false},
                     {"payments", spread(3, 3, 1, 1), 1'180, 120, 400, false},
                     {"__consumer_offsets", spread(50, 3, 1, 0), 130, 6, 120, true}};
      break;
    case DemoCluster::hundred:
      plan = {which, 102'318, 100, 10, 5, 305, false, {}};
      for (int t = 0; t < 64; ++t) {
        const int partitions = t < 16 ? 157 : 156;
        plan.topics.push_back({"telemetry-" + std::to_string(100 + t),
                               spread(partitions, 100, 10 + t % 7, t * 37), 40'000 + t * 900,
                               21'000, 120, false});
      }
      break;
  }
  std::sort(plan.topics.begin(), plan.topics.end(),
            [](const TopicPlan& a, const TopicPlan& b) { return a.name < b.name; });
  return plan;
}

std::uint32_t hash_of(std::uint32_t a, std::uint32_t b) {
  std::uint32_t h = a * 0x9E3779B1U ^ (b + 0x85EBCA77U) * 0xC2B2AE3DU;
  h ^= h >> 15;
  h *= 0x27D4EB2FU;
  return h ^ (h >> 13);
}

// Who is out of the ISR, by the story of each cluster.
bool out_of_sync(const Plan& plan, const std::string& topic, int partition, int broker,
                 int leader) {
  if (plan.broken) {
    return broker == 4 &&
           ((topic == "orders" && partition == 3) || (topic == "clicks" && partition == 7));
  }
  if (plan.which != DemoCluster::hundred) return false;
  const auto noise = hash_of(static_cast<std::uint32_t>(partition * 131 + broker),
                             static_cast<std::uint32_t>(topic.back()));
  const bool far = broker > 70 && broker <= 80 && leader > 60 && leader <= 70;
  return (far && noise % 3 == 0) || (broker == 83 && noise % 6 == 0) ||
         (broker > 60 && broker <= 70 && noise % 60 == 0);
}

PartitionState make_partition(const Plan& plan, const TopicPlan& topic, int index) {
  const Assignment& assigned = topic.partitions[static_cast<std::size_t>(index)];
  const Instant now = demo_time(plan.now_ms);
  PartitionState p;
  p.index = PartitionIndex(index);
  std::int32_t leader = assigned.front();
  p.leader_epoch = LeaderEpoch(0);
  p.leader_since = demo_time(2'700);
  const bool six = plan.which == DemoCluster::broken || plan.which == DemoCluster::healthy;
  if (six && leader == 4) {  // Led by 4: moved away and back once before the fault.
    p.leader_epoch = LeaderEpoch(2);
    p.leader_since = demo_time(33'002);
    if (plan.broken) {
      leader = assigned[1];
      p.leader_epoch = LeaderEpoch(3);
      p.leader_since = demo_time(96'004);
    }
  }
  if (plan.which == DemoCluster::hundred && leader == 47) {
    leader = assigned[1];
    p.leader_epoch = LeaderEpoch(3);
    p.leader_since = now - Duration::millis(7300);
  }
  p.leader = BrokerId(leader);
  p.partition_epoch = PartitionEpoch(p.leader_epoch.value() + 4);
  const std::int64_t end = topic.name == "orders" && index == 3 && six
                               ? (plan.broken ? 51'146 : 32'598)
                               : topic.end + hash_of(static_cast<std::uint32_t>(index), 7) % 900;
  for (const std::int32_t broker : assigned) {
    ReplicaState replica;
    replica.broker = BrokerId(broker);
    const bool dead = plan.which == DemoCluster::hundred && broker == 47;
    const bool behind = broker != leader && out_of_sync(plan, topic.name, index, broker, leader);
    replica.role = dead               ? ReplicaRole::offline
                   : broker == leader ? ReplicaRole::leader
                   : behind           ? ReplicaRole::out_of_sync
                                      : ReplicaRole::in_sync;
    const std::int64_t behind_by = behind             ? 2'416
                                   : broker == leader ? 0
                                                      : 4 + (broker * 7 + index) % 13;
    replica.log_end_offset = Known<Offset>::at(Offset(end - behind_by), now);
    replica.high_watermark = Known<Offset>::at(Offset(end - 28 - (behind ? 2'390 : 0)), now);
    replica.log_start_offset = Known<Offset>::at(Offset(plan.broken ? 12'288 : 0), now);
    replica.last_caught_up = behind ? demo_time(96'000) : now - Duration::millis(11);
    if (replica.role == ReplicaRole::leader || replica.role == ReplicaRole::in_sync) {
      p.isr.push_back(replica.broker);
    }
    p.replicas.push_back(std::move(replica));
  }
  std::stable_sort(p.isr.begin(), p.isr.end(),
                   [&](BrokerId a, BrokerId b) { return (a == p.leader) > (b == p.leader); });
  if (p.under_replicated()) p.under_replicated_since = demo_time(96'018);
  p.log_start_offset = Known<Offset>::at(Offset(plan.broken ? 12'288 : 0), now);
  p.log_end_offset = Known<Offset>::at(Offset(end), now);
  p.high_watermark = Known<Offset>::at(Offset(end - 28), now);
  p.last_stable_offset = Known<Offset>::at(Offset(end - 82), now);
  const bool hot = plan.broken && topic.name == "clicks" && index == 7;
  const auto count = static_cast<double>(topic.partitions.size());
  p.share = hot ? 0.61 : (plan.broken && topic.name == "clicks" ? 0.39 / (count - 1) : 1 / count);
  p.records_in_per_s = topic.records_per_s * p.share;
  p.bytes_in_per_s = p.records_in_per_s * topic.record_bytes;
  p.size_bytes = static_cast<std::int64_t>(static_cast<double>(end) * topic.record_bytes);
  return p;
}

void add_topics(Snapshot& s, const Plan& plan) {
  for (std::size_t t = 0; t < plan.topics.size(); ++t) {
    const TopicPlan& from = plan.topics[t];
    auto topic = std::make_shared<TopicState>();
    topic->name = from.name;
    topic->id = TopicId(0x1100 + t, 0x2200 + t);
    topic->internal = from.internal;
    topic->replication_factor = 3;
    topic->min_insync_replicas = 2;
    topic->records_in_per_s = from.records_per_s;
    topic->bytes_in_per_s = from.records_per_s * from.record_bytes;
    topic->bytes_out_per_s = topic->bytes_in_per_s * 2;
    for (std::size_t i = 0; i < from.partitions.size(); ++i) {
      topic->partitions.push_back(make_partition(plan, from, static_cast<int>(i)));
      const PartitionState& p = topic->partitions.back();
      ++s.health.partitions;
      s.health.under_replicated += p.under_replicated();
      s.health.under_min_isr += p.isr.size() < 2;
      s.health.offline += p.offline();
    }
    s.topics.push_back(std::move(topic));
  }
}

void add_brokers(Snapshot& s, const Plan& plan) {
  const int per_rack = plan.brokers / plan.racks;
  struct Six {
    double net, req, disk, in, out;
  };
  static constexpr std::array<Six, 6> busy = {
      Six{.46, .52, .41, 14.1, 31.1}, Six{.44, .50, .40, 14.2, 31.2},
      Six{.47, .49, .44, 14.3, 31.3}, Six{.12, .71, .43, 6.2, 3.4},
      Six{.88, .94, .62, 41.8, 96.3}, Six{.57, .66, .47, 19.2, 40.7}};
  for (int id = 1; id <= plan.brokers; ++id) {
    BrokerState b;
    b.id = BrokerId(id);
    b.rack = std::string(1, static_cast<char>('a' + (id - 1) / per_rack));
    b.host = "127.0.0.1";
    b.port = static_cast<std::uint16_t>(9091 + id);
    b.status = ProcessStatus::online;
    b.status_since = demo_time(1'900 + id * 9);
    b.epoch = BrokerEpoch(10 + id);
    b.session_left = 0.72 + 0.27 * (hash_of(static_cast<std::uint32_t>(id), 3) % 100) / 100.0;
    const double noise = (hash_of(static_cast<std::uint32_t>(id), 9) % 100) / 100.0;
    b.load = {0.38 + 0.1 * noise, 0.45 + 0.1 * noise, 0.33 + 0.08 * noise};
    b.bytes_in_per_s = 16.1e6 + 4e5 * noise;
    b.bytes_out_per_s = 33.1e6 + 5e5 * noise;
    if (plan.broken) {
      const Six& six = busy[static_cast<std::size_t>(id - 1)];
      b.load = {six.net, six.req, six.disk};
      b.bytes_in_per_s = six.in * 1e6;
      b.bytes_out_per_s = six.out * 1e6;
      if (id == 4) {
        b.status = ProcessStatus::starting;
        b.status_since = demo_time(98'000);
        b.story = "Killed 01:30.0, back 01:38.0";
        b.epoch = BrokerEpoch(31);
        b.session_left = 0.88;
      }
    }
    if (plan.which == DemoCluster::three) {
      b.load = {0.08 + 0.03 * noise, 0.11 + 0.03 * noise, 0.06 + 0.02 * noise};
      b.bytes_in_per_s = 3.1e5 + 2e4 * noise;
      b.bytes_out_per_s = 6.2e5 + 3e4 * noise;
    }
    if (plan.which == DemoCluster::hundred && id == 12) b.load = {.91, .98, .5};
    if (plan.which == DemoCluster::hundred && id == 47) {
      b.status = ProcessStatus::down;
      b.status_since = demo_time(95'018);
      b.story = "Killed 01:35.0";
      b.session_left = 0;
      b.load = {};
      b.bytes_in_per_s = b.bytes_out_per_s = 0;
    }
    b.requests_per_s = 3'100 * (0.6 + noise);
    b.connections = 34 + id;
    b.waiting_requests = 5 + id % 4;
    for (const auto& topic : s.topics) {
      for (const PartitionState& p : topic->partitions) {
        for (const ReplicaState& r : p.replicas) {
          if (r.broker != b.id) continue;
          ++b.replicas;
          b.log_bytes += p.size_bytes;
          b.leaders += r.role == ReplicaRole::leader;
          b.in_sync += r.role == ReplicaRole::leader || r.role == ReplicaRole::in_sync;
          b.preferred_leaders += p.replicas.front().broker == b.id;
        }
      }
    }
    s.brokers.push_back(std::move(b));
  }
}

void add_controllers(Snapshot& s, const Plan& plan) {
  const std::int64_t end = plan.broken ? 1'204 : 812;
  for (int i = 0; i < plan.controllers; ++i) {
    ControllerState c;
    const int step = plan.which == DemoCluster::hundred ? 2 : 1;
    c.id = BrokerId((plan.which == DemoCluster::hundred ? 301 : 101) + i * step);
    c.rack =
        std::string(1, static_cast<char>('a' + i * (plan.racks / std::max(1, plan.controllers))));
    c.status = ProcessStatus::online;
    c.status_since = demo_time(100);
    c.active = c.id.value() == plan.active_controller;
    c.epoch = 2;
    const std::int64_t lag = plan.broken && i == 0 ? 1 : 0;
    c.log_end_offset = Known<Offset>::at(Offset(end - lag), s.run.now);
    c.lag = Known<std::int64_t>::at(lag, s.run.now);
    s.quorum.replicas.push_back({c.id, true, c.log_end_offset, lag,
                                 s.run.now - Duration::millis(40),
                                 s.run.now - Duration::millis(41)});
    s.controllers.push_back(std::move(c));
  }
  s.quorum.leader = BrokerId(plan.active_controller);
  s.quorum.epoch = 2;
  s.quorum.high_watermark = Offset(end - 1);
}

ProducerState producer(std::string name, std::string topic, double rate, double bytes, double hot) {
  ProducerState p;
  p.name = std::move(name);
  p.topic = std::move(topic);
  p.status = ProcessStatus::online;
  p.acks = "all";
  p.idempotent = true;
  p.record_bytes = static_cast<std::int32_t>(bytes);
  p.target_records_per_s = rate;
  p.records_per_s = rate;
  p.bytes_per_s = rate * bytes;
  p.hot_key_share = hot;
  p.acknowledged = static_cast<std::int64_t>(rate * 60);
  p.requests_in_flight = 3;
  p.latency_p50 = Duration::micros(3'400);
  p.latency_p99 = Duration::millis(11);
  return p;
}

GroupState group(std::string name, const std::vector<std::string>& topics, int members,
                 const Snapshot& s) {
  GroupState g;
  g.name = std::move(name);
  g.state = "Stable";
  g.state_since = demo_time(59'300);
  g.type = "classic";
  g.assignor = "cooperative-sticky";
  for (int i = 1; i <= members; ++i) {
    MemberState m;
    m.client_id = g.name + "-" + std::to_string(i);
    m.member_id = m.client_id + "-8d1f";
    m.host = "10.0.0." + std::to_string(40 + i);
    m.status = MemberStatus::consuming;
    m.session_left = 0.68 + 0.06 * (i % 5);
    m.leader = i == 1;
    m.records_per_s = 1'500;
    g.members.push_back(std::move(m));
  }
  std::size_t next = 0;
  for (const std::string& name_of_topic : topics) {
    const TopicState* topic = s.topic(name_of_topic);
    if (!topic) continue;
    for (const PartitionState& p : topic->partitions) {
      MemberState& owner = g.members[next++ % g.members.size()];
      owner.assignment.emplace_back(topic->name, p.index);
      GroupPartitionState at;
      at.topic = topic->name;
      at.partition = p.index;
      at.end = p.high_watermark;
      at.lag = 8 + p.index.value() * 3;
      at.committed =
          Known<Offset>::at(p.high_watermark.value_or(no_offset).plus(-at.lag), s.run.now);
      at.lag_time = Duration::millis(100);
      at.member_id = owner.member_id;
      g.lag += at.lag;
      g.partitions.push_back(std::move(at));
    }
  }
  g.lag_time = Duration::millis(100);
  return g;
}

void break_billing(GroupState& g) {
  g.state = "PreparingRebalance";
  g.state_since = demo_time(101'102);
  g.generation = GenerationId(9);
  g.coordinator = BrokerId(1);
  g.rebalances = 9;
  g.why = "Waits for billing-4, which is in poll. billing-2 sent no heartbeat for 5 000 ms.";
  g.members[0].status = MemberStatus::joining;
  g.members[1].status = MemberStatus::expired;
  g.members[1].session_left = 0;
  g.members[2].status = MemberStatus::joining;
  g.members[3].status = MemberStatus::in_poll;
  g.lag = 0;
  for (GroupPartitionState& p : g.partitions) {
    const bool freed = p.member_id == g.members[1].member_id;
    p.lag = (freed ? 5'640 : 520) + p.partition.value() * 9;
    p.committed = Known<Offset>::at(p.end.value_or(no_offset).plus(-p.lag), demo_time(90'914));
    g.lag += p.lag;
  }
  g.lag_time = Duration::millis(11'300);
}

void break_analytics(GroupState& g) {
  g.lag = 0;
  for (GroupPartitionState& p : g.partitions) {
    p.lag = p.partition == PartitionIndex(7) ? 403'118 : 380 + p.partition.value() * 5;
    p.lag_time = p.partition == PartitionIndex(7) ? Duration::seconds(44) : Duration::millis(300);
    g.lag += p.lag;
  }
  g.lag_time = Duration::seconds(44);
}

void add_clients(Snapshot& s, const Plan& plan) {
  if (plan.which == DemoCluster::three) {
    s.producers = {producer("checkout", "orders", 400, 240, 0),
                   producer("pay-gw", "payments", 120, 400, 0),
                   producer("web", "clicks", 900, 140, 0)};
  } else {
    const double hot = plan.broken ? 0.61 : 0;
    s.producers = {
        producer("checkout", "orders", 6000, 240, 0), producer("pay-gw", "payments", 900, 400, 0),
        producer("web-1", "clicks", 9400, 140, hot), producer("web-2", "clicks", 9350, 140, hot)};
  }
  const int members = plan.which == DemoCluster::three ? 2 : 6;
  GroupState analytics = group("analytics", {"clicks"}, members, s);
  analytics.type = "consumer";
  analytics.assignor = "uniform";
  analytics.coordinator = BrokerId(3);
  analytics.generation = GenerationId(14);
  GroupState billing =
      group("billing", {"orders", "payments"}, plan.which == DemoCluster::three ? 3 : 4, s);
  billing.coordinator = BrokerId(plan.which == DemoCluster::three ? 1 : 4);
  billing.generation = GenerationId(8);
  if (plan.broken) {
    break_billing(billing);
    break_analytics(analytics);
  }
  s.groups = {std::make_shared<const GroupState>(std::move(analytics)),
              std::make_shared<const GroupState>(std::move(billing))};
}

void add_links(Snapshot& s, const Plan& plan) {
  std::map<std::pair<int, int>, double> replication;
  for (const auto& topic : s.topics) {
    for (const PartitionState& p : topic->partitions) {
      if (!p.leader) continue;
      for (const ReplicaState& r : p.replicas) {
        if (r.broker == *p.leader || r.role == ReplicaRole::offline) continue;
        replication[{p.leader->value(), r.broker.value()}] += p.bytes_in_per_s;
      }
    }
  }
  for (const auto& [pair, rate] : replication) {
    LinkState link;
    link.from = std::to_string(pair.first);
    link.to = std::to_string(pair.second);
    link.latency = Duration::micros(500);
    link.bytes_per_s = rate;
    if (plan.broken && std::min(pair.first, pair.second) == 4 &&
        std::max(pair.first, pair.second) == 6) {
      link.cut = true;
      link.faulty_since = demo_time(100'500);
      link.heals_at = demo_time(110'500);
      link.bytes_per_s = 0;
    }
    const bool g = pair.first > 60 && pair.first <= 70;
    const bool h = pair.second > 70 && pair.second <= 80;
    if (plan.which == DemoCluster::hundred && g && h) {
      link.loss = 0.08;
      link.faulty_since = demo_time(84'000);
    }
    s.flows.push_back({link.from, link.to, ApiFamily::replicate, 40, link.bytes_per_s});
    s.links.push_back(std::move(link));
  }
}

void add_traffic(Snapshot& s, const Plan& plan) {
  std::uint64_t id = 0;
  const auto send = [&](std::string from, std::string to, ApiFamily family, bool response,
                        double progress, bool stalled = false) {
    const Duration flight = Duration::micros(4'000);
    MessageInFlight m{++id,
                      std::move(from),
                      std::move(to),
                      family,
                      response,
                      s.run.now - Duration::micros(static_cast<std::int64_t>(4'000 * progress)),
                      {},
                      800,
                      stalled};
    m.arrives = m.sent + flight;
    s.in_flight.push_back(std::move(m));
  };
  std::uint32_t salt = 1;
  const auto chance = [&salt] { return (hash_of(salt++, 77) % 1000) / 1000.0; };
  for (const ProducerState& p : s.producers) {
    const TopicState* topic = s.topic(p.topic);
    if (!topic) continue;
    std::map<int, double> share;
    for (const PartitionState& part : topic->partitions) {
      if (part.leader) share[part.leader->value()] += part.share;
    }
    for (const auto& [broker, of] : share) {
      const std::string b = std::to_string(broker);
      s.flows.push_back({p.name, b, ApiFamily::produce, 20, p.bytes_per_s * of});
      if (chance() < 0.45) send(p.name, b, ApiFamily::produce, false, chance());
      if (chance() < 0.3) send(b, p.name, ApiFamily::produce, true, chance());
    }
  }
  for (const auto& g : s.groups) {
    for (const MemberState& m : g->members) {
      std::map<int, double> rate;
      for (const auto& [topic_name, index] : m.assignment) {
        const TopicState* topic = s.topic(topic_name);
        const PartitionState& part = topic->partitions[static_cast<std::size_t>(index.value())];
        if (part.leader) rate[part.leader->value()] += part.bytes_in_per_s;
      }
      for (const auto& [broker, of] : rate) {
        const std::string b = std::to_string(broker);
        s.flows.push_back({b, m.client_id, ApiFamily::fetch, 20, of});
        if (chance() < 0.35) send(m.client_id, b, ApiFamily::fetch, false, chance());
        if (chance() < 0.3) send(b, m.client_id, ApiFamily::fetch, true, chance());
      }
      if (g->coordinator && chance() < 0.5) {
        send(m.client_id, std::to_string(g->coordinator->value()), ApiFamily::group, chance() < 0.4,
             chance());
      }
    }
  }
  for (const LinkState& link : s.links) {
    if (link.cut) {
      if (link.from == "6") {
        for (int i = 0; i < 3; ++i) send("4", "6", ApiFamily::replicate, false, 0.1, true);
      }
      continue;
    }
    if (plan.which == DemoCluster::hundred || chance() > 0.5) continue;
    send(link.to, link.from, ApiFamily::replicate, false, chance());
    if (chance() < 0.5) send(link.from, link.to, ApiFamily::replicate, true, chance());
  }
  for (const ControllerState& c : s.controllers) {
    if (c.active) continue;
    const std::string active = std::to_string(s.quorum.leader->value());
    send(std::to_string(c.id.value()), active, ApiFamily::admin, false, 0.45);
    send(active, std::to_string(c.id.value()), ApiFamily::admin, true, 0.55);
  }
}

void add_waits(Snapshot& s, const Plan& plan) {
  const auto wait = [&](const char* node, const char* kind, const char* from, const char* cause,
                        const char* topic, int partition, std::int64_t since_ms) {
    s.waits.push_back({node, kind, from, cause, topic, partition,
                       s.run.now - Duration::millis(since_ms), s.run.now + Duration::seconds(30)});
  };
  if (!plan.broken) {
    const bool three = plan.which == DemoCluster::three;
    wait(three ? "1" : "4", "Produce", "checkout",
         three ? "acks=all, needs 2 and 3 to reach 4 611"
               : "acks=all, needs 6 and 1 to reach 32 598",
         "orders", 3, 2);
    return;
  }
  wait("6", "Fetch", "4", "Link 4 – 6 is cut until 00:01:50.500", "orders", 3, 1818);
  wait("1", "JoinGroup", "billing-1", "Rebalance of billing waits for billing-4", "", -1, 1'216);
  wait("6", "Produce", "checkout", "acks=all, needs 1 to reach 51 146", "orders", 3, 11);
  wait("5", "Produce", "web-1", "acks=all, needs 2 to reach 95 020", "clicks", 7, 8);
}

}  // namespace

Snapshot demo_snapshot(DemoCluster cluster) {
  const Plan plan = make_plan(cluster);
  Snapshot s;
  s.run.kind = "Simulation";
  s.run.title = cluster == DemoCluster::hundred ? "hundred-brokers"
                : cluster == DemoCluster::three ? "three-brokers"
                                                : "broker-loss-hot-key";
  s.run.start = demo_time(0);
  s.run.now = demo_time(plan.now_ms);
  s.run.running = true;
  s.run.measured_speed = 1;
  s.run.seed = 42;
  s.run.events = 1'822'411;
  s.run.events_per_s = cluster == DemoCluster::hundred ? 1'204'881 : 18'204;
  s.run.trace_hash = 0x5d20a7f19c41e7b2ULL;
  s.capabilities = {true, true, true, true, true, true};
  s.cluster_id = "5L6g3nShT-eMCtK--X86sw";
  s.bootstrap = cluster == DemoCluster::three ? "127.0.0.1:9092,127.0.0.1:9093,127.0.0.1:9094"
                                              : "127.0.0.1:9092";
  add_topics(s, plan);
  add_brokers(s, plan);
  add_controllers(s, plan);
  add_clients(s, plan);
  add_links(s, plan);
  add_traffic(s, plan);
  add_waits(s, plan);
  s.history = demo_history(cluster);
  return s;
}

}  // namespace ottla::test
