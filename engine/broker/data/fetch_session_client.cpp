#include "engine/broker/data/fetch_session_client.h"

#include <algorithm>
#include <limits>

namespace ottla::broker {
namespace {

template <class Topic>
Topic& topic_of(std::vector<Topic>& topics, const TopicId& id) {
  if (topics.empty() || topics.back().topic_id != id) topics.emplace_back().topic_id = id;
  return topics.back();
}

}  // namespace

void FetchSessionClient::fill(protocol::FetchRequest& request, Wanted& wanted) {
  request.session_id = id_;
  request.session_epoch = epoch_;
  if (epoch_ == 0) told_.clear();
  const auto forget = [&](const Want& told) {
    topic_of(request.forgotten_topics_data, told.key.topic).partitions.push_back(told.key.index);
  };
  auto told = told_.cbegin();
  for (const Want& want : wanted) {
    for (; told != told_.cend() && told->key < want.key; ++told) forget(*told);
    const bool known = told != told_.cend() && told->key == want.key;
    if (!known || told->partition != want.partition) {
      topic_of(request.topics, want.key.topic).partitions.push_back(want.partition);
    }
    if (known) ++told;
  }
  std::for_each(told, told_.cend(), forget);
  told_.swap(wanted);
}

const FetchSessionClient::Partition* FetchSessionClient::asked(const TopicId& topic,
                                                               PartitionIndex index) const {
  const Key key{topic, index};
  const auto at = std::ranges::lower_bound(told_, key, {}, &Want::key);
  return at == told_.end() || at->key != key ? nullptr : &at->partition;
}

bool FetchSessionClient::take(const protocol::FetchResponse& response) {
  if (response.error_code != protocol::ErrorCode::none) {
    start_over();
    return false;
  }
  if (response.session_id == 0) {
    start_over();  // No room for a session: the next request asks for one again.
    return true;
  }
  id_ = response.session_id;
  epoch_ = epoch_ == std::numeric_limits<std::int32_t>::max() ? 1 : epoch_ + 1;
  return true;
}

void FetchSessionClient::start_over() {
  epoch_ = 0;
}

}  // namespace ottla::broker
