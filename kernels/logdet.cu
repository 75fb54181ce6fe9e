// Per-sample sums, in a fixed order: y[i] += amount * sum(x), for log-determinants [N] from log-scales [C]
// and back; logdet[n] += sign * sum over parts of part[n, :]. Outputs are added to (+=).
#include <glow/ops/kernels/logdet.hpp>

#include "blocks.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

// Every block takes the whole sum, which is short, and adds it to 256 targets.
template <class T>
__global__ void __launch_bounds__(256)
    add_sum_kernel(const T* __restrict__ x, Index count, T amount, T* __restrict__ y, Index targets) {
  T sum = 0;
  for (Index i = threadIdx.x; i < count; i += 256) sum += x[i];
  sum = block_sum<256>(sum);
  const Index i = Index{blockIdx.x} * 256 + threadIdx.x;
  if (i < targets) y[i] += amount * sum;
}

// One block a sample.
template <class T>
__global__ void __launch_bounds__(128)
    add_parts_kernel(const T* __restrict__ part, Index parts, T sign, T* __restrict__ logdet) {
  const T* mine = part + Index{blockIdx.x} * parts;
  T sum = 0;
  for (Index i = threadIdx.x; i < parts; i += 128) sum += mine[i];
  sum = block_sum<128>(sum);
  if (threadIdx.x == 0) logdet[blockIdx.x] += sign * sum;
}

}  // namespace

template <class T>
void launch_add_sum(const T* x, Index count, T amount, T* y, Index targets, cudaStream_t stream) {
  if (targets == 0) return;
  launch("add_sum", add_sum_kernel<T>, dim3(blocks_of(targets, 256)), dim3(256), 0, stream, x, count, amount,
         y, targets);
}

template <class T>
void launch_add_parts(const T* part, Index parts, T sign, T* logdet, Index samples, cudaStream_t stream) {
  if (samples == 0) return;
  launch("add_parts", add_parts_kernel<T>, dim3(blocks_of(samples, 1)), dim3(128), 0, stream, part, parts,
         sign, logdet);
}

template void launch_add_sum(const float*, Index, float, float*, Index, cudaStream_t);
template void launch_add_sum(const double*, Index, double, double*, Index, cudaStream_t);
template void launch_add_parts(const float*, Index, float, float*, Index, cudaStream_t);
template void launch_add_parts(const double*, Index, double, double*, Index, cudaStream_t);

}  // namespace glow::kernels
