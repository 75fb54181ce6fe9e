#include "program/glow.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE("export: a run is written in every format, whatever its name") {
  const TemporaryFolder folder;
  train_digits(folder / "run");
  for (const auto& [format, begin] : std::vector<std::pair<std::string, std::string>>{
           {"npz", "PK\x03\x04"}, {"torch", "PK\x03\x04"}, {"flax", "\x83\xA4glow"}}) {
    const Outcome o = run_glow({"export", "run", "--to", format, "--out", format}, folder.path());
    INFO(o.err);
    CHECK(o.status == 0);
    CHECK(o.out == format + "\n");
    CHECK(text_of(folder / format).rfind(begin, 0) == 0);
  }
  const Outcome o =
      run_glow({"export", "run/" + checkpoint_of(6), "--to", "onnx", "--out", "digits.onnx"}, folder.path());
  CHECK(o.status == 0);
  CHECK(o.out == "digits.sample.onnx\ndigits.log_p.onnx\n");
  CHECK(names_in(folder.path()) ==
        std::vector<std::string>{"digits.log_p.onnx", "digits.sample.onnx", "flax", "npz", "run", "torch"});
}

TEST_CASE("export: averaged weights are taken, unless the last ones are asked for") {
  const TemporaryFolder folder;
  train_digits(folder / "run", {"--steps", "6", "--ema", "0.9"});
  for (const std::string weights : {"ema", "raw"}) {
    CHECK(run_glow({"export", "run", "--to", "flax", "--out", weights, "--weights", weights}, folder.path())
              .status == 0);
  }
  CHECK(run_glow({"export", "run", "--to", "flax", "--out", "default"}, folder.path()).status == 0);
  CHECK(text_of(folder / "default") == text_of(folder / "ema"));
  CHECK(text_of(folder / "default") != text_of(folder / "raw"));
  CHECK(text_of(folder / "default").size() == text_of(folder / "raw").size());
}

TEST_CASE("export: flax's and PyTorch's files are imported again, with all that they say") {
  const TemporaryFolder folder;
  train_digits(folder / "run");
  for (const std::string format : {"flax", "torch"}) {
    const auto succeeds = [&](const Words& words) {
      const Outcome o = run_glow(words, folder.path());
      INFO(o.err);
      CHECK(o.status == 0);
      return o.out;
    };
    succeeds({"export", "run", "--to", format, "--out", format});
    CHECK(contains(succeeds({"import", "--inspect", format}),
                   "looks like a model from glow export: 1 level of 1"));
    succeeds({"import", "--from", format, format, "--out", "model.safetensors"});
    succeeds({"export", "model.safetensors", "--to", format, "--out", "again"});
    CHECK(text_of(folder / "again") == text_of(folder / format));
    CHECK(contains(succeeds({"summary", "model.safetensors"}), "8x8x1"));
    const Outcome o =
        run_glow({"import", "--from", format, format, "--bits", "3", "--out", "other"}, folder.path());
    CHECK(o.status == 2);
    CHECK(contains(o.err, "says of its model what --size, --bits and --pixels would"));
    const std::string other = format == "flax" ? "torch" : "flax";
    const Outcome wrong = run_glow({"import", "--from", other, format, "--out", "other"}, folder.path());
    CHECK(wrong.status == 2);
    CHECK(contains(wrong.err, "not a file of " + other));
    CHECK(!std::filesystem::exists(folder / "other"));
  }
}

TEST_CASE("export: what cannot be is refused by name, and leaves nothing") {
  const TemporaryFolder folder;
  train_digits(folder / "run");
  const Words run{"export", "run"};
  for (const auto& [words, status, told] : std::vector<std::tuple<Words, int, std::string>>{
           {run + Words{"--out", "x"}, 2, "--to"},
           {run + Words{"--to", "npz"}, 2, "--out"},
           {run + Words{"--to", "keras", "--out", "x"}, 2, "--to: 'keras' is none of npz, flax, torch, onnx"},
           {run + Words{"--to", "torch", "--out", "none/x"}, 1, "none/x"},
           {run + Words{"--to", "onnx", "--out", "none/x"}, 1, "none/x.sample.onnx"},
           {{"export", "other", "--to", "npz", "--out", "x"}, 1, "other"},
           {{"export", "run/config.json", "--to", "npz", "--out", "x"}, 1, "run/config.json"}}) {
    const Outcome o = run_glow(words, folder.path());
    INFO(o.err);
    CHECK(o.status == status);
    CHECK(one_line(o.err));
    CHECK(contains(o.err, told));
    CHECK(names_in(folder.path()) == std::vector<std::string>{"run"});
  }
}
