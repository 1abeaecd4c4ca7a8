#include "engine/gateway/client_connection.h"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace ottla::gateway {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

std::array<std::uint8_t, 4> big_endian(std::size_t length) {
  const auto value = static_cast<std::uint32_t>(length);
  return {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
          static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

std::int32_t signed_length(const std::array<std::uint8_t, 4>& bytes) {
  const std::uint32_t value = (std::uint32_t{bytes[0]} << 24) | (std::uint32_t{bytes[1]} << 16) |
                              (std::uint32_t{bytes[2]} << 8) | std::uint32_t{bytes[3]};
  return static_cast<std::int32_t>(value);
}

}  // namespace

ClientConnection::ClientConnection(asio::ip::tcp::socket socket, runtime::OutsidePort& port,
                                   runtime::OutsideId id, ConnectionLimits limits, Owner& owner)
    : socket_(std::move(socket)), port_(port), id_(id), limits_(limits), owner_(owner) {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

void ClientConnection::start() {
  read_when_allowed();
}

void ClientConnection::read_when_allowed() {
  if (reading_ || ended_ || !may_read()) return;
  reading_ = true;
  read_length();
}

bool ClientConnection::may_read() {
  if (inbox_bytes_ > limits_.inbox_bytes_max) return false;
  if (requests_waiting_ >= limits_.requests_waiting_max) return false;
  const std::lock_guard guard(lock_);
  return unsent_bytes_ <= limits_.unsent_bytes_max;
}

void ClientConnection::read_length() {
  asio::async_read(socket_, asio::buffer(length_bytes_),
                   [self = shared_from_this()](error_code error, std::size_t) {
                     if (error) return self->end();
                     const std::int32_t length = signed_length(self->length_bytes_);
                     const auto limit = static_cast<std::int64_t>(self->limits_.frame_bytes_max);
                     if (length < 0 || length > limit) {
                       return self->refuse(fmt::format(
                           "a frame of {} bytes; socket.request.max.bytes is {}", length, limit));
                     }
                     self->read_body(static_cast<std::size_t>(length));
                   });
}

void ClientConnection::read_body(std::size_t length) {
  body_ = MutableBytes(length);
  asio::async_read(socket_, asio::buffer(body_.data(), length),
                   [self = shared_from_this()](error_code error, std::size_t) {
                     if (error) return self->end();
                     self->deliver();
                   });
}

void ClientConnection::deliver() {
  Bytes frame = std::move(body_).freeze();
  inbox_bytes_ += frame.size();
  ++requests_waiting_;
  port_.deliver(id_, std::move(frame));
  reading_ = false;
  read_when_allowed();
}

void ClientConnection::frame_begun(std::size_t bytes) {
  asio::post(socket_.get_executor(), [self = shared_from_this(), bytes] {
    self->inbox_bytes_ -= bytes;
    --self->requests_waiting_;
    self->read_when_allowed();
  });
}

void ClientConnection::enqueue(ByteChain frame) {
  bool schedule = false;
  bool overflow = false;
  {
    const std::lock_guard guard(lock_);
    unsent_bytes_ += frame.size();
    queued_.push_back(std::move(frame));
    schedule = !std::exchange(write_scheduled_, true);
    overflow = unsent_bytes_ > limits_.unsent_bytes_end;
  }
  if (overflow) return request_close();
  if (schedule) {
    asio::post(socket_.get_executor(), [self = shared_from_this()] { self->write_queued(); });
  }
}

void ClientConnection::write_queued() {
  if (writing_ || ended_) return;
  {
    const std::lock_guard guard(lock_);
    being_written_ = std::exchange(queued_, {});
    write_scheduled_ = !being_written_.empty();
  }
  if (being_written_.empty()) return;
  writing_ = true;
  prefixes_.clear();
  prefixes_.reserve(being_written_.size());
  std::vector<asio::const_buffer> buffers;
  std::size_t bytes = 0;
  for (const ByteChain& frame : being_written_) {
    bytes += frame.size();
    prefixes_.push_back(big_endian(frame.size()));
    buffers.emplace_back(prefixes_.back().data(), prefixes_.back().size());
    for (const Bytes& slice : frame.slices()) buffers.emplace_back(slice.data(), slice.size());
  }
  const auto written = [self = shared_from_this(), bytes](error_code error, std::size_t) {
    self->writing_ = false;
    if (error) return self->end();
    {
      const std::lock_guard guard(self->lock_);
      self->unsent_bytes_ -= bytes;
    }
    self->write_queued();
    self->read_when_allowed();
  };
  asio::async_write(socket_, buffers, written);
}

void ClientConnection::request_close() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->end(); });
}

void ClientConnection::abandon() {
  ended_ = true;
  error_code ignored;
  socket_.close(ignored);
}

void ClientConnection::refuse(std::string why) {
  port_.refused(std::move(why));
  end();
}

void ClientConnection::end() {
  if (std::exchange(ended_, true)) return;
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  port_.closed(id_);
  owner_.connection_ended(id_);
}

}  // namespace ottla::gateway
