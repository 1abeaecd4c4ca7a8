// Producer ids from the block that the controller allocated to this broker (KIP-730). Requests that
// find the block used up wait for the next one.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "engine/base/ids.h"
#include "engine/broker/server/request_context.h"

namespace ottla::broker {

class ProducerIds {
 public:
  // The next id; nothing when there is none left, and then `waiting` is kept until there is.
  [[nodiscard]] std::optional<ProducerId> next(RequestToken waiting);
  // True while a block should be asked for.
  [[nodiscard]] bool needs_block() const { return !waiting_.empty() && left_ == 0; }

  struct Granted {
    RequestToken request;
    ProducerId id;
  };
  // A new block [first, first + length): the requests that waited, with their ids.
  [[nodiscard]] std::vector<Granted> add_block(ProducerId first, std::int32_t length);

 private:
  ProducerId next_{0};
  std::int32_t left_ = 0;
  std::deque<RequestToken> waiting_;
};

}  // namespace ottla::broker
