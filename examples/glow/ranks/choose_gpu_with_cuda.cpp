// The GPUs of ranks of a program with CUDA.
#include <glow/cuda.hpp>
#include <glow/ranks/local_rank.hpp>

#include "ranks/choose_gpu.hpp"

namespace glow::app {

void choose_gpu(AnyRanks& ranks) {
  if (ranks.size() == 1 || ranks.on_gpu() != nullptr) return;  // the latter have theirs
  const int local = local_rank(ranks);
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess && count > 0) {
    cuda::check(cudaSetDevice(local % count), join("using GPU ", local % count));
  } else {
    cudaGetLastError();  // who asks for a GPU hears of it
  }
}

}  // namespace glow::app
