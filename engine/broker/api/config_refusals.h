// The resources of an AlterConfigs or IncrementalAlterConfigs request that a broker answers by
// itself, while the controller decides about the others (Kafka's ConfigAdminManager): the
// controller's answer is completed with them, every resource in the place where it was asked for.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/broker/server/request_context.h"
#include "engine/metadata/controller_result.h"

namespace ottla::broker {

struct RefusedResource {
  std::size_t position;  // In the request.
  std::int8_t type;
  std::string name;
  metadata::ApiError answer;
};

class ConfigRefusals {
 public:
  // Until the controller's answer to the rest of the request.
  void hold(const RequestContext& request, std::vector<RefusedResource> refused) {
    held_[request.token] = {request.head, std::move(refused)};
  }
  // A whole response frame, completed if something was held for its request.
  [[nodiscard]] ByteChain complete(RequestToken request, ByteChain answer);

 private:
  struct Held {
    protocol::RequestHead head;
    std::vector<RefusedResource> refused;  // In the order of their positions.
  };
  std::map<RequestToken, Held> held_;
};

// Puts what was refused in its places among `responses`, the answers about the others.
template <class Answers>
void insert_refused(const std::vector<RefusedResource>& refused, Answers& responses) {
  for (const RefusedResource& resource : refused) {
    typename Answers::value_type answer;
    metadata::set_error(answer, resource.answer);
    answer.resource_type = resource.type;
    answer.resource_name = resource.name;
    const std::size_t at = std::min(resource.position, responses.size());
    responses.insert(responses.begin() + static_cast<std::ptrdiff_t>(at), std::move(answer));
  }
}

}  // namespace ottla::broker
