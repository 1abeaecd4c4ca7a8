// The broker's log directories, as DescribeLogDirs and AlterReplicaLogDirs speak of them (KIP-113,
// KIP-827).
#pragma once

#include <string>

#include "engine/broker/data/replicas.h"
#include "engine/protocol/messages/alter_replica_log_dirs_request.h"
#include "engine/protocol/messages/alter_replica_log_dirs_response.h"
#include "engine/protocol/messages/describe_log_dirs_request.h"
#include "engine/protocol/messages/describe_log_dirs_response.h"

namespace ottla::broker {

class LogDirService {
 public:
  // All outlive this.
  LogDirService(LogDirectories& directories, const metadata::Image& image, Replicas& replicas)
      : directories_(directories), image_(image), replicas_(replicas) {}

  [[nodiscard]] protocol::DescribeLogDirsResponse describe(
      const protocol::DescribeLogDirsRequest& request) const;
  // What lies where it shall lie is a success.
  [[nodiscard]] protocol::AlterReplicaLogDirsResponse alter(
      const protocol::AlterReplicaLogDirsRequest& request);

 private:
  using Described = protocol::DescribeLogDirsResponse::DescribeLogDirsResult;

  [[nodiscard]] Described describe(LogDirectory& directory,
                                   const protocol::DescribeLogDirsRequest& request) const;
  void add_logs(const LogDirectory& directory, const protocol::DescribeLogDirsRequest& request,
                Described& described) const;
  [[nodiscard]] protocol::ErrorCode move(const std::string& topic, PartitionIndex index,
                                         const std::string& to);

  LogDirectories& directories_;
  const metadata::Image& image_;
  Replicas& replicas_;
};

}  // namespace ottla::broker
