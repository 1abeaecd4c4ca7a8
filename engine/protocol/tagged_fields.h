// Tagged fields (KIP-482): the optional fields behind a struct of a flexible version, each with a
// tag and a size, in the order of their tags.
#pragma once

#include "engine/protocol/message_types.h"

namespace ottla::protocol::codec {

// Writes the tagged fields of one struct, each with its size in front: `known` of them between
// begin() and end(), in ascending order of tags, and the unknown ones where they belong; at last
// finish().
class TaggedFieldWriter {
 public:
  // Both outlive this.
  TaggedFieldWriter(ByteWriter& writer, const UnknownTaggedFields& unknown, std::size_t known)
      : writer_(writer),
        next_unknown_(unknown.data()),
        unknown_end_(next_unknown_ + unknown.size()) {
    writer_.write_unsigned_varint(static_cast<std::uint32_t>(known + unknown.size()));
  }

  void begin(std::uint32_t tag) {
    write_unknown_below(tag);
    writer_.write_unsigned_varint(tag);
    begin_ = writer_.begin_sized();
  }
  void end() { writer_.end_sized(begin_); }
  void finish() { write_unknown_below(std::uint64_t{1} << 32); }

 private:
  void write_unknown_below(std::uint64_t tag_end) {
    while (next_unknown_ != unknown_end_ && next_unknown_->tag < tag_end)
      write_unknown(*next_unknown_++);
  }
  void write_unknown(const UnknownTaggedField& field);

  ByteWriter& writer_;
  const UnknownTaggedField* next_unknown_;
  const UnknownTaggedField* unknown_end_;
  std::size_t begin_ = 0;
};

// Steps through the tagged fields of one struct:
//     for (TaggedFieldReader tags(reader, unknown); tags.next();) { switch (tags.tag()) { ... } }
class TaggedFieldReader {
 public:
  TaggedFieldReader(ByteReader& reader, UnknownTaggedFields& unknown)
      : reader_(reader), unknown_(unknown), left_(reader.read_unsigned_varint()) {
    if (left_ > 0) expect_fields();
  }

  // Moves to the next field; false at the end. Fails the reader when the last one was not as long
  // as it said.
  bool next() { return has_any_ && step(); }
  [[nodiscard]] std::uint32_t tag() const { return tag_; }
  // Takes the present field as one that the schema does not know.
  void keep();

 private:
  void expect_fields();
  bool step();

  ByteReader& reader_;
  UnknownTaggedFields& unknown_;
  std::uint32_t left_;
  bool has_any_ = false;
  std::uint32_t tag_ = 0;
  std::size_t size_ = 0;
  std::size_t end_ = 0;  // The position where the present field ends.
};

// For structs that know no tagged fields.
inline void write_tagged_fields(ByteWriter& writer, const UnknownTaggedFields& unknown) {
  TaggedFieldWriter(writer, unknown, 0).finish();
}
inline void read_tagged_fields(ByteReader& reader, UnknownTaggedFields& unknown) {
  for (TaggedFieldReader tags(reader, unknown); tags.next();) tags.keep();
}

}  // namespace ottla::protocol::codec
