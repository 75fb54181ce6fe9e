#include "data/picture_files.hpp"

#include <sys/stat.h>

#include <glow/io/atomic_file.hpp>

#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;
namespace fs = std::filesystem;

// A folder of empty files, given by their paths; "x -> y" is a link.
struct Tree {
  TemporaryFolder folder;

  explicit Tree(const std::vector<std::string>& entries) {
    for (const std::string& entry : entries) {
      const auto arrow = entry.find(" -> ");
      const fs::path path = folder / entry.substr(0, arrow);
      fs::create_directories(path.parent_path());
      if (arrow == std::string::npos) {
        write_file_atomically(path, std::string());
      } else {
        fs::create_symlink(entry.substr(arrow + 4), path);
      }
    }
  }

  // Below `sub`, by their paths from there.
  std::vector<std::string> files(const std::string& sub = ".") const {
    std::vector<std::string> names;
    for (const auto& file : find_picture_files(folder / sub).files)
      names.push_back(file.lexically_relative(folder / sub).string());
    return names;
  }
  std::string left_out(const std::string& sub = ".") const {
    return find_picture_files(folder / sub).left_out;
  }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("picture files: folders that are links are read as the others are") {
  const Tree tree({"d/real/a.png", "other/b.png", "other/deep/c.jpg", "d/linked -> ../other"});
  CHECK(tree.files("d") == Names{"linked/b.png", "linked/deep/c.jpg", "real/a.png"});
  CHECK(tree.left_out("d").empty());
}

TEST_CASE("picture files: files that are links are taken") {
  const Tree tree({"d/a.png -> ../store/1.png", "store/1.png"});
  CHECK(tree.files("d") == Names{"a.png"});
  CHECK(tree.left_out("d").empty());
}

TEST_CASE("picture files: the folder itself may be a link or hidden") {
  const Tree tree({".store/1.png", "d -> .store"});
  CHECK(tree.files("d") == Names{"1.png"});
  CHECK(tree.files(".store") == Names{"1.png"});
}

TEST_CASE("picture files: a loop of links ends, and no picture comes twice") {
  const Tree tree({"a/1.png", "a/up -> ..", "a/self -> .", "b/2.png", "b/to_a -> ../a", "c -> c"});
  CHECK(tree.files() == Names{"a/1.png", "b/2.png"});
  CHECK(contains(tree.left_out(), "links to folders read already: 3 (first 'a/self')"));
  CHECK(contains(tree.left_out(), "broken links: 1 ('c')"));
}

TEST_CASE("picture files: a folder goes by its own name where links lead to it, too") {
  const Tree tree({"0 -> z", "z/1.png"});
  CHECK(tree.files() == Names{"z/1.png"});
}

TEST_CASE("picture files: two links to one folder outside give it once, by the first name") {
  const Tree tree({"d/x -> ../out", "d/b -> ../out", "out/1.png"});
  CHECK(tree.files("d") == Names{"b/1.png"});
}

TEST_CASE("picture files: what is left out is counted by reason, the most frequent first") {
  const Tree tree({"1.png", "a.bmp", "b/b.BMP", "c.webp", ".hidden.png", ".ipynb_checkpoints/1.png", "README",
                   "gone.png -> nowhere"});
  fs::create_directories(tree.folder / "folder.png");
  REQUIRE(::mkfifo((tree.folder / "pipe.png").c_str(), 0600) == 0);
  CHECK(tree.files() == Names{"1.png"});
  CHECK(tree.left_out() ==
        "*.bmp: 2 (first 'a.bmp'), hidden: 2 (first '.hidden.png'), *.webp: 1 ('c.webp'), broken links: 1 "
        "('gone.png'), neither files nor folders: 1 ('pipe.png'), without an extension: 1 ('README')");
}

TEST_CASE("picture files: rare reasons are summed up") {
  Names entries{"1.png"};
  for (int i = 10; i < 30; ++i) entries.push_back("x." + std::to_string(i));
  const std::string text = Tree(entries).left_out();
  CHECK(contains(text, "*.17: 1 ('x.17'), others: 12"));
}

TEST_CASE("picture files: a folder that is not there is named") {
  CHECK(contains(message_of<FileError>([] { find_picture_files("/nowhere/at/all"); }),
                 "cannot list the folder '/nowhere/at/all'"));
}
