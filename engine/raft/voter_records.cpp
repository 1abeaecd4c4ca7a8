#include "engine/raft/voter_records.h"

#include "engine/base/byte_writer.h"
#include "engine/protocol/messages/kraft_version_record.h"
#include "engine/protocol/messages/voters_record.h"

namespace ottla::raft {

namespace {

using protocol::ControlRecordType;

constexpr ApiVersion record_version{0};

template <class Message>
protocol::ControlRecord control_record(ControlRecordType type, const Message& message) {
  ByteWriter writer;
  message.encode(writer, record_version);
  return {type, writer.take()};
}

Voter voter_of(const protocol::VotersRecord::Voter& record) {
  Voter voter{.key = {record.voter_id, record.voter_directory_id},
              .endpoints = {},
              .versions = {record.kraft_version_feature.min_supported_version,
                           record.kraft_version_feature.max_supported_version}};
  for (const auto& endpoint : record.endpoints)
    voter.endpoints.push_back({endpoint.name, endpoint.host, endpoint.port});
  return voter;
}

bool read_voters(const Bytes& value, Offset at, VoterHistory& history) {
  ByteReader reader(value);
  const auto record = protocol::VotersRecord::decode(reader, record_version);
  if (!record) return false;
  std::vector<Voter> voters;
  for (const auto& each : record->voters) voters.push_back(voter_of(each));
  history.add(at, VoterSet(voters));
  return true;
}

bool read_version(const Bytes& value, Offset at, VoterHistory& history) {
  ByteReader reader(value);
  const auto record = protocol::KRaftVersionRecord::decode(reader, record_version);
  if (record) history.add(at, record->kraft_version);
  return record.has_value();
}

}  // namespace

protocol::ControlRecord kraft_version_record(std::int16_t kraft_version) {
  protocol::KRaftVersionRecord record;
  record.kraft_version = kraft_version;
  return control_record(ControlRecordType::kraft_version, record);
}

protocol::ControlRecord voters_record(const VoterSet& voters) {
  protocol::VotersRecord record;
  for (const auto& [id, voter] : voters.all()) {
    auto& each = record.voters.emplace_back();
    each.voter_id = id;
    each.voter_directory_id = voter.key.directory;
    for (const VoterEndpoint& endpoint : voter.endpoints) {
      each.endpoints.push_back(
          {.name = endpoint.listener, .host = endpoint.host, .port = endpoint.port});
    }
    each.kraft_version_feature.min_supported_version = voter.versions.min;
    each.kraft_version_feature.max_supported_version = voter.versions.max;
  }
  return control_record(ControlRecordType::kraft_voters, record);
}

bool read_voter_records(const protocol::RecordBatch& batch, VoterHistory& history,
                        std::optional<Offset> at) {
  if (!batch.header().is_control()) return true;
  const auto records = batch.records();
  if (!records) return false;
  for (const protocol::Record& record : *records) {
    if (!record.key) return false;
    const auto type = protocol::control_record_type(record.key->span());
    if (!type) return false;
    const Bytes value = record.value.value_or(Bytes());
    const Offset offset = at.value_or(record.offset);
    if (*type == ControlRecordType::kraft_voters && !read_voters(value, offset, history))
      return false;
    if (*type == ControlRecordType::kraft_version && !read_version(value, offset, history))
      return false;
  }
  return true;
}

}  // namespace ottla::raft
