// What every generated message header includes: the types of fields, and those of encode and
// decode.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/byte_reader.h"
#include "engine/base/byte_writer.h"
#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/base/uuid.h"
#include "engine/protocol/api_key.h"
#include "engine/protocol/decode_error.h"
#include "engine/protocol/error_code.h"

namespace ottla::protocol {

// A tagged field (KIP-482) that the schema does not know. It is kept, and written again where it
// belongs.
struct UnknownTaggedField {
  std::uint32_t tag = 0;
  Bytes value;

  bool operator==(const UnknownTaggedField&) const = default;
};

using UnknownTaggedFields = std::vector<UnknownTaggedField>;

}  // namespace ottla::protocol
