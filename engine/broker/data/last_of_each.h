// Requests that name a partition more than once: as in Kafka, which keeps what is asked in a map,
// the last one counts.
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

namespace ottla::broker {

// Leaves the last item of each key, where the key came first. `key_of` gives what can be ordered;
// a reference, if it is costly to copy.
template <class Item, class KeyOf>
void keep_last_of_each(std::vector<Item>& items, KeyOf key_of) {
  if (items.size() < 2) return;
  std::vector<std::size_t> order(items.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    const auto& one = key_of(items[a]);
    const auto& other = key_of(items[b]);
    return one < other || (!(other < one) && a < b);
  });
  const auto same_key = [&](std::size_t a, std::size_t b) {
    return !(key_of(items[a]) < key_of(items[b]));
  };
  if (std::ranges::adjacent_find(order, same_key) == order.end()) return;
  std::vector<bool> repeats(items.size(), false);
  for (std::size_t first = 0, at = 1; at < order.size(); ++at) {
    if (!same_key(order[first], order[at])) {
      first = at;
      continue;
    }
    repeats[order[at]] = true;
    items[order[first]] = items[order[at]];
  }
  std::size_t at = 0;
  std::erase_if(items, [&](const Item&) { return repeats[at++]; });
}

}  // namespace ottla::broker
