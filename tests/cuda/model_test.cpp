// Models on the GPU against their twins on the CPU, for sizes of many kinds.
#include "twins.hpp"

using namespace glow;
using namespace glow::test;

namespace {

// A model with shaken parameters on both devices.
template <class T>
struct Pair {
  Model<Glow, double> cpu;
  Model<Glow, T, Cuda> gpu;

  Pair(const Shape& image, const Architecture& a) : cpu(double_precision(a), image, 3), gpu(a, image, 3) {
    shake(cpu.parameters(), 0.05);
    for (std::size_t i = 0; i < cpu.parameters().entries().size(); ++i) {
      const auto& from = cpu.parameters().entries()[i];
      if (from.role == Role::derived) continue;
      auto value = as<T>(Tensor<double>(View<const double>(from.value)));
      transfer(View<const T>(value), gpu.parameters().entries()[i].value);
    }
    cpu.changed();
    gpu.changed();
  }
  static Architecture double_precision(Architecture a) {
    a.precision = Precision::full;
    return a;
  }
};

template <class T>
void check_twins(const Shape& image, const Architecture& a, Index batch, double bound) {
  INFO(image << ", width " << a.width << ", batch " << batch << ", " << a.precision);
  Pair<T> pair(image, a);
  auto x = normal(pair.cpu.batch_shape(batch), 1, 0.3);
  auto e = pair.cpu.encode(x.view());
  auto g = pair.gpu.encode(lend(on_gpu(as<T>(x))));
  CHECK(difference(g.latents, e.latents) <= bound);
  CHECK(difference(g.logdet, e.logdet) <= bound);
  CHECK(difference(g.logpz, e.logpz) <= bound);
  // The round trip is exact to rounding whatever the precision of the networks.
  CHECK(difference(pair.gpu.decode(g.latents.view()), x) <= 20 * tolerance<T>);

  auto d = normal(x.shape(), 2), dlogdet = normal(Shape{batch}, 3), dlogpz = normal(Shape{batch}, 4);
  Tensor<double> dz = d;
  pair.cpu.backward(e.latents.view(), dz.view(), dlogdet.view(), dlogpz.view());
  auto gpu_dz = on_gpu(as<T>(d)), gpu_dlogdet = on_gpu(as<T>(dlogdet)), gpu_dlogpz = on_gpu(as<T>(dlogpz));
  pair.gpu.backward(g.latents.view(), gpu_dz.view(), gpu_dlogdet.view(), gpu_dlogpz.view());
  CHECK(difference(gpu_dz, dz) <= 10 * bound);
  Tensor<T, Cuda> gradient(View<const T, Cuda>(pair.gpu.parameters().gradient()));
  CHECK(difference(gradient, Tensor<double>(View<const double>(pair.cpu.parameters().gradient()))) <=
        10 * bound);
}

}  // namespace

TEST_CASE("CUDA model: latents, densities, gradients are those of the CPU, in double") {
  check_twins<double>({8, 4, 3}, {.levels = 2, .depth = 2, .width = 8, .learn_top_prior = true}, 3, 1e-11);
}

TEST_CASE("CUDA model: the same in float, for many sizes", "[convolution]") {
  check_twins<float>({8, 8, 1}, {.levels = 2, .depth = 2, .width = 16, .learn_top_prior = true}, 3, 2e-5);
  check_twins<float>({4, 4, 3}, {.levels = 1, .depth = 1, .width = 12}, 1, 2e-5);
  check_twins<float>({4, 12, 2}, {.levels = 2, .depth = 1, .width = 7}, 5, 2e-5);
  check_twins<float>({16, 8, 5}, {.levels = 3, .depth = 1, .width = 9}, 2, 2e-5);
  check_twins<float>({64, 32, 1}, {.levels = 2, .depth = 1, .width = 4}, 1, 5e-5);
}

TEST_CASE("CUDA model: images of 256x256", "[large]") {
  check_twins<float>({256, 256, 3}, {.levels = 3, .depth = 1, .width = 4}, 1, 1e-4);
}

TEST_CASE("CUDA model: networks of fewer bits stay near, and models exactly invertible",
          "[network][convolution]") {
  check_twins<float>({8, 8, 1}, {.levels = 2, .depth = 2, .width = 16, .precision = Precision::tf32}, 3,
                     5e-3);
  check_twins<float>({8, 8, 1}, {.levels = 2, .depth = 2, .width = 16, .precision = Precision::bf16}, 3,
                     5e-2);
  check_twins<float>({8, 8, 3}, {.levels = 2, .depth = 1, .width = 70, .precision = Precision::bf16}, 2,
                     5e-2);
}

TEST_CASE("CUDA model: samples are the CPU's for the same seed") {
  Pair<float> pair({8, 8, 1}, {.levels = 2, .depth = 2, .width = 16, .learn_top_prior = true});
  const auto x = pair.gpu.sample(3, 0.7f, Random{1, 1});
  CHECK(difference(x, pair.cpu.sample(3, 0.7, Random{1, 1})) <= 5e-5);
}

TEST_CASE("CUDA model: the data-dependent start is the CPU's") {
  const Architecture a{.levels = 2, .depth = 2, .width = 8};
  Model<Glow, double> cpu(a, {8, 8, 3}, 3);
  Model<Glow, float, Cuda> gpu(a, {8, 8, 3}, 3);
  auto x = normal(cpu.batch_shape(6), 1, 0.3);
  cpu.start(x.view());
  gpu.start(lend(on_gpu(as<float>(x))));
  Tensor<float, Cuda> values(View<const float, Cuda>(gpu.parameters().values()));
  CHECK(difference(values, Tensor<double>(View<const double>(cpu.parameters().values()))) <= 1e-4);
}

TEST_CASE("CUDA model: precisions that a type does not have are refused") {
  CHECK(contains(message_of([] {
                   Model<Glow> m(
                       Architecture{.levels = 1, .depth = 1, .width = 4, .precision = Precision::tf32},
                       {4, 4, 1});
                 }),
                 "precision: tf32 is not for a model in float on the CPU; use full or bf16"));
}
