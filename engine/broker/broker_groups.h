// What the group APIs see of their broker: the partitions of __consumer_offsets it leads, and its
// metadata.
#pragma once

#include "engine/broker/broker_config.h"
#include "engine/broker/controller_link.h"
#include "engine/broker/data/replicas.h"
#include "engine/broker/groups/group_host.h"
#include "engine/broker/server/request_server.h"

namespace ottla::broker {

class BrokerGroups : public GroupHost, public OffsetsLog {
 public:
  BrokerGroups(Env& env, const BrokerConfig& config, const metadata::Image& image,
               Replicas& replicas, RequestServer& server, ControllerLink& controller)
      : env_(env),
        config_(config),
        image_(image),
        replicas_(replicas),
        server_(server),
        controller_(controller) {}

  void reply(coordinator::RequestToken token, GroupApiResponse response) override;
  void tell(const coordinator::GroupChange& change) override;
  [[nodiscard]] Uuid random_id() override;
  [[nodiscard]] bool topic_exists(std::string_view topic) const override;
  [[nodiscard]] Uuid topic_id(std::string_view topic) const override;
  [[nodiscard]] std::optional<std::string> topic_name(const Uuid& id) const override;
  [[nodiscard]] std::optional<std::int32_t> partition_count(std::string_view topic) const override;
  [[nodiscard]] std::optional<CoordinatorNode> leader_of(std::string_view topic,
                                                         PartitionIndex partition) const override;
  void create_internal_topic(std::string_view topic) override;

  [[nodiscard]] Result<Offset, protocol::ErrorCode> append(PartitionIndex partition,
                                                           protocol::RecordBatch batch) override;
  [[nodiscard]] Bounds bounds(PartitionIndex partition) const override;
  [[nodiscard]] Result<std::vector<protocol::RecordBatch>, protocol::ErrorCode> read(
      PartitionIndex partition, Offset from) const override;

 private:
  Env& env_;
  const BrokerConfig& config_;
  const metadata::Image& image_;
  Replicas& replicas_;
  RequestServer& server_;
  ControllerLink& controller_;
};

}  // namespace ottla::broker
