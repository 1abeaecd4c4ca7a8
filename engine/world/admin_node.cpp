#include "engine/world/admin_node.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/protocol/messages/create_topics_request.h"
#include "engine/protocol/messages/create_topics_response.h"
#include "engine/protocol/messages/delete_topics_request.h"
#include "engine/protocol/messages/delete_topics_response.h"

namespace ottla::world {
namespace {

using protocol::ErrorCode;

constexpr ApiVersion create_version{7};
constexpr ApiVersion delete_version{6};
constexpr Duration retry_backoff = Duration::millis(100);
constexpr std::int32_t timeout_ms = 10'000;

wire::ChannelOptions channel_options() {
  wire::ChannelOptions options;
  options.client_id = "admin";
  options.request_timeout = Duration::millis(timeout_ms);
  return options;
}

protocol::CreateTopicsRequest create_request(const TopicSpec& spec) {
  protocol::CreateTopicsRequest request;
  request.timeout_ms = timeout_ms;
  auto& topic = request.topics.emplace_back();
  topic.name = spec.name;
  topic.num_partitions = spec.partitions;
  topic.replication_factor = spec.replication_factor;
  for (const auto& [name, value] : spec.config)
    topic.configs.push_back({.name = name, .value = value});
  return request;
}

protocol::DeleteTopicsRequest delete_request(const TopicSpec& spec) {
  protocol::DeleteTopicsRequest request;
  request.timeout_ms = timeout_ms;
  request.topics.emplace_back().name = spec.name;
  return request;
}

// Too few brokers may be unfenced yet; the rest is worth another try as well.
bool worth_a_retry(ErrorCode error) {
  return protocol::is_retriable(error) || error == ErrorCode::invalid_replication_factor ||
         error == ErrorCode::not_controller;
}

}  // namespace

AdminNode::AdminNode(Env env, std::vector<Endpoint> bootstrap)
    : env_(env),
      bootstrap_(std::move(bootstrap)),
      channels_(env.network, env.random, channel_options()) {}

void AdminNode::create(TopicSpec topic) {
  tasks_.push_back(Task{std::move(topic), false});
  settle();
}

void AdminNode::remove(std::string topic) {
  TopicSpec spec;
  spec.name = std::move(topic);
  tasks_.push_back(Task{std::move(spec), true});
  settle();
}

void AdminNode::on_start() {
  started_ = true;
  settle();
}
void AdminNode::on_accepted(ConnectionId connection, std::string_view) {
  env_.network.close(connection);
}

void AdminNode::on_connected(ConnectionId connection) {
  channels_.on_connected(connection, env_.clock.now());
  settle();
}

void AdminNode::on_connection_closed(ConnectionId connection) {
  channels_.on_connection_closed(connection, env_.clock.now());
  settle();
}

void AdminNode::on_message(ConnectionId connection, ByteChain frame) {
  channels_.on_message(connection, frame, env_.clock.now());
  settle();
}

void AdminNode::on_timer(TimerId timer) {
  if (timer_ != timer) return;
  timer_.reset();
  channels_.expire(env_.clock.now());
  settle();
}

void AdminNode::settle() {
  if (!started_) return;
  for (auto completions = channels_.take_completions(); !completions.empty();
       completions = channels_.take_completions()) {
    for (const wire::Completion& completion : completions) take(completion);
  }
  send_next();
  arm();
}

void AdminNode::send_next() {
  const Instant now = env_.clock.now();
  if (under_way_ || tasks_.empty() || (not_before_ && now < *not_before_)) return;
  not_before_.reset();
  wire::Channel& channel = channels_.to(bootstrap_[next_broker_++ % bootstrap_.size()]);
  const Task& task = tasks_.front();
  const wire::RequestToken token{1};
  under_way_ = task.remove ? channel.send(delete_request(task.topic), delete_version, token, now)
                           : channel.send(create_request(task.topic), create_version, token, now);
}

void AdminNode::take(const wire::Completion& completion) {
  under_way_ = false;
  if (tasks_.empty()) return;
  const Task task = tasks_.front();
  ErrorCode error = ErrorCode::network_exception;
  std::optional<std::string> message;
  if (task.remove) {
    const auto response = wire::decode_response<protocol::DeleteTopicsResponse>(completion);
    if (response && response->responses.size() == 1) {
      error = response->responses[0].error_code;
      message = response->responses[0].error_message;
    }
  } else {
    const auto response = wire::decode_response<protocol::CreateTopicsResponse>(completion);
    if (response && response->topics.size() == 1) {
      error = response->topics[0].error_code;
      message = response->topics[0].error_message;
    }
  }
  if (error != ErrorCode::none && worth_a_retry(error)) {
    not_before_ = env_.clock.now() + retry_backoff;
    return;
  }
  tasks_.pop_front();
  if (error != ErrorCode::none && error != ErrorCode::topic_already_exists)
    report(task.topic.name, error, message);
}

void AdminNode::report(std::string_view topic, ErrorCode error,
                       const std::optional<std::string>& message) {
  const std::string text = fmt::format("Topic {}: {}", topic,
                                       message ? *message : std::string(protocol::message(error)));
  env_.probe.tell(probe::Noted{probe::Noted::Level::error, text});
}

void AdminNode::arm() {
  auto deadline = channels_.next_deadline();
  if (not_before_ && (!deadline || *not_before_ < *deadline)) deadline = not_before_;
  if (!deadline || (timer_ && timer_at_ <= *deadline)) return;
  if (timer_) env_.timers.cancel(*timer_);
  const Instant now = env_.clock.now();
  timer_at_ = std::max(*deadline, now);
  timer_ = env_.timers.arm(timer_at_ - now);
}

}  // namespace ottla::world
