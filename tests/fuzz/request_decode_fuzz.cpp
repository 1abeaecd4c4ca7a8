// Feeds bytes that nobody can trust to the decoders: as a whole request with its head, and, by
// their first three bytes, as any message of the catalogue in any of its versions. What is decoded
// must encode, and what was encoded must decode to the same bytes again.
#include <cstddef>
#include <cstdint>

#include "engine/base/assert.h"
#include "engine/protocol/message_catalogue.h"
#include "engine/protocol/metadata_record_codec.h"
#include "engine/protocol/request_frame.h"

namespace {

using namespace ottla;
using namespace ottla::protocol;

void transcode_twice(const MessageEntry& message, ApiVersion version, ByteReader reader) {
  ByteWriter writer;
  if (message.transcode(reader, version, writer)) return;
  const Bytes once = writer.take();
  ByteReader again(once);
  OTTLA_ASSERT(!message.transcode(again, version, writer));
  OTTLA_ASSERT(again.remaining() == 0);
  OTTLA_ASSERT(writer.take() == once);
}

void decode_as_request(const Bytes& input) {
  ByteReader reader(input);
  const auto head = read_request_head(reader);
  if (!head) return;
  const MessageEntry* request =
      find_message(MessageKind::request, static_cast<std::int16_t>(head->key));
  transcode_twice(*request, head->version, reader);
}

void decode_as_any_message(const Bytes& input) {
  ByteReader reader(input);
  const std::size_t index = reader.read_uint16();
  const int version = reader.read_int8();
  const auto messages = all_messages();
  const MessageEntry& message = messages[index % messages.size()];
  transcode_twice(message, ApiVersion(static_cast<std::int16_t>(version)), reader);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input = Bytes::copy_of({data, size});
  decode_as_request(input);
  decode_as_any_message(input);
  if (const auto record = decode_metadata_record(input)) {
    OTTLA_ASSERT(decode_metadata_record(encode_metadata_record(*record)).has_value());
  }
  return 0;
}
