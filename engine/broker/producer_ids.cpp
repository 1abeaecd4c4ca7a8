#include "engine/broker/producer_ids.h"

namespace ottla::broker {

std::optional<ProducerId> ProducerIds::next(RequestToken waiting) {
  if (left_ == 0) {
    waiting_.push_back(waiting);
    return std::nullopt;
  }
  const ProducerId id = next_;
  next_ = next_.next();
  --left_;
  return id;
}

std::vector<ProducerIds::Granted> ProducerIds::add_block(ProducerId first, std::int32_t length) {
  next_ = first;
  left_ = length;
  std::vector<Granted> granted;
  while (!waiting_.empty() && left_ > 0) {
    granted.push_back(Granted{waiting_.front(), next_});
    waiting_.pop_front();
    next_ = next_.next();
    --left_;
  }
  return granted;
}

}  // namespace ottla::broker
