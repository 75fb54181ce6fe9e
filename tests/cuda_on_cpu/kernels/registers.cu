#include <kernels/wgmma.cuh>

#include "test_kernels.hpp"

namespace glow::test_kernels {

namespace {

constexpr int threads = 384;  // of 168 registers at launch

template <Bug bug>
__global__ void __launch_bounds__(threads, 1) share_registers_kernel(float* y) {
  const bool gives = threadIdx.x / 128 == 2;
  if (gives) {
    if (bug != Bug::a_warp_keeps_its_registers || threadIdx.x / 32 != 9) kernels::shrink_registers<24>();
  } else {
    constexpr int wanted = bug == Bug::more_registers_than_there_are ? 248
                           : bug == Bug::registers_grow_to_fewer     ? 160
                                                                     : 240;
    kernels::grow_registers<wanted>();
  }
  y[threadIdx.x] = 1.0f;
}

}  // namespace

void share_registers(float* y, cudaStream_t stream, Bug bug) {
  auto kernel = share_registers_kernel<Bug::none>;
  if (bug == Bug::a_warp_keeps_its_registers)
    kernel = share_registers_kernel<Bug::a_warp_keeps_its_registers>;
  if (bug == Bug::more_registers_than_there_are)
    kernel = share_registers_kernel<Bug::more_registers_than_there_are>;
  if (bug == Bug::registers_grow_to_fewer) kernel = share_registers_kernel<Bug::registers_grow_to_fewer>;
  kernels::launch("share_registers", kernel, dim3(1), dim3(threads), 0, stream, y);
}

}  // namespace glow::test_kernels
