#include "engine/broker/controller/metadata_snapshots.h"

#include <fmt/format.h>

#include <charconv>
#include <span>

#include "engine/base/byte_writer.h"
#include "engine/base/planted.h"
#include "engine/broker/controller/metadata_batches.h"
#include "engine/protocol/messages/snapshot_footer_record.h"
#include "engine/protocol/messages/snapshot_header_record.h"
#include "engine/protocol/records/control_record.h"
#include "engine/raft/voter_records.h"
#include "engine/storage/batch_scanner.h"

namespace ottla::broker {

namespace {

using raft::OffsetAndEpoch;

constexpr std::string_view suffix = ".checkpoint";
constexpr std::size_t offset_width = 20;
constexpr std::size_t epoch_width = 10;
constexpr std::size_t records_per_batch = 1000;  // As Kafka's RaftSnapshotWriter.

// Nothing for a file that is no snapshot.
std::optional<OffsetAndEpoch> parse(std::string_view name) {
  if (name.size() != offset_width + 1 + epoch_width + suffix.size() || !name.ends_with(suffix))
    return std::nullopt;
  std::int64_t offset = 0;
  std::int32_t epoch = 0;
  const char* const begin = name.data();
  const char* const dash = begin + offset_width;
  const auto first = std::from_chars(begin, dash, offset);
  const auto second = std::from_chars(dash + 1, dash + 1 + epoch_width, epoch);
  if (first.ptr != dash || *dash != '-' || second.ptr != dash + 1 + epoch_width)
    return std::nullopt;
  return OffsetAndEpoch{Offset{offset}, LeaderEpoch{epoch}};
}

template <class Message>
protocol::ControlRecord control_record(const Message& message, protocol::ControlRecordType type) {
  ByteWriter writer;
  message.encode(writer, ApiVersion{0});
  return {type, writer.take()};
}

// As Kafka's RecordsSnapshotWriter begins: who votes is said again, since the log before goes.
std::vector<protocol::ControlRecord> header_records(const MetadataSnapshots::Content& content) {
  protocol::SnapshotHeaderRecord header;
  header.last_contained_log_timestamp = content.last_contained_timestamp;
  std::vector records{control_record(header, protocol::ControlRecordType::snapshot_header)};
  if (content.kraft_version == 0) return records;
  records.push_back(raft::kraft_version_record(content.kraft_version));
  if (content.voters) records.push_back(raft::voters_record(*content.voters));
  return records;
}

ByteChain encode(const OffsetAndEpoch& id, const MetadataSnapshots::Content& content) {
  const std::int64_t timestamp = content.last_contained_timestamp;
  const auto header = header_records(content);
  ByteChain all = protocol::make_control_batch(header, {Offset{0}, id.epoch, timestamp}).bytes();
  Offset next{static_cast<std::int64_t>(header.size())};
  std::span<const protocol::MetadataRecord> left(content.records);
  while (!left.empty()) {
    const auto run = left.first(std::min(left.size(), records_per_batch));
    all.append(metadata_batch(run, {next, id.epoch, Instant::from_millis(timestamp)}).bytes());
    next = next.plus(static_cast<std::int64_t>(run.size()));
    left = left.subspan(run.size());
  }
  const auto footer = control_record(protocol::SnapshotFooterRecord{},
                                     protocol::ControlRecordType::snapshot_footer);
  all.append(
      protocol::make_control_batch(std::span(&footer, 1), {next, id.epoch, timestamp}).bytes());
  return all;
}

// The control record of the batch; nothing for one of data, or a damaged one.
struct Control {
  protocol::ControlRecordType type;
  Bytes value;
};
std::optional<Control> control_of(const protocol::RecordBatch& batch) {
  const auto records = batch.records();
  if (!batch.header().is_control() || !records || records->empty() || !records->front().key)
    return std::nullopt;
  const auto type = protocol::control_record_type(records->front().key->span());
  if (!type) return std::nullopt;
  return Control{*type, records->front().value.value_or(Bytes())};
}

// What the header of a snapshot says, milliseconds; nothing where the batch is none.
std::optional<std::int64_t> header_timestamp(const protocol::RecordBatch& batch) {
  const auto control = control_of(batch);
  if (!control || control->type != protocol::ControlRecordType::snapshot_header)
    return std::nullopt;
  ByteReader reader(control->value);
  const auto header = protocol::SnapshotHeaderRecord::decode(reader, ApiVersion{0});
  return header ? std::optional(header->last_contained_log_timestamp) : std::nullopt;
}

bool is_footer(const protocol::RecordBatch& batch) {
  const auto control = control_of(batch);
  return control && control->type == protocol::ControlRecordType::snapshot_footer;
}

std::string failed(std::string_view path, std::string_view what, DiskError error) {
  return fmt::format("{} cannot be {}: {}", path, what, describe(error));
}

std::string damaged(std::string_view path, const storage::BatchScanner& at) {
  return fmt::format("{} is damaged at byte {}, offset {}", path, at.position(),
                     at.header().base_offset.value());
}

// All of a snapshot's batches, from its header to its footer, with which the file ends.
Result<MetadataSnapshots::Content, std::string> read_content(storage::BatchScanner& batches,
                                                             std::string_view path,
                                                             std::uint64_t size) {
  MetadataSnapshots::Content content;
  bool has_header = false;
  bool has_footer = false;
  const auto add = [&](const protocol::MetadataRecord& each, Offset) {
    content.records.push_back(each);
  };
  while (batches.next()) {
    const auto batch = batches.batch();
    if (!batch || !batch->crc_matches() || has_footer) return failure(damaged(path, batches));
    if (const auto timestamp = header_timestamp(*batch)) {
      has_header = true;
      content.last_contained_timestamp = *timestamp;
    }
    if (!has_header)
      return failure(fmt::format("{} has no header: its first batch is another", path));
    has_footer = is_footer(*batch);
    if (auto applied = apply_metadata_batch(*batch, path, add); !applied)
      return failure(std::move(applied.error()));
  }
  if (batches.error() || batches.position() < size)
    return failure(fmt::format("{} holds no whole batch at byte {}", path, batches.position()));
  if (!has_footer) return failure(fmt::format("{} has no footer: its end is missing", path));
  return content;
}

}  // namespace

std::string MetadataSnapshots::path_of(const OffsetAndEpoch& id) const {
  return fmt::format("{}/{:020}-{:010}{}", folder_, id.offset.value(), id.epoch.value(), suffix);
}

std::string MetadataSnapshots::part_of(const OffsetAndEpoch& id) const {
  return path_of(id) + ".part";
}

MetadataSnapshots::Done MetadataSnapshots::open() {
  snapshots_.clear();
  const auto names = disk_.list(folder_);
  if (!names) return failure(failed(folder_, "listed", names.error()));
  for (const std::string& name : *names) {
    const std::string path = folder_ + "/" + name;
    if (name.ends_with(".checkpoint.part") || name.ends_with(".checkpoint.deleted"))
      (void)disk_.remove(path);
    const auto id = parse(name);
    if (!id) continue;
    const auto file = disk_.open(path, Disk::Open::existing);
    if (!file) return failure(failed(path, "opened", file.error()));
    const auto size = disk_.size(*file);
    disk_.close(*file);
    if (!size) return failure(failed(path, "read", size.error()));
    snapshots_[id->offset] = {id->epoch, static_cast<std::int64_t>(*size)};
  }
  if (planted(Plant::lose_snapshot) && !snapshots_.empty())
    snapshots_.erase(std::prev(snapshots_.end()));
  return {};
}

std::optional<OffsetAndEpoch> MetadataSnapshots::earliest() const {
  if (snapshots_.empty()) return std::nullopt;
  return OffsetAndEpoch{snapshots_.begin()->first, snapshots_.begin()->second.epoch};
}

std::optional<OffsetAndEpoch> MetadataSnapshots::after(Offset offset) const {
  const auto at = snapshots_.upper_bound(offset);
  if (at == snapshots_.end()) return std::nullopt;
  return OffsetAndEpoch{at->first, at->second.epoch};
}

std::optional<OffsetAndEpoch> MetadataSnapshots::latest() const {
  if (snapshots_.empty()) return std::nullopt;
  return OffsetAndEpoch{snapshots_.rbegin()->first, snapshots_.rbegin()->second.epoch};
}

std::optional<std::int64_t> MetadataSnapshots::size_of(const OffsetAndEpoch& id) const {
  const auto at = snapshots_.find(id.offset);
  if (at == snapshots_.end() || at->second.epoch != id.epoch) return std::nullopt;
  return at->second.size;
}

std::int64_t MetadataSnapshots::bytes() const {
  std::int64_t sum = 0;
  for (const auto& [offset, snapshot] : snapshots_) sum += snapshot.size;
  return sum;
}

MetadataSnapshots::Done MetadataSnapshots::write(const OffsetAndEpoch& id, const Content& content) {
  if (auto begun = begin(id); !begun) return begun;
  if (auto appended = append(id, encode(id, content)); !appended) return appended;
  return finish(id);
}

MetadataSnapshots::Done MetadataSnapshots::begin(const OffsetAndEpoch& id) {
  const auto gone = disk_.remove(part_of(id));
  if (gone || gone.error() == DiskError::not_found) return {};
  return failure(failed(part_of(id), "removed", gone.error()));
}

MetadataSnapshots::Done MetadataSnapshots::append(const OffsetAndEpoch& id,
                                                  const ByteChain& bytes) {
  const auto file = disk_.open(part_of(id), Disk::Open::create_or_existing);
  if (!file) return failure(failed(part_of(id), "opened", file.error()));
  const auto written = disk_.append(*file, bytes);
  disk_.close(*file);
  if (written) return {};
  return failure(failed(part_of(id), "written", written.error()));
}

MetadataSnapshots::Done MetadataSnapshots::finish(const OffsetAndEpoch& id) {
  const auto renamed = disk_.rename(part_of(id), path_of(id));
  if (!renamed) return failure(failed(part_of(id), "renamed", renamed.error()));
  const auto file = disk_.open(path_of(id), Disk::Open::existing);
  if (!file) return failure(failed(path_of(id), "opened", file.error()));
  const auto size = disk_.size(*file);
  disk_.close(*file);
  if (!size) return failure(failed(path_of(id), "read", size.error()));
  snapshots_[id.offset] = {id.epoch, static_cast<std::int64_t>(*size)};
  return {};
}

ByteChain MetadataSnapshots::read_bytes(const OffsetAndEpoch& id, std::int64_t position,
                                        std::size_t bytes_max) const {
  const auto file = disk_.open(path_of(id), Disk::Open::existing);
  if (!file) return {};
  auto bytes = disk_.read(*file, static_cast<std::uint64_t>(position), bytes_max);
  disk_.close(*file);
  return bytes ? *std::move(bytes) : ByteChain{};
}

Result<MetadataSnapshots::Content, std::string> MetadataSnapshots::read(
    const OffsetAndEpoch& id) const {
  const std::string path = path_of(id);
  const auto size = size_of(id);
  if (!size) return failure(fmt::format("{} is not there", path));
  const auto file = disk_.open(path, Disk::Open::existing);
  if (!file) return failure(failed(path, "opened", file.error()));
  storage::BatchScanner batches(disk_, *file, 0, static_cast<std::uint64_t>(*size));
  auto content = read_content(batches, path, static_cast<std::uint64_t>(*size));
  disk_.close(*file);
  return content;
}

std::optional<protocol::RecordBatch> MetadataSnapshots::header_of(const OffsetAndEpoch& id) const {
  constexpr std::size_t header_bytes_max = 16 * 1024;
  auto header = protocol::RecordBatch::read(read_bytes(id, 0, header_bytes_max));
  return header ? std::optional(*std::move(header)) : std::nullopt;
}

std::optional<Instant> MetadataSnapshots::last_contained(const OffsetAndEpoch& id) const {
  const auto header = header_of(id);
  const auto timestamp = header ? header_timestamp(*header) : std::nullopt;
  return timestamp ? std::optional(Instant::from_millis(*timestamp)) : std::nullopt;
}

bool MetadataSnapshots::add_voters(const OffsetAndEpoch& id, raft::VoterHistory& history) const {
  const auto header = header_of(id);
  return header && header->crc_matches() &&
         raft::read_voter_records(*header, history, id.offset.plus(-1));
}

void MetadataSnapshots::remove_before(Offset offset) {
  for (auto at = snapshots_.begin(); at != snapshots_.end() && at->first < offset;) {
    // One that cannot be removed is found again at the next start.
    (void)disk_.remove(path_of({at->first, at->second.epoch}));
    at = snapshots_.erase(at);
  }
}

}  // namespace ottla::broker
