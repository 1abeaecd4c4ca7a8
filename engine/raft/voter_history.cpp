#include "engine/raft/voter_history.h"

namespace ottla::raft {

namespace {

// The entry that counts at `offset`, or null.
template <class Value>
const Value* at_or_before(const std::map<Offset, Value>& entries, Offset offset) {
  const auto after = entries.upper_bound(offset);
  return after == entries.begin() ? nullptr : &std::prev(after)->second;
}

// One at `start` itself may still be truncated away: what counted before it is kept, too.
template <class Value>
void keep_from(std::map<Offset, Value>& entries, Offset start) {
  const auto in_log = entries.lower_bound(start);
  if (in_log != entries.begin()) entries.erase(entries.begin(), std::prev(in_log));
}

}  // namespace

const VoterSet* VoterHistory::last() const {
  return voters_.empty() ? nullptr : &voters_.rbegin()->second;
}

std::optional<Offset> VoterHistory::last_offset() const {
  return voters_.empty() ? std::nullopt : std::optional(voters_.rbegin()->first);
}

std::int16_t VoterHistory::kraft_version() const {
  return versions_.empty() ? std::int16_t{0} : versions_.rbegin()->second;
}

const VoterSet* VoterHistory::voters_at(Offset offset) const {
  return at_or_before(voters_, offset);
}

std::int16_t VoterHistory::kraft_version_at(Offset offset) const {
  const std::int16_t* version = at_or_before(versions_, offset);
  return version == nullptr ? std::int16_t{0} : *version;
}

void VoterHistory::truncate(Offset end) {
  voters_.erase(voters_.lower_bound(end), voters_.end());
  versions_.erase(versions_.lower_bound(end), versions_.end());
}

void VoterHistory::forget_before(Offset start) {
  keep_from(voters_, start);
  keep_from(versions_, start);
}

void VoterHistory::clear() {
  voters_.clear();
  versions_.clear();
}

}  // namespace ottla::raft
