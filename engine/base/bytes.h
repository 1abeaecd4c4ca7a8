// Bytes: a read-only, reference-counted slice of memory. Copies share; nothing is ever written
// after a slice is made. ByteChain: several slices that read as one, for gather writes and
// zero-copy reads.
//
// The count is atomic, because a slice read by the gateway's thread is released by the engine's.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ottla {

class Bytes {
 public:
  Bytes() = default;
  Bytes(const Bytes& other) noexcept
      : block_(other.block_), data_(other.data_), size_(other.size_) {
    retain();
  }
  Bytes(Bytes&& other) noexcept : block_(other.block_), data_(other.data_), size_(other.size_) {
    other.forget();
  }
  Bytes& operator=(const Bytes& other) noexcept;
  Bytes& operator=(Bytes&& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  // Most have been moved from by then.
  ~Bytes() {
    if (block_ != nullptr) release();
  }

  [[nodiscard]] static Bytes copy_of(std::span<const std::uint8_t> source);
  [[nodiscard]] static Bytes copy_of(std::string_view source);

  [[nodiscard]] const std::uint8_t* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::span<const std::uint8_t> span() const { return {data_, size_}; }
  [[nodiscard]] std::string_view text() const {
    return {reinterpret_cast<const char*>(data_), size_};
  }

  // The part [position, position + length); must lie inside.
  [[nodiscard]] Bytes slice(std::size_t position, std::size_t length) const;

  friend bool operator==(const Bytes& a, const Bytes& b);

 private:
  friend class MutableBytes;
  struct Block {
    std::atomic<std::uint32_t> references;
  };

  void retain() const noexcept {
    if (block_ != nullptr) block_->references.fetch_add(1, std::memory_order_relaxed);
  }
  void release() noexcept;  // Only with a block.
  void forget() noexcept { block_ = nullptr, data_ = nullptr, size_ = 0; }

  Block* block_ = nullptr;
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

// A block with a single owner that may write to it until it is frozen into Bytes.
class MutableBytes {
 public:
  MutableBytes() = default;
  explicit MutableBytes(std::size_t size);  // Contents are not initialised.
  MutableBytes(const MutableBytes&) = delete;
  MutableBytes& operator=(const MutableBytes&) = delete;
  MutableBytes(MutableBytes&& other) noexcept = default;
  MutableBytes& operator=(MutableBytes&& other) noexcept = default;

  [[nodiscard]] std::uint8_t* data() { return const_cast<std::uint8_t*>(owner_.data_); }
  [[nodiscard]] std::size_t size() const { return owner_.size_; }
  [[nodiscard]] std::span<std::uint8_t> span() { return {data(), size()}; }

  // Gives the first `length` bytes up as Bytes; this is empty afterwards.
  [[nodiscard]] Bytes freeze(std::size_t length) &&;
  [[nodiscard]] Bytes freeze() && { return std::move(*this).freeze(owner_.size_); }

 private:
  Bytes owner_;
};

class ByteChain {
 public:
  ByteChain() = default;
  ByteChain(const ByteChain&) = default;
  ByteChain& operator=(const ByteChain&) = default;
  ByteChain(ByteChain&& other) noexcept
      : only_(std::move(other.only_)),
        several_(std::move(other.several_)),
        size_(std::exchange(other.size_, 0)) {}
  ByteChain& operator=(ByteChain&& other) noexcept {
    only_ = std::move(other.only_);
    several_ = std::move(other.several_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  ~ByteChain() = default;
  ByteChain(Bytes slice) { append(std::move(slice)); }  // NOLINT: a slice is a chain of one.

  void append(Bytes slice);
  void append(const ByteChain& other);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  // In order; none is empty.
  [[nodiscard]] std::span<const Bytes> slices() const {
    if (!several_.empty()) return several_;
    return {&only_, size_ == 0 ? std::size_t{0} : std::size_t{1}};
  }

  // The part [position, position + length), sharing memory; must lie inside.
  [[nodiscard]] ByteChain slice(std::size_t position, std::size_t length) const;
  // One contiguous slice: shared when the chain has one slice, copied otherwise.
  [[nodiscard]] Bytes flatten() const;
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const ByteChain& a, const ByteChain& b);

 private:
  // Most chains are of one slice, which takes no memory of its own.
  Bytes only_;
  std::vector<Bytes> several_;  // Two and more; then `only_` is empty.
  std::size_t size_ = 0;
};

}  // namespace ottla
