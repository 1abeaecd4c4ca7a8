#include "engine/broker/controller/controller_registrar.h"

#include <fmt/format.h>

#include "engine/broker/controller/raft_wire.h"
#include "engine/metadata/controller_registration.h"
#include "engine/metadata/features.h"
#include "engine/protocol/messages/controller_registration_response.h"
#include "engine/wire/backoff.h"

namespace ottla::broker {

namespace {

constexpr ApiVersion registration_version{0};
constexpr std::int16_t plaintext = 0;
// As Kafka has them, beside any configuration.
constexpr Duration request_timeout = Duration::seconds(5);
constexpr wire::Backoff resend{
    .initial = Duration::millis(100), .max = Duration::seconds(120), .jitter_permille = 20};

Uuid new_incarnation(Random& random) {
  const std::uint64_t high = random.next();
  return Uuid::version4(high, random.next());
}

}  // namespace

ControllerRegistrar::ControllerRegistrar(Env& env, BrokerId self, Endpoint listener)
    : env_(env),
      self_(self),
      listener_(std::move(listener)),
      incarnation_(new_incarnation(env.random)),
      link_(env, fmt::format("{}", self.value())) {}

void ControllerRegistrar::follow(const metadata::Image& image, const Endpoint* active) {
  const auto registered = image.controllers().find(self_);
  const bool is_registered =
      registered != image.controllers().end() && registered->second.incarnation == incarnation_;
  wanted_ = !is_registered && metadata::supports_controller_registration(image);
  link_.set_leader(wanted_ ? active : nullptr);
  take_answers();
  send_if_due();
}

void ControllerRegistrar::take_answers() {
  for (const ControllerLink::Ended& ended : link_.take_ended()) {
    const auto response =
        wire::decode_response<protocol::ControllerRegistrationResponse>(ended.completion);
    if (response && response->error_code == protocol::ErrorCode::none) {
      failures_ = 0;
      // Asked again only if the log does not come to hold it: what is acknowledged is committed.
      retry_at_ = env_.clock.now() + request_timeout;
    } else {
      retry_at_ = env_.clock.now() + resend.after(failures_++, env_.random);
    }
  }
}

void ControllerRegistrar::send_if_due() {
  if (!wanted_ || !link_.has_leader() || link_.is_under_way(ControllerCall::register_controller))
    return;
  if (retry_at_ && env_.clock.now() < *retry_at_) return;
  retry_at_.reset();
  link_.send(ControllerCall::register_controller, request(), registration_version, request_timeout);
}

protocol::ControllerRegistrationRequest ControllerRegistrar::request() const {
  protocol::ControllerRegistrationRequest request;
  request.controller_id = self_.value();
  request.incarnation_id = incarnation_;
  request.listeners.push_back({.name = std::string(controller_listener_name),
                               .host = listener_.host,
                               .port = listener_.port,
                               .security_protocol = plaintext});
  for (const metadata::FeatureRange& feature : metadata::supported_features()) {
    request.features.push_back({.name = std::string(feature.name),
                                .min_supported_version = feature.min,
                                .max_supported_version = feature.max});
  }
  return request;
}

std::optional<Instant> ControllerRegistrar::next_deadline() const {
  std::optional<Instant> deadline = link_.next_deadline();
  if (wanted_ && link_.has_leader() && retry_at_ && (!deadline || *retry_at_ < *deadline))
    deadline = retry_at_;
  return deadline;
}

}  // namespace ottla::broker
