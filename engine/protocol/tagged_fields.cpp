#include "engine/protocol/tagged_fields.h"

#include <algorithm>

namespace ottla::protocol::codec {

void TaggedFieldWriter::write(ByteWriter& writer, const UnknownTaggedFields& unknown) const {
  writer.write_unsigned_varint(static_cast<std::uint32_t>(known_.size() + unknown.size()));
  auto next_unknown = unknown.begin();
  const auto write_unknown_below = [&](std::uint64_t tag_end) {
    for (; next_unknown != unknown.end() && next_unknown->tag < tag_end; ++next_unknown) {
      writer.write_unsigned_varint(next_unknown->tag);
      writer.write_unsigned_varint(static_cast<std::uint32_t>(next_unknown->value.size()));
      writer.write_chain(next_unknown->value);
    }
  };
  for (const auto& [tag, value] : known_) {
    write_unknown_below(tag);
    writer.write_unsigned_varint(tag);
    writer.write_unsigned_varint(static_cast<std::uint32_t>(value.size()));
    writer.write_chain(value);
  }
  write_unknown_below(std::uint64_t{1} << 32);
}

TaggedFieldReader::TaggedFieldReader(ByteReader& reader, UnknownTaggedFields& unknown)
    : reader_(reader), unknown_(unknown) {
  left_ = reader_.read_unsigned_varint();
  end_ = reader_.position();
  if (left_ > reader_.remaining() / 2) reader_.fail();  // A field takes a tag and a size at least.
}

bool TaggedFieldReader::next() {
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

void write_tagged_fields(ByteWriter& writer, const UnknownTaggedFields& unknown) {
  if (unknown.empty()) return writer.write_unsigned_varint(0);
  TaggedFieldWriter().write(writer, unknown);
}

void read_tagged_fields(ByteReader& reader, UnknownTaggedFields& unknown) {
  for (TaggedFieldReader tags(reader, unknown); tags.next();) tags.keep();
}

}  // namespace ottla::protocol::codec
