#include "engine/env/posix_disk.h"

#include <sys/resource.h>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <csignal>
#include <filesystem>

#include "tests/support/test_registry.h"

using namespace ottla;

namespace {

ByteChain text(std::string_view content) {
  return Bytes::copy_of(content);
}

struct Completions final : SyncScheduler {
  std::vector<std::pair<DiskOperationId, DiskResult<void>>> done;
  void schedule_sync_done(DiskOperationId operation, DiskResult<void> result) override {
    done.emplace_back(operation, result);
  }
};

struct Folder {
  QTemporaryDir temporary;
  Completions completions;
  std::unique_ptr<PosixDisk> disk;

  Folder() { disk = reopen(); }

  std::unique_ptr<PosixDisk> reopen(std::size_t descriptors_max = 4) {
    disk.reset();
    return std::move(*PosixDisk::open_folder(root(), completions, descriptors_max));
  }
  std::string root() const { return temporary.filePath("data").toStdString(); }
  FileId create(std::string_view path) { return *disk->open(path, Disk::Open::create_or_existing); }
};

}  // namespace

class PosixDiskTest : public QObject {
  Q_OBJECT
 private slots:
  void what_is_appended_is_read_by_a_later_process();
  void hundreds_of_slices_are_gathered_in_order();
  void open_modes_are_told_apart();
  void more_files_are_open_than_descriptors();
  void a_cut_file_continues_where_it_was_cut();
  void renamed_files_and_folders_stay_open();
  void a_removed_file_is_gone_for_those_who_have_it_open();
  void paths_that_leave_the_folder_are_refused();
  void a_second_process_is_refused();
  void folders_are_listed_sorted_with_a_slash();
  void a_sync_is_told_to_the_scheduler();
  void an_append_past_the_file_size_limit_leaves_the_file_as_it_was();
  void a_folder_that_may_not_be_written_is_read_only();
  void the_volume_is_the_one_that_the_folder_is_on();
};

void PosixDiskTest::what_is_appended_is_read_by_a_later_process() {
  Folder folder;
  const FileId file = folder.create("t-0/00.log");
  ByteChain chain = text("one");
  chain.append(Bytes::copy_of("two"));
  QVERIFY(folder.disk->append(file, chain));
  QCOMPARE(folder.disk->read(file, 2, 100)->to_string(), std::string("etwo"));
  QVERIFY(folder.disk->read(file, 6, 1)->empty());
  folder.disk = folder.reopen();
  QCOMPARE(read_file(*folder.disk, "t-0/00.log")->text(), std::string_view("onetwo"));
}

void PosixDiskTest::hundreds_of_slices_are_gathered_in_order() {
  Folder folder;
  std::string expected;
  ByteChain chain;
  for (int i = 0; i < 300; ++i) {
    const std::string piece = std::to_string(i) + ",";
    chain.append(Bytes::copy_of(piece));
    expected += piece;
  }
  const FileId file = folder.create("f");
  QVERIFY(folder.disk->append(file, chain));
  QCOMPARE(folder.disk->read(file, 0, 10000)->to_string(), expected);
}

void PosixDiskTest::open_modes_are_told_apart() {
  Folder folder;
  QCOMPARE(folder.disk->open("f", Disk::Open::existing).error(), DiskError::not_found);
  QVERIFY(folder.disk->open("f", Disk::Open::create_new));
  QCOMPARE(folder.disk->open("f", Disk::Open::create_new).error(), DiskError::already_exists);
  folder.disk = folder.reopen();
  QCOMPARE(folder.disk->open("f", Disk::Open::create_new).error(), DiskError::already_exists);
  QVERIFY(folder.disk->open("f", Disk::Open::existing));
}

void PosixDiskTest::more_files_are_open_than_descriptors() {
  Folder folder;
  std::vector<FileId> files;
  files.reserve(20);
  for (int i = 0; i < 20; ++i) files.push_back(folder.create("f" + std::to_string(i)));
  for (int round = 0; round < 3; ++round) {
    for (const FileId file : files) QVERIFY(folder.disk->append(file, text("x")));
    QVERIFY(folder.disk->descriptors() <= 4);
  }
  for (const FileId file : files)
    QCOMPARE(folder.disk->read(file, 0, 9)->to_string(), std::string("xxx"));
  for (const FileId file : files) folder.disk->close(file);
  QCOMPARE(folder.disk->descriptors(), 0U);
}

void PosixDiskTest::a_cut_file_continues_where_it_was_cut() {
  Folder folder;
  const FileId file = folder.create("f");
  QVERIFY(folder.disk->append(file, text("abcdefghi")));
  QVERIFY(folder.disk->truncate(file, 4));
  QVERIFY(folder.disk->append(file, text("XY")));
  QCOMPARE(*folder.disk->size(file), 6U);
  QCOMPARE(read_file(*folder.disk, "f")->text(), std::string_view("abcdXY"));
}

void PosixDiskTest::renamed_files_and_folders_stay_open() {
  Folder folder;
  const FileId file = folder.create("a/f");
  QVERIFY(folder.disk->append(file, text("1")));
  QVERIFY(folder.disk->rename("a", "b"));
  for (int i = 0; i < 8; ++i)
    (void)folder.create("other" + std::to_string(i));  // Takes its descriptor.
  QVERIFY(folder.disk->append(file, text("2")));
  QVERIFY(folder.disk->rename("b/f", "b/g"));
  QVERIFY(folder.disk->append(file, text("3")));
  QCOMPARE(read_file(*folder.disk, "b/g")->text(), std::string_view("123"));
  QVERIFY(replace_file(*folder.disk, "b/g", text("new")));
  QCOMPARE(read_file(*folder.disk, "b/g")->text(), std::string_view("new"));
  QCOMPARE(folder.disk->append(file, text("4")).error(), DiskError::not_found);
  QCOMPARE(folder.disk->rename("absent", "x").error(), DiskError::not_found);
}

void PosixDiskTest::a_removed_file_is_gone_for_those_who_have_it_open() {
  Folder folder;
  const FileId file = folder.create("a/f");
  QVERIFY(folder.disk->remove("a/f"));
  QCOMPARE(folder.disk->append(file, text("x")).error(), DiskError::not_found);
  const FileId again = folder.create("a/f");
  QVERIFY(folder.disk->append(again, text("y")));
  folder.disk->close(file);
  QCOMPARE(read_file(*folder.disk, "a/f")->text(), std::string_view("y"));
  QVERIFY(folder.disk->remove_folder("a"));
  QVERIFY(folder.disk->remove_folder("a"));
  QVERIFY(folder.disk->list("a")->empty());
}

void PosixDiskTest::paths_that_leave_the_folder_are_refused() {
  Folder folder;
  for (const std::string_view path :
       {"../f", "a/../../f", "/etc/passwd", "", "a//b", "./f", "a/.."}) {
    QCOMPARE(folder.disk->open(path, Disk::Open::create_or_existing).error(), DiskError::not_found);
    QCOMPARE(folder.disk->remove(path).error(), DiskError::not_found);
    QCOMPARE(folder.disk->remove_folder(path).error(), DiskError::not_found);
    QCOMPARE(folder.disk->rename(path, "x").error(), DiskError::not_found);
  }
  const QByteArray link = QByteArray::fromStdString(folder.root() + "/link");
  QCOMPARE(::symlink("/etc/passwd", link.constData()), 0);
  QVERIFY(!folder.disk->open("link", Disk::Open::existing));
}

void PosixDiskTest::a_second_process_is_refused() {
  Folder folder;
  const auto second = PosixDisk::open_folder(folder.root(), folder.completions);
  QVERIFY(!second);
  QVERIFY(second.error().find("another process") != std::string::npos);
}

void PosixDiskTest::folders_are_listed_sorted_with_a_slash() {
  Folder folder;
  (void)folder.create("t-1/0.log");
  (void)folder.create("t-1/0.index");
  (void)folder.create("meta.properties");
  QCOMPARE(*folder.disk->list(""), (std::vector<std::string>{"meta.properties", "t-1/"}));
  QCOMPARE(*folder.disk->list("t-1"), (std::vector<std::string>{"0.index", "0.log"}));
  QVERIFY(folder.disk->list("absent")->empty());
}

void PosixDiskTest::a_sync_is_told_to_the_scheduler() {
  Folder folder;
  const FileId file = folder.create("t-0/f");
  folder.disk->sync(file, DiskOperationId{7});
  folder.disk->close(file);
  folder.disk->sync(file, DiskOperationId{8});
  QCOMPARE(folder.completions.done.size(), 2U);
  QVERIFY(folder.completions.done[0].first == DiskOperationId{7} &&
          folder.completions.done[0].second);
  QCOMPARE(folder.completions.done[1].second.error(), DiskError::not_found);
}

void PosixDiskTest::an_append_past_the_file_size_limit_leaves_the_file_as_it_was() {
  Folder folder;
  const FileId file = folder.create("f");
  QVERIFY(folder.disk->append(file, text(std::string(1000, 'a'))));
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 1500;
  setrlimit(RLIMIT_FSIZE, &small);
  const auto appended = folder.disk->append(file, text(std::string(1000, 'b')));
  setrlimit(RLIMIT_FSIZE, &before);
  QVERIFY(!appended);
  QCOMPARE(*folder.disk->size(file), 1000U);
  QCOMPARE(QFile(QString::fromStdString(folder.root() + "/f")).size(), 1000);
  QVERIFY(folder.disk->append(file, text("c")));
}

void PosixDiskTest::a_folder_that_may_not_be_written_is_read_only() {
  if (::geteuid() == 0) QSKIP("Permissions do not bind the superuser.");
  Folder folder;
  QFile::setPermissions(QString::fromStdString(folder.root()), QFile::ReadOwner | QFile::ExeOwner);
  QCOMPARE(folder.disk->open("f", Disk::Open::create_new).error(), DiskError::read_only);
  QFile::setPermissions(QString::fromStdString(folder.root()),
                        QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
}

void PosixDiskTest::the_volume_is_the_one_that_the_folder_is_on() {
  Folder folder;
  const auto volume = folder.disk->volume();
  QVERIFY(volume.has_value());
  QCOMPARE(volume->root, folder.root());
  const auto device = std::filesystem::space(folder.root());
  QCOMPARE(volume->total_bytes, static_cast<std::uint64_t>(device.capacity));
  QVERIFY(volume->usable_bytes > 0 && volume->usable_bytes <= volume->total_bytes);
}

OTTLA_TEST(PosixDiskTest)
#include "posix_disk_test.moc"
