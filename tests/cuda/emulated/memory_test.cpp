// Memory of the GPU: no allocation after the first steps, and none that grows with depth.
#include <future>

#include <cuda_on_cpu/settings.hpp>

#include "cuda/twins.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE("CUDA memory: nothing is allocated after the third step, which is the first of the graph") {
  Model<Glow, float, Cuda> model({.levels = 2, .depth = 2, .width = 8, .learn_top_prior = true}, {8, 8, 1});
  Trainer<Glow, float, Cuda> trainer(model, {});
  const std::vector<std::uint8_t> pixels(8 * 64, 77);
  for (int i = 0; i < 3; ++i) trainer.step(pixels);
  const std::size_t before = cuda_on_cpu::bytes_in_use();
  // With no room left, any allocation would fail.
  cuda_on_cpu::Settings s = cuda_on_cpu::settings();
  s.memory = before;
  const cuda_on_cpu::WithSettings full(s);
  for (int i = 0; i < 3; ++i) CHECK(trainer.step(pixels).taken);
  CHECK(cuda_on_cpu::bytes_in_use() == before);
}

TEST_CASE("CUDA memory: temporaries of training do not grow with depth", "[large]") {
  const auto temporaries = [](int depth) {
    const std::size_t before = cuda_on_cpu::bytes_in_use();
    Model<Glow, float, Cuda> model(Architecture{.levels = 2, .depth = depth, .width = 8}, {8, 8, 3});
    Trainer<Glow, float, Cuda> trainer(model, {});
    const std::size_t with_model = cuda_on_cpu::bytes_in_use();
    const std::vector<std::uint8_t> pixels(4 * 8 * 8 * 3, 77);
    for (int i = 0; i < 4; ++i) trainer.step(pixels);
    CHECK(with_model > before);
    return cuda_on_cpu::bytes_in_use() - with_model;
  };
  const auto in_own_thread = [&](int depth) {
    return std::async(std::launch::async, [&] { return temporaries(depth); }).get();
  };
  const std::size_t shallow = in_own_thread(2);
  CHECK(shallow > 0);
  CHECK(in_own_thread(8) == shallow);
}

TEST_CASE("CUDA memory: tensors, models and trainers give all of it back") {
  const auto train = [] {
    Model<Glow, float, Cuda> model(Architecture{.levels = 2, .depth = 1, .width = 8}, {8, 8, 1});
    Trainer<Glow, float, Cuda> trainer(model, {});
    for (int i = 0; i < 4; ++i) trainer.step(std::vector<std::uint8_t>(4 * 64, 7));
  };
  const std::size_t before = cuda_on_cpu::bytes_in_use();
  std::async(std::launch::async, train).get();
  CHECK(cuda_on_cpu::bytes_in_use() == before);
}
