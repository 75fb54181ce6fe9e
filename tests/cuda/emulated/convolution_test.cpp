// What the two forms of a network's convolutions launch and keep.
#include <cuda_on_cpu/settings.hpp>

#include "cuda/coupling_twin.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE("cuda: convolutions by cuDNN gather nothing and take less memory", "[cuda]") {
  if (!kernels::has_cudnn()) return;
  struct Cost {
    std::uint64_t gathers, sums;
    std::size_t bytes;
  };
  const auto cost_of = [](cuda::ConvolutionForm form) {
    const cuda::ConvolutionFormScope in_form(form);
    CouplingTwin<float> twin({2, 16, 16, 12}, 32, Precision::tf32);
    Workspace<Cuda> workspace;
    const WorkspaceScope<Cuda> scope(workspace);
    const auto gathers = cuda_on_cpu::launches("gather_neighbours"),
               sums = cuda_on_cpu::launches("sum_neighbours");
    twin.run();
    return Cost{cuda_on_cpu::launches("gather_neighbours") - gathers,
                cuda_on_cpu::launches("sum_neighbours") - sums, workspace.temporaries.capacity()};
  };
  const Cost gather = cost_of(cuda::ConvolutionForm::gather), cudnn = cost_of(cuda::ConvolutionForm::cudnn);
  CHECK(gather.gathers == 3);  // the input, forward and for backward; the output's cotangent
  CHECK(gather.sums == 1);
  CHECK(cudnn.gathers == 0);
  CHECK(cudnn.sums == 0);
  CHECK(cudnn.bytes < gather.bytes);
}
