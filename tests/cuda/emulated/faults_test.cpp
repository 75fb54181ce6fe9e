// What goes wrong with a GPU, as users are told of it; the faults are the emulation's.
#include <cuda_on_cpu/settings.hpp>

#include "cuda/twins.hpp"

using namespace glow;
using namespace glow::test;
using cuda_on_cpu::WithSettings;

namespace {

constexpr Architecture tiny{.levels = 2, .depth = 1, .width = 8};

template <class F>
std::string with(cuda_on_cpu::Settings settings, F fn) {
  const WithSettings scope(settings);
  const std::string text = message_of<CudaError>(fn);
  cuda_on_cpu::reset_device();
  return text;
}

}  // namespace

TEST_CASE("CUDA faults: a machine without a GPU is told what would help") {
  cuda_on_cpu::Settings s;
  s.devices = 0;
  const std::string text = with(s, [] { cuda::current_gpu(); });
  CHECK(contains(text, "no GPU can be used"));
  CHECK(contains(text, "nvidia-smi"));
}

TEST_CASE("CUDA faults: memory that runs out is told with what was asked, what is free, and what helps") {
  cuda_on_cpu::Settings s;
  s.memory = cuda_on_cpu::bytes_in_use() + (std::size_t{1} << 20);
  const std::string text = with(s, [] { Tensor<float, Cuda> x(Shape{1 << 20}); });
  CHECK(contains(text, "out of memory: 0.00390625 GiB asked for"));
  CHECK(contains(text, "GiB free; a smaller batch needs less"));
}

TEST_CASE("CUDA faults: a step that does not fit its memory leaves nothing behind") {
  Model<Glow, float, Cuda> model(tiny, {8, 8, 1});
  Trainer<Glow, float, Cuda> trainer(model, {});
  const std::vector<std::uint8_t> pixels(4 * 64, 7);
  trainer.step(pixels);
  const std::size_t before = cuda_on_cpu::bytes_in_use();
  cuda_on_cpu::Settings s;
  s.memory = before + 4096;
  const std::vector<std::uint8_t> large(512 * 64, 7);
  CHECK(contains(with(s, [&] { trainer.step(large); }), "out of memory"));
  CHECK(trainer.under_way() == 0);
  CHECK(trainer.step(pixels).taken);
}

TEST_CASE("CUDA faults: a launch that fails is named with its sizes") {
  cuda_on_cpu::Settings s;
  s.launch_that_fails = 1;
  const std::string text = with(s, [] {
    Tensor<float, Cuda> x(Shape{100});
    fill(x.view(), 1.0f);
    cuda::Context::current().synchronize();
  });
  CHECK(contains(text, "fill"));
}
