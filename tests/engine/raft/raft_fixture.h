// A node of the quorum for tests: the machine with a log in memory that carries its effects out at
// once, and syncs when told to.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/protocol/records/record_batch_builder.h"
#include "engine/raft/raft.h"
#include "tests/engine/raft/memory_log.h"
#include "tests/engine/raft/test_voters.h"

namespace ottla::raft::test {

inline constexpr Instant start_time = scenario_epoch;

inline ByteChain one_record(Offset at, LeaderEpoch epoch, std::string_view value = "x") {
  protocol::RecordBatchOptions options;
  options.base_offset = at;
  options.partition_leader_epoch = epoch;
  protocol::RecordBatchBuilder builder(options);
  const Bytes bytes = Bytes::copy_of(value);
  builder.append(0, {}, bytes.span());
  return builder.build().bytes();
}

class TestNode {
 public:
  TestNode(BrokerId id, const std::vector<BrokerId>& voters, std::string cluster = "cluster") {
    config_.local = voter_of(id).key;
    config_.cluster_id = std::move(cluster);
    config_.bootstrap = voters;
    config_.static_voters = static_voters_of(voters);
    if (config_.static_voters.find(id) != nullptr) config_.listeners = voter_of(id).endpoints;
    config_.append_linger = {};      // But where that is looked at.
    config_.fetch_bytes_max = 1000;  // A snapshot takes several fetches.
    make();
  }

  // A controller of a quorum whose log says who votes: among `initial` from the first, or not.
  void make_dynamic(const std::vector<BrokerId>& bootstrap, const std::vector<BrokerId>& initial) {
    config_.bootstrap = bootstrap;
    config_.static_voters = {};
    config_.listeners = voter_of(config_.local.id).endpoints;
    const VoterSet voters = voters_of(initial);
    if (voters.find(config_.local.id) != nullptr) log.format(voters);
    make();
  }
  void make_lingering(Duration linger) {
    config_.append_linger = linger;
    make();
  }
  [[nodiscard]] const ReplicaKey& key() const { return config_.local; }

  void start() { carry_out(raft->start(persisted, now)); }
  // The process ends; its files stay.
  void restart() {
    make();
    sent.clear();
    snapshots_asked.clear();
    chunks.clear();
    votes.clear();
    begins.clear();
    ends.clear();
    updates.clear();
    queries.clear();
    replies.clear();
    answers.clear();
    high_watermarks.clear();
    syncs_wanted = 0;
    start();
  }
  void write(std::string_view value = "x") {
    carry_out(raft->append({Bytes::copy_of(value)}, now));
  }
  void sync() {
    while (syncs_wanted > 0) {
      --syncs_wanted;
      carry_out(raft->on_synced(log.end_offset(), now));
    }
  }
  void advance(Duration by) {
    now += by;
    carry_out(raft->on_time(now));
  }

  void carry_out(const Effects& effects) {
    for (const Effect& effect : effects)
      std::visit([this](const auto& one) { carry_out(one); }, effect);
  }
  void carry_out(const PersistQuorumState& effect) { persisted = effect.state; }
  void carry_out(const TruncateLog& effect) {
    log.truncate(effect.end_offset);
    truncations.push_back(effect.end_offset);
    carry_out(raft->on_log_changed(now));
  }
  void carry_out(const AppendToLog& effect) {
    log.append(effect.records);
    carry_out(raft->on_log_changed(now));
  }
  void carry_out(const SyncLog&) { ++syncs_wanted; }
  void carry_out(const SendFetch& effect) { sent.push_back(effect); }
  void carry_out(const SendSnapshotFetch& effect) { snapshots_asked.push_back(effect); }
  void carry_out(const BeginSnapshot&) { incoming.clear(); }
  void carry_out(const AppendToSnapshot& effect) { incoming += effect.bytes.flatten().text(); }
  void carry_out(const InstallSnapshot& effect) {
    log.install(effect.snapshot, incoming);
    installed.push_back(effect.snapshot);
    carry_out(raft->on_log_changed(now));
  }
  void carry_out(const ReplyWithSnapshot& effect) {
    SnapshotChunk chunk = effect.chunk;
    if (effect.bytes_max > 0) {
      chunk.bytes = ByteChain(Bytes::copy_of(std::string_view(
          log.snapshot_bytes(chunk.snapshot.offset, chunk.position, effect.bytes_max))));
    }
    chunks[effect.ask] = std::move(chunk);
  }
  void carry_out(const SendVote& effect) { votes.push_back(effect); }
  void carry_out(const SendBeginQuorumEpoch& effect) { begins.push_back(effect); }
  void carry_out(const SendEndQuorumEpoch& effect) { ends.push_back(effect); }
  void carry_out(const SendUpdateVoter& effect) { updates.push_back(effect); }
  void carry_out(const SendSupportedVersionsQuery& effect) { queries.push_back(effect); }
  void carry_out(const Reply& effect) { answers[effect.ask] = effect.answer; }
  void carry_out(const ReplyToFetch& effect) {
    FetchReply reply = effect.reply;
    if (effect.read_from) reply.records = log.read(*effect.read_from, effect.read_to);
    replies[effect.ask] = std::move(reply);
  }
  void carry_out(const LeaderChanged& effect) { leaders.push_back(effect.leader); }
  void carry_out(const HighWatermarkAdvanced& effect) {
    high_watermarks.push_back(effect.high_watermark);
  }
  void carry_out(const QuorumBroken& effect) { broken = effect.reason; }

  // On disk.
  MemoryLog log;
  std::optional<QuorumState> persisted;

  std::optional<Raft> raft;
  Instant now = start_time;
  std::vector<SendFetch> sent;
  std::vector<SendSnapshotFetch> snapshots_asked;
  std::map<AskId, SnapshotChunk> chunks;
  std::string incoming;
  std::vector<OffsetAndEpoch> installed;
  std::vector<SendVote> votes;
  std::vector<SendBeginQuorumEpoch> begins;
  std::vector<SendEndQuorumEpoch> ends;
  std::vector<SendUpdateVoter> updates;
  std::vector<SendSupportedVersionsQuery> queries;
  std::map<AskId, FetchReply> replies;
  std::map<AskId, decltype(Reply::answer)> answers;
  std::vector<LeaderAndEpoch> leaders;
  std::vector<Offset> high_watermarks;
  std::vector<Offset> truncations;
  std::optional<std::string> broken;
  int syncs_wanted = 0;

 private:
  void make() {
    raft.reset();
    raft.emplace(config_, log, Prng(static_cast<std::uint64_t>(config_.local.id.value())));
  }
  RaftConfig config_;
};

// Carries fetches from an observer to a leader and back, until neither has anything to say.
inline void exchange(TestNode& observer, TestNode& leader) {
  static std::uint64_t next_fetch = 1'000'000;
  while (!observer.sent.empty()) {
    const SendFetch request = observer.sent.front();
    observer.sent.erase(observer.sent.begin());
    const AskId id{next_fetch++};
    leader.carry_out(leader.raft->on_request(id, request.body, leader.now));
    const auto reply = leader.replies.find(id);
    if (reply == leader.replies.end()) {
      observer.sent.push_back(request);
      return;
    }
    observer.carry_out(observer.raft->on_reply(request.request, reply->second, observer.now));
    if (observer.sent.empty()) observer.advance(Duration::millis(20));
  }
}

}  // namespace ottla::raft::test
