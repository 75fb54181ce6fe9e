// export_cases FOLDER [CHECKPOINT ...]: models of many kinds, exported to all formats, and what they make of
// some images, for the checks in Python beside this file. Of each case NAME.safetensors is the model,
// NAME.npz, NAME.msgpack, NAME.pt, NAME.sample.onnx and NAME.log_p.onnx are the exported files and
// NAME.golden.npz has our numbers: images x, latents z1 ..., the draws eps1 ... that would make x, log_p, and
// the images `sample` of other draws draw1 ... at temperature 0.7. A checkpoint that is given becomes a case
// under its name.
#include <iostream>

#include <glow/runtime/nets.hpp>
#include <glow/saved/load.hpp>
#include <glow/saved/save.hpp>
#include <glow/train/trainer.hpp>

#include "foreign/write_flax.hpp"
#include "foreign/write_npz.hpp"
#include "foreign/write_onnx.hpp"
#include "foreign/write_torch.hpp"

namespace glow::test {

namespace {

constexpr Index samples = 3;
constexpr float case_temperature = 0.7F;

using FirstHalfNet = MultiScale<Flow<
    Squeeze, Repeat<Flow<ActNorm, AnyPermutation, CouplingOf<AnyMap, ConvNet, Condition::on_first_half>>>>>;

Tensor<float> numbers(const Shape& shape, std::uint64_t stream, float scale = 1) {
  Tensor<float> x(shape);
  fill_normal(x.view(), Random{2024, stream}, scale);
  return x;
}

// What a model is conditional on, for `samples` of them.
struct CaseContext {
  Tensor<Index> labels{Shape{samples}};
  Tensor<float> features;
  Context<float> context;
  std::vector<NamedTensor> golden;

  explicit CaseContext(const Architecture& a) : features(numbers(a.context.samples(samples), 5)) {
    if (a.classes > 0) {
      Tensor<float> as_floats(labels.shape());
      for (Index i = 0; i < samples; ++i)
        as_floats[i] = static_cast<float>(labels[i] = (i * 2 + 1) % a.classes);
      context.labels = View<const Index>(labels);
      golden.push_back({"labels", as_floats});
    } else if (a.context.rank() > 0) {
      context.features = View<const float>(features);
      golden.push_back({"context", features});
    }
  }
};

template <class Net>
std::vector<NamedTensor> golden_of(const Model<Net>& model, const Architecture& a) {
  CaseContext given(a);
  std::vector<NamedTensor> golden = std::move(given.golden);
  Tensor<float> x = numbers(model.batch_shape(samples), 7, 0.3F);
  golden.push_back({"x", x});
  Tensor<float> logdet(Shape{samples}), log_p(Shape{samples});
  model.forward(
      x.view(), logdet.view(), log_p.view(),
      [&](int level, View<float> z, View<float> prior) {
        Tensor<float> latent{View<const float>(z)}, eps(latent);
        const Index c = z.channels();
        for (Index i = 0; !prior.empty() && i < z.size(); ++i) {
          const Index at = i / c * 2 * c + i % c;
          eps[i] = (z[i] - prior[at]) * std::exp(-prior[at + c]);
        }
        golden.push_back({join("z", level), std::move(latent)});
        golden.push_back({join("eps", level), std::move(eps)});
      },
      given.context);
  add(logdet.view(), log_p.view());
  golden.push_back({"log_p", std::move(log_p)});
  Tensor<float> draws(model.batch_shape(samples));
  model.net().draw(draws.view(), Random{3, 4});
  for (int l = 1; l <= model.net().levels(); ++l)
    golden.push_back({join("draw", l), Tensor<float>(View<const float>(model.latent(l, draws.view())))});
  model.sample_from(draws.view(), case_temperature, given.context);
  golden.push_back({"sample", std::move(draws)});
  return golden;
}

template <class Net>
void write_case(const std::filesystem::path& folder, const std::string& name, const Model<Net>& model,
                const ModelDescription& description) {
  const SavedModel saved{description, tensors_of(model)};
  const auto file = [&](const char* extension) { return folder / (name + extension); };
  const auto metadata = foreign::metadata_of(description);
  foreign::write_npz(file(".npz"), saved.tensors, metadata);
  foreign::write_flax(file(".msgpack"), saved.tensors, metadata);
  foreign::write_torch(file(".pt"), saved.tensors, metadata);
  foreign::write_onnx(file(".onnx"), saved);
  foreign::write_npz(file(".golden.npz"), golden_of(model, *description.architecture), {});
}

template <class Net = ImageNet>
void write_new_case(const std::filesystem::path& folder, const std::string& name, const Architecture& a,
                    const Shape& image, float noise = 0.03F, const Domain& domain = Pixels{5}) {
  Model<Net> model(a, image, domain, 11);
  const auto shift = numbers(model.parameters().values().shape(), 99, noise);
  add(shift.view(), model.parameters().values());
  model.changed();
  save(folder / (name + ".safetensors"), model);
  write_case(folder, name, model, describe(model));
}

// The model of a file, whose averaged weights count, if it has them.
void write_case_of(const std::filesystem::path& folder, const std::filesystem::path& file) {
  write_case(folder, file.stem().string(), load<ImageNet>(file), ModelFile::open(file).description());
}

// Steps of training, and a file that holds their average beside the last weights.
void write_trained_case(const std::filesystem::path& folder, const Architecture& a, const Shape& image) {
  Model<ImageNet> model(a, image, Pixels{5}, 12);
  Trainer<ImageNet> trainer(model, {.learning_rate = 0.01, .average = 0.5});
  const auto x = numbers(model.batch_shape(8), 13, 0.3F);
  trainer.start_on(x);
  for (int step = 0; step < 3; ++step) trainer.step_on(x);
  save(folder / "averaged.safetensors", model, trainer);
  write_case_of(folder, folder / "averaged.safetensors");
}

void write_cases(const std::filesystem::path& folder) {
  using enum CouplingMap;
  const Architecture small{.levels = 2, .depth = 2, .width = 8, .learn_top_prior = true};
  const auto with = [&](auto change) {
    Architecture a = small;
    change(a);
    return a;
  };
  const Shape image{8, 8, 3};
  write_new_case(folder, "affine", small, image);
  write_new_case(folder, "standard_top", with([](auto& a) { a.learn_top_prior = false, a.levels = 1; }),
                 {4, 6, 1});
  write_new_case(folder, "deep", with([](auto& a) { a.levels = 3, a.depth = 4, a.width = 32; }), {32, 32, 3},
                 0.01F);
  write_new_case(folder, "additive",
                 with([](auto& a) { a.coupling = additive, a.permutation = PermutationKind::shuffle; }),
                 {8, 4, 1}, 0.1F);
  write_new_case(folder, "exp",
                 with([](auto& a) { a.coupling = exp, a.permutation = PermutationKind::reverse; }), image,
                 0.1F);
  write_new_case(folder, "spline", with([](auto& a) { a.coupling = spline; }), image, 0.1F);
  write_new_case(folder, "continuous", small, image, 0.03F, Continuous{{0.1, -0.2, 0.3}, {0.5, 1.5, 0.8}});
  write_new_case(folder, "options", with([](auto& a) { a.network = {true, true, true}; }), image);
  write_new_case(folder, "shifted", with([](auto& a) { a.coupling = shifted, a.prior_edges = true; }), image);
  write_new_case(folder, "top_of_ones", with([](auto& a) { a.prior_edges = true, a.levels = 1; }), image);
  write_new_case(folder, "classes", with([](auto& a) { a.classes = 5, a.conditional = Conditional::priors; }),
                 image);
  write_new_case(folder, "classes_everywhere", with([](auto& a) { a.classes = 5, a.network.edges = true; }),
                 image);
  write_new_case(folder, "context", with([](auto& a) { a.context = {6}; }), image);
  write_new_case<FirstHalfNet>(folder, "first_half", small, image);
  write_trained_case(folder, small, image);
}

}  // namespace

}  // namespace glow::test

int main(int argc, char** argv) {
  try {
    const std::filesystem::path folder = argc > 1 ? argv[1] : ".";
    std::filesystem::create_directories(folder);
    glow::test::write_cases(folder);
    for (int i = 2; i < argc; ++i) {
      const auto file = folder / std::filesystem::path(argv[i]).filename();
      std::filesystem::copy_file(argv[i], file, std::filesystem::copy_options::overwrite_existing);
      glow::test::write_case_of(folder, file);
    }
  } catch (const std::exception& e) {
    std::cerr << "export_cases: " << e.what() << '\n';
    return 1;
  }
  return 0;
}
