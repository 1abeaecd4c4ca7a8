#include "engine/protocol/request_frame.h"

#include "engine/protocol/message_catalogue.h"
#include "engine/protocol/message_codec.h"

namespace ottla::protocol {
namespace {

bool request_has_tags(ApiKey key, ApiVersion version) {
  const ApiEntry* api = find_api(key);
  return api != nullptr && api->is_flexible(version);
}

bool response_has_tags(ApiKey key, ApiVersion version) {
  return key != ApiKey::api_versions && request_has_tags(key, version);
}

}  // namespace

Result<RequestHead, DecodeError> read_request_head(ByteReader& reader) {
  DecodeError error;
  error.api_key = reader.read_int16();
  error.version = ApiVersion(reader.read_int16());
  error.correlation_id = CorrelationId(reader.read_int32());
  if (!reader.ok()) return failure(DecodeError{});

  const ApiEntry* api = find_api(static_cast<ApiKey>(error.api_key));
  if (api == nullptr || !api->supports(error.version)) {
    error.reason = api == nullptr ? DecodeError::Reason::unknown_api
                                  : DecodeError::Reason::unsupported_version;
    return failure(error);
  }
  RequestHead head{
      .key = api->key, .version = error.version, .correlation_id = error.correlation_id};
  head.client_id = codec::read_nullable_string(reader, false);
  if (api->is_flexible(head.version)) codec::read_tagged_fields(reader, head.unknown_tagged_fields);
  if (!reader.ok()) return failure(error);
  return head;
}

void write_request_head(ByteWriter& writer, const RequestHead& head) {
  writer.write_int16(static_cast<std::int16_t>(head.key));
  writer.write_int16(head.version.value());
  writer.write_int32(head.correlation_id.value());
  codec::write_nullable_string(writer, head.client_id, false);
  if (request_has_tags(head.key, head.version))
    codec::write_tagged_fields(writer, head.unknown_tagged_fields);
}

void write_response_head(ByteWriter& writer, ApiKey key, ApiVersion version,
                         CorrelationId correlation_id) {
  writer.write_int32(correlation_id.value());
  if (response_has_tags(key, version)) codec::write_tagged_fields(writer, {});
}

Result<ResponseHead, DecodeError> read_response_head(ByteReader& reader, ApiKey key,
                                                     ApiVersion version) {
  ResponseHead head{.correlation_id = CorrelationId(reader.read_int32())};
  if (response_has_tags(key, version))
    codec::read_tagged_fields(reader, head.unknown_tagged_fields);
  if (reader.ok()) return head;
  return failure(DecodeError{.api_key = static_cast<std::int16_t>(key), .version = version});
}

}  // namespace ottla::protocol
