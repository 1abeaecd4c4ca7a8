// Requests that name a partition more than once: as in Kafka, which keeps what is asked in a map,
// the last one counts.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <type_traits>
#include <utility>
#include <vector>

namespace ottla::broker {

// Leaves the last item of each key, where the key came first. `key_of` gives an item's key, which
// can be ordered and outlives the item's being moved.
template <class Item, class KeyOf>
void keep_last_of_each(std::vector<Item>& items, KeyOf key_of) {
  // Clients nearly always ask in order: then none is named twice.
  const auto ascends = [&](const Item& a, const Item& b) { return key_of(a) < key_of(b); };
  if (std::ranges::adjacent_find(items, std::not_fn(ascends)) == items.end()) return;
  std::map<std::remove_cvref_t<std::invoke_result_t<KeyOf, const Item&>>, std::size_t> places;
  std::vector<Item> kept;
  kept.reserve(items.size());
  for (Item& item : items) {
    const auto [at, is_new] = places.emplace(key_of(item), kept.size());
    if (is_new) {
      kept.push_back(std::move(item));
    } else {
      kept[at->second] = std::move(item);
    }
  }
  items = std::move(kept);
}

}  // namespace ottla::broker
