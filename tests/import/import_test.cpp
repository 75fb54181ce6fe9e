// Other programs' models give, once imported, the numbers that these programs give.
#include <cmath>
#include <numbers>

#include <nlohmann/json.hpp>

#include <glow/io/safetensors_file.hpp>
#include <glow/runtime/nets.hpp>

#include "files.hpp"
#include "foreign/import_model.hpp"
#include "foreign/reference_constants.hpp"
#include "places.hpp"
#include "program/child.hpp"
#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

std::filesystem::path fixture(const std::string& name) { return source_folder() / "tests/fixtures" / name; }

Model<ImageNet> model_of(const SavedModel& saved) {
  Model<ImageNet> model(*saved.description.architecture, saved.description.sample, saved.description.domain,
                        std::nullopt);
  set_tensors(model, saved.tensors);
  return model;
}

// The largest difference from the numbers of a file, as a share of the largest of these.
double relative_error(const Tensor<float>& ours, const SafetensorsFile& golden, const std::string& name) {
  const Tensor<double> theirs = golden.read<double>(name);
  REQUIRE(ours.size() == theirs.size());
  double largest = 0, worst = 0;
  for (const double t : theirs) largest = std::max(largest, std::abs(t));
  for (Index i = 0; i < ours.size(); ++i) {
    const double error = std::abs(static_cast<double>(ours[i]) - theirs[i]);
    worst = error <= worst ? worst : error;  // a NaN is the worst
  }
  return worst / largest;
}

// Latents, log p and a sample.
void check_numbers(const SavedModel& saved, const SafetensorsFile& golden, float temperature,
                   const std::string& sample) {
  const Model<ImageNet> model = model_of(saved);
  const Tensor<float> x = golden.read<float>("x");
  const Encoding<float> e = model.encode(x.view());
  for (int l = 1; l <= model.net().levels(); ++l) {
    const std::string name = "z." + std::to_string(l);
    INFO(name);
    CHECK(relative_error(Tensor<float>(model.latent(l, e.latents.view())), golden, name) <= 1e-5);
  }
  Tensor<float> eps(x.shape());
  for (int l = 1; l <= model.net().levels(); ++l)
    golden.read_into("eps." + std::to_string(l), model.latent(l, eps.view()));
  model.sample_from(eps.view(), temperature);
  CHECK(relative_error(eps, golden, sample) <= 1e-5);
  const Tensor<float> back = model.decode(e.latents.view());
  CHECK(relative_error(back, golden, "x") <= 1e-5);
  if (golden.contains("log_p")) CHECK(relative_error(model.log_prob(x.view()), golden, "log_p") <= 1e-5);
}

// The files of a program's model, NAME.pt with golden numbers NAME.safetensors.
void check_torch(const std::filesystem::path& folder, const std::string& name) {
  INFO(name);
  const auto golden = SafetensorsFile::open(folder / (name + ".safetensors"));
  foreign::ImportOptions options;
  const Tensor<float> x = golden.read<float>("x");
  if (!name.starts_with("y0ast") && !name.starts_with("chai")) options.size = Shape{x.height(), x.width()};
  const auto file = foreign::read_foreign(folder / (name + ".pt"));
  const SavedModel saved = import_torch(file, options);
  CHECK(saved.description.sample == Shape{x.height(), x.width(), x.channels()});
  CHECK(saved.description.domain.bits() == (name.starts_with("rosinality") ? 5 : 8));
  check_numbers(saved, golden, 1, "sample");
}

const std::vector<std::string> torch_names{"rosinality", "rosinality_plain", "y0ast",     "y0ast_plain",
                                           "chaiyujin",  "chaiyujin_lu",     "normflows", "normflows_plain"};

}  // namespace

TEST_CASE("import of torch: the numbers are those of each program") {
  for (const std::string& name : torch_names) check_torch(fixture("torch"), name);
}

TEST_CASE("import of torch: so are those of files that are made now") {
  const std::string here = python;
  if (here.empty() || Child({here, "-c", "import torch"}).wait().status != 0) return;
  const TemporaryFolder folder;
  const auto script = source_folder() / "tests/import/make_torch_files.py";
  const Outcome o = Child({here, script.string(), folder.path().string()}).wait();
  INFO(o.err);
  REQUIRE(o.status == 0);
  for (const std::string& name : torch_names) check_torch(folder.path(), name);
}

TEST_CASE("import of flax: the numbers are those of the reference") {
  const std::string name = GENERATE("seed_8x8x3", "seed_8x4x1");
  INFO(name);
  const auto golden = SafetensorsFile::open(fixture(name + ".safetensors"));
  const Tensor<float> x = golden.read<float>("x");
  const SavedModel saved =
      import_flax(foreign::read_foreign(fixture(name + ".msgpack")), {.size = Shape{x.height(), x.width()}});
  CHECK(saved.description.sample == Shape{x.height(), x.width(), x.channels()});
  CHECK(saved.description.domain.bits() == 5);
  check_numbers(saved, golden, 0.7f, "sample_at_0.7");

  const Model<ImageNet> model = model_of(saved);
  const Encoding<float> e = model.encode(x.view());
  CHECK(relative_error(e.logdet, golden, "logdet") <= 1e-5);
  CHECK(relative_error(e.logpz, golden, "logpz") <= 1e-5);
  CHECK(relative_error(model.decode(e.latents.view()), golden, "inverse_of_z") <= 1e-5);
  const Tensor<float> log_p = model.log_prob(x.view());
  double mean = 0;
  for (const float l : log_p) mean += static_cast<double>(l) / static_cast<double>(log_p.size());
  const auto numbers = static_cast<double>(model.dimensions());
  Tensor<float> bits(Shape{1});
  bits[0] = static_cast<float>(-(mean - numbers * std::log(32.0)) / (numbers * std::numbers::ln2));
  CHECK(relative_error(bits, golden, "bits_per_dim") <= 1e-5);
}

TEST_CASE("import of flax: the constants of the reference are computed") {
  const auto constants = nlohmann::json::parse(text_of(fixture("reference_constants.json")));
  CHECK(constants.size() == 11);
  for (const auto& [channels, expected] : constants.items()) {
    INFO(channels);
    const auto factors = foreign::reference_constants(std::stol(channels));
    CHECK(factors.row_of_column == expected.at("row_of_column").get<std::vector<Index>>());
    CHECK(factors.sign_s == expected.at("sign_s").get<std::vector<double>>());
  }
}

TEST_CASE("import of flax: a negative scale turns its channel round") {
  // A scale -sigma at x is sigma at -x - 2 mean.
  foreign::File file = foreign::read_foreign(fixture("seed_8x8x3.msgpack"));
  const Model<ImageNet> model = model_of(import_flax(file, {.size = Shape{8, 8}}));
  constexpr std::size_t turned = 7;  // of the 12 squeezed channels: pixel (1, 0), channel 1
  float mean = 0;
  for (foreign::Array& a : file.arrays) {
    if (a.name != "params|flow_scale_1//step_1|ActNorm_0|actnorm_mean" &&
        a.name != "params|flow_scale_1//step_1|ActNorm_0|actnorm_sigma")
      continue;
    std::vector<std::byte> bytes(a.bytes.begin(), a.bytes.end());
    auto* numbers = reinterpret_cast<float*>(bytes.data());
    if (a.name.ends_with("mean")) {
      mean = numbers[turned];
    } else {
      numbers[turned] = -numbers[turned];
      file.memory.push_back(bytes);
      a.bytes = file.memory.back();
    }
  }
  REQUIRE(mean != 0);
  const Model<ImageNet> with_negative = model_of(import_flax(file, {.size = Shape{8, 8}}));
  Tensor<float> x(model.batch_shape(2));
  fill_normal(x.view(), Random{5, 5}, 0.2f);
  Tensor<float> reflected = x;
  for (Index n = 0; n < 2; ++n) {
    for (Index i = 1; i < 8; i += 2) {
      for (Index j = 0; j < 8; j += 2) {
        float& v = reflected[((n * 8 + i) * 8 + j) * 3 + 1];
        v = -v - 2 * mean;
      }
    }
  }
  const auto a = with_negative.encode(x.view()), b = model.encode(reflected.view());
  CHECK(difference(a.latents, b.latents) <= 1e-5);
  CHECK(difference(a.logdet, b.logdet) <= 1e-3);
  for (const auto& t : import_flax(file, {.size = Shape{8, 8}}).tensors) {
    if (t.name == "level1/step1/actnorm/log_scale") CHECK(std::isfinite(t.value[turned]));
  }
}
