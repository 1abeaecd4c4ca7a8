#include "engine/broker/data_folder.h"

#include <fmt/format.h>

#include "engine/storage/broker_files.h"

namespace ottla::broker {

Result<Uuid, std::string> claim_data_folder(Disk& disk, Random& random,
                                            const std::string& cluster_id, BrokerId node_id,
                                            std::optional<Uuid> directory_id) {
  const auto found = storage::read_meta_properties(disk);
  if (!found) {
    return failure(fmt::format("{} cannot be read: {}", storage::meta_properties_name,
                               storage::message(found.error())));
  }
  if (*found) {
    const storage::MetaProperties& owner = **found;
    if (owner.cluster_id == cluster_id && owner.node_id == node_id) return owner.directory_id;
    return failure(fmt::format(
        "The data folder belongs to node {} of cluster {}, not to node {} of cluster {}",
        owner.node_id.value(), owner.cluster_id, node_id.value(), cluster_id));
  }
  if (!directory_id) {
    const std::uint64_t high = random.next();
    directory_id = Uuid::version4(high, random.next());
  }
  const auto written = storage::write_meta_properties(disk, {cluster_id, node_id, *directory_id});
  if (written) return *directory_id;
  return failure(
      fmt::format("The data folder cannot be written: {}", storage::message(written.error())));
}

}  // namespace ottla::broker
