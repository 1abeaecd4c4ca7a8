#include "engine/explore/administration.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "engine/base/weighted.h"

namespace ottla::explore {
namespace {

namespace task = world::task;
using world::AdminTask;
using world::TopicSpec;

constexpr double between_mean_s = 3;
constexpr std::int64_t replicas_min = 2;  // min.insync.replicas is never drawn higher.
constexpr std::int64_t replicas_max = 4;
constexpr std::int32_t extra_partitions_max = 6;
constexpr std::size_t voters_min = 3;

class Administrator {
 public:
  Administrator(Prng prng, const world::ClusterSpec& cluster)
      : prng_(prng),
        cluster_(cluster),
        directories_(cluster.log_dir_paths()),
        voters_(cluster.first_voters()) {}

  Administration draw(Duration duration) {
    Administration tasks;
    Duration now;
    while (true) {
      now +=
          Duration::millis(1 + static_cast<std::int64_t>(prng_.exponential(between_mean_s * 1000)));
      if (now >= duration) return tasks;
      TimedTask timed = one();
      timed.after = now;
      tasks.push_back(std::move(timed));
    }
  }

 private:
  using Draw = TimedTask (Administrator::*)();

  TimedTask one() {
    const std::array<std::pair<std::uint32_t, Draw>, 8> choices{{
        {4, &Administrator::reassign},
        {1, &Administrator::cancel},
        {3, &Administrator::come_and_go},
        {3, &Administrator::delete_records},
        {2, &Administrator::set_config},
        {1, &Administrator::elect},
        {directories_.size() > 1 ? 4 : 0, &Administrator::move_replica},
        {voters_.size() >= voters_min ? 8 : 0, &Administrator::change_voters},
    }};
    return (this->**draw_weighted(prng_, choices))();
  }

  const TopicSpec& any_topic() {
    const auto& topics = cluster_.workload.topics;
    return topics[prng_.below(topics.size())];
  }
  PartitionIndex any_partition(const TopicSpec& topic) {
    return PartitionIndex{static_cast<std::int32_t>(prng_.between(0, topic.partitions - 1))};
  }
  std::vector<BrokerId> any_brokers(std::int64_t count) {
    std::vector<BrokerId> all;
    for (std::int32_t id = 1; id <= cluster_.brokers; ++id) all.push_back(BrokerId{id});
    for (std::size_t left = all.size(); left > 1; --left)
      std::swap(all[left - 1], all[prng_.below(left)]);
    all.resize(static_cast<std::size_t>(std::min<std::int64_t>(count, cluster_.brokers)));
    return all;
  }
  TimedTask on_partition(AdminTask task) { return {{}, std::move(task), 0}; }

  TimedTask reassign() {
    const TopicSpec& topic = any_topic();
    const PartitionIndex partition = any_partition(topic);
    return on_partition(task::Reassign{topic.name, partition,
                                       any_brokers(prng_.between(replicas_min, replicas_max))});
  }
  TimedTask cancel() {
    const TopicSpec& topic = any_topic();
    return on_partition(task::Reassign{topic.name, any_partition(topic), std::nullopt});
  }
  TimedTask elect() {
    const TopicSpec& topic = any_topic();
    return on_partition(task::ElectPreferred{topic.name, any_partition(topic)});
  }
  TimedTask delete_records() {
    const TopicSpec& topic = any_topic();
    return {{}, task::DeleteRecords{topic.name, any_partition(topic), {}}, prng_.unit()};
  }

  TimedTask move_replica() {
    const TopicSpec& topic = any_topic();
    const PartitionIndex partition = any_partition(topic);
    const std::string& directory = directories_[prng_.below(directories_.size())];
    return on_partition(task::MoveReplica{topic.name, partition, directory});
  }

  // One of the first voters leaves, and comes back before another leaves.
  TimedTask change_voters() {
    if (const auto back = std::exchange(away_, std::nullopt)) return {{}, task::AddVoter{*back}, 0};
    away_ = voters_[prng_.below(voters_.size())];
    return {{}, task::RemoveVoter{*away_}, 0};
  }

  // Topics that nobody else uses are made, grown, deleted, and made anew under the same name.
  TimedTask come_and_go() {
    const std::string name = fmt::format("guest-{}", prng_.between(1, 2));
    const auto [guest, is_new] = guests_.try_emplace(name, 0);
    if (is_new) {
      guest->second = static_cast<std::int32_t>(prng_.between(1, 3));
      TopicSpec topic{name, guest->second, static_cast<std::int16_t>(prng_.between(1, 3)), {}};
      return {{}, task::CreateTopic{std::move(topic)}, 0};
    }
    if (guest->second < extra_partitions_max && prng_.chance(0.4)) {
      guest->second += static_cast<std::int32_t>(prng_.between(1, 2));
      return {{}, task::AddPartitions{name, guest->second}, 0};
    }
    guests_.erase(guest);
    return {{}, task::DeleteTopic{name}, 0};
  }

  TimedTask set_config() {
    using Value = std::pair<std::string_view, std::string_view>;
    constexpr std::array<Value, 4> values{{{"segment.ms", "3000"},
                                           {"segment.ms", ""},
                                           {"flush.messages", "1"},
                                           {"compression.type", "lz4"}}};
    const auto& [name, value] = values[prng_.below(values.size())];
    std::optional<std::string> set;
    if (!value.empty()) set = value;
    return {{}, task::SetTopicConfig{any_topic().name, std::string(name), std::move(set)}, 0};
  }

  Prng prng_;
  const world::ClusterSpec& cluster_;
  std::vector<std::string> directories_;  // log.dirs
  std::vector<BrokerId> voters_;          // The first ones, of a quorum that can change.
  std::optional<BrokerId> away_;
  std::map<std::string, std::int32_t> guests_;  // Their partitions, by name.
};

}  // namespace

Administration draw_administration(Prng prng, const world::ClusterSpec& cluster,
                                   Duration duration) {
  return Administrator(prng, cluster).draw(duration);
}

}  // namespace ottla::explore
