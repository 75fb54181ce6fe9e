// Files that hold no model, or one that cannot be ours: each is refused by name.
#include <cstring>

#include <nlohmann/json.hpp>

#include <glow/runtime/nets.hpp>
#include <glow/saved/load.hpp>
#include <glow/saved/save.hpp>

#include "files.hpp"
#include "foreign/flax_model.hpp"
#include "foreign/import_model.hpp"
#include "places.hpp"
#include "support.hpp"

using namespace glow;
using namespace glow::test;
using foreign::Array;

namespace {

// A fixture whose arrays may be changed.
struct ChangedFile {
  foreign::File file;

  explicit ChangedFile(const std::string& name)
      : file(foreign::read_foreign(source_folder() / "tests/fixtures" / name)) {}

  Array& array(const std::string& name) {
    for (Array& a : file.arrays) {
      if (a.name == name) return a;
    }
    throw Error("there is no array " + name);
  }
  // Floats, in rows.
  void set(const std::string& name, const std::vector<float>& numbers, std::vector<Index> shape) {
    const auto bytes = std::as_bytes(std::span(numbers));
    file.memory.emplace_back(bytes.begin(), bytes.end());
    Array& a = array(name);
    a.shape = shape;
    a.strides = foreign::strides_of(shape);
    a.element = foreign::Element::f32;
    a.bytes = file.memory.back();
  }
  void change(const std::string& name, auto fn) {
    const auto old = numbers_of(file.name, array(name));
    std::vector<float> numbers(old.begin(), old.end());
    fn(numbers);
    set(name, numbers, array(name).shape);
  }
  void add(const std::string& name, const Array& like) {
    file.arrays.push_back(like);
    file.arrays.back().name = name;
  }
  void erase(const std::string& name) {
    file.arrays.erase(file.arrays.begin() + (&array(name) - file.arrays.data()));
  }
};

std::string refusal_of_torch(const foreign::File& file,
                             const foreign::ImportOptions& options = {.size = Shape{8, 12}}) {
  return message_of<Error>([&] { import_torch(file, options); });
}
std::string refusal_of_flax(const foreign::File& file,
                            const foreign::ImportOptions& options = {.size = Shape{8, 8}}) {
  return message_of<Error>([&] { import_flax(file, options); });
}

}  // namespace

TEST_CASE("import: files that hold no model that is known") {
  const ChangedFile other("torch/arrays.pt"), jax("seed_8x8x3.msgpack"), torch("torch/y0ast.pt");
  const std::string message = refusal_of_torch(other.file);
  INFO(message);
  CHECK(
      contains(message,
               "arrays.pt' (PyTorch, zip) holds 14 tensors, such as 'weights.half', 'weights.bfloat', "
               "'weights.single', and no Glow of those that are known by a name: rosinality/glow-pytorch ("));
  CHECK(contains(refusal_of_torch(jax.file), "(msgpack, as flax writes it) holds 48 tensors"));
  CHECK(contains(refusal_of_flax(torch.file), "and nothing of the reference Glow in JAX"));
  CHECK(verdict_of(other.file) == "no model that is known");
}

TEST_CASE("import: what a file does not say, and what contradicts it") {
  const ChangedFile rosinality("torch/rosinality.pt"), y0ast("torch/y0ast.pt");
  CHECK(contains(refusal_of_torch(rosinality.file, {}), "give --size HxW"));
  CHECK(contains(refusal_of_torch(rosinality.file, {.size = Shape{6, 8}}), "height 3 must be even"));
  CHECK(contains(refusal_of_torch(y0ast.file, {.size = Shape{8, 8}}), "its images are 8x12, not 8x8"));
  CHECK(contains(message_of<Error>([&] { import_torch(y0ast.file, {.bits = 9}); }), "9"));
  CHECK(import_torch(y0ast.file, {.bits = 3}).description.domain.bits() == 3);
}

TEST_CASE("import: tensors that are missing, of another shape or type, or not part of the model") {
  const std::string name = "module.blocks.1.flows.1.coupling.net.2.weight";
  SECTION("missing") {
    ChangedFile f("torch/rosinality.pt");
    f.erase(name);
    CHECK(contains(refusal_of_torch(f.file),
                   "rosinality.pt': 'module.blocks.1.flows.1.coupling.net.2.weight' is missing"));
    CHECK(contains(verdict_of(f.file), "is missing"));
  }
  SECTION("of another shape") {
    ChangedFile f("torch/rosinality.pt");
    f.set(name, std::vector<float>(30), {6, 5, 1, 1});
    CHECK(contains(refusal_of_torch(f.file), "has shape 6x5x1x1, but 6x6x1x1 is needed"));
  }
  SECTION("of whole numbers") {
    ChangedFile f("torch/rosinality.pt");
    f.array(name).element = foreign::Element::i32;
    CHECK(contains(refusal_of_torch(f.file), "is of type int32; the numbers of a model are"));
  }
  SECTION("not part of it") {
    ChangedFile f("torch/rosinality.pt");
    f.add("module.blocks.0.extra", f.array(name));
    CHECK(contains(refusal_of_torch(f.file),
                   "'module.blocks.0.extra' of shape 6x6x1x1 is not part of a model of rosinality"));
  }
  SECTION("beside it") {
    ChangedFile f("torch/rosinality.pt");
    f.add("optimizer.0", f.array(name));
    CHECK(import_torch(f.file, {.size = Shape{8, 12}}).tensors.size() > 0);
  }
  SECTION("of another width, another depth") {
    ChangedFile f("torch/rosinality.pt");
    for (const char* part :
         {"actnorm.loc", "actnorm.scale", "actnorm.initialized", "invconv.w_p", "invconv.u_mask",
          "invconv.l_mask", "invconv.s_sign", "invconv.l_eye", "invconv.w_l", "invconv.w_s", "invconv.w_u",
          "coupling.net.0.weight", "coupling.net.0.bias", "coupling.net.2.weight", "coupling.net.2.bias",
          "coupling.net.4.conv.weight", "coupling.net.4.conv.bias", "coupling.net.4.scale"})
      f.erase(std::string("module.blocks.1.flows.1.") + part);
    CHECK(contains(refusal_of_torch(f.file), "level 2 has 1 steps, but level 1 has 2"));
  }
  SECTION("of the reference") {
    ChangedFile f("seed_8x8x3.msgpack");
    f.erase("params|flow_scale_1//step_2|Conv1x1_0|U");
    CHECK(contains(refusal_of_flax(f.file), "'params|flow_scale_1//step_2|Conv1x1_0|U' is missing"));
  }
}

TEST_CASE("import: numbers there is no way back through") {
  ChangedFile plain("torch/chaiyujin.pt");
  const std::string weight = "graph.flow.layers.2.invconv.weight";
  plain.change(weight, [](std::vector<float>& w) { std::copy_n(w.begin(), 8, w.begin() + 8); });
  CHECK(contains(refusal_of_torch(plain.file),
                 "the 1x1 convolution 'flow.layers.2.invconv.weight' is singular"));
  ChangedFile zero("torch/rosinality.pt");
  zero.change("module.blocks.0.flows.1.actnorm.scale", [](std::vector<float>& s) { s[2] = 0; });
  CHECK(contains(refusal_of_torch(zero.file), "'blocks.0.flows.1.actnorm.scale' has a 0"));
  ChangedFile jax("seed_8x8x3.msgpack");
  jax.change("params|flow_scale_2//step_1|ActNorm_0|actnorm_sigma", [](std::vector<float>& s) { s[3] = 0; });
  CHECK(contains(refusal_of_flax(jax.file), "'flow_scale_2//step_1|ActNorm_0|actnorm_sigma' has a 0"));
  ChangedFile large("torch/chaiyujin.pt");
  large.change("graph.flow.layers.1.f.4.logs", [](std::vector<float>& s) { s[0] = 80; });
  CHECK(contains(refusal_of_torch(large.file), "of what becomes 'level1/step1/coupling/conv3/"));
  ChangedFile nan("torch/chaiyujin.pt");
  nan.change("graph.flow.layers.1.f.0.weight", [](std::vector<float>& s) { s[5] = std::nanf(""); });
  CHECK(contains(refusal_of_torch(nan.file), "of what becomes 'level1/step1/coupling/conv1/kernel' is nan"));
}

TEST_CASE("import: what our models do not have") {
  ChangedFile labels("torch/y0ast.pt");
  labels.add("project_ycond.linear.weight", labels.array("learn_top_fn.conv.weight"));
  CHECK(contains(refusal_of_torch(labels.file), "it is conditional on labels (project_ycond)"));
  ChangedFile shuffled("torch/y0ast_plain.pt");
  shuffled.erase("flow.layers.1.invconv.weight");
  CHECK(contains(refusal_of_torch(shuffled.file, {}), "'flow.layers.1' has no 1x1 convolution"));
  ChangedFile pixels("torch/normflows_plain.pt");
  pixels.change("q0.0.loc", [](std::vector<float>& v) { v[5] += 1; });
  CHECK(contains(refusal_of_torch(pixels.file, {}), "'q0.0.loc' differs from pixel to pixel"));
  ChangedFile classes("torch/normflows.pt");
  classes.add("q0.1.loc_cc", classes.array("q0.1.loc"));
  CHECK(contains(refusal_of_torch(classes.file), "'q0.1.loc_cc': a prior by classes is not imported"));
}

TEST_CASE("import: a file of the published form, saved and loaded again") {
  // 64x64, 5 bits, 3 levels, width 512; the published one has 16 steps a level.
  constexpr Index width = 512, depth = 1;
  nlohmann::json params;
  std::uint64_t drawn = 0;
  const auto draw = [&](std::vector<Index> shape, float scale, float around = 0) {
    Index n = 1;
    for (const Index e : shape) n *= e;
    Tensor<float> x(Shape{n});
    fill_normal(x.view(), Random{9, drawn++}, scale);
    for (float& v : x) v += around;
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(n) * 4);
    std::memcpy(bytes.data(), x.data(), bytes.size());
    return nlohmann::json::binary(nlohmann::json::to_msgpack(nlohmann::json::array(
                                      {shape, "float32", nlohmann::json::binary(std::move(bytes))})),
                                  1);
  };
  const auto conv = [&](Index side, Index in, Index out, float scale) {
    return nlohmann::json{{"kernel", draw({side, side, in, out}, scale)}, {"bias", draw({out}, 0.1f)}};
  };
  Index c = 12;
  for (int l = 1; l <= 3; ++l, c *= 2) {
    const std::string level = "flow_scale_" + std::to_string(l) + "/";
    for (Index k = 1; k <= depth; ++k) {
      params[level + "/step_" + std::to_string(k)] = {
          {"ActNorm_0",
           {{"actnorm_mean", draw({1, 1, 1, c}, 0.2f)}, {"actnorm_sigma", draw({1, 1, 1, c}, 0.1f, -1)}}},
          {"Conv1x1_0", {{"L", draw({c, c}, 0.1f)}, {"U", draw({c, c}, 0.1f)}, {"log_s", draw({c}, 0.1f)}}},
          {"AffineCoupling_0",
           {{"ACL_conv_1", conv(3, c / 2, width, 0.05f)},
            {"ACL_conv_2", conv(1, width, width, 0.05f)},
            {"ACL_conv_out", {{"Conv_0", conv(3, width, c, 0.01f)}}}}}};
    }
    if (l < 3) params[level] = {{"conv_prior", {{"Conv_0", conv(3, c / 2, c, 0.05f)}}}};
  }
  params["prior_top"] = {{"Conv_0", conv(3, 48, 96, 0.05f)}};
  const auto packed = nlohmann::json::to_msgpack({{"params", params}});
  const auto bytes = std::as_bytes(std::span(packed));
  const TemporaryFolder folder;
  write_file_atomically(folder / "published.msgpack", std::vector<Bytes>{bytes});
  const SavedModel saved =
      import_flax(foreign::read_foreign(folder / "published.msgpack"), {.size = Shape{64, 64}});
  CHECK(saved.description.domain.bits() == 5);
  CHECK(saved.description.architecture->levels == 3);
  CHECK(saved.description.architecture->width == 512);
  save(folder / "model.safetensors", saved);
  const auto model = load<ImageNet>(folder / "model.safetensors");
  CHECK(model.sample_shape() == Shape{64, 64, 3});
  const auto again = tensors_of(model);
  REQUIRE(again.size() == saved.tensors.size());
  for (std::size_t i = 0; i < again.size(); ++i) CHECK(same_bits(again[i].value, saved.tensors[i].value));
  const Tensor<float> x = model.sample(1, 0.5f, Random{1, 0});
  const Tensor<float> log_p = model.log_prob(x.view());
  CHECK(std::isfinite(log_p[0]));
}
