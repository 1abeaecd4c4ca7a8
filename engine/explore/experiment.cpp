#include "engine/explore/experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ottla::explore {
namespace {

using world::ClusterSpec;
using world::GroupSpec;
using world::ProducerSpec;
using world::TopicSpec;

class Drawer {
 public:
  explicit Drawer(std::uint64_t seed) : prng_(Prng::split(seed, "experiment")) {}

  bool chance(double share) { return prng_.chance(share); }

  // Most runs are short. What comes once a minute, as the metadata log's cleaning, needs longer.
  Duration faulty() { return Duration::seconds(prng_.chance(0.1) ? 100 : 20); }

  ClusterSpec cluster(std::optional<std::int32_t> brokers) {
    ClusterSpec spec;
    spec.brokers = one_of(std::array{3, 3, 3, 4, 5});
    if (brokers) spec.brokers = *brokers;
    spec.controllers = one_of(std::array{1, 3, 3, 3, 5});
    spec.settings = settings();
    const auto topics = prng_.between(1, 2);
    for (std::int64_t n = 1; n <= topics; ++n)
      spec.workload.topics.push_back(topic(n, spec.brokers));
    add_clients(spec.workload);
    if (prng_.chance(0.25)) read_from_the_nearest(spec);
    spec.workload.tells_history = true;
    spec.keeps_history = false;
    return spec;
  }

 private:
  template <class T, std::size_t n>
  T one_of(const std::array<T, n>& choices) {
    return choices[prng_.below(n)];
  }

  metadata::ConfigValues settings() {
    metadata::ConfigValues settings;
    // Few, since every partition costs time in every run.
    settings["offsets.topic.num.partitions"] = std::to_string(prng_.between(1, 3));
    settings["replica.lag.time.max.ms"] =
        one_of(std::array<std::string, 3>{"3000", "10000", "30000"});
    settings["broker.session.timeout.ms"] = one_of(std::array<std::string, 2>{"6000", "9000"});
    settings["group.initial.rebalance.delay.ms"] = one_of(std::array<std::string, 2>{"0", "3000"});
    settings["leader.imbalance.check.interval.seconds"] =
        one_of(std::array<std::string, 2>{"5", "300"});
    if (prng_.chance(0.1)) settings["unclean.leader.election.enable"] = "true";
    // So that nodes begin from snapshots, too, and some have nothing else to begin from.
    if (prng_.chance(0.3)) {
      settings["metadata.log.max.record.bytes.between.snapshots"] = "5000";
      if (prng_.chance(0.7)) settings["metadata.max.retention.bytes"] = "8000";
    }
    settings["log.retention.check.interval.ms"] = "2000";
    settings["log.cleaner.backoff.ms"] = "2000";
    settings["controller.quorum.election.timeout.ms"] =
        one_of(std::array<std::string, 2>{"300", "1000"});
    settings["controller.quorum.fetch.timeout.ms"] =
        one_of(std::array<std::string, 2>{"1000", "2000"});
    settings["controller.quorum.election.backoff.max.ms"] =
        one_of(std::array<std::string, 2>{"100", "1000"});
    return settings;
  }

  TopicSpec topic(std::int64_t number, std::int32_t brokers) {
    TopicSpec topic;
    topic.name = fmt::format("topic-{}", number);
    topic.partitions = static_cast<std::int32_t>(prng_.between(1, 4));
    const std::int64_t replicas = prng_.chance(0.8) ? 3 : 2;
    topic.replication_factor = static_cast<std::int16_t>(std::min<std::int64_t>(replicas, brokers));
    topic.config["min.insync.replicas"] = std::to_string(prng_.between(1, replicas - 1));
    if (prng_.chance(0.5))
      topic.config["segment.ms"] = one_of(std::array<std::string, 2>{"2000", "7000"});
    if (prng_.chance(0.2)) topic.config["message.timestamp.type"] = "LogAppendTime";
    if (prng_.chance(0.1)) topic.config["compression.type"] = "zstd";
    if (prng_.chance(0.15)) {
      topic.config["cleanup.policy"] = "compact";
      topic.config["min.cleanable.dirty.ratio"] = "0.01";
    } else if (prng_.chance(0.2)) {
      topic.config["retention.ms"] = "6000";
    }
    return topic;
  }

  void add_clients(world::WorkloadSpec& workload) {
    const auto producers = prng_.between(1, 3);
    for (std::int64_t n = 1; n <= producers; ++n)
      workload.producers.push_back(producer(n, workload));
    for (const TopicSpec& topic : workload.topics) {
      GroupSpec group;
      group.name = "readers-of-" + topic.name;
      group.topics = {topic.name};
      group.members = static_cast<std::int32_t>(prng_.between(1, 2));
      workload.groups.push_back(std::move(group));
    }
  }

  // Members read from a follower in their own rack, where there is one (KIP-392).
  void read_from_the_nearest(ClusterSpec& spec) {
    spec.racks = {"rack-a", "rack-b", "rack-c"};
    spec.settings["replica.selector.class"] =
        "org.apache.kafka.common.replica.RackAwareReplicaSelector";
    for (GroupSpec& group : spec.workload.groups) group.rack = spec.racks[prng_.below(3)];
  }

  ProducerSpec producer(std::int64_t number, const world::WorkloadSpec& workload) {
    ProducerSpec producer;
    producer.name = fmt::format("producer-{}", number);
    producer.topic = workload.topics[prng_.below(workload.topics.size())].name;
    // Few, and seldom many: what a run costs goes by its records, what it finds hardly does
    // (docs/decisions/011).
    producer.records_per_s = one_of(std::array<std::int32_t, 10>{1, 1, 2, 2, 4, 4, 8, 8, 16, 32});
    producer.record_bytes = static_cast<std::int32_t>(prng_.between(40, 400));
    producer.acks =
        one_of(std::array<std::string, 8>{"all", "all", "all", "all", "all", "all", "1", "0"});
    producer.idempotent = producer.acks == "all" && prng_.chance(0.85);
    producer.linger = Duration::millis(one_of(std::array<std::int64_t, 3>{0, 5, 100}));
    producer.hot_key_share = prng_.chance(0.3) ? 0.5 : 0;
    return producer;
  }

  Prng prng_;
};

// How the nodes are laid out: from a stream of its own, so that what else a seed means does not
// hang on it.
void lay_out(Prng prng, ClusterSpec& spec) {
  spec.combined = prng.chance(0.15);
  if (prng.chance(0.25)) {
    spec.kraft_version = 1;
    if (spec.controllers > 3 && prng.chance(0.5)) spec.initial_voters = 3;
  }
  if (prng.chance(0.25)) {
    spec.settings["log.dirs"] = prng.chance(0.7) ? "/disk1,/disk2" : "/disk1,/disk2,/disk3";
    if (prng.chance(0.3)) spec.settings["metadata.log.dir"] = "/metadata";
  }
  // An entry for next to each batch: with 4096 the indexes of so few records stay empty.
  if (prng.chance(0.25)) spec.settings["log.index.interval.bytes"] = "100";
}

}  // namespace

Experiment draw_experiment(const Profile& profile, std::uint64_t seed,
                           std::optional<std::int32_t> brokers) {
  Drawer drawer(seed);
  Experiment experiment{&profile, drawer.cluster(brokers), drawer.faulty(), {}, false};
  experiment.cluster.seed = seed;
  lay_out(Prng::split(seed, "layout"), experiment.cluster);
  if (drawer.chance(0.6)) {
    experiment.administration = draw_administration(Prng::split(seed, "administration"),
                                                    experiment.cluster, experiment.faulty);
  }
  experiment.faulty_members = drawer.chance(0.4);
  return experiment;
}

std::string summary(const Experiment& experiment) {
  const ClusterSpec& spec = experiment.cluster;
  std::int32_t partitions = 0;
  for (const TopicSpec& topic : spec.workload.topics) partitions += topic.partitions;
  std::int32_t consumers = 0;
  for (const GroupSpec& group : spec.workload.groups) consumers += group.members;
  const std::size_t disks = spec.log_dir_folders().size();
  return fmt::format(
      "{} brokers{}, {} controllers{}{}, {} topics with {} partitions, {} producers, {} consumers",
      spec.brokers, disks > 1 ? fmt::format(" with {} disks", disks) : "", spec.controllers,
      spec.combined ? " combined with them" : "",
      spec.first_voters().empty() ? "" : " with their voters in the log",
      spec.workload.topics.size(), partitions, spec.workload.producers.size(), consumers);
}

std::string details(const Experiment& experiment) {
  const ClusterSpec& spec = experiment.cluster;
  std::string text;
  for (const auto& [name, value] : spec.settings) text += fmt::format("{}={}\n", name, value);
  for (const TopicSpec& topic : spec.workload.topics) {
    text += fmt::format("{}: {} partitions, {} replicas", topic.name, topic.partitions,
                        topic.replication_factor);
    for (const auto& [name, value] : topic.config) text += fmt::format(", {}={}", name, value);
    text += '\n';
  }
  for (const ProducerSpec& producer : spec.workload.producers) {
    text += fmt::format("{}: {} records/s of {} bytes to {}, acks={}{}\n", producer.name,
                        producer.records_per_s, producer.record_bytes, producer.topic,
                        producer.acks, producer.idempotent ? ", idempotent" : "");
  }
  return text;
}

}  // namespace ottla::explore
