#include "engine/heap/recycled_blocks.h"

#include <unistd.h>

#include <array>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/test_registry.h"

using ottla::heap::recycled_blocks;
using ottla::heap::RecycledBlocks;

namespace {

std::size_t resident_bytes() {
  std::size_t all = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

constexpr std::size_t megabyte = 1 << 20;

void* take(RecycledBlocks& recycled, std::size_t size) {
  void* block = recycled.take_kept(size);
  return block != nullptr ? block : recycled.make(size);
}

using Block = std::unique_ptr<std::string>;

std::vector<Block> blocks(std::size_t count) {
  std::vector<Block> made;
  made.reserve(count);
  for (std::size_t n = 0; n < count; ++n)
    made.push_back(std::make_unique<std::string>(std::size_t{1000}, 'x'));
  return made;
}

}  // namespace

class RecycledBlocksTest : public QObject {
  Q_OBJECT
 private slots:
  void what_was_given_back_is_taken_next();
  void a_block_has_room_for_every_size_of_its_class();
  void as_many_are_kept_as_may_be();
  void large_blocks_are_not_kept();
  void none_is_kept_after_the_end();
  void new_and_delete_recycle();
  void a_thread_leaves_nothing_behind();
  void what_another_thread_gives_back_does_not_pile_up();
};

void RecycledBlocksTest::what_was_given_back_is_taken_next() {
  RecycledBlocks recycled;
  void* block = take(recycled, 100);
  QCOMPARE(recycled.kept(100), 0U);
  recycled.give(block, 100);
  QCOMPARE(recycled.kept(100), 1U);
  QCOMPARE(recycled.kept(89), 1U);  // 89 to 104 bytes are of one class.
  QCOMPARE(recycled.kept(88), 0U);
  QCOMPARE(recycled.kept(105), 0U);
  QCOMPARE(recycled.made(), 1U);
  QCOMPARE(take(recycled, 104), block);
  QCOMPARE(recycled.made(), 1U);
  QCOMPARE(recycled.kept(100), 0U);
  recycled.give(block);
  QCOMPARE(take(recycled, 90), block);
  std::free(block);
}

void RecycledBlocksTest::a_block_has_room_for_every_size_of_its_class() {
  for (std::size_t size = 0; size <= RecycledBlocks::size_max + 100; ++size) {
    RecycledBlocks recycled;
    void* block = take(recycled, size);
    QVERIFY(malloc_usable_size(block) >= size);
    recycled.give(block);
    QCOMPARE(recycled.kept(size), size <= RecycledBlocks::size_max ? 1U : 0U);
    void* again = take(recycled, size);
    QVERIFY(malloc_usable_size(again) >= size);
    recycled.give(again, size);
    recycled.end();
  }
}

void RecycledBlocksTest::as_many_are_kept_as_may_be() {
  RecycledBlocks recycled;
  std::vector<void*> taken;
  for (std::size_t n = 0; n < RecycledBlocks::kept_max + 10; ++n)
    taken.push_back(take(recycled, 64));
  for (void* block : taken) recycled.give(block, 64);
  QCOMPARE(recycled.kept(64), RecycledBlocks::kept_max);
  void* block = take(recycled, 64);
  QCOMPARE(recycled.kept(64), RecycledBlocks::kept_max - 1);
  recycled.give(block, 64);
  QCOMPARE(recycled.kept(64), RecycledBlocks::kept_max);
  recycled.end();
}

void RecycledBlocksTest::large_blocks_are_not_kept() {
  RecycledBlocks recycled;
  recycled.give(take(recycled, RecycledBlocks::size_max + 1), RecycledBlocks::size_max + 1);
  recycled.give(take(recycled, megabyte));
  for (std::size_t size = 0; size <= RecycledBlocks::size_max; ++size)
    QCOMPARE(recycled.kept(size), 0U);
}

void RecycledBlocksTest::none_is_kept_after_the_end() {
  RecycledBlocks recycled;
  recycled.give(take(recycled, 64), 64);
  QCOMPARE(recycled.released(), 0U);
  recycled.end();
  QCOMPARE(recycled.released(), 1U);
  QCOMPARE(recycled.kept(64), 0U);
  recycled.give(take(recycled, 64), 64);
  QCOMPARE(recycled.kept(64), 0U);
}

void RecycledBlocksTest::new_and_delete_recycle() {
  constexpr std::size_t size = 777;
  using Sized = std::array<char, size>;
  const auto kept = [] { return recycled_blocks().kept(size); };
  const std::size_t before = kept();
  Sized* volatile one = new Sized;  // GCC tells delete its size.
  void* other = ::operator new(size);
  QCOMPARE(kept(), before - std::min<std::size_t>(before, 2));
  const std::size_t between = kept();
  delete one;
  QCOMPARE(kept(), between + 1);
  ::operator delete(other);
  QCOMPARE(kept(), between + 2);
  void* array = ::operator new[](size);
  QCOMPARE(kept(), between + 1);
  ::operator delete[](array);
  QCOMPARE(kept(), between + 2);
  ::operator delete(nullptr);
  QCOMPARE(kept(), between + 2);
}

void RecycledBlocksTest::a_thread_leaves_nothing_behind() {
  const std::size_t before = resident_bytes();
  for (int n = 0; n < 400; ++n) std::thread([] { (void)blocks(1000); }).join();
  QVERIFY(resident_bytes() < before + 100 * megabyte);  // Of 400.
}

void RecycledBlocksTest::what_another_thread_gives_back_does_not_pile_up() {
  const std::size_t before = resident_bytes();
  std::vector<Block> made;
  for (int n = 0; n < 40; ++n) {
    std::thread([&] { made = blocks(10'000); }).join();
    made.clear();
  }
  QVERIFY(resident_bytes() < before + 100 * megabyte);  // Of 400.
}

OTTLA_TEST(RecycledBlocksTest)
#include "recycled_blocks_test.moc"
