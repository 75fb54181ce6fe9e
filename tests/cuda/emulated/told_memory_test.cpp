// Memory on a GPU is told before it is taken.
#include <cuda_on_cpu/settings.hpp>

#include "cuda/twins.hpp"
#include "layers/own_layers.hpp"
#include "train/memory_cases.hpp"

using namespace glow;
using namespace glow::test;

namespace {

constexpr Architecture told_small{.levels = 2, .depth = 2, .width = 32, .learn_top_prior = true};
// Its networks run on cuDNN, see convolution_choices.
constexpr Architecture told_by_cudnn{.levels = 2, .depth = 2, .width = 128, .precision = Precision::tf32};

// Whether `told` is within 5% of `taken`.
bool is_near(std::size_t told, std::size_t taken) {
  return std::max(told, taken) - std::min(told, taken) <= taken / 20;
}

}  // namespace

TEST_CASE("CUDA memory: what a Glow takes in training and sampling is known before", "[large][convolution]") {
  const auto bf16 = [](Architecture a) {
    a.precision = Precision::bf16;
    return a;
  };
  const MemoryCase cases[] = {
      {told_small, {16, 16, 3}, 4},
      {told_small, {8, 8, 3}, 64},
      {bf16(told_small), {16, 16, 3}, 16},
      {told_by_cudnn, {16, 16, 3}, 4},
      {{.levels = 1, .depth = 1, .width = 600, .precision = Precision::bf16}, {8, 8, 1}, 4},
  };
  for (const MemoryCase& c : cases) check_memory<Glow, float, Cuda>(c, cuda_on_cpu::bytes_in_use);
  check_memory<Glow, double, Cuda>({told_small, {16, 16, 3}, 4}, cuda_on_cpu::bytes_in_use);
}

TEST_CASE("CUDA memory: of layers in tape operations all is known", "[large]") {
  using Squashed = MultiScale<Flow<Squeeze, Repeat<Flow<ActNorm, Squash, Conv1x1, Coupling>>>>;
  const Architecture a{.levels = 2, .depth = 1, .width = 16};
  check_memory<Squashed, float, Cuda>({a, {8, 8, 3}, 8}, cuda_on_cpu::bytes_in_use);
}

TEST_CASE("CUDA memory: it is told without a context, and where there is no GPU", "[large][convolution]") {
  for (const Architecture& a : {told_small, told_by_cudnn}) {
    const auto tell = [&] { return memory_of<Glow, float, Cuda>(Glow(a), {16, 16, 3}, 4); };
    MemoryUse asked;
    {
      cuda::Context context;
      const cuda::ContextScope scope(context);
      asked = tell();
    }
    cuda_on_cpu::Settings nowhere;
    nowhere.devices = 0;
    const cuda_on_cpu::WithSettings scope(nowhere);
    std::thread([&] {
      const MemoryUse told = tell();
      INFO(told.training() << " bytes in training, " << asked.training() << " where cuDNN is asked");
      CHECK(cuda::Context::existing() == nullptr);
      CHECK(is_near(told.training() - told.libraries, asked.training() - asked.libraries));
      CHECK(is_near(told.sampling() - told.libraries, asked.sampling() - asked.libraries));
    }).join();
  }
}
