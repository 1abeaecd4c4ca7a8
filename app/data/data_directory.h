// The folder of `--data-dir`: one folder a node in it, node-1, node-2, ..., node-101, each as
// Kafka's log.dirs. Everything that can be wrong with it is found before a cluster starts.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/env/disk.h"
#include "engine/env/sync_scheduler.h"

namespace ottla::data {

class DataDirectory {
 public:
  // Makes the folder and those of `nodes` where they are not there, holds it against other
  // programs, and compares what is in it. `wanted_cluster` may be empty. `log_folders` are those of
  // a node's folder that its log directories have, "" where the folder is the only one. The error
  // is a sentence.
  [[nodiscard]] static Result<std::unique_ptr<DataDirectory>, std::string> open(
      const std::string& root, const std::vector<BrokerId>& nodes,
      const std::string& wanted_cluster, std::vector<std::string> log_folders = {""});

  // The cluster whose data it holds; empty when it is new.
  [[nodiscard]] const std::string& cluster_id() const { return cluster_id_; }
  // Nodes of that cluster whose data it holds, but which were not among those that it was opened
  // for, by id. Their folders are left alone: to the cluster they are brokers that are down.
  [[nodiscard]] const std::vector<BrokerId>& left_out() const { return left_out_; }

  // The disk of a process that starts. Should its folder have become unusable since, that is said
  // on stderr, and the disk fails whatever it is asked, as a broken one does.
  [[nodiscard]] std::unique_ptr<Disk> disk_of(const std::string& process,
                                              SyncScheduler& scheduler) const;

 private:
  DataDirectory(std::string root, std::unique_ptr<SyncScheduler> no_syncs)
      : root_(std::move(root)), no_syncs_(std::move(no_syncs)) {}

  [[nodiscard]] std::string folder_of(const std::string& process) const {
    return root_ + "/node-" + process;
  }
  [[nodiscard]] Result<void, std::string> check_node(BrokerId node);
  [[nodiscard]] Result<void, std::string> check_folder(Disk& disk, const std::string& folder,
                                                       BrokerId node);
  [[nodiscard]] bool holds(BrokerId node) const;

  const std::string root_;
  const std::unique_ptr<SyncScheduler> no_syncs_;
  std::unique_ptr<Disk> hold_;  // Of the whole folder, for its lock.
  std::vector<std::string> log_folders_;
  std::string cluster_id_;
  std::vector<BrokerId> left_out_;
};

}  // namespace ottla::data
