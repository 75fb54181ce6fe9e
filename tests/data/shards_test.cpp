// Tar shards by the text of --data.
#include <set>

#include <glow/core/random.hpp>

#include "data/attributes.hpp"
#include "data/fingerprints.hpp"
#include "data/open_dataset.hpp"
#include "data/shard_files.hpp"
#include "data/tar_files.hpp"
#include "data/with_attribute.hpp"
#include "data/with_classes.hpp"
#include "files.hpp"
#include "image/picture.hpp"
#include "image/small_pictures.hpp"
#include "places.hpp"
#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;

using Names = std::vector<std::string>;

std::string noise_png(std::uint64_t seed, Index channels) {
  std::string rows;
  for (std::uint64_t y = 0; y < 4; ++y) {
    rows += '\0';
    for (std::uint64_t k = 0; k < static_cast<std::uint64_t>(4 * channels); ++k)
      rows += static_cast<char>(Random{seed, y}.words(k)[0] >> 24);
  }
  return png_file({4, 4, 8, channels == 1 ? 0 : 2}, rows);
}

// Pictures 00.png ... in a folder of their own, and the same in shards of three, with the labels i % 4.
struct InBoth {
  TemporaryFolder folder;
  std::filesystem::path photos = folder / "photos", shards = folder / "shards";

  explicit InBoth(int count = 10, Index channels = 3) {
    std::filesystem::create_directories(photos);
    std::filesystem::create_directories(shards);
    std::string members;
    for (int i = 0, shard = 0; i < count; ++i) {
      const std::string key = (i < 10 ? "0" : "") + std::to_string(i);
      const std::string png = noise_png(static_cast<std::uint64_t>(i), channels);
      write_file_atomically(photos / (key + ".png"), png);
      members += tar_member(key + ".png", png) + tar_member(key + ".cls", std::to_string(i % 4));
      if (i % 3 != 2 && i + 1 < count) continue;
      write_tar(shards / ("train-00" + std::to_string(shard++) + ".tar"), members);
      members.clear();
    }
  }
};

std::string pixels_text(const Dataset& data, Index i) {
  std::string pixels(static_cast<std::size_t>(data.shape().size()), '\0');
  REQUIRE(data.load(i, reinterpret_cast<std::uint8_t*>(pixels.data())));
  return pixels;
}

Names file_names(const std::vector<std::filesystem::path>& files) {
  Names names;
  for (const auto& file : files) names.push_back(file.filename().string());
  return names;
}

std::string shards_refused(const std::string& data) {
  return message_of<FileError>([&] { shard_files(data); });
}

}  // namespace

TEST_CASE("shards: they hold the samples of the folder that they were made from") {
  const InBoth both;
  const auto folder = open_dataset(both.photos.string(), ImageSize{2, 2});
  const std::string patterns[] = {both.shards.string(), (both.shards / "*.tar").string(),
                                  (both.shards / "train-{000..003}.tar").string()};
  for (const std::string& data : patterns) {
    INFO(data);
    CHECK(is_shards(data));
    CHECK(!is_picture_folder(data));
    const auto shards = open_dataset(data, ImageSize{2, 2});
    REQUIRE(shards->size() == 10);
    CHECK(shards->shape() == Shape{2, 2, 3});
    CHECK(shards->slow());
    CHECK(std::vector<Index>(shards->shards().begin(), shards->shards().end()) ==
          std::vector<Index>{0, 3, 6, 9});
    for (Index i = 0; i < 10; ++i) {
      for (Index k = 0; k < 10; ++k) {
        if (folder->file(k).filename() == shards->archived(i).name)
          CHECK((pixels_text(*folder, k) == pixels_text(*shards, i)));
      }
      CHECK(shards->archived(i).name == "0" + std::to_string(i) + ".png");
      CHECK(shards->key(i) == static_cast<std::uint64_t>(i));
    }
  }
  CHECK(open_dataset((both.shards / "train-001.tar").string(), ImageSize{2, 2})->size() == 3);
}

TEST_CASE("shards: tar's own archives of a folder hold its samples, in the order of the archive") {
  const InBoth both;
  const std::string command = "tar --sort=name -cf '" + (both.folder / "all.tar").string() + "' -C '" +
                              both.folder.path().string() + "' photos";
  if (std::system((command + " 2>/dev/null").c_str()) != 0) return;
  const auto folder = open_dataset(both.photos.string(), ImageSize{4, 4});
  const auto shard = open_dataset((both.folder / "all.tar").string(), ImageSize{4, 4});
  REQUIRE(shard->size() == 10);
  for (Index i = 0; i < 10; ++i) {
    CHECK(shard->archived(i).name == "photos/0" + std::to_string(i) + ".png");
    for (Index k = 0; k < 10; ++k) {
      if ("photos/" + folder->file(k).filename().string() == shard->archived(i).name)
        CHECK((pixels_text(*folder, k) == pixels_text(*shard, i)));
    }
  }
}

TEST_CASE("shards: grey pictures stay grey, and what is left out is named") {
  const InBoth both(3, 1);
  CHECK(open_dataset(both.shards.string(), {})->shape() == Shape{64, 64, 1});
  CHECK(open_dataset(both.shards.string(), ImageSize{4, 4}, 3)->shape() == Shape{4, 4, 3});
  CHECK(open_dataset_for({4, 4, 3}, both.shards.string(), 0)->shape() == Shape{4, 4, 3});
  write_tar(both.shards / "train-000.tar", tar_member("0.png", noise_png(0, 1)) + tar_member("0.json", "{}") +
                                               tar_member("1.json", "{}") + tar_member("l.png", "", '2'));
  CHECK(warnings_of([&] {
          open_dataset(both.shards.string(), ImageSize{4, 4});
        }) == "'" + both.shards.string() +
                  "': left out: *.json: 2 (first 'train-000.tar: 0.json'), symbolic links: 1 "
                  "('train-000.tar: l.png')\n");
  write_tar(both.shards / "train-000.tar", tar_member("0.webp", "x"));
  CHECK(contains(message_of<FileError>([&] {
                   open_dataset(both.shards.string(), ImageSize{4, 4});
                 }),
                 "no *.jpg, *.jpeg or *.png in these shards; left out: *.webp: 1 ('train-000.tar: 0.webp')"));
}

TEST_CASE("shards: a picture that cannot be decoded is told with its place") {
  const TemporaryFolder folder;
  const std::string shard = (folder / "a.tar").string();
  write_tar(shard, tar_member("0.png", noise_png(0, 3)) + tar_member("1.png", "no picture"));
  const auto data = open_dataset(shard, ImageSize{4, 4}, 3);
  std::vector<std::uint8_t> pixels(48);
  CHECK(data->load(0, pixels.data()));
  CHECK(!data->load(1, pixels.data()));
  CHECK(contains(data->failure(1), "'" + shard + ": 1.png at byte "));
  CHECK(contains(data->failure(1),
                 "cannot be decoded: its first bytes are neither those of a JPEG nor of a PNG"));
  PictureOptions small;
  small.most_pixels = 1;
  const auto limited = open_dataset(shard, ImageSize{4, 4}, 3, small);
  CHECK(!limited->load(0, pixels.data()));
  CHECK(contains(limited->failure(0), "bytes are more than the limit of 8"));
}

TEST_CASE("shards: classes are the numbers of .cls members") {
  const InBoth both;
  const std::string data = both.shards.string();
  const auto plain = open_dataset(data, ImageSize{4, 4});
  CHECK(plain->classes().empty());
  const auto classes = with_classes(open_dataset(data, ImageSize{4, 4}), data);
  CHECK(Names(classes->classes().begin(), classes->classes().end()) == Names{"0", "1", "2", "3"});
  for (Index i = 0; i < 10; ++i) CHECK(classes->label(i) == i % 4);
  CHECK(classes->shards().size() == 4);
  CHECK(classes->archived(9).name == "09.png");
  // The order of known classes holds; a number that occurs is a class, whatever lies between.
  write_tar(both.shards / "train-004.tar",
            tar_member("x.png", noise_png(50, 3)) + tar_member("x.cls", "1000"));
  const auto grown = with_classes(open_dataset(data, ImageSize{4, 4}), data);
  CHECK(Names(grown->classes().begin(), grown->classes().end()) == Names{"0", "1", "2", "3", "1000"});
  CHECK(grown->label(10) == 4);
  const Names known{"1000", "3", "2", "1", "0"};
  CHECK(with_classes(open_dataset(data, ImageSize{4, 4}), data, known)->label(0) == 4);
  write_tar(both.shards / "train-004.tar", tar_member("x.png", noise_png(50, 3)));
  CHECK(
      message_of<FileError>([&] {
        with_classes(open_dataset(data, ImageSize{4, 4}), data);
      }) ==
      "classes: '" + (both.shards / "train-004.tar").string() +
          ": x.png at byte 512' has no class; beside KEY.jpg each sample needs KEY.cls, with a whole number "
          "from 0");
}

TEST_CASE("shards: a table of attributes names samples by the members' names") {
  const InBoth both(4);
  const Attributes table{
      "'table'", {"old"}, {"00.png", "01.png", "02.png", "03.png"}, {true, false, true, false}, true};
  const auto data = open_dataset(both.shards.string(), ImageSize{4, 4});
  const WithAndWithout of = with_attribute(table, 0, *data, both.shards.string(), 0, 4);
  CHECK(of.with == std::vector<Index>{0, 2});
  CHECK(of.without == std::vector<Index>{1, 3});
}

TEST_CASE(
    "shards: fingerprints are those of the files in a folder, or names and sizes wherever the shards lie") {
  const InBoth both;
  const auto fingerprints_of = [](const std::filesystem::path& data, Fingerprint of) {
    return fingerprints(*open_dataset(data.string(), ImageSize{4, 4}), of);
  };
  auto folder = fingerprints_of(both.photos, Fingerprint::contents);
  auto shards = fingerprints_of(both.shards, Fingerprint::contents);
  std::sort(folder.begin(), folder.end());
  std::sort(shards.begin(), shards.end());
  CHECK(shards == folder);
  const auto named = fingerprints_of(both.shards, Fingerprint::names_and_sizes);
  CHECK(std::set<std::int64_t>(named.begin(), named.end()).size() == 10);
  std::filesystem::rename(both.shards, both.folder / "moved");
  CHECK(fingerprints_of(both.folder / "moved", Fingerprint::names_and_sizes) == named);
  std::filesystem::rename(both.folder / "moved/train-000.tar", both.folder / "moved/train-0000.tar");
  CHECK(fingerprints_of(both.folder / "moved", Fingerprint::names_and_sizes) != named);
  CHECK(suitable_fingerprint(*open_dataset((both.folder / "moved").string(), ImageSize{4, 4})) ==
        Fingerprint::contents);
  // Bytes of pictures are counted, so that large shards are not read whole.
  std::string large = tar_header("big.png", 300u << 20);
  write_file_atomically(both.folder / "large.tar", large);
  std::filesystem::resize_file(both.folder / "large.tar", (std::uintmax_t{300} << 20) + 2048);
  CHECK(suitable_fingerprint(*open_dataset((both.folder / "large.tar").string(), ImageSize{4, 4}, 3)) ==
        Fingerprint::names_and_sizes);
}

TEST_CASE("shards: a folder of pictures stays one beside a tar file") {
  const InBoth both;
  std::filesystem::copy(both.shards / "train-000.tar", both.photos / "backup.tar");
  CHECK(!is_shards(both.photos.string()));
  CHECK(is_picture_folder(both.photos));
  CHECK(contains(warnings_of([&] {
                   open_dataset(both.photos.string(), ImageSize{4, 4});
                 }),
                 "left out: *.tar: 1 ('backup.tar')"));
  std::filesystem::create_directories(both.folder / "empty");
  CHECK(!is_shards((both.folder / "empty").string()));
  CHECK(!is_shards(digits_file().string()));
  CHECK(!is_shards((both.folder / "none").string()));
}

TEST_CASE("shards: patterns name files as shells and WebDataset do") {
  const TemporaryFolder folder;
  for (const char* name : {"a-08.tar", "a-09.tar", "a-10.tar", "b-08.tar", "b-09.tar", "c[1].tar", ".h.tar"})
    write_tar(folder / name, "");
  const auto names = [&](const std::string& pattern) {
    return file_names(shard_files((folder / pattern).string()));
  };
  CHECK(names("") == Names{"a-08.tar", "a-09.tar", "a-10.tar", "b-08.tar", "b-09.tar", "c[1].tar"});
  CHECK(names("a-{08..10}.tar") == Names{"a-08.tar", "a-09.tar", "a-10.tar"});
  CHECK(names("a-{08..08}.tar") == Names{"a-08.tar"});
  CHECK(names("a-{10,08}.tar") == Names{"a-10.tar", "a-08.tar"});
  CHECK(names("{b,a}-{08..09}.tar") == Names{"b-08.tar", "b-09.tar", "a-08.tar", "a-09.tar"});
  CHECK(names("{b,a}-0*.tar") == Names{"b-08.tar", "b-09.tar", "a-08.tar", "a-09.tar"});
  CHECK(names("?-0[0-8].tar") == Names{"a-08.tar", "b-08.tar"});
  CHECK(names("*-10.tar") == Names{"a-10.tar"});
  CHECK(names("c[1].tar") == Names{"c[1].tar"});  // a file of this name comes before a pattern
  CHECK(data_exist((folder / "a-*.tar").string()));
  CHECK(!data_exist((folder / "d-*.tar").string()));
  CHECK(!data_exist((folder / "a-{08..11}.tar").string()));

  const std::string f = folder.path().string();
  CHECK(shards_refused(f + "/d*.tar") == "data: '" + f + "/d*.tar': no file fits '" + f + "/d*.tar'");
  CHECK(shards_refused(f + "/a-{08..12}.tar") ==
        "data: '" + f + "/a-{08..12}.tar': 2 of 5 shards do not exist, the first of them '" + f +
            "/a-11.tar'");
  CHECK(contains(shards_refused(f + "/a-{10..08}.tar"), "{10..08} must be a range of up to 1000000 numbers"));
  CHECK(contains(shards_refused(f + "/a-{0..1000000}.tar"), "{0..1000000} must be a range of up to 1000000"));
  CHECK(contains(shards_refused(f + "/{0..999}{0..999}{0..9}"), "stands for more than 1000000 names"));
  CHECK(contains(shards_refused(f + "/a-{08.tar"),
                 "'{' at character " + std::to_string(f.size() + 4) + " needs its other brace"));
  CHECK(contains(shards_refused(f + "/a-{08}}*.tar"), "'}' at character "));
  CHECK(contains(shards_refused(f + "/{a,{b,c}}.tar"), "braces within braces are not read"));
  CHECK(contains(shards_refused(f + "/{a,a}-08.tar"), "names '" + f + "/a-08.tar' twice"));
  write_file_atomically(folder / "x.jpg", std::string("x"));
  CHECK(contains(shards_refused(f + "/*.jpg"), "x.jpg' is no .tar file; patterns name tar shards, unpacked"));
}
