// What check_launch_bounds.py must refuse. Not compiled.
#include <kernels/common.cuh>

constexpr int threads = 256;

__global__ void __launch_bounds__(threads) small_kernel(float* x) { x[threadIdx.x] = 0.0f; }
__global__ void __launch_bounds__(threads) forgotten_kernel(float* x) { x[threadIdx.x] = 0.0f; }

void run(float* x) { glow::kernels::launch("small", small_kernel, dim3(1), dim3(512), 0, nullptr, x); }
