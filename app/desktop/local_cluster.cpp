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

void LocalCluster::show_at(Duration since_start) {
  session_.run_to(since_start);
  session_.start();  // Paused: it hears commands, and time stands still.
}

}  // namespace ottla::desktop
