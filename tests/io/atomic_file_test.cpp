#include <sys/stat.h>

#include <glow/io/stray_files.hpp>

#include "files.hpp"
#include "full_disk.hpp"
#include "interrupted_calls.hpp"
#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::test;

using Names = std::vector<std::string>;

// What writing `text` to `path` is refused with.
std::string refusal_to_write(const std::filesystem::path& path, const std::string& text = "new") {
  return message_of<FileError>([&] { write_file_atomically(path, text); });
}

// While it lives, root is another user, to whom permissions apply.
class NotRoot {
 public:
  NotRoot() {
    if (before_ == 0) changed_ = ::seteuid(65534) == 0;
  }
  NotRoot(const NotRoot&) = delete;
  NotRoot& operator=(const NotRoot&) = delete;
  ~NotRoot() {
    if (changed_ && ::seteuid(before_) != 0) std::abort();
  }
  bool is_root() const { return ::geteuid() == 0; }

 private:
  uid_t before_ = ::geteuid();
  bool changed_ = false;
};

}  // namespace

TEST_CASE("atomic file: parts are written one after the other, and nothing else stays") {
  const TemporaryFolder folder;
  const std::string a = "one ", b, c(200'000, 'x');
  const Bytes parts[] = {bytes_of(a), bytes_of(b), bytes_of(c)};
  write_file_atomically(folder / "file", parts);
  CHECK(text_of(folder / "file") == a + c);
  write_file_atomically(folder / "file", std::string("shorter"));
  CHECK(text_of(folder / "file") == "shorter");
  CHECK(names_in(folder.path()) == Names{"file"});
}

TEST_CASE("atomic file: a file keeps its permissions, and a link leads to the one that is written") {
  namespace fs = std::filesystem;
  const TemporaryFolder folder;
  const fs::path file = folder / "in/file", link = folder / "link", other = folder / "in/other";
  fs::create_directory(folder / "in");
  write_file_atomically(file, std::string("old"));
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("in/other", link);
  fs::create_symlink("file", other);
  write_file_atomically(link, std::string("new"));
  CHECK(text_of(file) == "new");
  CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK((fs::is_symlink(link) && fs::is_symlink(other)));
  fs::remove(file);
  write_file_atomically(link, std::string("anew"));  // where links lead to no file yet
  CHECK(text_of(file) == "anew");
  fs::create_symlink("round", folder / "round");
  CHECK(contains(refusal_to_write(folder / "round"), "'" + (folder / "round").string() + "': "));
  CHECK(names_in(folder.path()) == Names{"in", "link", "round"});
  CHECK(names_in(folder / "in") == Names{"file", "other"});
}

TEST_CASE("atomic file: what is not a regular file is not replaced") {
  const TemporaryFolder folder;
  const auto pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(refusal_to_write(pipe) == "cannot write '" + pipe.string() + "': it is not a regular file");
  CHECK(std::filesystem::is_fifo(pipe));
  CHECK(names_in(folder.path()) == Names{"pipe"});
}

TEST_CASE("atomic file: on a full disk the old file stays as it was, and nothing else") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "file", std::string("old"));
  std::string text;
  {
    const FullDisk disk(1000);
    text = refusal_to_write(folder / "file", std::string(2000, 'x'));
  }
  CHECK(contains(text, "cannot write '" + (folder / "file").string() + "'"));
  CHECK(contains(text, "File too large"));
  CHECK(text_of(folder / "file") == "old");
  CHECK(names_in(folder.path()) == Names{"file"});
}

TEST_CASE("atomic file: no folder, a file for a folder and a folder for a file are refused by name") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "file", std::string("old"));
  std::filesystem::create_directories(folder / "folder/in");
  for (const std::string name : {"none/file", "file/below", "folder"}) {
    INFO(name);
    CHECK(contains(refusal_to_write(folder / name), "'" + (folder / name).string() + "': "));
  }
  CHECK(contains(refusal_to_write(folder / "none/file"), "No such file or directory"));
  CHECK(contains(refusal_to_write(folder / "file/below"), "Not a directory"));
  CHECK(contains(refusal_to_write("/proc/glow_test"), "'/proc/glow_test'"));
  CHECK(text_of(folder / "file") == "old");
  CHECK(names_in(folder.path()) == Names{"file", "folder"});
  CHECK(names_in(folder / "folder") == Names{"in"});
}

TEST_CASE("atomic file: in a folder without the right to write, the old file stays as it was") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "file", std::string("old"));
  using std::filesystem::perms;
  std::filesystem::permissions(folder.path(), perms(0555));
  std::string text;
  {
    const NotRoot user;
    if (user.is_root()) {
      WARN("not tested: root may write to every folder, and cannot become another user here");
      return;
    }
    text = refusal_to_write(folder / "file");
  }
  CHECK(contains(text, "'" + (folder / "file").string() + "': Permission denied"));
  std::filesystem::permissions(folder.path(), perms::owner_all);
  CHECK(text_of(folder / "file") == "old");
  CHECK(names_in(folder.path()) == Names{"file"});
}

TEST_CASE("atomic file: a missing file and a folder cannot be read, by name") {
  const TemporaryFolder folder;
  const auto refused = [](const std::filesystem::path& path) {
    return message_of<FileError>([&] { read_file(path); });
  };
  CHECK(contains(refused(folder / "none"), "cannot open '" + (folder / "none").string() + "'"));
  CHECK(contains(refused(folder.path()), "cannot read '" + folder.path().string() + "'"));
}

TEST_CASE("atomic file: system calls that signals interrupt are made again") {
  const TemporaryFolder folder;
  interrupted_calls = 0;
  interruptions = 3;
  write_file_atomically(folder / "file", std::string("text"));
  const auto bytes = read_file(folder / "file");
  interruptions = 0;
  CHECK(bytes.size() == 4);
  CHECK(interrupted_calls >= 3 * 5);  // open, write, fsync, rename and read
  CHECK(names_in(folder.path()) == Names{"file"});
}

TEST_CASE("stray files: those of processes that are gone go, if they are ours") {
  const TemporaryFolder folder;
  const auto is_ours = [](const std::string& name) { return name == "a" || name == "b"; };
  const std::string own = std::to_string(::getpid());
  for (const std::string& name : Names{"a", "a.tmp999999999", "b.tmp999999998", "c.tmp999999999",
                                       "a.tmp" + own, "a.tmp", "a.tmp12x", "a.tmp0", "a.tmp-5"})
    write_file_atomically(folder / name, std::string("half"));
  remove_stray_temporary_files(folder.path(), is_ours);
  Names kept{"a", "a.tmp", "a.tmp-5", "a.tmp0", "a.tmp12x", "a.tmp" + own, "c.tmp999999999"};
  std::sort(kept.begin(), kept.end());
  CHECK(names_in(folder.path()) == kept);
  remove_stray_temporary_files(folder / "none", is_ours);
}
