#include "data/with_attribute.hpp"

#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;

using ImageNumbers = std::vector<Index>;

// Images that are the files of a list, or none.
class NamedImages : public MemoryDataset {
 public:
  explicit NamedImages(std::vector<std::string> files)
      : MemoryDataset({1, 1, 1}, std::vector<std::uint8_t>(files.size())), files_(std::move(files)) {}
  std::string name(Index i) const override { return file(i).empty() ? Dataset::name(i) : file(i).string(); }
  std::filesystem::path file(Index i) const override { return files_[static_cast<std::size_t>(i)]; }

 private:
  std::vector<std::string> files_;
};

const NamedImages four_files({"data/a.png", "data/x/b.png", "data/x/c.png", "data/y/c.png"});

Attributes table_of(std::vector<std::string> images, std::vector<bool> values) {
  return {"'table'", {"old"}, std::move(images), std::move(values), false};
}

}  // namespace

TEST_CASE("with attribute: rows name files by their path below the folder, or by their name alone") {
  const auto table = table_of({"a.png", "b.png", "x/c.png", "y/c.png"}, {true, false, true, false});
  WithAndWithout of;
  CHECK(warnings_of([&] { of = with_attribute(table, 0, four_files, "data", 0, 4); }).empty());
  CHECK(of.with == ImageNumbers{0, 2});
  CHECK(of.without == ImageNumbers{1, 3});
  of = with_attribute(table, 0, four_files, "data", 2, 2);
  CHECK(of.with == ImageNumbers{2});
  CHECK(of.without == ImageNumbers{3});
}

TEST_CASE("with attribute: rows name images that are no files by their number") {
  const NamedImages numbered(std::vector<std::string>(3));
  const auto of = with_attribute(table_of({"2", "0", "1"}, {true, false, true}), 0, numbered, "d", 0, 3);
  CHECK(of.with == ImageNumbers{1, 2});
  CHECK(of.without == ImageNumbers{0});
}

TEST_CASE("with attribute: what is in the table or in the data alone is counted and named") {
  const auto table = table_of({"none.png", "b.png", "a.png", "no.png"}, {true, false, true, false});
  WithAndWithout of;
  CHECK(warnings_of([&] { of = with_attribute(table, 0, four_files, "data", 0, 4); }) ==
        "'table': 2 of its 4 images are not in 'data', such as 'none.png'\n"
        "'table' says nothing of 2 of 4 images, such as 'x/c.png'\n");
  CHECK(of.with == ImageNumbers{0});
  CHECK(of.without == ImageNumbers{1});
}

TEST_CASE("with attribute: tables that do not go with the data are refused") {
  const auto refused = [](const Attributes& table, Index first, Index count) {
    return message_of<FileError>(
        [&] { warnings_of([&] { with_attribute(table, 0, four_files, "data", first, count); }); });
  };
  CHECK(refused(table_of({"1", "2"}, {true, false}), 0, 4) ==
        "'table': none of its 2 images is in 'data': it begins with '1', the data with 'a.png'");
  CHECK(refused(table_of({"a.png", "c.png"}, {true, false}), 0, 4) ==
        "'table': its image 'c.png' may be 'data/x/c.png' or 'data/y/c.png'; give paths from the folder "
        "'data'");
  CHECK(refused(table_of({"a.png", "b.png"}, {true, true}), 0, 4) ==
        "'table': each of 2 images has the attribute 'old', but images with and without it are needed");
  CHECK(refused(table_of({"a.png", "b.png"}, {true, false}), 1, 3) ==
        "'table': none of 1 images has the attribute 'old', but images with and without it are needed");
  Attributes labels = table_of({"0", "1"}, {true, false});
  labels.complete = true;
  CHECK(refused(labels, 0, 4) == "'table': 2 labels, but there are 4 images in 'data'");
}
