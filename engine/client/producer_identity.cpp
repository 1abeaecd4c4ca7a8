#include "engine/client/producer_identity.h"

#include <limits>

namespace ottla::client {

void ProducerIdentity::bump_epoch() {
  if (!current_.valid()) return;
  if (current_.epoch.value() == std::numeric_limits<std::int16_t>::max()) {
    current_ = {};
  } else {
    current_.epoch = current_.epoch.next();
  }
}

}  // namespace ottla::client
