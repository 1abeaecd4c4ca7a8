// The part of BrokerNode that deals with its log directories: one that fails, and where the
// controller believes that replicas lie.
#include <fmt/format.h>

#include "engine/broker/broker_node.h"

namespace ottla::broker {

namespace {

constexpr ApiVersion assign_to_dirs_version{0};

}  // namespace

bool BrokerNode::settle_directories() {
  bool failed = false;
  while (LogDirectory* directory = stopped_ ? nullptr : directories_.take_failed()) {
    take_directory_down(*directory);
    failed = true;
  }
  return failed;
}

// As ReplicaManager.handleLogDirFailure: a broker goes on with the directories that are left, if
// the metadata log lies in one of them.
void BrokerNode::take_directory_down(LogDirectory& directory) {
  const std::string why = directory.failure().value_or("it cannot be used");
  if (directories_.all().size() == 1 && &directory == directories_.all().front()) {
    return fail(fmt::format("Shutting down, since the only log directory has failed: {}", why));
  }
  if (directories_.online().empty()) {
    return fail(fmt::format("Shutdown broker because all log dirs in {} have failed: {}",
                            directories_.paths(), why));
  }
  if (&directory == &directories_.metadata()) {
    return fail(fmt::format("Shutdown broker because the metadata log dir {} has failed: {}",
                            directory.path(), why));
  }
  env_.probe.tell(probe::Noted{
      probe::Noted::Level::error,
      fmt::format("Stopping serving replicas in dir {} with uuid {} because the log directory has "
                  "failed: {}",
                  directory.path(), directory.id().to_string(), why)});
  replicas_.directory_failed(directory);
  take_role_changes();
  const Instant now = env_.clock.now();
  lifecycle_.directory_failed(directory.id(), now,
                              now + config_.millis("log.dir.failure.timeout.ms"));
}

void BrokerNode::give_up_untold_directory() {
  const auto untold = lifecycle_.untold();
  if (!untold || env_.clock.now() < untold->until) return;
  env_.probe.tell(probe::Noted{
      probe::Noted::Level::error,
      fmt::format("Shutting down because couldn't communicate offline log dir {} with controllers",
                  untold->directory.to_string())});
  lifecycle_.give_up_telling(untold->directory);
  lifecycle_.begin_shutdown(env_.clock.now());
}

void BrokerNode::send_assignments() {
  auto request = assignments_.take_due(image(), config_.node_id, env_.clock.now());
  if (!request) return;
  request->broker_epoch = lifecycle_.epoch();
  controller_.send(ControllerCall::assign_replicas_to_dirs, *request, assign_to_dirs_version,
                   config_.millis("request.timeout.ms"));
}

void BrokerNode::take_assignments(const wire::Completion& completion) {
  const auto response = wire::decode_response<protocol::AssignReplicasToDirsResponse>(completion);
  if (!response) return assignments_.failed(env_.clock.now());
  for (const auto& [key, directory] : assignments_.answered(*response, env_.clock.now()))
    replicas_.directory_accepted(key, directory);
}

}  // namespace ottla::broker
