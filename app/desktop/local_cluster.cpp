#include "app/desktop/local_cluster.h"

#include <utility>

namespace ottla::desktop {

LocalCluster::LocalCluster(runtime::SimulationOptions options,
                           std::unique_ptr<data::DataDirectory> directory)
    : directory_(std::move(directory)),
      session_(std::move(options)),
      kafka_(session_, gateway::ConnectionLimits()) {}

LocalCluster::~LocalCluster() {
  kafka_.stop();
  session_.stop();
}

Result<void, std::string> LocalCluster::listen() {
  for (const Endpoint& listener : session_.listeners()) {
    if (auto listening = kafka_.listen(listener, listener.host); !listening) return listening;
  }
  return {};
}

void LocalCluster::start() {
  session_.start();
  kafka_.start();
}

Result<void, std::string> LocalCluster::kill_leader_at(Duration since_start) {
  session_.run_to(since_start);
  const auto snapshot = session_.snapshot();
  for (const auto& topic : snapshot->topics) {
    if (topic->internal) continue;
    const auto leader = topic->partitions.front().leader;
    if (!leader) return failure(topic->name + "-0 has no leader to kill at that time");
    const observe::Kill kill{std::to_string(leader->value())};
    const observe::CommandResult refused = session_.act({kill, Duration::seconds(10)});
    if (!refused.empty()) return failure(refused);
    return {};
  }
  return failure(std::string("there is no topic yet at the time of --kill-leader-at"));
}

void LocalCluster::show_at(Duration since_start) {
  session_.run_to(since_start);
  session_.start();  // Paused: it hears commands, and time stands still.
}

}  // namespace ottla::desktop
