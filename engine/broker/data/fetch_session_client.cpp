#include "engine/broker/data/fetch_session_client.h"

#include <limits>

namespace ottla::broker {
namespace {

template <class Topic>
Topic& topic_of(std::vector<Topic>& topics, const TopicId& id) {
  if (topics.empty() || topics.back().topic_id != id) topics.emplace_back().topic_id = id;
  return topics.back();
}

}  // namespace

void FetchSessionClient::fill(protocol::FetchRequest& request, const Wanted& wanted) {
  const bool incremental = epoch_ != 0;
  request.session_id = id_;
  request.session_epoch = epoch_;
  for (const auto& [key, partition] : wanted) {
    const auto told = told_.find(key);
    if (incremental && told != told_.end() && told->second == partition) continue;
    topic_of(request.topics, key.first).partitions.push_back(partition);
  }
  if (incremental) {
    for (const auto& [key, partition] : told_) {
      if (wanted.count(key) == 0) {
        topic_of(request.forgotten_topics_data, key.first).partitions.push_back(key.second);
      }
    }
  }
  told_ = wanted;
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
