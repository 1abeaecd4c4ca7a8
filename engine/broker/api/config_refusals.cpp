#include "engine/broker/api/config_refusals.h"

#include "engine/base/byte_reader.h"
#include "engine/protocol/messages/alter_configs_response.h"
#include "engine/protocol/messages/incremental_alter_configs_response.h"

namespace ottla::broker {
namespace {

template <class Response>
ByteChain completed(const protocol::RequestHead& head, const std::vector<RefusedResource>& refused,
                    ByteChain answer) {
  ByteReader reader(answer.flatten());
  const auto response_head = protocol::read_response_head(reader, head.key, head.version);
  if (!response_head) return answer;
  auto response = Response::decode(reader, head.version);
  if (!response) return answer;
  insert_refused(refused, response->responses);
  ByteWriter writer;
  protocol::write_response_head(writer, head.key, head.version, head.correlation_id);
  response->encode(writer, head.version);
  return writer.take_chain();
}

}  // namespace

ByteChain ConfigRefusals::complete(RequestToken request, ByteChain answer) {
  const auto at = held_.find(request);
  if (at == held_.end()) return answer;
  const Held held = std::move(at->second);
  held_.erase(at);
  return held.head.key == protocol::ApiKey::alter_configs
             ? completed<protocol::AlterConfigsResponse>(held.head, held.refused, std::move(answer))
             : completed<protocol::IncrementalAlterConfigsResponse>(held.head, held.refused,
                                                                    std::move(answer));
}

}  // namespace ottla::broker
