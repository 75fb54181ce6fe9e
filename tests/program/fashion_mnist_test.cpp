// The preset of Fashion-MNIST, on a made-up set of small images in the same form.
#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::test;
using nlohmann::json;

// Images [4, 4] with pixels that count from `first`.
std::string counting_images(char count, int first) {
  std::string file = std::string("\0\0\x08\x03\0\0\0", 7) + count + std::string("\0\0\0\x04\0\0\0\x04", 8);
  for (int i = 0; i < 16 * count; ++i) file += static_cast<char>(7 * i + first);
  return file;
}

struct SmallFashion {
  TemporaryFolder folder;
  std::string data = (folder / "data").string(), run = (folder / "run").string();
  SmallFashion() {
    std::filesystem::create_directories(data);
    write_file_atomically(folder / "data/train-images-idx3-ubyte", counting_images(20, 0));
    write_file_atomically(folder / "data/t10k-images-idx3-ubyte", counting_images(6, 100));
  }
};

}  // namespace

TEST_CASE("fashion-mnist: the preset trains on the training images and is judged by the test images") {
  const SmallFashion s;
  const Outcome o = run_glow(Words{"train", "--preset", "fashion-mnist", "--data", s.data, "--train-split",
                                   "20", "--steps", "8", "--sample-every", "0", "--out", s.run} +
                             small_model);
  INFO(o.err);
  REQUIRE(o.status == 0);
  CHECK(contains(o.out, "training on 20 images 4x4x1"));
  const json record = json::parse(text_of(s.folder / "run/data.json"));
  CHECK(record["images"] == 26);
  CHECK(record["train"] == 20);
  CHECK(json::parse(text_of(s.folder / "run/config.json"))["bits"] == 8);
  const auto evaluated = [&](const Words& more) {
    const Outcome e = run_glow(Words{"evaluate", s.run, "--json"} + more);
    INFO(e.err);
    REQUIRE(e.status == 0);
    return json::parse(e.out);
  };
  CHECK(evaluated({})["images"] == 6);
  const double told = evaluated({})["bits_per_dim"].get<double>();
  CHECK(std::abs(told - json_lines(text_of(s.folder / "run/metrics.jsonl"))
                            .back()["validation_bits_per_dim"]
                            .get<double>()) < 1e-9);
  // The same images, given by themselves.
  CHECK(std::abs(evaluated({"--data", s.data + "/t10k-images-idx3-ubyte"})["bits_per_dim"].get<double>() -
                 told) < 0.05);
  REQUIRE(run_glow({"train", "--resume", s.run, "--steps", "12"}).status == 0);
  CHECK(json_lines(text_of(s.folder / "run/metrics.jsonl")).back()["step"] == 12);
}

TEST_CASE("fashion-mnist: without as many training images the preset says what there is") {
  const SmallFashion s;
  const Outcome o = run_glow({"train", "--preset", "fashion-mnist", "--data", s.data, "--out", s.run});
  CHECK(o.status == 1);
  CHECK(one_line(o.err));
  CHECK(contains(o.err, "train_split: 60000 leaves 60000 of 26 images to train on"));
  CHECK(!std::filesystem::exists(s.run));
}
