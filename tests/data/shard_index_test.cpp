#include <glow/data/shard_dataset.hpp>

#include "data/tar_files.hpp"
#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::test;

using Paths = std::vector<std::filesystem::path>;

// Three samples, of which two have a label, with what else lies in shards.
const std::string three_samples =
    tar_member("sub", "", '5') + tar_member("000.cls", " 7\n") + tar_member("000.jpg", "zero") +
    tar_member("000.json", "{}") + tar_member("sub/001.JPEG", "one") + tar_member("sub/.hidden.png", "") +
    tar_member("002.seg.png", "mask") + tar_member("002.png", "two!") + tar_member("002.cls", "12") +
    tar_member("README", "") + tar_member("003.cls", "1") + tar_member("004.jpg", "", '2');

std::string index_refusal(const std::string& members) {
  const TemporaryFolder folder;
  write_tar(folder / "a.tar", members);
  return message_of<FileError>([&] { ShardIndex({folder / "a.tar"}); });
}

std::string read_text(const ShardIndex& index, Index i) {
  const auto bytes = index.read(i);
  return {bytes.begin(), bytes.end()};
}

// A dataset of one grey pixel, the first byte of the "picture".
ShardDataset first_bytes(const Paths& shards, std::uint64_t most = 1 << 20) {
  return {std::make_shared<ShardIndex>(shards),
          {1, 1, 1},
          [](std::span<const std::uint8_t> file, std::uint8_t* out) {
            require<FileError>(!file.empty(), "it is empty");
            out[0] = file[0];
          },
          most};
}

}  // namespace

TEST_CASE("shard index: samples come in the order of shards and members, with their labels") {
  const TemporaryFolder folder;
  write_tar(folder / "b.tar", three_samples);
  write_tar(folder / "none.tar", "");
  write_tar(folder / "a.tar", tar_member("x.y.jpg", "") + tar_member("9.jpg", "nine"));
  const ShardIndex index({folder / "b.tar", folder / "none.tar", folder / "a.tar", folder / "none.tar"});
  REQUIRE(index.size() == 4);
  CHECK(std::vector<Index>(index.first_of_shards().begin(), index.first_of_shards().end()) ==
        std::vector<Index>{0, 3, 3, 4});
  const std::string names[] = {"000.jpg", "sub/001.JPEG", "002.png", "9.jpg"};
  const std::string contents[] = {"zero", "one", "two!", "nine"};
  const Index labels[] = {7, -1, 12, -1};
  for (Index i = 0; i < 4; ++i) {
    CHECK(index.name(i) == names[i]);
    CHECK(read_text(index, i) == contents[i]);
    CHECK(index.bytes(i) == contents[i].size());
    CHECK(index.label(i) == labels[i]);
    CHECK(index.shard(i) == folder / (i < 3 ? "b.tar" : "a.tar"));
  }
  const auto& left = index.left_out();
  const auto count = [&](const std::string& reason) {
    return left.count(reason) == 1 ? left.at(reason).count : 0;
  };
  CHECK(left.size() == 7);
  CHECK(count("*.json") == 1);
  CHECK(count("*.seg.png") == 1);
  CHECK(count("*.y.jpg") == 1);
  CHECK(count("hidden") == 1);
  CHECK(count("without an extension") == 1);
  CHECK(count("symbolic links") == 1);
  CHECK(count("*.cls without a picture beside them") == 1);
  CHECK(left.at("*.json").first == "b.tar: 000.json");
}

TEST_CASE("shard index: any number of threads gives the same index, and the same error") {
  const TemporaryFolder folder;
  Paths shards;
  for (int s = 0; s < 70; ++s) {  // more than are held open
    shards.push_back(folder / (std::to_string(s) + ".tar"));
    write_tar(shards.back(),
              tar_member("a.jpg", std::to_string(s)) + tar_member("b.jpg", std::to_string(-s)));
  }
  const int before = threads();
  for (const int n : {1, 4}) {
    set_threads(n);
    const ShardIndex index(shards);
    REQUIRE(index.size() == 140);
    for (int round = 0; round < 2; ++round) {
      for (int s = 0; s < 70; ++s)
        CHECK(read_text(index, 2 * s + round) == std::to_string(round == 0 ? s : -s));
    }
  }
  write_file_atomically(shards[9], std::string("damaged"));
  write_file_atomically(shards[50], std::string("damaged"));
  for (const int n : {1, 4}) {
    set_threads(n);
    CHECK(contains(message_of<FileError>([&] { ShardIndex index(shards); }), "9.tar', byte 0: "));
  }
  set_threads(before);
}

TEST_CASE("shard index: labels that are no numbers are none, and counted") {
  const TemporaryFolder folder;
  const std::string texts[] = {
      "cat", "", "-1", "1.5", "1 2", "1234567890", "99999999999999999999999999999999", "0x1"};
  std::string members;
  for (std::size_t i = 0; i < std::size(texts); ++i)
    members += tar_member(std::to_string(i) + ".png", "p") + tar_member(std::to_string(i) + ".cls", texts[i]);
  write_tar(folder / "a.tar", members + tar_member("z.cls", "\t0003 \r\n") + tar_member("z.png", "p"));
  const ShardIndex index({folder / "a.tar"});
  for (Index i = 0; i < 8; ++i) CHECK(index.label(i) == -1);
  CHECK(index.label(8) == 3);
  CHECK(index.left_out().at("*.cls that hold no class number").count == 8);
}

TEST_CASE("shard index: what is no shard, and samples that are not clear, are refused by name") {
  const TemporaryFolder folder;
  CHECK(contains(
      index_refusal(tar_member("1.jpg", "a") + tar_member("1.png", "b")),
      "a.tar', byte 1024, member '1.png': its sample '1' has two pictures, this and '1.jpg' at byte 0"));
  CHECK(contains(index_refusal(tar_member("1.cls", "1") + tar_member("1.cls", "1")),
                 "member '1.cls': its sample '1' has two labels"));
  CHECK(contains(index_refusal("\x1f\x8b\x08"), "a.tar' is compressed; unpack it to .tar first"));
  CHECK(contains(index_refusal("\x28\xb5\x2f\xfd"), "a.tar' is compressed; unpack it to .tar first"));
  CHECK(contains(message_of<FileError>([&] { ShardIndex index({folder / "none.tar"}); }),
                 "none.tar': No such file or directory"));
  CHECK(contains(message_of<FileError>([&] { ShardIndex({folder.path()}); }), "' is not a file"));
  write_file_atomically(folder / "empty.tar", std::string());
  CHECK(contains(message_of<FileError>([&] { ShardIndex({folder / "empty.tar"}); }),
                 "empty.tar', byte 0: the archive ends at byte 0"));
}

TEST_CASE("shard index: a picture of 4 GiB is refused before any of it is read") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a.tar",
                        tar_header("1.jpg", 0) + with_field(tar_header("2.jpg", 0), 124, "40000000000"));
  std::filesystem::resize_file(folder / "a.tar",
                               (std::uintmax_t{1} << 32) + 4096);  // of zeros that take no room
  CHECK(contains(message_of<FileError>([&] { ShardIndex({folder / "a.tar"}); }),
                 "a.tar', byte 512, member '2.jpg': its 4294967296 bytes are absurd for a picture"));
}

TEST_CASE("shard dataset: pictures that cannot be decoded are told with shard, name and byte") {
  const TemporaryFolder folder;
  write_tar(folder / "a.tar", tar_member("0.jpg", "x") + tar_member("1.jpg", "") +
                                  tar_member("2.jpg", std::string(2000, 'y')) + tar_member("2.cls", "5"));
  const ShardDataset data = first_bytes({folder / "a.tar"}, 1999);
  REQUIRE(data.size() == 3);
  std::uint8_t pixel = 0;
  CHECK(data.load(0, &pixel));
  CHECK(pixel == 'x');
  CHECK(!data.load(1, &pixel));
  CHECK(!data.load(2, &pixel));
  const std::string shard = (folder / "a.tar").string();
  CHECK(data.name(0) == shard + ": 0.jpg at byte 512");
  CHECK(data.failure(1) == "'" + shard + ": 1.jpg at byte 1536' cannot be decoded: it is empty");
  CHECK(data.failure(2) ==
        "'" + shard +
            ": 2.jpg at byte 2048' cannot be decoded: its 2000 bytes are more than the limit of 1999");
  CHECK(data.label(2) == 5);
  CHECK(data.classes().empty());
  CHECK(data.archived(2).archive == folder / "a.tar");
  CHECK(data.archived(2).name == "2.jpg");
  CHECK(data.archived(2).first == 2048);
  CHECK(data.archived(2).bytes == 2000);
  CHECK(data.file(2).empty());
}

TEST_CASE(
    "shard dataset: a shard that changes or goes while it is in use is an error, not a skipped picture") {
  const TemporaryFolder folder;
  const auto shard = folder / "a.tar";
  const std::string members = tar_member("0.jpg", "x") + tar_member("1.jpg", "y");
  std::uint8_t pixel = 0;
  const bool opened = GENERATE(false, true);  // the file is held open when it happens
  INFO(opened);
  const auto refusal_after = [&](auto change) {
    write_tar(shard, members);
    const ShardDataset data = first_bytes({shard});
    if (opened) REQUIRE(data.load(0, &pixel));
    change();
    data.will_need(std::vector<Index>{0, 1});  // says nothing
    return message_of<FileError>([&] { data.load(1, &pixel); });
  };
  const std::string end = "; the picture '1.jpg' was at byte 1536";
  const std::string shrunk = refusal_after([&] { std::filesystem::resize_file(shard, 1537); });
  CHECK(shrunk == "'" + shard.string() +
                      "' has changed while it was in use: it had 3072 bytes, and now has 1537" + end);
  const std::string gone = refusal_after([&] { std::filesystem::remove(shard); });
  CHECK(contains(gone, "' has been removed or replaced while it was in use" + end));
  const std::string replaced = refusal_after([&] { write_tar(shard, members); });
  CHECK(contains(replaced, "replaced"));
  CHECK(contains(replaced, end));
  const std::string rewritten = refusal_after([&] {
    std::filesystem::last_write_time(shard,
                                     std::filesystem::last_write_time(shard) + std::chrono::seconds(5));
  });
  CHECK(contains(rewritten, "' has been replaced or written again while it was in use" + end));
}
