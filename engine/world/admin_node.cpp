#include "engine/world/admin_node.h"

#include <fmt/format.h>

#include <algorithm>

namespace ottla::world {
namespace {

using protocol::ErrorCode;

constexpr Duration retry_backoff = Duration::millis(100);
constexpr Duration request_timeout = Duration::seconds(10);
constexpr Duration api_timeout = Duration::seconds(60);  // default.api.timeout.ms

wire::ChannelOptions channel_options() {
  wire::ChannelOptions options;
  options.client_id = "admin";
  options.request_timeout = request_timeout;
  return options;
}

}  // namespace

AdminNode::AdminNode(Env env, std::vector<Endpoint> bootstrap)
    : env_(env),
      bootstrap_(std::move(bootstrap)),
      channels_(env.network, env.random, channel_options()) {}

void AdminNode::ask(AdminTask task) {
  tasks_.push_back(std::move(task));
  settle();
}

void AdminNode::on_start() {
  started_ = true;
  settle();
}
void AdminNode::on_accepted(ConnectionId connection, const Endpoint&, std::string_view) {
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
  if (!first_asked_) first_asked_ = now;
  under_way_ = send(channel, tasks_.front(), wire::RequestToken{1}, now);
}

void AdminNode::take(const wire::Completion& completion) {
  under_way_ = false;
  if (tasks_.empty()) return;
  const AdminTask& task = tasks_.front();
  const AdminAnswer answer = read_answer(task, completion);
  const Instant now = env_.clock.now();
  const bool in_time =
      std::holds_alternative<task::CreateTopic>(task) || now < *first_asked_ + api_timeout;
  if (in_time && is_worth_a_retry(task, answer.error)) {
    not_before_ = now + retry_backoff;
    return;
  }
  report(task, answer);
  tasks_.pop_front();
  first_asked_.reset();
}

// What an administrator would see of it: nothing when it is done.
void AdminNode::report(const AdminTask& task, const AdminAnswer& answer) {
  if (answer.error == ErrorCode::none || answer.error == ErrorCode::topic_already_exists) return;
  const std::string why =
      answer.message ? *answer.message : std::string(protocol::message(answer.error));
  env_.probe.tell(
      probe::Noted{probe::Noted::Level::error, fmt::format("To {}: {}", describe(task), why)});
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
