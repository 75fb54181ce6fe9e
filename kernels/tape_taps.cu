// The 3x3 neighbourhoods of all pixels, taps[p, t, c] = x[neighbour t of p, c], 0 outside the image (=), and
// the transpose, x[p, c] += sum over t of taps[the pixel whose neighbour t is p, t, c] (+=): with a matrix
// product, a convolution and its pull-backs. Tap t lies at offset (t / 3 - 1, t % 3 - 1).
#include <glow/kernels/tape.hpp>

#include "blocks.cuh"

namespace glow::kernels {
namespace {

// The pixel at `sign` times the offset of tap t from `pixel`, both counted through the batch; -1 outside.
__device__ __forceinline__ Index neighbour(const products::Conv3x3& p, Index pixel, Index t, Index sign) {
  const Index dy = sign * (t / 3 - 1), dx = sign * (t % 3 - 1);
  const Index row = pixel / p.width % p.height + dy, column = pixel % p.width + dx;
  const bool inside = row >= 0 && row < p.height && column >= 0 && column < p.width;
  return inside ? pixel + dy * p.width + dx : -1;
}

template <class T>
__global__ void __launch_bounds__(256)
    tape_gather_taps_kernel(products::Conv3x3 p, const T* __restrict__ x, T* __restrict__ taps, Index size) {
  const Index i = Index{blockIdx.x} * 256 + threadIdx.x;
  if (i >= size) return;
  const Index from = neighbour(p, i / (9 * p.in), i / p.in % 9, 1);
  taps[i] = from < 0 ? T(0) : x[from * p.in + i % p.in];
}

template <class T>
__global__ void __launch_bounds__(256)
    tape_add_taps_kernel(products::Conv3x3 p, const T* __restrict__ taps, T* __restrict__ x, Index size) {
  const Index i = Index{blockIdx.x} * 256 + threadIdx.x;
  if (i >= size) return;
  T sum = 0;
  for (Index t = 0; t < 9; ++t) {
    const Index from = neighbour(p, i / p.in, t, -1);
    if (from >= 0) sum += taps[(from * 9 + t) * p.in + i % p.in];
  }
  x[i] += sum;
}

}  // namespace

template <class T>
void launch_tape_gather_taps(products::Conv3x3 p, const T* x, T* taps, cudaStream_t stream) {
  const Index size = p.batch * p.height * p.width * 9 * p.in;
  if (size == 0) return;
  launch("tape_gather_taps", tape_gather_taps_kernel<T>, dim3(blocks_of(size, 256)), dim3(256), 0, stream, p,
         x, taps, size);
}

template <class T>
void launch_tape_add_taps(products::Conv3x3 p, const T* taps, T* x, cudaStream_t stream) {
  const Index size = p.batch * p.height * p.width * p.in;
  if (size == 0) return;
  launch("tape_add_taps", tape_add_taps_kernel<T>, dim3(blocks_of(size, 256)), dim3(256), 0, stream, p, taps,
         x, size);
}

template void launch_tape_gather_taps(products::Conv3x3, const float*, float*, cudaStream_t);
template void launch_tape_gather_taps(products::Conv3x3, const double*, double*, cudaStream_t);
template void launch_tape_add_taps(products::Conv3x3, const float*, float*, cudaStream_t);
template void launch_tape_add_taps(products::Conv3x3, const double*, double*, cudaStream_t);

}  // namespace glow::kernels
