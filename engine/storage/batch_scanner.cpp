#include "engine/storage/batch_scanner.h"

#include <algorithm>
#include <utility>

namespace ottla::storage {
namespace {

// A look-up reads little; a walk through a file reads more and more at once.
constexpr std::size_t first_window_bytes = 8 * 1024;
constexpr std::size_t window_bytes_max = 128 * 1024;

}  // namespace

Bytes BatchScanner::header_bytes() {
  constexpr std::size_t wanted = protocol::BatchHeader::encoded_size;
  const bool inside = window_ && next_ >= window_start_ + window_->position() &&
                      next_ + wanted <= window_start_ + window_size_;
  if (!inside) {
    const std::size_t window_wanted =
        std::clamp(window_size_ * 2, first_window_bytes, window_bytes_max);
    const std::size_t length =
        static_cast<std::size_t>(std::min<std::uint64_t>(window_wanted, end_ - next_));
    auto content = disk_.read(file_, next_, length);
    if (!content || content->size() < wanted) {
      error_ = content ? StorageError::corrupt : storage_error(content.error());
      return {};
    }
    window_start_ = next_;
    window_size_ = content->size();
    window_.emplace(std::move(*content));
  }
  window_->skip(static_cast<std::size_t>(next_ - window_start_) - window_->position());
  return window_->read_bytes(wanted);
}

bool BatchScanner::next() {
  position_ = next_;
  if (error_ || end_ - next_ < protocol::BatchHeader::encoded_size) return false;
  const Bytes bytes = header_bytes();
  if (error_) return false;
  const auto header = protocol::BatchHeader::read(bytes.span());
  if (!header || header->size_in_bytes() > end_ - next_ || header->last_offset_delta < 0)
    return false;
  header_ = *header;
  next_ += header->size_in_bytes();
  return true;
}

Result<protocol::RecordBatch, StorageError> BatchScanner::batch() const {
  const auto content = disk_.read(file_, position_, header_.size_in_bytes());
  if (!content) return disk_failure(content.error());
  auto batch = protocol::RecordBatch::read(*content);
  if (!batch) return failure(StorageError::corrupt);
  return std::move(*batch);
}

}  // namespace ottla::storage
