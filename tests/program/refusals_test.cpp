// Bad input ends the program with one line that names the thing, the value and what would be right.
#include "image/picture.hpp"
#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::test;

struct Place {
  TemporaryFolder folder;
  std::string out = (folder / "run").string();

  std::string put(const std::string& name, const std::string& text) const {
    write_file_atomically(folder / name, text);
    return (folder / name).string();
  }
};

// Checks that `glow WORDS` is refused in one line with every part of `named` in it.
void refused(const Words& words, const Words& named, int status = 1) {
  const Outcome o = run_glow(words);
  INFO("stderr: " << o.err);
  CHECK(o.status == status);
  CHECK(one_line(o.err));
  for (const auto& part : named) CHECK(contains(o.err, part));
}

const std::string digits_header("\0\0\x08\x03\0\0\0\x04\0\0\0\x02\0\0\0\x02", 16);

}  // namespace

TEST_CASE("refused: data that are missing, truncated or of another format") {
  const Place p;
  const auto train = [&](const std::string& data) { return Words{"train", "--data", data, "--out", p.out}; };
  const std::string none = (p.folder / "none").string();
  refused(train(none), {"'" + none + "' does not exist", "digits", "IDX"});
  const std::string cut = p.put("cut", digits_header + "123456789");
  refused(train(cut), {"'" + cut + "'", "16 bytes", "there are 9"});
  const std::string magic = p.put("magic", "PK" + digits_header.substr(2));
  refused(train(magic), {"'" + magic + "'", "80 75"});
  const std::string cifar = p.put("cut.bin", std::string(3000, 'x'));
  refused(train(cifar), {cifar, "3000 bytes", "3073"});
  std::filesystem::create_directories(p.folder / "empty");
  refused(train((p.folder / "empty").string()), {(p.folder / "empty").string(), ".jpg", ".png"});
  CHECK(!std::filesystem::exists(p.out));
}

TEST_CASE("refused: a size that cannot be halved L times, or is none") {
  const Place p;
  const auto train = [&](const Words& more) { return Words{"train", "--out", p.out} + more; };
  refused(train({"--size", "12x12", "--levels", "3"}),
          {"level 3", "height 3 must be even", "; use --levels 2 or --size 16x16"});
  refused(train({"--levels", "4"}), {"level 4", "1 must be even", "; use --levels 3 or --size 16x16"});
  refused(train({"--size", "28x28", "--levels", "3"}),
          {"Squeeze at level 3: height 7 must be even", "; use --levels 2 or --size 32x32"});
  refused(train({"--size", "7x9", "--levels", "1"}), {"height 7 must be even", "; use --size 8x10"});
  refused(train({"--size", "64"}), {"--size: '64' must be HxW, such as 64x64"}, 2);
  refused({"summary", "--size", "12x12", "--levels", "3", "--data", "photos/"}, {"height 3 must be even"});
  CHECK(!std::filesystem::exists(p.out));
}

TEST_CASE("refused: settings out of range") {
  const Place p;
  const std::tuple<std::string, std::string, std::string> wrong[] = {
      {"--bits", "0", "--bits: 0 must be 1 to 8"},
      {"--bits", "9", "--bits: 9 must be 1 to 8"},
      {"--depth", "0", "--depth: 0 must be 1 to"},
      {"--levels", "0", "--levels: 0 must be 1 to"},
      {"--width", "0", "--width: 0 must be 1 to"},
      {"--width", "1000000000000", "--width: 1000000000000 must be 1 to"},
      {"--depth", "1000000", "--depth: 1000000 must be 1 to"},
      {"--batch", "0", "--batch: 0 must be 1 to 16777216"},
      {"--lr", "0", "--lr: 0 must be above 0 and finite"},
      {"--lr", "nan", "--lr: nan must be"},
      {"--lr", "inf", "--lr: inf must be"},
      {"--warmup-steps", "-1", "--warmup-steps: -1 must be at least 0"},
      {"--steps", "-1", "--steps: -1"},
      {"--epochs", "0", "--epochs: 0 must be above 0"},
      {"--save-every", "-1", "--save-every: -1"},
      {"--temperature", "-0.5", "--temperature: -0.5 must be at least 0 and finite"},
      {"--temperature", "inf", "--temperature: inf"},
      {"--threads", "-1", "--threads: -1 must be 0 to 1024"},
      {"--preset", "celeba", "--preset: 'celeba' is none of digits, fashion-mnist, reference-celeba64"},
  };
  for (const auto& [option, value, named] : wrong)
    refused({"train", "--out", p.out, option, value}, {named}, 2);
  refused({"train", "--out", p.out, "--train-split", "1797"}, {"train_split: 1797"});
  CHECK(!std::filesystem::exists(p.out));
}

TEST_CASE("refused: configuration files that are missing, not JSON, no object or have wrong settings") {
  const Place p;
  const auto train = [&](const std::string& file) {
    return Words{"train", "--out", p.out, "--config", file};
  };
  refused(train((p.folder / "none").string()), {(p.folder / "none").string(), "No such file"});
  refused(train(p.put("a.json", "{bits")), {(p.folder / "a.json").string(), "line 1: not valid JSON"});
  refused(train(p.put("b.json", "[]")), {(p.folder / "b.json").string(), "a JSON object is needed"});
  refused(train(p.put("c.json", R"({"bitz": 4})")),
          {(p.folder / "c.json").string() + "', line 1: there is no setting 'bitz'"});
  refused(train(p.put("d.json", R"({"data": 4})")),
          {(p.folder / "d.json").string() + "', line 1: data: 4 must be a string"});
  refused(train(p.put("e.json", R"({"lr": 1e999})")), {(p.folder / "e.json").string(), "line 1", "1e999"});
  refused(train(p.put("f.json", std::string(200'000, '['))),
          {(p.folder / "f.json").string(), "deeper than 32"});
}

TEST_CASE("refused: an output folder that is none, is there already, or cannot be made") {
  const Place p;
  refused({"train"}, {"--out DIR is needed"}, 2);
  std::filesystem::create_directories(p.out);
  write_file_atomically(p.folder / "run/notes", std::string("mine"));
  refused({"train", "--out", p.out}, {"'" + p.out + "' is there already and holds 'notes'"});
  CHECK(names_in(p.out) == Words{"notes"});
  const std::string file = p.put("file", "x");
  refused({"train", "--out", file}, {"'" + file + "' is there already"});
  refused({"train", "--out", file + "/run"},
          {"cannot make the folder '" + file + "/run'", "Not a directory"});
  refused({"train", "--out", "/proc/glow_test"}, {"cannot make the folder '/proc/glow_test'"});
  train_digits(p.folder / "good");
  for (const std::string command : {"sample", "reconstruct", "interpolate"}) {
    refused({command, (p.folder / "good").string(), "--out", file + "/pictures"},
            {"cannot make the folder '" + file + "/pictures'"});
  }
}

TEST_CASE("refused: runs without checkpoints, and checkpoints that are damaged") {
  const Place p;
  train_digits(p.out);
  const std::string checkpoint = p.out + "/checkpoints/step_00000006.safetensors";
  const std::string whole = text_of(checkpoint);
  for (const std::string command :
       {"sample", "reconstruct", "interpolate", "manipulate", "evaluate", "check", "summary", "train"}) {
    const auto on = [&](const std::string& run) {
      if (command == "manipulate") return Words{command, run, "--attribute", "3"};
      return command == "train" ? Words{"train", "--resume", run, "--steps", "9"} : Words{command, run};
    };
    refused(on((p.folder / "none").string()), {(p.folder / "none").string(), "does not exist"});
    refused(on(p.folder.path().string()), {p.folder.path().string(), "no checkpoints/step_*.safetensors"});
    write_file_atomically(checkpoint, whole.substr(0, whole.size() - 1));
    refused(on(p.out), {"'" + checkpoint + "'", "cut short"});
    write_file_atomically(checkpoint, whole);
  }
}

TEST_CASE("refused: arguments of the other commands out of range") {
  const Place p;
  train_digits(p.out);
  refused({"sample", p.out, "--count", "0"}, {"--count: 0 must be 1 to 16777216"}, 2);
  refused({"sample", p.out, "--temperature", "1,-1"}, {"--temperature: -1 must be at least 0 and finite"}, 2);
  refused({"sample", p.out, "--temperature", "nan"}, {"--temperature: nan"}, 2);
  refused({"reconstruct", p.out, "--count", "0"}, {"--count: 0 must be 1 to 16777216"}, 2);
  refused({"interpolate", p.out, "--pairs", "0"}, {"--pairs: 0 must be 1 to"}, 2);
  refused({"interpolate", p.out, "--steps", "1"}, {"--steps: 1 must be 2 to"}, 2);
  refused({"evaluate", p.out, "--split", "test"}, {"--split: 'test' is none of train, val"}, 2);
  const std::string colour = p.put("one.bin", std::string(2 * 3073, '\x01'));
  refused({"evaluate", p.out, "--data", colour}, {"images 8x8x3 do not fit the model's 8x8x1"});
}
