#include "engine/storage/aborted_transactions.h"

#include "engine/base/byte_reader.h"
#include "engine/base/byte_writer.h"

namespace ottla::storage {

bool AbortedTransactions::collect(Offset from, Offset upper_bound,
                                  std::vector<AbortedTransaction>& found) const {
  for (const AbortedTransaction& entry : entries_) {
    if (entry.last >= from && entry.first < upper_bound) found.push_back(entry);
    if (entry.last_stable_offset >= upper_bound) return true;
  }
  return false;
}

void AbortedTransactions::truncate_to(Offset offset) {
  while (!entries_.empty() && entries_.back().last >= offset) entries_.pop_back();
}

Bytes AbortedTransactions::encode(std::size_t first) const {
  ByteWriter writer;
  for (std::size_t i = first; i < entries_.size(); ++i) {
    writer.write_int16(0);
    writer.write_int64(entries_[i].producer_id.value());
    writer.write_int64(entries_[i].first.value());
    writer.write_int64(entries_[i].last.value());
    writer.write_int64(entries_[i].last_stable_offset.value());
  }
  return writer.take();
}

std::optional<AbortedTransactions> AbortedTransactions::parse(const Bytes& content) {
  if (content.size() % entry_size != 0) return std::nullopt;
  AbortedTransactions index;
  ByteReader reader(content);
  while (reader.remaining() > 0) {
    if (reader.read_int16() != 0) return std::nullopt;
    AbortedTransaction entry;
    entry.producer_id = ProducerId{reader.read_int64()};
    entry.first = Offset{reader.read_int64()};
    entry.last = Offset{reader.read_int64()};
    entry.last_stable_offset = Offset{reader.read_int64()};
    const bool rises = index.entries_.empty() || entry.last > index.entries_.back().last;
    if (!rises || entry.first > entry.last) return std::nullopt;
    index.entries_.push_back(entry);
  }
  return index;
}

}  // namespace ottla::storage
