#include "engine/world/rates.h"

#include <utility>

namespace ottla::world {

double Rates::add(const std::string& key, double counter, std::int64_t origin) {
  const auto [at, is_new] = rates_.try_emplace(key);
  Rate& rate = at->second;
  const bool goes_on = !is_new && rate.origin == origin && counter >= rate.counter;
  const double grown = goes_on ? counter - rate.counter : 0;
  rate.per_s += grown - std::exchange(rate.grown[rate.next], grown);
  rate.next = (rate.next + 1) % samples_a_second;
  rate.counter = counter;
  rate.origin = origin;
  rate.sample = sample_;
  return rate.per_s;
}

void Rates::end_sample() {
  std::erase_if(rates_, [this](const auto& entry) { return entry.second.sample != sample_; });
  ++sample_;
}

double Rates::of(const std::string& key) const {
  const auto at = rates_.find(key);
  return at == rates_.end() ? 0 : at->second.per_s;
}

}  // namespace ottla::world
