// Rearrangements on the tape: y[i] = x[source(i)] (=), and dx[source(i)] += dy[i] (+=). No source occurs
// twice, so that no two threads add to one element.
#include <glow/ad/rearrangements.hpp>
#include <glow/ops/kernels/tape.hpp>

#include "blocks.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

template <class R, class T>
__global__ void __launch_bounds__(256)
    tape_rearrange_kernel(R r, const T* __restrict__ x, T* __restrict__ y, Index size) {
  const Index i = Index{blockIdx.x} * 256 + threadIdx.x;
  if (i >= size) return;
  const Index source = r.source(i);
  y[i] = source < 0 ? T(0) : x[source];
}

template <class R, class T>
__global__ void __launch_bounds__(256)
    tape_rearrange_pull_kernel(R r, const T* __restrict__ dy, T* __restrict__ dx, Index size) {
  const Index i = Index{blockIdx.x} * 256 + threadIdx.x;
  if (i >= size) return;
  const Index source = r.source(i);
  if (source >= 0) dx[source] += dy[i];
}

}  // namespace

template <class R, class T>
void launch_tape_rearrange(R r, const T* x, T* y, Index size, cudaStream_t stream) {
  if (size == 0) return;
  launch("tape_rearrange", tape_rearrange_kernel<R, T>, dim3(blocks_of(size, 256)), dim3(256), 0, stream, r,
         x, y, size);
}

template <class R, class T>
void launch_tape_rearrange_pull(R r, const T* dy, T* dx, Index size, cudaStream_t stream) {
  if (size == 0) return;
  launch("tape_rearrange_pull", tape_rearrange_pull_kernel<R, T>, dim3(blocks_of(size, 256)), dim3(256), 0,
         stream, r, dy, dx, size);
}

#define GLOW_INSTANTIATE_FOR(R, T)                                                           \
  template void launch_tape_rearrange(rearrangements::R, const T*, T*, Index, cudaStream_t); \
  template void launch_tape_rearrange_pull(rearrangements::R, const T*, T*, Index, cudaStream_t);
#define GLOW_INSTANTIATE(R)      \
  GLOW_INSTANTIATE_FOR(R, float) \
  GLOW_INSTANTIATE_FOR(R, double)

GLOW_INSTANTIATE(Same)
GLOW_INSTANTIATE(Transpose)
GLOW_INSTANTIATE(StrictlyLower)
GLOW_INSTANTIATE(StrictlyUpper)
GLOW_INSTANTIATE(Diagonal)
GLOW_INSTANTIATE(Slice)
GLOW_INSTANTIATE(AmongZeros)
GLOW_INSTANTIATE(Squeeze)
GLOW_INSTANTIATE(Unsqueeze)

#undef GLOW_INSTANTIATE
#undef GLOW_INSTANTIATE_FOR

}  // namespace glow::kernels
