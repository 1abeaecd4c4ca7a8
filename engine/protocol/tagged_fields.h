// Tagged fields (KIP-482): the optional fields behind a struct of a flexible version, each with a
// tag and a size, in the order of their tags.
#pragma once

#include "engine/protocol/message_types.h"

namespace ottla::protocol::codec {

// Gathers the tagged fields of one struct, and writes them in the order of their tags.
class TaggedFieldWriter {
 public:
  // `add` must be called in ascending order of tags.
  void add(std::uint32_t tag, ByteWriter& value) { known_.emplace_back(tag, value.take_chain()); }
  void write(ByteWriter& writer, const UnknownTaggedFields& unknown) const;

 private:
  std::vector<std::pair<std::uint32_t, ByteChain>> known_;
};

// Steps through the tagged fields of one struct:
//     for (TaggedFieldReader tags(reader, unknown); tags.next();) { switch (tags.tag()) { ... } }
class TaggedFieldReader {
 public:
  TaggedFieldReader(ByteReader& reader, UnknownTaggedFields& unknown);

  // Moves to the next field; false at the end. Fails the reader when the last one was not as long
  // as it said.
  bool next();
  [[nodiscard]] std::uint32_t tag() const { return tag_; }
  // Takes the present field as one that the schema does not know.
  void keep();

 private:
  ByteReader& reader_;
  UnknownTaggedFields& unknown_;
  std::uint32_t left_ = 0;
  std::uint32_t tag_ = 0;
  std::size_t size_ = 0;
  std::size_t end_ = 0;  // The position where the present field ends.
};

// For structs that know no tagged fields.
void write_tagged_fields(ByteWriter& writer, const UnknownTaggedFields& unknown);
void read_tagged_fields(ByteReader& reader, UnknownTaggedFields& unknown);

}  // namespace ottla::protocol::codec
