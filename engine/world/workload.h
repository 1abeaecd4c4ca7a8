// The clients that a cluster lives with: producers, consumers in groups, and an admin client, as
// processes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/client/consumer_node.h"
#include "engine/client/producer_node.h"
#include "engine/world/admin_node.h"
#include "engine/world/cluster_spec.h"
#include "engine/world/world.h"

namespace ottla::world {

class Workload {
 public:
  struct Producer {
    ProcessId process;
    ProducerSpec spec;  // As it is now: the rate and the hot key's share may have been changed.
    client::ProducerNode* node = nullptr;
  };
  struct Member {
    ProcessId process;
    std::string name;
    client::ConsumerNode* node = nullptr;
  };
  struct Group {
    GroupSpec spec;
    std::vector<Member> members;
  };

  // Adds the processes, stopped. `bootstrap` is what the brokers advertise.
  Workload(World& world, const WorkloadSpec& spec, const std::vector<Endpoint>& bootstrap);
  Workload(const Workload&) = delete;

  // Starts the admin client.
  void begin();
  // Has it create the workload's topics, once: when all brokers serve, or those that came up first
  // would lead them all.
  void create_topics();
  // Starts producers and consumers, once their topics are there.
  void start_clients();
  [[nodiscard]] bool clients_started() const { return clients_started_; }

  [[nodiscard]] const WorkloadSpec& spec() const { return spec_; }
  [[nodiscard]] const std::map<std::string, Producer>& producers() const { return producers_; }
  [[nodiscard]] const std::map<std::string, Group>& groups() const { return groups_; }
  // A member's process by its client id; null for another name.
  [[nodiscard]] const Member* member(const std::string& client_id) const;
  // What runs, or null.
  [[nodiscard]] const client::ProducerNode* running(const Producer& producer) const;
  [[nodiscard]] const client::ConsumerNode* running(const Member& member) const;
  [[nodiscard]] std::vector<ProcessId> processes() const;

  // False when there is no such producer.
  bool set_rate(const std::string& producer, double records_per_s);
  bool set_hot_key_share(const std::string& producer, double share);
  // Has the admin client do it, once it has done what it was asked before.
  void administer(AdminTask task);
  [[nodiscard]] bool is_administering() const;

 private:
  void add_producer(const ProducerSpec& spec);
  void add_group(const GroupSpec& spec);

  World& world_;
  const WorkloadSpec spec_;
  const std::vector<Endpoint> bootstrap_;
  ProcessId admin_;
  AdminNode* admin_node_ = nullptr;
  std::map<std::string, Producer> producers_;
  std::map<std::string, Group> groups_;
  bool topics_asked_ = false;
  bool clients_started_ = false;
};

}  // namespace ottla::world
