#include "engine/protocol/tagged_fields.h"

#include <algorithm>

namespace ottla::protocol::codec {

void TaggedFieldWriter::write_unknown(const UnknownTaggedField& field) {
  writer_.write_unsigned_varint(field.tag);
  writer_.write_unsigned_varint(static_cast<std::uint32_t>(field.value.size()));
  writer_.write_chain(field.value);
}

void TaggedFieldReader::expect_fields() {
  has_any_ = true;
  end_ = reader_.position();
  if (left_ > reader_.remaining() / 2) reader_.fail();  // A field takes a tag and a size at least.
}

bool TaggedFieldReader::step() {
  if (reader_.ok() && reader_.position() != end_) reader_.fail();
  if (!reader_.ok()) return false;
  if (left_ == 0) {
    // They come in ascending order from every known client, but Kafka takes them in any.
    const auto by_tag = [](const UnknownTaggedField& a, const UnknownTaggedField& b) {
      return a.tag < b.tag;
    };
    std::stable_sort(unknown_.begin(), unknown_.end(), by_tag);
    return false;
  }
  --left_;
  tag_ = reader_.read_unsigned_varint();
  size_ = reader_.read_unsigned_varint();
  if (size_ > reader_.remaining()) reader_.fail();
  end_ = reader_.position() + size_;
  return reader_.ok();
}

void TaggedFieldReader::keep() {
  unknown_.push_back(UnknownTaggedField{tag_, reader_.read_bytes(size_)});
}

}  // namespace ottla::protocol::codec
