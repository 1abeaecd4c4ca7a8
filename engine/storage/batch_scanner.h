// Walks the batches of a segment's file from a position on, header by header, sharing the file's
// slices.
//
//   BatchScanner scanner(disk, file, position, size);
//   while (scanner.next()) use(scanner.header(), scanner.position());
//   if (scanner.error()) ...            // The disk failed.
//   if (scanner.position() < size) ...  // What is there is no whole batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/env/disk.h"
#include "engine/protocol/records/chain_front.h"
#include "engine/protocol/records/record_batch.h"
#include "engine/storage/storage_error.h"

namespace ottla::storage {

class BatchScanner {
 public:
  // Reads no further than `end`, which the file reaches.
  BatchScanner(Disk& disk, FileId file, std::uint64_t position, std::uint64_t end)
      : disk_(disk), file_(file), position_(position), next_(position), end_(end) {}

  BatchScanner(const BatchScanner&) = delete;
  BatchScanner& operator=(const BatchScanner&) = delete;

  // Moves to the next batch that is whole. False at the end, where no batch begins, and on a
  // failure.
  [[nodiscard]] bool next();
  [[nodiscard]] const protocol::BatchHeader& header() const { return header_; }
  // Of the batch; after the last one, where it ends.
  [[nodiscard]] std::uint64_t position() const { return position_; }
  // The batch with its records.
  [[nodiscard]] Result<protocol::RecordBatch, StorageError> batch() const;
  [[nodiscard]] std::optional<StorageError> error() const { return error_; }

 private:
  // The 61 bytes at `next_`, from the window that was read last or from a new one. Empty on
  // failure.
  [[nodiscard]] std::span<const std::uint8_t> header_bytes();
  // False on failure.
  [[nodiscard]] bool read_window();

  Disk& disk_;
  FileId file_;
  std::uint64_t position_;
  std::uint64_t next_;
  std::uint64_t end_;
  ByteChain window_;                           // What was read last.
  std::optional<protocol::ChainFront> front_;  // Of the window, from file position `front_at_` on.
  std::uint64_t front_at_ = 0;
  Bytes gathered_;  // A header that two slices share.
  protocol::BatchHeader header_;
  std::optional<StorageError> error_;
};

}  // namespace ottla::storage
