#include "engine/world/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ottla::world {
namespace {

client::ProducerConfig producer_config(const ProducerSpec& spec,
                                       const std::vector<Endpoint>& bootstrap, bool tells_history) {
  client::ProducerConfig config;
  config.client_id = spec.name;
  config.bootstrap = bootstrap;
  config.topic = spec.topic;
  config.records_per_s = spec.records_per_s;
  config.record_bytes = spec.record_bytes;
  config.keys = spec.keys;
  config.hot_key_share = spec.hot_key_share;
  config.acks = spec.acks == "all" ? std::int16_t{-1}
                : spec.acks == "1" ? std::int16_t{1}
                                   : std::int16_t{0};
  config.idempotent = spec.idempotent && config.acks == -1;
  config.linger = spec.linger;
  config.tells_history = tells_history;
  return config;
}

}  // namespace

WorkloadSpec WorkloadSpec::everyday(std::int32_t brokers) {
  const auto replicas = static_cast<std::int16_t>(std::min(brokers, 3));
  const metadata::ConfigValues bounded{
      {"retention.ms", "120000"},
      {"segment.ms", "30000"},
      {"segment.bytes", "4194304"},
      {"min.insync.replicas", std::to_string(std::min(brokers, 2))}};
  WorkloadSpec spec;
  spec.topics.push_back({"orders", 6, replicas, bounded});
  spec.topics.push_back({"payments", 3, replicas, bounded});
  ProducerSpec checkout;
  checkout.name = "checkout";
  checkout.topic = "orders";
  checkout.records_per_s = 400;
  ProducerSpec pay;
  pay.name = "pay-gw";
  pay.topic = "payments";
  pay.records_per_s = 150;
  spec.producers = {checkout, pay};
  spec.groups.push_back({"billing", {"orders", "payments"}, 3, Duration::micros(500)});
  return spec;
}

Workload::Workload(World& world, const WorkloadSpec& spec, const std::vector<Endpoint>& bootstrap)
    : world_(world), spec_(spec), bootstrap_(bootstrap) {
  ProcessSpec admin;
  admin.name = "admin";
  admin.host = "admin";
  admin.make = [this](Env env) {
    auto node = std::make_unique<AdminNode>(env, bootstrap_);
    admin_node_ = node.get();
    return node;
  };
  admin_ = world_.add(std::move(admin));
  for (const ProducerSpec& producer : spec_.producers) add_producer(producer);
  for (const GroupSpec& group : spec_.groups) add_group(group);
}

void Workload::add_producer(const ProducerSpec& spec) {
  ProcessSpec process;
  process.name = spec.name;
  process.host = spec.name;
  process.make = [this, name = spec.name](Env env) {
    Producer& producer = producers_.at(name);
    auto node = std::make_unique<client::ProducerNode>(
        env, producer_config(producer.spec, bootstrap_, spec_.tells_history));
    producer.node = node.get();
    return node;
  };
  const ProcessId id = world_.add(std::move(process));
  producers_.emplace(spec.name, Producer{id, spec, nullptr});
}

void Workload::add_group(const GroupSpec& spec) {
  Group group{spec, {}};
  for (std::int32_t i = 0; i < spec.members; ++i) {
    const std::string name = fmt::format("{}-{}", spec.name, i + 1);
    ProcessSpec process;
    process.name = name;
    process.host = name;
    process.zone = spec.rack;
    process.make = [this, name, group_name = spec.name,
                    place = static_cast<std::size_t>(i)](Env env) {
      Group& of = groups_.at(group_name);
      client::ConsumerConfig config;
      config.client_id = name;
      config.group_id = group_name;
      config.bootstrap = bootstrap_;
      config.topics = of.spec.topics;
      config.process_time = of.spec.process_time;
      config.tells_history = spec_.tells_history;
      config.rack = of.spec.rack;
      auto node = std::make_unique<client::ConsumerNode>(env, config);
      of.members[place].node = node.get();
      return node;
    };
    group.members.push_back(Member{world_.add(std::move(process)), name, nullptr});
  }
  groups_.emplace(spec.name, std::move(group));
}

void Workload::begin() {
  world_.start(admin_);
}

void Workload::create_topics() {
  if (std::exchange(topics_asked_, true)) return;
  for (const TopicSpec& topic : spec_.topics) administer(task::CreateTopic{topic});
}

void Workload::start_clients() {
  if (std::exchange(clients_started_, true)) return;
  for (const ProcessId process : processes()) world_.start(process);
}

std::vector<ProcessId> Workload::processes() const {
  std::vector<ProcessId> all;
  for (const auto& [name, producer] : producers_) all.push_back(producer.process);
  for (const auto& [name, group] : groups_) {
    for (const Member& member : group.members) all.push_back(member.process);
  }
  return all;
}

const Workload::Member* Workload::member(const std::string& client_id) const {
  for (const auto& [name, group] : groups_) {
    for (const Member& member : group.members) {
      if (member.name == client_id) return &member;
    }
  }
  return nullptr;
}

// A node's pointer is good only while the process that it was made for runs.
const client::ProducerNode* Workload::running(const Producer& producer) const {
  return world_.node_of(producer.process) == producer.node ? producer.node : nullptr;
}

const client::ConsumerNode* Workload::running(const Member& member) const {
  return world_.node_of(member.process) == member.node ? member.node : nullptr;
}

bool Workload::set_rate(const std::string& producer, double records_per_s) {
  const auto at = producers_.find(producer);
  if (at == producers_.end()) return false;
  at->second.spec.records_per_s = records_per_s;
  if (running(at->second) != nullptr) at->second.node->set_rate(records_per_s);
  return true;
}

bool Workload::set_hot_key_share(const std::string& producer, double share) {
  const auto at = producers_.find(producer);
  if (at == producers_.end()) return false;
  at->second.spec.hot_key_share = share;
  if (running(at->second) != nullptr) at->second.node->set_hot_key_share(share);
  return true;
}

void Workload::administer(AdminTask task) {
  if (admin_node_ != nullptr && world_.node_of(admin_) == admin_node_)
    admin_node_->ask(std::move(task));
}

bool Workload::is_administering() const {
  return admin_node_ != nullptr && world_.node_of(admin_) == admin_node_ && !admin_node_->idle();
}

}  // namespace ottla::world
