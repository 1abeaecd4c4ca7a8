// What the roles of one node have in common (Kafka's SharedServer): its log directories, and its
// place in the metadata quorum, whose log lies in one of them. In combined mode the broker reads
// its metadata from the log by which the controller beside it votes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/broker/controller/metadata_quorum.h"
#include "engine/broker/data/log_directories.h"
#include "engine/broker/server_config.h"

namespace ottla::broker {

class SharedServer final : private QuorumListener {
 public:
  // The seams outlive this.
  SharedServer(Env env, const ServerConfig& config);
  SharedServer(const SharedServer&) = delete;

  // A role that is told what happens in the quorum; before `start`. The first is also asked for
  // the committed image. They outlive the last event.
  void add_role(QuorumListener& role) { roles_.push_back(&role); }

  // Claims the log directories, opens the metadata log and takes part in the quorum. The error, a
  // sentence, is one that the node cannot start with.
  [[nodiscard]] Result<void, std::string> start();

  [[nodiscard]] LogDirectories& directories() { return directories_; }
  // Its disk is the directory of the metadata log.
  [[nodiscard]] Env& env() { return env_; }
  [[nodiscard]] MetadataQuorum& quorum() { return quorum_; }
  [[nodiscard]] const MetadataQuorum& quorum() const { return quorum_; }

 private:
  void on_leader_changed(const raft::LeaderChanged& change) override;
  void on_committed(const protocol::MetadataRecord& record, Offset offset) override;
  void on_snapshot(metadata::Image image) override;
  [[nodiscard]] const metadata::Image& committed_image() const override {
    return roles_.front()->committed_image();
  }
  void on_high_watermark(Offset high_watermark) override;
  void on_answer(RequestToken token, const Answer& answer) override;
  void on_quorum_failed(const std::string& why) override;

  // Constant after construction.
  const MetadataQuorumConfig config_;
  LogDirectories directories_;
  Env env_;

  std::vector<QuorumListener*> roles_;
  MetadataQuorum quorum_;
};

}  // namespace ottla::broker
