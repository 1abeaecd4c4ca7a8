#include <cstring>
#include <memory>

#include "engine/protocol/message_catalogue.h"
#include "tests/engine/protocol/values/message_case.h"
#include "tests/support/test_registry.h"

using ottla::ApiVersion;
using ottla::ByteChain;
using ottla::ByteReader;
using ottla::Bytes;
using ottla::ByteWriter;
using ottla::protocol::all_message_cases;
using ottla::protocol::find_message;
using ottla::protocol::MessageCase;

namespace {

constexpr std::uint64_t seeds = 8;

// Calls `check(message, version)` for every version of every message.
template <class Check>
void for_each_version(Check check) {
  for (const MessageCase& message : all_message_cases()) {
    for (ApiVersion version = message.min_version; version <= message.max_version;
         version = version.next()) {
      check(message, version);
    }
  }
}

std::string label(const MessageCase& message, ApiVersion version) {
  return std::string(message.name) + " v" + std::to_string(version.value());
}

// Bytes that end where a heap block ends, so that a sanitizer sees the first byte read past them.
Bytes cut(const Bytes& whole, std::size_t length) {
  return Bytes::copy_of(whole.span().first(length));
}

}  // namespace

class MessageRoundTripTest : public QObject {
  Q_OBJECT
 private slots:
  void every_version_of_every_message_comes_back_as_it_was_sent();
  void a_message_cut_off_anywhere_is_refused();
  void a_message_in_many_slices_reads_as_in_one();
  void the_catalogue_transcodes_every_message_to_the_same_bytes();
  void versions_outside_of_the_range_are_refused();
  void changed_bytes_never_lead_past_the_end();
};

void MessageRoundTripTest::every_version_of_every_message_comes_back_as_it_was_sent() {
  int versions = 0;
  for_each_version([&](const MessageCase& message, ApiVersion version) {
    ++versions;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      const std::string complaint = message.round_trip(seed, version);
      QVERIFY2(complaint.empty(), (label(message, version) + " " + complaint).c_str());
    }
  });
  QVERIFY(versions > 500);
}

void MessageRoundTripTest::a_message_cut_off_anywhere_is_refused() {
  for_each_version([](const MessageCase& message, ApiVersion version) {
    const Bytes whole = message.encode_filled(3, version);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      QVERIFY2(!message.decodes(cut(whole, length), version), label(message, version).c_str());
    }
  });
}

void MessageRoundTripTest::a_message_in_many_slices_reads_as_in_one() {
  for_each_version([](const MessageCase& message, ApiVersion version) {
    const Bytes whole = message.encode_filled(5, version);
    ByteChain slices;
    for (std::size_t at = 0; at < whole.size(); at += 3) {
      slices.append(
          Bytes::copy_of(whole.span().subspan(at, std::min<std::size_t>(3, whole.size() - at))));
    }
    ByteReader reader(slices);
    ByteWriter writer;
    const auto error = find_message(message.name)->transcode(reader, version, writer);
    QVERIFY2(!error, label(message, version).c_str());
    QVERIFY2(writer.take() == whole, label(message, version).c_str());
  });
}

void MessageRoundTripTest::the_catalogue_transcodes_every_message_to_the_same_bytes() {
  for_each_version([](const MessageCase& message, ApiVersion version) {
    const auto* entry = find_message(message.name);
    QVERIFY(entry != nullptr);
    const Bytes whole = message.encode_filled(7, version);
    ByteReader reader(whole);
    ByteWriter writer;
    QVERIFY2(!entry->transcode(reader, version, writer), label(message, version).c_str());
    QVERIFY2(writer.take() == whole, label(message, version).c_str());
  });
  QCOMPARE(ottla::protocol::all_messages().size(), all_message_cases().size());
}

void MessageRoundTripTest::versions_outside_of_the_range_are_refused() {
  for (const MessageCase& message : all_message_cases()) {
    const Bytes whole = message.encode_filled(1, message.max_version);
    QVERIFY(!message.decodes(whole, message.max_version.next()));
    QVERIFY(!message.decodes(whole, message.min_version.plus(-1)));
  }
}

void MessageRoundTripTest::changed_bytes_never_lead_past_the_end() {
  for_each_version([](const MessageCase& message, ApiVersion version) {
    const Bytes whole = message.encode_filled(11, version);
    ottla::Prng prng(static_cast<std::uint64_t>(version.value()) + whole.size());
    for (int round = 0; round < 20; ++round) {
      std::vector<std::uint8_t> changed(whole.span().begin(), whole.span().end());
      if (changed.empty()) return;
      for (int i = 0; i < 3; ++i)
        changed[prng.below(changed.size())] = static_cast<std::uint8_t>(prng.next());
      ByteReader reader(Bytes::copy_of(changed));
      ByteWriter writer;
      const auto error = find_message(message.name)->transcode(reader, version, writer);
      // What is taken for good must be good: it decodes again, and then encodes to the same.
      if (error) continue;
      const Bytes again = writer.take();
      QVERIFY2(message.decodes(again, version), label(message, version).c_str());
    }
  });
}

OTTLA_TEST(MessageRoundTripTest)
#include "message_round_trip_test.moc"
