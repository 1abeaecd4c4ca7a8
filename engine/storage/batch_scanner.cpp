#include "engine/storage/batch_scanner.h"

#include <algorithm>
#include <utility>

namespace ottla::storage {
namespace {

// A look-up reads little; a walk through a file reads more and more at once.
constexpr std::size_t first_window_bytes = 8 * 1024;
constexpr std::size_t window_bytes_max = 128 * 1024;

}  // namespace

bool BatchScanner::read_window() {
  const std::size_t wanted = std::clamp(window_.size() * 2, first_window_bytes, window_bytes_max);
  auto content = disk_.read(
      file_, next_, static_cast<std::size_t>(std::min<std::uint64_t>(wanted, end_ - next_)));
  if (!content || content->size() < protocol::BatchHeader::encoded_size) {
    error_ = content ? StorageError::corrupt : storage_error(content.error());
    return false;
  }
  window_ = std::move(*content);
  front_.emplace(window_);
  front_at_ = next_;
  return true;
}

std::span<const std::uint8_t> BatchScanner::header_bytes() {
  constexpr std::size_t wanted = protocol::BatchHeader::encoded_size;
  const bool inside = front_ && next_ - front_at_ + wanted <= front_->left();
  if (!inside && !read_window()) return {};
  front_->skip(static_cast<std::size_t>(next_ - front_at_));
  front_at_ = next_;
  return front_->peek(wanted, gathered_);
}

bool BatchScanner::next() {
  position_ = next_;
  if (error_ || end_ - next_ < protocol::BatchHeader::encoded_size) return false;
  const auto bytes = header_bytes();
  if (error_) return false;
  const auto header = protocol::BatchHeader::read(bytes);
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
