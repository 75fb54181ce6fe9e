// glow import, as a user calls it.
#include "program/glow.hpp"

using namespace glow;
using namespace glow::test;

namespace {

std::string foreign_fixture(const std::string& name) {
  return (source_folder() / "tests/fixtures" / name).string();
}

}  // namespace

TEST_CASE("import by the program: a model of PyTorch is sampled and judged") {
  const TemporaryFolder folder;
  const std::string out = (folder / "model.safetensors").string();
  const Outcome o =
      run_glow({"import", "--from", "torch", foreign_fixture("torch/chaiyujin_lu.pt"), "--out", out});
  INFO(o.err);
  REQUIRE(o.status == 0);
  CHECK(o.out ==
        out +
            ": chaiyujin/glow-pytorch: 2 levels of 1 step, width 5, shifted couplings, images of 1 channel, "
            "learned top prior, 8x8x1, 8 bits\n");
  CHECK(run_glow({"summary", out}).status == 0);
  CHECK(contains(run_glow({"evaluate", out, "--data", "digits"}).out, "bits/dim of 8-bit images"));
  const Outcome sampled =
      run_glow({"sample", out, "--out", (folder / "samples").string(), "--temperature", "0.7"});
  INFO(sampled.err);
  CHECK(sampled.status == 0);
}

TEST_CASE("import by the program: the summary counts what another program's model has more") {
  const TemporaryFolder folder;
  const std::string out = (folder / "model.safetensors").string();
  REQUIRE(run_glow({"import", "--from", "torch", foreign_fixture("torch/rosinality.pt"), "--size", "8x12",
                    "--out", out})
              .status == 0);
  const std::string summary = run_glow({"summary", out}).out;
  INFO(summary);
  // a network of width 6 with edges: 9 x 5 x 6 + 6, 6 x 6 + 6, 9 x 7 x 8 + 8
  CHECK(contains(summary, "level1/step1/coupling               4x6x8                          830\n"));
  // the top prior reads the edge channel alone: 9 x 32 + 32
  CHECK(contains(summary, "top/prior                           2x3x16                         320\n"));
}

TEST_CASE("import by the program: a model of the reference") {
  const TemporaryFolder folder;
  const std::string out = (folder / "model.safetensors").string();
  const Outcome o = run_glow({"import", "--from", "flax", foreign_fixture("seed_8x8x3.msgpack"), "--size",
                              "8x8", "--bits", "4", "--out", out});
  INFO(o.err);
  REQUIRE(o.status == 0);
  CHECK(contains(o.out, "8x8x3, 4 bits"));
  CHECK(run_glow({"sample", out, "--out", (folder / "samples").string()}).status == 0);
}

TEST_CASE("import by the program: what is in a file") {
  const Outcome arrays = run_glow({"import", "--inspect", foreign_fixture("torch/arrays.pt")});
  CHECK(arrays.status == 0);
  CHECK(contains(arrays.out, "weights.bfloat     bfloat16  4x6\n"));
  CHECK(contains(arrays.out, "weights.scalar     float32   scalar\n"));
  CHECK(contains(arrays.out, "arrays.pt: PyTorch, zip, 14 tensors\nlooks like no model that is known\n"));
  const Outcome model = run_glow({"import", "--inspect", foreign_fixture("torch/rosinality_plain.pt")});
  CHECK(contains(model.out,
                 "looks like rosinality/glow-pytorch: 2 levels of 1 step, width 4, additive couplings"));
}

TEST_CASE("import by the program: refusals leave nothing behind") {
  const TemporaryFolder folder;
  const std::string out = (folder / "model.safetensors").string(),
                    file = foreign_fixture("torch/rosinality.pt");
  const auto refused = [&](const Words& words, int status, const std::string& text) {
    const Outcome o = run_glow(Words{"import"} + words);
    INFO(o.err);
    CHECK(o.status == status);
    CHECK(one_line(o.err));
    CHECK(contains(o.err, text));
    CHECK(names_in(folder.path()).empty());
  };
  refused({}, 2, "file");
  refused({file}, 2, "--from says which program wrote the file");
  refused({file, "--from", "torch"}, 2, "--out FILE.safetensors is needed");
  refused({file, "--from", "onnx", "--out", out}, 2, "--from: 'onnx' is none of flax, torch");
  refused({file, "--inspect", "--out", out}, 2, "--inspect writes nothing");
  refused({file, "--from", "flax", "--pixels", "unit", "--out", out}, 2, "--pixels goes with --from torch");
  refused({file, "--from", "torch", "--size", "8", "--out", out}, 2, "--size: '8' must be HxW");
  refused({file, "--from", "torch", "--bits", "9", "--out", out}, 2, "--bits: 9 must be");
  refused({file, "--from", "torch", "--out", out}, 1, "give --size HxW");
  refused({file, "--from", "flax", "--out", out}, 1, "nothing of the reference Glow in JAX");
  refused({"no.pt", "--from", "torch", "--out", out}, 1, "no.pt");
  refused({(source_folder() / "README.md").string(), "--from", "flax", "--out", out}, 1,
          "begins neither as a file of torch.save does");
  const std::string ours = (source_folder() / "tests/saved/format_1.safetensors").string();
  refused({ours, "--from", "torch", "--out", out}, 1,
          "is a safetensors file, as glow's own are, which need no import");
}
