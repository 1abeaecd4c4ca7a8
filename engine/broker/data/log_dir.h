// The broker's one log directory, as DescribeLogDirs and AlterReplicaLogDirs speak of it (KIP-113,
// KIP-827).
#pragma once

#include <string>

#include "engine/broker/data/replicas.h"
#include "engine/protocol/messages/alter_replica_log_dirs_request.h"
#include "engine/protocol/messages/alter_replica_log_dirs_response.h"
#include "engine/protocol/messages/describe_log_dirs_request.h"
#include "engine/protocol/messages/describe_log_dirs_response.h"

namespace ottla::broker {

class LogDir {
 public:
  // All outlive this.
  LogDir(Disk& disk, const BrokerConfig& config, const metadata::Image& image,
         const Replicas& replicas)
      : disk_(disk), config_(config), image_(image), replicas_(replicas) {}

  // Where the logs lie: the absolute path of the folder on a real disk, otherwise what log.dirs or
  // log.dir say.
  [[nodiscard]] std::string path() const;

  [[nodiscard]] protocol::DescribeLogDirsResponse describe(
      const protocol::DescribeLogDirsRequest& request) const;
  // Nothing can be moved to another directory; what lies where it shall lie is a success.
  [[nodiscard]] protocol::AlterReplicaLogDirsResponse alter(
      const protocol::AlterReplicaLogDirsRequest& request) const;

 private:
  using Described = protocol::DescribeLogDirsResponse::DescribeLogDirsResult;

  void add_logs(const protocol::DescribeLogDirsRequest& request, Described& described) const;
  [[nodiscard]] protocol::ErrorCode why_not_moved(const std::string& topic, PartitionIndex index,
                                                  const std::string& to) const;

  Disk& disk_;
  const BrokerConfig& config_;
  const metadata::Image& image_;
  const Replicas& replicas_;
};

}  // namespace ottla::broker
