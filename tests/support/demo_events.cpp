#include <algorithm>
#include <cmath>

#include "tests/support/demo_session.h"

namespace ottla::test {

using namespace ottla::observe;

namespace {

// Collects events in any order and numbers them by time.
class Chronicle {
 public:
  Event& add(std::int64_t millis, EventKind kind, Severity severity, std::string text) {
    Event event;
    event.at = demo_time(millis);
    event.kind = kind;
    event.severity = severity;
    event.text = std::move(text);
    events_.push_back(std::move(event));
    return events_.back();
  }
  Event& about(std::int64_t millis, EventKind kind, Severity severity, std::string text,
               std::string node) {
    Event& event = add(millis, kind, severity, std::move(text));
    event.node = std::move(node);
    return event;
  }
  Event& partition(std::int64_t millis, EventKind kind, Severity severity, std::string text,
                   std::string topic, std::int32_t index, std::int32_t epoch) {
    Event& event = add(millis, kind, severity, std::move(text));
    event.topic = std::move(topic);
    event.partition = PartitionIndex(index);
    event.epoch = epoch;
    return event;
  }
  Event& group(std::int64_t millis, EventKind kind, Severity severity, std::string text,
               std::string name, std::int32_t generation) {
    Event& event = add(millis, kind, severity, std::move(text));
    event.group = std::move(name);
    event.epoch = generation;
    return event;
  }
  std::vector<Event> ordered() {
    std::stable_sort(events_.begin(), events_.end(),
                     [](const Event& a, const Event& b) { return a.at < b.at; });
    std::uint64_t number = 0;
    for (Event& event : events_) event.number = ++number;
    return std::move(events_);
  }

 private:
  std::vector<Event> events_;
};

void begin(Chronicle& c, int brokers, int controllers) {
  const std::string active = controllers > 1 ? "102" : "101";
  c.about(212, EventKind::controller_activated, Severity::good,
          "Controller " + active + " became active, epoch 2", active)
      .epoch = 2;
  for (int id = 1; id <= brokers; ++id) {
    const std::string name = std::to_string(id);
    c.about(1'400 + id * 7, EventKind::broker_registered, Severity::info,
            "Broker " + name + " registered", name);
    c.about(1'900 + id * 9, EventKind::broker_unfenced, Severity::good,
            "Broker " + name + " unfenced", name);
  }
}

void workload(Chronicle& c) {
  for (const char* topic : {"orders", "payments", "clicks"}) {
    c.add(2'600, EventKind::topic_created, Severity::info,
          std::string("Topic ") + topic + " created")
        .topic = topic;
  }
  c.group(3'100, EventKind::group_rebalance, Severity::warning, "billing prepares generation 1",
          "billing", 1);
  c.group(3'900, EventKind::group_stable, Severity::good, "billing Stable, generation 7", "billing",
          7);
  c.group(3'960, EventKind::group_stable, Severity::good, "analytics Stable, epoch 14", "analytics",
          14);
  c.partition(24'000, EventKind::leader_elected, Severity::info, "Leader 4 to 6, epoch 1", "orders",
              3, 1)
      .peer = "4";
  c.partition(31'880, EventKind::isr_expanded, Severity::good, "ISR expanded to 4, 6, 1", "orders",
              3, 1);
  c.partition(33'002, EventKind::leader_elected, Severity::info, "Preferred leader 4, epoch 2",
              "orders", 3, 2)
      .peer = "6";
  c.group(57'900, EventKind::group_rebalance, Severity::warning, "billing prepares generation 8",
          "billing", 8);
  c.group(59'300, EventKind::group_stable, Severity::good, "billing Stable, generation 8",
          "billing", 8);
}

struct Moved {
  const char* topic;
  int partition;
  const char* to;
  int epoch;
};
constexpr Moved moved[] = {{"orders", 3, "6", 3}, {"orders", 9, "5", 3}, {"payments", 5, "6", 3},
                           {"clicks", 1, "6", 3}, {"clicks", 7, "5", 3}, {"clicks", 13, "6", 3},
                           {"clicks", 19, "5", 3}};

void breakage(Chronicle& c) {
  c.about(72'000, EventKind::producer_changed, Severity::warning, "Hot key on clicks-7, share 61 %",
          "web-1")
      .topic = "clicks";
  c.about(90'000, EventKind::process_killed, Severity::error, "Broker 4 killed", "4");
  c.group(91'000, EventKind::process_paused, Severity::warning, "Member billing-2 paused",
          "billing", 8)
      .node = "billing-2";
  c.about(96'002, EventKind::broker_fenced, Severity::warning,
          "Session of broker 4 expired, fenced", "4");
  for (const Moved& m : moved) {
    Event& e = c.partition(96'004, EventKind::leader_elected, Severity::info,
                           std::string("Leader 4 to ") + m.to + ", epoch 3", m.topic, m.partition,
                           m.epoch);
    e.node = m.to;
    e.peer = "4";
  }
  for (int i = 0; i < 21; ++i) {
    const char* topic = i < 6 ? "orders" : i < 9 ? "payments" : "clicks";
    static constexpr int parts[] = {1, 2, 3, 9, 10, 11, 3,  4,  5,  0, 1,
                                    5, 7, 8, 9, 12, 13, 17, 19, 20, 21};
    c.partition(
        96'009 + i, EventKind::isr_shrank, Severity::warning,
        std::string("ISR of ") + topic + "-" + std::to_string(parts[i]) + " shrank, without 4",
        topic, parts[i], 3);
    if (i == 2 || i == 12) continue;
    c.partition(
        99'300 + i * 160, EventKind::isr_expanded, Severity::good,
        std::string("ISR of ") + topic + "-" + std::to_string(parts[i]) + " expanded, 4 caught up",
        topic, parts[i], 3);
  }
  c.group(96'102, EventKind::group_changed, Severity::info, "billing coordinator 4 to 1", "billing",
          8)
      .node = "1";
  c.about(98'000, EventKind::process_started, Severity::good, "Broker 4 started, epoch 31", "4")
      .epoch = 31;
  c.partition(99'004, EventKind::truncated, Severity::warning,
              "4 truncated 412 to 44 600, none acknowledged", "orders", 3, 3)
      .node = "4";
  Event& cut = c.about(100'500, EventKind::link_cut, Severity::error,
                       "Link 4 – 6 cut until 00:01:50.500", "4");
  cut.peer = "6";
  c.group(101'102, EventKind::group_rebalance, Severity::warning,
          "billing prepares generation 9: no heartbeat from billing-2", "billing", 9);
}

double wave(double t, double phase) {
  return std::sin(t * 0.9 + phase) * 0.5 + std::sin(t * 2.3 + phase * 2) * 0.3 +
         std::sin(t * 5.1 + phase * 3) * 0.2;
}

}  // namespace

std::vector<Event> demo_events(DemoCluster cluster) {
  Chronicle c;
  switch (cluster) {
    case DemoCluster::three:
      begin(c, 3, 1);
      c.add(2'600, EventKind::topic_created, Severity::info, "Topic orders created").topic =
          "orders";
      c.group(3'400, EventKind::group_stable, Severity::good, "billing Stable, generation 1",
              "billing", 1);
      break;
    case DemoCluster::healthy:
      begin(c, 6, 3);
      workload(c);
      break;
    case DemoCluster::broken:
      begin(c, 6, 3);
      workload(c);
      breakage(c);
      break;
    case DemoCluster::hundred:
      begin(c, 100, 5);
      c.about(84'000, EventKind::link_changed, Severity::warning, "Loss 8 % on links rack g – h",
              "71")
          .peer = "61";
      c.about(95'000, EventKind::process_killed, Severity::error, "Broker 47 killed", "47");
      break;
  }
  return c.ordered();
}

Shared<History> demo_history(DemoCluster cluster) {
  const bool broken = cluster == DemoCluster::broken;
  const int end = broken || cluster == DemoCluster::hundred ? 102'300
                  : cluster == DemoCluster::healthy         ? 65'200
                                                            : 18'400;
  auto history = std::make_shared<History>();
  const auto add = [&](std::string key, std::string label, std::string unit, auto value) {
    Series series{std::move(key), std::move(label), std::move(unit), {}};
    for (int ms = 0; ms <= end; ms += 100) {
      series.points.push_back({demo_time(ms), value(ms / 1000.0)});
    }
    history->series.push_back(std::move(series));
  };
  const auto down = [broken](double t) { return broken && t > 90 && t < 96; };
  const auto spike = [broken](double t) {
    return broken && t >= 96 && t < 99 ? (99 - t) / 3 : 0.0;
  };
  const double size = cluster == DemoCluster::three     ? 0.08
                      : cluster == DemoCluster::hundred ? 12
                                                        : 1;
  add("bytes_in", "in", "bytes/s", [&](double t) {
    return size * 1e6 * (98 + 6 * wave(t, 1) - (down(t) ? 26 : 0) + 44 * spike(t));
  });
  add("bytes_out", "out", "bytes/s", [&](double t) {
    return size * 1e6 * (200 + 9 * wave(t, 2) - (down(t) ? 62 : 0) + 140 * spike(t));
  });
  add("records_in", "in", "records/s", [&](double t) {
    return size * 1e3 * (25.6 + 1.2 * wave(t, 3) - (down(t) ? 7 : 0) + 9 * spike(t));
  });
  add("records_out", "out", "records/s", [&](double t) {
    return size * 1e3 * (41 + 2 * wave(t, 4) - (down(t) ? 13 : 0) + 25 * spike(t));
  });
  add("lag.billing", "billing", "records",
      [&](double t) { return t > 91 && broken ? (t - 91) * 3'380 : 200 + 60 * wave(t, 5); });
  add("lag.analytics", "analytics", "records",
      [&](double t) { return t > 72 && broken ? (t - 72) * 13'600 : 600 + 90 * wave(t, 6); });
  add("lag_seconds.billing", "billing", "s",
      [&](double t) { return t > 91 && broken ? t - 91 : 0.1; });
  add("lag_seconds.analytics", "analytics", "s",
      [&](double t) { return t > 72 && broken ? (t - 72) * 1.45 : 0.1; });
  add("under_replicated", "under-replicated", "partitions", [&](double t) {
    if (!broken || t < 96.01) return 0.0;
    return t < 99.3 ? 21.0 : std::max(2.0, std::floor(21 - (t - 99.3) / 0.16));
  });
  add("under_min_isr", "under min ISR", "partitions", [](double) { return 0.0; });
  add("offline", "offline", "partitions", [](double) { return 0.0; });
  const auto latency = [&](const char* key, const char* label, double base, double hit,
                           double phase) {
    add(key, label, "ms",
        [=](double t) { return base * (1 + 0.12 * wave(t, phase)) + hit * spike(t); });
  };
  latency("produce_p50", "p50", 3.1, 4, 1.5);
  latency("produce_p99", "p99", 6.4, 34, 2.5);
  latency("produce_p999", "p99.9", 9.8, 60, 3.5);
  latency("fetch_p50", "p50", 3.5, 2, 4.5);
  latency("fetch_p99", "p99", 12.5, 20, 5.5);
  latency("fetch_p999", "p99.9", 21, 26, 6.5);
  latency("metadata_commit_p50", "p50", 2.1, 1, 7.5);
  latency("metadata_commit_p99", "p99", 4.4, 12, 8.5);
  add("errors", "errors", "records/s", [&](double t) { return 420 * spike(t); });
  std::sort(history->series.begin(), history->series.end(),
            [](const Series& a, const Series& b) { return a.key < b.key; });
  return history;
}

}  // namespace ottla::test
