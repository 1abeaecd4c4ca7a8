// What a controller holds clients to.
#pragma once

#include "engine/broker/quota/mutation_quota.h"
#include "engine/broker/quota/request_quota.h"

namespace ottla::broker {

struct ControllerQuotas {
  explicit ControllerQuotas(const metadata::ConfigValues& settings)
      : mutations(sample_window(settings, "controller.")), requests(sample_window(settings)) {}

  void update(const metadata::Image& image) {
    mutations.update(image);
    requests.update(image);
  }

  MutationQuota mutations;
  RequestQuota requests;
};

}  // namespace ottla::broker
